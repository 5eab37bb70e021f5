"""Counting the rows of many people at once: what a plan holds, and what is compared again before acting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
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


@dataclass
class Group:
    """The rows of one collection of one person with which the same happens: it becomes an ``Item``."""

    id: str
    verb: Verb
    collection: str
    records: dict[str, Record] = field(default_factory=dict)
    digests: list[bytes] = field(default_factory=list)
    fields: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    reason: Text = ""
    citation: str = ""
    until: date | None = None
    undated: bool = False
    found: list[Any] = field(default_factory=list)
    several: bool = False

    def add(self, record: Record) -> None:
        """One more record; several may lead to the same row, which counts once."""
        self.records[record.id] = record
        self.several = len(self.records) > 1

    def settled(self) -> bytes:
        """Sorted digests without repeats, joined."""
        self.digests.sort()
        if self.several:
            self.digests = [one for one, _ in groupby(self.digests)]
        return b"".join(self.digests)

    def item(self, sentence: Text = "") -> Item:
        """The line of the plan."""
        digests = self.settled()
        return Item(
            id=self.id,
            verb=self.verb,
            collection=self.collection,
            records=tuple(self.records),
            count=len(self.digests),
            digests=digests,
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
    if expected > HEAVY:
        connection = connection.execution_options(yield_per=1000)
    statement = keys_of(store, route, *further)
    for some in chunks(values_of(target.bases, start)):
        for row in connection.execute(statement, {"keys": some}):
            wanted = target.bases.get(tuple(row[:start]))
            if wanted:
                yield wanted, key_digest(keys.encode(row[start:stop])), row[stop:]
