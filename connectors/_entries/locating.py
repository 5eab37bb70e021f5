"""Locate: entries of every person, compared again with what she proved, grouped into records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors import _words as words
from connectors._people import Asked, Seen, plain
from dsr.contract import ConnectorError, Found, Located, Match, Record, Searched, Subject

from .source import Entries, Entry, told

WEAKER = (Match.EXACT, Match.PROPOSED, Match.SHARED, Match.MENTIONED)
Cursor = tuple[int, list[int]]


def locate(source: Entries, subjects: Sequence[Subject], after: str | None, page: int) -> Located:
    """One page: the records of up to ``page`` people. The last page has the answer for everyone."""
    start, answers = _cursor(after, len(subjects))
    some = subjects[start : start + page]
    records = search(source, some)
    counts = {one.key: 0 for one in some}
    for record in records:
        counts[record.subject] += record.count
    answers += [counts[one.key] for one in some]
    if start + page < len(subjects):
        return Located(records, (), json.dumps([start + page, answers]))
    pairs = zip(subjects, answers, strict=True)
    return Located(records, tuple(Searched(s.key, Found.FOUND if n else Found.NOTHING, n) for s, n in pairs))


def _cursor(after: str | None, most: int) -> Cursor:
    if after is None:
        return 0, []
    try:
        start, answers = json.loads(after)
        if isinstance(start, int) and 0 < start < most and len(answers) == start:
            return start, [int(n) for n in answers]
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of this search; start again", permanent=True)


@dataclass(frozen=True)
class _Hit:
    """How an entry is one person's."""

    match: Match
    proved: bool
    kinds: tuple[str, ...]


def search(source: Entries, subjects: Sequence[Subject]) -> tuple[Record, ...]:
    """All records of these people, in the order in which they were found."""
    asked = Asked(subjects)
    records: dict[tuple[str, str], Record] = {}
    for entry in told(source.find(asked)):
        for number, hit in _hits(asked, entry):
            made = _record(source, subjects[number].key, entry, hit)
            known = records.get((made.subject, made.id))
            records[made.subject, made.id] = made if known is None else replace(known, count=known.count + 1)
    return tuple(records.values())


def _hits(asked: Asked, entry: Entry) -> Iterator[tuple[int, _Hit]]:
    """Everybody of the batch whom the entry names; a proved identifier weighs more than a claim."""
    found: dict[int, tuple[bool, list[str]]] = {}
    for kind, stored in entry.seen:
        for number, proved in asked.who(kind, stored):
            before, kinds = found.get(number, (False, []))
            found[number] = (before or proved, [*kinds, kind])
    several = len({number for number, (proved, _) in found.items() if proved}) > 1
    for number, (proved, kinds) in found.items():
        best = Match.SHARED if several and entry.match is Match.EXACT else entry.match
        match = best if proved else weaker(best, Match.PROPOSED)
        yield number, _Hit(match, proved, tuple(kinds))


def weaker(one: Match, other: Match) -> Match:
    """The one of two matches that says less."""
    return max(one, other, key=WEAKER.index)


def _record(source: Entries, subject: str, entry: Entry, hit: _Hit) -> Record:
    title = source.place.titles[entry.collection]
    exact = hit.match is Match.EXACT
    return Record(
        id=source.place.record_id(entry),
        subject=subject,
        collection=entry.collection,
        anchor=entry.anchor,
        path=entry.path,
        count=1,
        seen=entry.seen,
        match=hit.match,
        why=entry.why if hit.proved else words.claimed(title, hit.kinds),
        others=entry.others,
        reveals=entry.reveals if exact else (),
    )


def same(seen: Seen, record: Record) -> bool:
    """Whether an entry carries all identifiers that the record was found with."""
    now = {(kind, plain(kind, value)) for kind, value in seen}
    return {(kind, plain(kind, value)) for kind, value in record.seen} <= now
