"""Before anything is written: are the rows still hers, and the same that were planned?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dsr.contract import Change, Item, Key, Record, State, Step, only_grew

from . import anchors, keys
from .people import forms, holds, plain, seen
from .routes import identities
from .store import Store
from .targets import Raw, route_of

HELD, GONE, CHANGED = "held", "gone", "changed"


@dataclass
class Job:
    """One step while it is carried out. ``now``: digests of the rows of each item, read again; ``done``: of
    kept rows in which nothing more is to be changed; ``changes``: what the map wants of the rows of each."""

    number: int
    step: Step
    records: dict[str, Record]
    state: State | None = None
    now: dict[str, bytes] = field(default_factory=dict)
    done: dict[str, bytes] = field(default_factory=dict)
    changes: dict[str, tuple[Change, ...]] = field(default_factory=dict)
    anchors: dict[tuple[str, Key], str] = field(default_factory=dict)

    def items_of(self, record: Record) -> list[Item]:
        """The items a record belongs to."""
        return [item for item in self.step.items if record.id in item.records]

    def grew(self) -> bool:
        """All planned rows are still there; more may have come."""
        there = {one.id: self.now.get(one.id, b"") + self.done.get(one.id, b"") for one in self.step.items}
        return all(
            item.digests == there[item.id] or only_grew(item.digests, there[item.id])
            for item in self.step.items
        )


@dataclass
class Guard:
    """Anchor rows as they are in this transaction: by (collection, key) the row and the column that names."""

    rows: dict[tuple[str, Key], Mapping[Any, Any]] = field(default_factory=dict)


def jobs(steps: Sequence[Step]) -> list[Job]:
    """Jobs numbered in order; only records that an item names take part."""
    made = []
    for number, step in enumerate(steps):
        named = {name for item in step.items for name in item.records}
        made.append(Job(number, step, {r.id: r for r in step.intent.records if r.id in named}))
    return made


def look(store: Store, connection: sa.Connection, all_jobs: Sequence[Job], *, lock: bool) -> Guard:
    """Read (and lock) the anchors of all jobs and note for each whether it still names the person."""
    wanted: dict[str, dict[Key, Raw]] = {}
    for job in all_jobs:
        for record in job.records.values():
            name, key = record.anchor
            if route_of(store, record).mention or key in wanted.setdefault(name, {}):
                continue
            wanted[name][key] = keys.decode(key, store.key_types(name))
    guard = Guard()
    for name, raws in wanted.items():
        for key, row in anchors.by_key(store, connection, name, list(raws.values()), lock=lock).items():
            guard.rows[name, key] = row
    for job in all_jobs:
        for record in job.records.values():
            if record.anchor not in job.anchors and record.path != ("mention",):
                job.anchors[record.anchor] = _state(store, guard, job, record)
    return guard


def _state(store: Store, guard: Guard, job: Job, record: Record) -> str:
    row = guard.rows.get(record.anchor)
    if row is None:
        return GONE
    now = seen(store.map.collection(record.anchor[0]), row)
    side = bool(route_of(store, record).up)
    return HELD if holds(now, record.seen, job.step.intent.subject, side=side) else CHANGED


def naming_column(store: Store, guard: Guard, job: Job, record: Record) -> str:
    """The identity column by which the anchor row names the person now; '' when by a side table."""
    collection = store.map.collection(record.anchor[0])
    row = guard.rows[record.anchor]
    mine = forms(job.step.intent.subject)
    filled = [f for f in identities(collection) if row[f.name] is not None and str(row[f.name]).strip()]
    hers = [f.name for f in filled if (f.identity, plain(f.identity, row[f.name])) in mine]
    return (hers or [f.name for f in filled] or [""])[0]
