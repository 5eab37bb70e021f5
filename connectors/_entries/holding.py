"""What records reach now, and which of them are hers to be changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dsr.contract import Match, Record

from .source import Entries, Entry

NOBODYS = frozenset({Match.SHARED, Match.MENTIONED})


@dataclass(frozen=True)
class Held:
    """A record with what it reaches now."""

    record: Record
    entries: tuple[Entry, ...]


def held(source: Entries, records: Iterable[Record]) -> tuple[Held, ...]:
    """Everything these records reach now, no row twice."""
    seen: set[tuple[object, ...]] = set()
    found = []
    for record in records:
        mine = [one for one in source.reach(record) if (one.collection, one.key) not in seen]
        seen |= {(one.collection, one.key) for one in mine}
        found.append(Held(record, tuple(mine)))
    return tuple(found)


def is_hers(source: Entries, record: Record) -> bool:
    """Whether a record may be acted on; what several people share, what mentions her, or what the system lets
    nobody change may not."""
    return record.match not in NOBODYS and record.collection not in source.place.untouched
