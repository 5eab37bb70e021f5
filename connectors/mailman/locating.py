"""Locate: the account, the addresses and the memberships of each person, and what waits with her address."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dsr.contract import ConnectorError, Found, Identifier, Located, Match, Record, Searched, Subject, Text

from . import words
from .api import User, Waiting, folded, is_askable
from .holding import TO_MEMBERS, Card, Source

WHY: Mapping[str, Text] = {
    "bans": words.BANNED, "held_messages": words.SENDER, "requests": words.ASKED,
}  # fmt: skip


def locate(source: Source, subjects: Sequence[Subject], after: str | None, page: int) -> Located:
    """One page: the records of up to ``page`` people. The last page has the answer for everyone."""
    start, answers = _cursor(after, len(subjects))
    some = subjects[start : start + page]
    records: list[Record] = []
    for subject in some:
        mine = tuple(of(source, subject))
        records += mine
        answers.append(-1 if _unaskable(subject) else sum(one.count for one in mine))
    if start + page < len(subjects):
        return Located(tuple(records), (), json.dumps([start + page, answers]))
    return Located(tuple(records), tuple(_answer(s, n) for s, n in zip(subjects, answers, strict=True)))


def _cursor(after: str | None, most: int) -> tuple[int, list[int]]:
    if after is None:
        return 0, []
    try:
        start, answers = json.loads(after)
        if isinstance(start, int) and 0 < start < most and len(answers) == start:
            return start, [int(n) for n in answers]
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of this search; start again", permanent=True)


def _unaskable(subject: Subject) -> bool:
    return any(one.kind == "email" and "/" in one.value for one in subject.proved)


def _answer(subject: Subject, count: int) -> Searched:
    if count < 0:
        return Searched(subject.key, Found.FAILED, why=words.SLASH)
    return Searched(subject.key, Found.FOUND if count else Found.NOTHING, count)


def emails(identifiers: Sequence[Identifier]) -> list[str]:
    """The addresses to ask for, as Mailman keeps them."""
    forms = (form for one in identifiers if one.kind == "email" for form in one.forms())
    return [email for email in dict.fromkeys(map(folded, forms)) if is_askable(email)]


def of(source: Source, subject: Subject, *, waiting: bool = True) -> Iterator[Record]:
    """The records of one person: certain ones by what she proved, proposals by what she claims.

    ``waiting`` False leaves out what waits for moderators, which costs calls for every list.
    """
    proved = emails(subject.proved)
    asked = {**dict.fromkeys(emails(subject.claimed), False), **dict.fromkeys(proved, True)}
    cards = [(card, asked[email]) for email in sorted(asked) if (card := source.card(email))]
    visible = [(card, certain) for card, certain in cards if source.is_visible(card)]
    yield from _accounts(source, subject, visible)
    for card, certain in visible:
        yield from _addresses(source, subject, card, certain)
    for one in source.every_waiting() if asked and waiting else ():
        if one.email in asked:
            yield _waiting(source, subject, one, asked[one.email])


def _accounts(source: Source, subject: Subject, cards: Sequence[tuple[Card, bool]]) -> Iterator[Record]:
    """One record per account, whichever of its addresses led to it."""
    users = {card.user.id: card.user for card, _ in cards if card.user}
    for user in users.values():
        mine = [(card, certain) for card, certain in cards if card.address.user == user.id]
        safe = [card for card, certain in mine if certain and _is_owner(card, user)]
        proved = any(certain for _, certain in mine)
        record = Record(
            id=source.record_id("users", user.id),
            subject=subject.key,
            collection="users",
            anchor=("users", (user.id,)),
            path=(),
            count=1,
            seen=tuple(("email", card.address.original) for card, _ in mine),
            match=Match.EXACT if safe else Match.PROPOSED,
            why=words.ACCOUNT if safe else words.NOT_CONFIRMED if proved else words.CLAIMED,
        )
        yield replace(record, reveals=_further(user, mine)) if safe else record


def _is_owner(card: Card, user: User) -> bool:
    """Anybody can note down an address that is not theirs: only a confirmed one, or the only one, tells."""
    return card.address.confirmed or len(user.addresses) == 1


def _further(user: User, mine: Sequence[tuple[Card, bool]]) -> tuple[Identifier, ...]:
    known = {card.address.email for card, certain in mine if certain}
    return tuple(
        Identifier("email", one.email)
        for one in user.addresses
        if one.confirmed and one.email not in known and is_askable(one.email)
    )


def _addresses(source: Source, subject: Subject, card: Card, certain: bool) -> Iterator[Record]:
    address = card.address
    found = Record(
        # The moment of registration is known to the server alone: the id cannot be guessed from an address.
        id=source.record_id("addresses", address.email, str(address.values["registered_on"])),
        subject=subject.key,
        collection="addresses",
        anchor=("addresses", (address.email,)),
        path=(),
        count=1,
        seen=(("email", address.original),),
        match=Match.EXACT if certain else Match.PROPOSED,
        why=words.SAME_ADDRESS if certain else words.CLAIMED,
    )
    yield found
    members = source.mine(card)
    if members:
        id = source.record_id("memberships", found.id)
        why = words.SUBSCRIBED if certain else words.CLAIMED
        yield replace(found, id=id, collection="memberships", path=TO_MEMBERS, count=len(members), why=why)


def _waiting(source: Source, subject: Subject, one: Waiting, certain: bool) -> Record:
    """A message's sender proves nothing: it only proposes."""
    sure = certain and one.collection != "held_messages"
    return Record(
        id=source.record_id(one.collection, *one.key),
        subject=subject.key,
        collection=one.collection,
        anchor=(one.collection, one.key),
        path=(),
        count=1,
        seen=(("email", str(one.values.get("email") or one.values.get("sender"))),),
        match=Match.EXACT if sure else Match.PROPOSED,
        why=WHY[one.collection] if certain else words.CLAIMED,
    )
