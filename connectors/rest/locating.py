"""Locate: a search gives ids, rows are read by id and compared by us; what hangs on a row is counted."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence

from connectors import _words as words
from connectors._people import Asked, plain
from dsr.contract import ConnectorError, Found, Identifier, Located, Match, Record, Searched, Subject

from . import mentions
from .holding import Held, Seen, Source, identities
from .model import Collection
from .together import Asking, alone, together

WEAK = frozenset({"phone", "name"})
"""Kinds that several people often share: with another e-mail address beside them they only propose."""


def locate(source: Source, subjects: Sequence[Subject], after: str | None, page: int) -> Located:
    """One page: the records of up to ``page`` people. The last page has the answer for everyone."""
    start, counts = _cursor(after, len(subjects))
    step = min(page, source.vendor.batch)
    some = subjects[start : start + step]
    hers = of(source, some)
    records = [*hers, *mentions.find(source, some, hers)]
    counts += [sum(r.count for r in records if r.subject == one.key) for one in some]
    source.told()
    if start + step < len(subjects):
        return Located(tuple(records), (), json.dumps([start + step, counts]))
    return Located(tuple(records), tuple(_answer(s, n) for s, n in zip(subjects, counts, strict=True)))


def _cursor(after: str | None, most: int) -> tuple[int, list[int]]:
    if after is None:
        return 0, []
    try:
        start, counts = json.loads(after)
        if isinstance(start, int) and 0 < start < most and len(counts) == start:
            return start, [int(n) for n in counts]
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of this search; start again", permanent=True)


def _answer(subject: Subject, count: int) -> Searched:
    return Searched(subject.key, Found.FOUND if count else Found.NOTHING, count)


def of(source: Source, subjects: Sequence[Subject]) -> list[Record]:
    """The records of these people: certain by what they proved, proposed by what they claim."""
    hers = _roots(source, source.vendor.roots, subjects)
    below = {
        one.name: {held.id for found in hers.values() for _, held, _ in found}
        for one in source.vendor.collections
        if one.of
    }
    source.deepen(
        {name: list(dict.fromkeys(held for _, held, _ in found)) for name, found in hers.items()}, below
    )
    own: dict[str, frozenset[str]] = {}
    for subject, held, match in (one for found in hers.values() for one in found):
        sure = match is Match.EXACT and source.vendor.unique_ids
        own[subject.key] = own.get(subject.key, frozenset()) | ({held.id} if sure else set())
    return [record for name, found in hers.items() for record in _in(source, name, found, own)]


def roots(source: Source, subject: Subject, names: Container[str]) -> Iterator[Record]:
    """The records of one person in the collections of these names that hold an identity, without what hangs on them."""
    wanted = [one for one in source.vendor.roots if one.name in names]
    for found in _roots(source, wanted, [subject]).values():
        for who, held, match in found:
            yield _root(source, who, held, match)


Hit = tuple[Subject, Held, Match]


def _roots(
    source: Source, collections: Sequence[Collection], subjects: Sequence[Subject]
) -> dict[str, list[Hit]]:
    """By collection the rows that hold an identity, and whose they are."""
    askings = [_candidates(source, one, subjects) for one in collections]
    some = source.vendor.together is not None
    rows = together(source.ahead, askings) if some else [alone(one) for one in askings]
    return {one.name: _hits(source, held, subjects) for one, held in zip(collections, rows, strict=True)}


def _hits(source: Source, rows: Sequence[Held], subjects: Sequence[Subject]) -> list[Hit]:
    asked = Asked(subjects)
    found: list[Hit] = []
    for held in rows:
        who = _whose(asked, held, subjects)
        if not who:
            source.drop()
        found += [(subjects[number], held, match) for number, match in who.items()]
    return found


def _in(
    source: Source, name: str, hers: Sequence[Hit], own: Mapping[str, frozenset[str]]
) -> Iterator[Record]:
    roots = list(dict.fromkeys(held for _, held, _ in hers))
    tree = source.tree(source.vendor.collection(name))
    below = {one.name: source.below(one, roots) for one in tree} if roots else {}
    for subject, held, match in hers:
        yield _root(source, subject, held, match)
        for child, rows_of in below.items():
            yield from _group(source, (subject, held, match), child, rows_of[held.id], own[subject.key])


def _candidates(source: Source, collection: Collection, subjects: Sequence[Subject]) -> Asking[list[Held]]:
    named = [i for s in subjects for i in (*s.proved, *s.claimed)]
    values = {kind: forms(kind, named) for kind in dict.fromkeys(one.kind for one in collection.find)}
    asked = {kind: some for kind, some in values.items() if some}
    yield [one for kind, some in asked.items() for one in source.searches(collection, kind, some)]
    ids: set[str] = set()
    for kind, some in asked.items():
        ids |= source.found(collection, kind, some)
    yield source.unread(collection, sorted(ids))
    return list(source.roots(collection, sorted(ids)).values())


def forms(kind: str, identifiers: Sequence[Identifier]) -> list[str]:
    """The spellings to ask for. Case does not count in addresses, and what has no @ is none."""
    spelled = [form for one in identifiers if one.kind == kind for form in one.forms()]
    if kind != "email":
        return list(dict.fromkeys(spelled))
    return list({plain(kind, one): one for one in reversed(spelled) if "@" in one}.values())[::-1]


def _whose(asked: Asked, held: Held, subjects: Sequence[Subject]) -> dict[int, Match]:
    """Whose the row is, by number of the subject, and how sure that is."""
    found: dict[int, Match] = {}
    for kind, value in held.seen:
        for number, proved in asked.who(kind, value):
            sure = proved and not (kind in WEAK and _names_another(held, subjects[number]))
            if sure or number not in found:
                found[number] = Match.EXACT if sure else Match.PROPOSED
    return found


def _names_another(held: Held, subject: Subject) -> bool:
    """Whether the row has e-mail addresses and none of those she proved."""
    there = {plain(kind, value) for kind, value in held.seen if kind == "email"}
    hers = {plain("email", form) for one in subject.proved if one.kind == "email" for form in one.forms()}
    return bool(there and hers) and not there & hers


def _root(source: Source, subject: Subject, held: Held, match: Match) -> Record:
    name = held.collection.name
    by = tuple(dict.fromkeys(kind for kind, _ in held.seen))
    title = held.collection.title
    certain = match is Match.EXACT
    return Record(
        id=source.record_id(name, held.key, name),
        subject=subject.key,
        collection=name,
        anchor=(name, held.key),
        path=(),
        count=1,
        seen=_hers(held, subject),
        match=match,
        why=words.direct(title, by) if certain else words.claimed(title, by),
        reveals=_further(held, subject) if certain else (),
    )


def _hers(held: Held, subject: Subject) -> Seen:
    """The identifiers of a row without those of the other party, in fields that may hold either."""
    either = identities(held.collection, held.values, shared=True)
    named = {(i.kind, plain(i.kind, f)) for i in (*subject.proved, *subject.claimed) for f in i.forms()}
    return tuple((k, v) for k, v in held.seen if (k, v) not in either or (k, plain(k, v)) in named)


def _further(held: Held, subject: Subject) -> tuple[Identifier, ...]:
    """Identifiers of hers that she did not name, in fields the file says may be trusted for that."""
    known = {(one.kind, plain(one.kind, form)) for one in subject.proved for form in one.forms()}
    kinds = {one.identity for one in held.collection.identities if one.reveals}
    new = [(k, v) for k, v in _hers(held, subject) if k in kinds and (k, plain(k, v)) not in known]
    return tuple(Identifier(kind, value) for kind, value in new)


def _group(
    source: Source, hit: Hit, name: str, rows: Sequence[Held], own: frozenset[str]
) -> Iterator[Record]:
    """One record of the rows that are hers alone, one of those that are other people's as well."""
    (subject, root, match), collection = hit, source.vendor.collection(name)
    by = tuple(dict.fromkeys(kind for kind, _ in root.seen))
    for shared in (False, True):
        mine = [one for one in rows if bool(one.others(own)) is shared]
        if not mine:
            continue
        why = (
            words.shared(collection.title)
            if shared
            else words.below(collection.title, root.collection.title, by)
        )
        yield Record(
            id=source.record_id(collection.name, root.key, root.collection.name, *["shared"] * shared),
            subject=subject.key,
            collection=collection.name,
            anchor=(root.collection.name, root.key),
            path=(f"{collection.name}.{collection.of}",),
            count=len(mine),
            seen=_hers(root, subject),
            match=Match.SHARED if shared else match,
            why=why,
            others=sum(one.others(own) for one in mine),
        )
