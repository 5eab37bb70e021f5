"""Carry out an erasure: many people in one transaction, key and identity in every statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from connectors._kept import as_wanted, is_of_fields
from dsr.contract import Item, ItemOutcome, Keeper, Key, Outcome, Purpose, Record, Seal, State, Step, Verb

from . import deleting, erasing, keys, reducing, sealing
from .deleting import WRITING
from .guarding import CHANGED, GONE, HELD, Job, jobs, look
from .outcomes import conflict
from .plans import Work, begun
from .referring import obstacles
from .store import Store

BLOCKED = (Verb.SEAL_THEN_DELETE, Verb.ANONYMISE, Verb.PSEUDONYMISE)
"""What is sealed before it goes, where the law wants that: plain deletions are those it exempts."""


def erase(
    store: Store, connection: sa.Connection, steps: Sequence[Step], keeper: Keeper, today: date
) -> list[Outcome]:
    """Outcomes of these steps; nothing is certain before the caller has committed."""
    todo = jobs(steps)
    guard = look(store, connection, todo, lock=True)
    work = recount(store, connection, todo, today, writes=True)
    for job in todo:
        job.state = _judged(store, connection, job)
    for target in work.targets:
        for number, _ in obstacles(work, target):
            if todo[number].state is None:
                todo[number].state = State.CONFLICT
    going = {job.number: job for job in todo if job.state is None}
    blocked = [job for job in going.values() if job.step.intent.block]
    seals = sealing.seal(work, blocked, keeper, Purpose.BLOCKED, BLOCKED)
    values = reducing.sealed(work, going)
    aside = sealing.seal(work, list(going.values()), keeper, Purpose.SET_ASIDE, (), values)
    deleting.remove(work, guard, going, lambda target: reducing.write(work, guard, target, going, keeper))
    return [_outcome(job, (*seals.get(job.number, ()), *aside.get(job.number, ()))) for job in todo]


def recount(
    store: Store, connection: sa.Connection, todo: Sequence[Job], today: date, *, writes: bool = False
) -> Work:
    """Count the rows of all items again, the same way as the plan did; ``writes``: they are about to change."""
    intents = [replace(job.step.intent, records=tuple(job.records.values())) for job in todo]
    work = replace(begun(store, connection, intents, today), writes=writes)
    for target in work.targets:
        erasing.count(work, target)
    for job, draft in zip(todo, work.drafts, strict=True):
        for group in draft.groups.values():
            job.now[group.id] = group.settled()
            job.changes[group.id] = group.changes
            job.done[group.id] = group.done.joined(once=group.several)
    return work


def _judged(store: Store, connection: sa.Connection, job: Job) -> State | None:
    """None: go ahead. ALREADY: nothing of it is left. CONFLICT: not what was planned."""
    acting = [item for item in job.step.items if item.verb in WRITING]
    states = {job.anchors[r.anchor] for r in job.records.values() if r.anchor in job.anchors}
    if not acting:
        return None if job.grew() and CHANGED not in states else State.CONFLICT
    blanks = [item for item in acting if is_of_fields(item)]
    if any(not _same_changes(job, item) for item in acting if not deleting.of_rows(item)):
        return State.CONFLICT
    opened = any(job.now.get(item.id) for item in blanks)
    if blanks == acting and not opened and job.grew():
        return State.ALREADY
    if states <= {GONE, CHANGED}:
        left = opened or any(
            job.now.get(i.id) for i in acting if i not in blanks and i.verb is not Verb.ANONYMISE
        )
        blank = all(
            blanked(store, connection, job, record)
            for record in job.records.values()
            if job.anchors.get(record.anchor) == CHANGED
        )
        return State.CONFLICT if left or not blank else State.ALREADY
    return None if job.grew() and states == {HELD} else State.CONFLICT


def _same_changes(job: Job, item: Item) -> bool:
    """Whether the map still wants of these rows what was approved."""
    return job.changes.get(item.id, item.changes) == item.changes


def blanked(store: Store, connection: sa.Connection, job: Job, record: Record) -> bool:
    """The anchor row has exactly the values that make it anonymous."""
    name, key = record.anchor
    changes = [
        change
        for item in job.step.items
        if item.changes and item.collection == name
        for change in item.changes
    ]
    if not changes:
        return False
    from_row = anonymous_row(store, connection, name, key, [change.field for change in changes])
    return from_row is not None and all(as_wanted(from_row[c.field], c) for c in changes)


def anonymous_row(
    store: Store, connection: sa.Connection, name: str, key: Key, fields: Sequence[str]
) -> Mapping[Any, Any] | None:
    """These fields of one row as they are now."""
    table = store.table(name)
    columns = [table.c[one] for one in store.map.collection(name).key]
    raw = keys.decode(key, store.key_types(name))
    made = sa.select(*[table.c[one] for one in fields]).where(
        *[c == v for c, v in zip(columns, raw, strict=True)]
    )
    return connection.execute(made).mappings().first()


def _outcome(job: Job, seals: Sequence[Seal]) -> Outcome:
    """What became of each item."""
    if job.state is State.CONFLICT:
        return conflict(job.step)
    items = []
    for item in job.step.items:
        now = len(job.now.get(item.id, b"")) // 8
        if item.verb is Verb.KEEP:
            items.append(ItemOutcome(item.id, item.count, 0, now, item.reason, item.until))
        else:
            changed = 0 if job.state is State.ALREADY else now
            items.append(ItemOutcome(item.id, item.count, changed))
    return Outcome(job.step.intent.key, job.state or State.DONE, tuple(items), tuple(seals))
