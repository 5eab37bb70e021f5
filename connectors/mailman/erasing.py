"""What an erasure does with everything an intent holds: what goes, what stays and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dsr.contract import Conflict, Intent, Item, Key, Record, Text, Verb, key_digest

from . import words
from .api import Member
from .holding import Card, Held, Source

REMOVING = frozenset({Verb.DELETE, Verb.SEAL_THEN_DELETE})


@dataclass(frozen=True)
class Deed:
    """One row and what happens to it. ``id`` names the row wherever the plan is looked at again."""

    id: str
    verb: Verb
    collection: str
    key: Key
    record: Record
    sentence: Text = ""
    reason: Text = ""

    def item(self) -> Item:
        """The line of the plan."""
        return Item(
            id=self.id,
            verb=self.verb,
            collection=self.collection,
            records=(self.record.id,),
            count=1,
            digests=key_digest(self.key),
            reason=self.reason,
            sentence=self.sentence,
        )


def name_of(collection: str, key: str) -> str:
    """The id of an item: accounts and memberships by their own id, the rest by the id of the record."""
    return f"{collection}:{key}"


def decided(source: Source, held: Held, intent: Intent) -> tuple[Deed, ...]:
    """What happens to every row, accounts first."""
    sealed = intent.block and not source.options.unblocked
    going = Verb.SEAL_THEN_DELETE if sealed else Verb.DELETE
    stay = {email for email, (card, _) in held.cards.items() if _is_used(card, held)}
    leaving = set(held.cards) - stay
    return (
        *_accounts(held, leaving, going),
        *_addresses(held, stay, going),
        *(_membership(member, record, going) for member, record in held.members.values()),
        *_waiting(held, going),
    )


def _is_used(card: Card, held: Held) -> bool:
    """A membership that is not part of this needs the address."""
    return any(member.id not in held.members for member in card.members)


def _accounts(held: Held, leaving: set[str], going: Verb) -> Iterator[Deed]:
    for user, record in held.users.values():
        stays = not {one.email for one in user.addresses} <= leaving
        verb, reason = (Verb.KEEP, words.KEPT_ACCOUNT) if stays else (going, "")
        yield Deed(name_of("users", user.id), verb, "users", (user.id,), record, reason=reason)


def _addresses(held: Held, stay: set[str], going: Verb) -> Iterator[Deed]:
    for email, (_, record) in held.cards.items():
        verb, reason = (Verb.KEEP, words.KEPT_ADDRESS) if email in stay else (going, "")
        yield Deed(name_of("addresses", record.id), verb, "addresses", (email,), record, reason=reason)


def _membership(member: Member, record: Record, verb: Verb) -> Deed:
    place = words.in_list(member.list_id, member.role)
    return Deed(name_of("memberships", member.id), verb, "memberships", (member.id,), record, place)


def _waiting(held: Held, going: Verb) -> Iterator[Deed]:
    for one, record in held.waiting.values():
        verb, reason = (Verb.KEEP, words.KEPT_BAN) if one.collection == "bans" else (going, "")
        yield Deed(name_of(one.collection, record.id), verb, one.collection, one.key, record, reason=reason)


def orphaned(source: Source, held: Held) -> tuple[Conflict, ...]:
    """Lists that would be left without an owner."""
    hers: dict[str, int] = {}
    for member, _ in held.members.values():
        if member.role == "owner":
            hers[member.list_id] = hers.get(member.list_id, 0) + 1
    return tuple(
        Conflict("last_owner", "memberships", words.last_owner(list_id))
        for list_id, count in sorted(hers.items())
        if source.api.owners(list_id) <= count
    )


@dataclass(frozen=True)
class Removal:
    """The calls of an erasure: an account takes its addresses along, an address its memberships."""

    users: tuple[str, ...]
    addresses: tuple[str, ...]
    members: tuple[Member, ...]
    waiting: tuple[Key, ...]

    @property
    def calls(self) -> int:
        """How many calls change something."""
        return len(self.users) + len(self.addresses) + len(self.members) + len(self.waiting)


def removal(held: Held, gone: frozenset[str]) -> Removal:
    """The fewest calls that remove the items named in ``gone``."""
    users = tuple(one for one in held.users if name_of("users", one) in gone)
    cards = {
        email: card for email, (card, record) in held.cards.items() if name_of("addresses", record.id) in gone
    }
    with_user = {e for e, card in cards.items() if card.address.user in users}
    members = (m for m, _ in held.members.values() if name_of("memberships", m.id) in gone)
    waiting = (key for key, (one, r) in held.waiting.items() if name_of(one.collection, r.id) in gone)
    return Removal(
        users=users,
        addresses=tuple(sorted(set(cards) - with_user)),
        members=tuple(m for m in members if m.email not in cards),
        waiting=tuple(waiting),
    )
