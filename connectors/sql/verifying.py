"""Verify: fresh reads by key and by identity of what outcomes say is gone or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from connectors import _words as words
from connectors._kept import is_of_fields, refilled
from dsr.contract import Action, Item, Match, Outcome, Record, Residual, Step, Verb

from . import changing, engines, locating, removing
from .deleting import WRITING
from .guarding import CHANGED, HELD, Job, jobs, look
from .naming import titled
from .store import Store
from .wishes import SETTING

Pairs = Sequence[tuple[Step, Outcome]]


def verify(store: Store, system: str, pairs: Pairs, today: date) -> tuple[Residual, ...]:
    """What can still be read; nothing for a step means that all of it is true."""
    store.reflect()
    found: list[Residual] = []
    with engines.reading(store.engine) as connection:
        for action, checking in CHECKING.items():
            mine = [pair for pair in pairs if pair[0].intent.action is action and pair[0].items]
            if mine:
                found += checking(store, connection, system, mine, today)
    return tuple(found)


def erased(
    store: Store, connection: sa.Connection, system: str, pairs: Pairs, today: date
) -> Iterator[Residual]:
    """Rows that should be gone or anonymous."""
    todo = jobs([step for step, _ in pairs])
    look(store, connection, todo, lock=False)
    removing.recount(store, connection, todo, today)
    left = _by_identity(store, connection, system, [step for step, _ in pairs])
    for job in todo:
        known = set(job.records)
        for item in job.step.items:
            count = _left(job, item)
            if count:
                yield residual(store, job.step, item, count)
        kept = {item.collection for item in job.step.items if item.verb is Verb.KEEP}
        fresh = [r for r in left.get(job.number, ()) if r.id not in known and r.collection not in kept]
        for name in dict.fromkeys(r.collection for r in fresh):
            item = next((i for i in job.step.items if i.collection == name), job.step.items[0])
            yield residual(store, job.step, item, sum(r.count for r in fresh if r.collection == name))


def _left(job: Job, item: Item) -> int:
    """Rows of an item that should not be there any more, seen from their anchors.

    An anchor that names somebody else now, and was not made anonymous, is a key given to a new person.
    """
    if item.verb not in WRITING:
        return 0
    records = [job.records[name] for name in item.records if name in job.records]
    blank = {i.collection for i in job.step.items if i.changes}
    if is_of_fields(item):
        others = [r for r in records if job.anchors.get(r.anchor) == CHANGED and r.anchor[0] not in blank]
        return 0 if others else len(job.now.get(item.id, b"")) // 8
    if item.verb is Verb.ANONYMISE:
        named = any(not r.path and job.anchors.get(r.anchor) == HELD for r in records)
        return len(job.now.get(item.id, b"")) // 8 if named else 0
    for record in records:
        state = job.anchors.get(record.anchor)
        reused = state == CHANGED and record.anchor[0] not in blank
        if state == HELD or (not reused and record.path):
            return len(job.now.get(item.id, b"")) // 8
    return 0


def _by_identity(
    store: Store, connection: sa.Connection, system: str, steps: Sequence[Step]
) -> Mapping[int, list[Record]]:
    """What a new search by proved identifiers finds for each step."""
    numbers: dict[str, list[int]] = {}
    subjects = {}
    for number, step in enumerate(steps):
        numbers.setdefault(step.intent.subject.key, []).append(number)
        subjects[step.intent.subject.key] = step.intent.subject
    found: dict[int, list[Record]] = {}
    everyone = list(subjects.values())
    for start in range(0, len(everyone), locating.PEOPLE):
        some = everyone[start : start + locating.PEOPLE]
        for record in locating.search(store, connection, system, some):
            if record.match is Match.EXACT:
                for number in numbers[record.subject]:
                    found.setdefault(number, []).append(record)
    return found


def residual(store: Store, step: Step, item: Item, count: int) -> Residual:
    """A line for the officer."""
    return Residual(step.intent.key, item.id, count, words.still_there(titled(store, item.collection)))


def changed(
    store: Store, connection: sa.Connection, system: str, pairs: Pairs, today: date
) -> Iterator[Residual]:
    """Values that are not set, rows that are not set aside."""
    todo = jobs([step for step, _ in pairs])
    look(store, connection, todo, lock=False)
    _, changes = changing.examine(store, connection, todo, today)
    for one in changes:
        for item in one.job.step.items:
            if item.verb in SETTING:
                count = len(one.open.get(item.id, ()))
            elif item.verb is Verb.RESTRICT:
                count = len(one.job.now.get(item.id, b"")) // 8
            else:
                continue
            if count:
                yield residual(store, one.job.step, item, count)


def lifted(
    store: Store, connection: sa.Connection, system: str, pairs: Pairs, today: date
) -> Iterator[Residual]:
    """Rows that were not given back: fewer are found than the outcome says."""
    yield from changed(store, connection, system, pairs, today)
    found = _by_identity(store, connection, system, [step for step, _ in pairs])
    for number, (step, outcome) in enumerate(pairs):
        lifts = [item for item in step.items if item.verb is Verb.LIFT]
        said = {one.item: one.changed for one in outcome.items}
        back = sum(said.get(item.id, 0) for item in lifts) - refilled(outcome.receipt)
        there = sum(record.count for record in found.get(number, ()))
        if lifts and there < back:
            yield residual(store, step, lifts[0], back - there)


Checking = Callable[[Store, sa.Connection, str, Pairs, date], Iterator[Residual]]
CHECKING: dict[Action, Checking] = {
    Action.ERASE: erased,
    Action.RECTIFY: changed,
    Action.STOP: changed,
    Action.RESTRICT: changed,
    Action.LIFT: lifted,
}
