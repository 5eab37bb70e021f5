"""Counting the rows of many people at once: what a plan holds, and what is compared again before acting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from dsr.contract import Change, Item, Record, Text, Verb, key_digest

from . import keys
from .statements import chunks, values_of
from .statements import keys as keys_of
from .store import Store
from .targets import Target

HEAVY = 5000
"""Rows above which a result is read through a server-side cursor."""


class Digests:
    """Digests of keys as they come; a million of them take little more than their eight bytes each."""

    def __init__(self) -> None:
        self._few: list[bytes] = []
        self._many: list[bytearray] = []

    def append(self, digest: bytes) -> None:
        """One more."""
        self._few.append(digest)
        if len(self._few) >= HEAVY:
            self._spill()

    def _spill(self) -> None:
        """Sort the digests by their first byte into 256 heaps."""
        self._many = self._many or [bytearray() for _ in range(256)]
        for digest in self._few:
            self._many[digest[0]] += digest
        self._few.clear()

    def __bool__(self) -> bool:
        return bool(self._few or self._many)

    def __iter__(self) -> Iterator[bytes]:
        for heap in self._many:
            yield from (bytes(heap[i : i + 8]) for i in range(0, len(heap), 8))
        yield from self._few

    def joined(self, *, once: bool) -> bytes:
        """Sorted and joined; ``once``: without repeats."""
        if not self._many:
            return _sorted(self._few, once)
        self._spill()
        heaps = ([bytes(heap[i : i + 8]) for i in range(0, len(heap), 8)] for heap in self._many)
        return b"".join(_sorted(heap, once) for heap in heaps)


def _sorted(digests: list[bytes], once: bool) -> bytes:
    return b"".join(sorted(set(digests) if once else digests))


@dataclass
class Group:
    """The rows of one collection of one person with which the same happens: it becomes an ``Item``."""

    id: str
    verb: Verb
    collection: str
    records: dict[str, Record] = field(default_factory=dict)
    digests: Digests = field(default_factory=Digests)
    fields: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    reason: Text = ""
    citation: str = ""
    until: date | None = None
    undated: bool = False
    found: list[Any] = field(default_factory=list)
    done: Digests = field(default_factory=Digests)
    """Kept rows in which nothing more is to be changed."""
    noted: set[bytes] = field(default_factory=set)
    """Digests of the rows in ``found``, where each counts once."""
    several: bool = False
    counted: int = 0
    """Rows of an export as they were counted when they were found; see ``exporting``."""

    def add(self, record: Record) -> None:
        """One more record; several may lead to the same row, which counts once."""
        self.records[record.id] = record
        self.several = len(self.records) > 1

    def settled(self) -> bytes:
        """Sorted digests without repeats, joined."""
        return self.digests.joined(once=self.several)

    def item(self, sentence: Text = "") -> Item:
        """The line of the plan. Nothing acts on the rows of an export, so it holds no digest of their keys."""
        digests = self.settled()
        export = self.verb is Verb.EXPORT
        return Item(
            id=self.id,
            verb=self.verb,
            collection=self.collection,
            records=tuple(self.records),
            count=self.counted if export and not self.several else len(digests) // 8,
            digests=b"" if export else digests,
            fields=self.fields,
            changes=self.changes,
            reason=self.reason,
            citation=self.citation,
            until=self.until,
            sentence=sentence,
        )


def rows(
    store: Store, connection: sa.Connection, target: Target, further: Sequence[str] = ()
) -> Iterable[tuple[list[tuple[int, Record]], bytes, Sequence[Any]]]:
    """Every row a target reaches: (who wants it, digest of its key, the further columns)."""
    route = target.route
    start = len(store.map.collection(route.base).key)
    stop = start + len(store.map.collection(route.end).key)
    expected = sum(record.count for wanted in target.bases.values() for _, record in wanted)
    streamed = {"yield_per": 1000} if expected > HEAVY else {}
    statement = keys_of(store, route, *further)
    for some in chunks(values_of(target.bases, start)):
        for row in connection.execute(statement, {"keys": some}, execution_options=streamed):
            wanted = target.bases.get(tuple(row[:start]))
            if wanted:
                yield wanted, key_digest(keys.encode(row[start:stop])), row[stop:]
