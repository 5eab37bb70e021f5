"""Carry out rectification, stop, restriction and lifting: one transaction for many people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from dsr.contract import (
    Action,
    Item,
    ItemOutcome,
    Keeper,
    Key,
    Outcome,
    Purpose,
    Row,
    Seal,
    State,
    Step,
    Verb,
    only_grew,
)

from . import deleting, keys, lifting, sealing, setting, tally
from .guarding import HELD, Job, jobs, look
from .outcomes import conflict
from .plans import Work, begun
from .referring import obstacles
from .store import Store
from .tally import Group
from .wishes import SETTING, Found, Wish, applies, is_set, of_item, scan


@dataclass
class Progress:
    """What is known of one job in this transaction: rows to set, rows already set, rows to set aside."""

    job: Job
    open: dict[str, set[bytes]] = field(default_factory=dict)
    done: dict[str, set[bytes]] = field(default_factory=dict)
    rows: dict[str, list[tuple[Any, Wish, Found]]] = field(default_factory=dict)
    lifted: dict[str, lifting.Given] = field(default_factory=dict)


def change(
    store: Store, connection: sa.Connection, steps: Sequence[Step], keeper: Keeper, today: date
) -> list[Outcome]:
    """Outcomes of these steps; nothing is certain before the caller has committed."""
    todo = jobs(steps)
    guard = look(store, connection, todo, lock=True)
    work, changes = examine(store, connection, todo, today)
    for one in changes:
        one.job.state = _judged(one)
    for target in work.targets:
        for number, _ in obstacles(work, target):
            if todo[number].state is None:
                todo[number].state = State.CONFLICT
    going = {one.job.number: one.job for one in changes if one.job.state is None}
    seals = _sealed(work, [c for c in changes if c.job.number in going], keeper)
    deleting.remove(work, guard, going)
    for one in changes:
        if one.job.number in going:
            given: set[tuple[str, Key]] = set()
            back = {i.id: lifting.insert(store, connection, keeper, i, given) for i in _lifts(one.job.step)}
            one.lifted = back
            setting.write(work, guard, one.job, lifting.unmarked(one.rows, back.values()), keeper)
    return [_outcome(one, seals.get(one.job.number, ())) for one in changes]


def examine(
    store: Store, connection: sa.Connection, todo: Sequence[Job], today: date
) -> tuple[Work, list[Progress]]:
    """Read again what every item is about."""
    intents = [replace(job.step.intent, records=tuple(job.records.values())) for job in todo]
    work = begun(store, connection, intents, today)
    changes = [Progress(job) for job in todo]
    for job, draft in zip(todo, work.drafts, strict=True):
        for item in job.step.items:
            for name in item.records if item.verb in (Verb.RESTRICT, Verb.KEEP) else ():
                draft.group(Group(item.id, item.verb, item.collection), job.records[name])
    for target in work.targets:
        _tally(work, target, changes)
        wanted = {
            (number, record.id): [of_item(i) for i in todo[number].items_of(record) if i.verb in SETTING]
            for wants in target.bases.values()
            for number, record in wants
        }
        for number, wish, digest, found in scan(store, connection, target, wanted):
            one = changes[number]
            if is_set(wish, found.now):
                one.done.setdefault(wish.id, set()).add(digest)
            elif applies(wish, found.now) and digest not in one.open.setdefault(wish.id, set()):
                one.open[wish.id].add(digest)
                one.rows.setdefault(wish.id, []).append((target, wish, found))
    for job, draft in zip(todo, work.drafts, strict=True):
        for group in draft.groups.values():
            job.now[group.id] = group.settled()
    return work, changes


def _tally(work: Work, target: Any, changes: Sequence[Progress]) -> None:
    groups = {
        (number, record.id): [g for g in work.drafts[number].groups.values() if record.id in g.records]
        for wants in target.bases.values()
        for number, record in wants
    }
    if not any(groups.values()):
        return
    for wants, digest, _ in tally.rows(work.store, work.connection, target):
        for number, record in wants:
            for group in groups[number, record.id]:
                group.digests.append(digest)


def _judged(one: Progress) -> State | None:
    """None: go ahead. ALREADY: every value is set and every row set aside. CONFLICT: not what was planned."""
    items = [item for item in one.job.step.items if item.verb is not Verb.KEEP]
    if _lifts(one.job.step):
        return (
            None if all(_fits(one, item) for item in items if item.verb is not Verb.LIFT) else State.CONFLICT
        )
    if items and all(_is_done(one, item) for item in items):
        return State.ALREADY
    held = all(state == HELD for state in one.job.anchors.values())
    return None if held and all(_fits(one, item) for item in items) else State.CONFLICT


def _is_done(one: Progress, item: Item) -> bool:
    if item.verb in SETTING:
        planned = {item.digests[i : i + 8] for i in range(0, len(item.digests), 8)}
        return not one.open.get(item.id) and planned <= one.done.get(item.id, set())
    return not one.job.now.get(item.id)


def _fits(one: Progress, item: Item) -> bool:
    """The planned rows are still there, changed or not; others may have come."""
    if item.verb in SETTING:
        now = one.open.get(item.id, set()) | one.done.get(item.id, set())
        return only_grew(item.digests, b"".join(sorted(now)))
    return only_grew(item.digests, one.job.now.get(item.id, b""))


def _lifts(step: Step) -> list[Item]:
    return [item for item in step.items if item.verb is Verb.LIFT]


def _sealed(work: Work, going: Sequence[Progress], keeper: Keeper) -> Mapping[int, tuple[Seal, ...]]:
    """Rows that are set aside and what stood where a flag goes; and, where the law wants them blocked, old
    values of rows to be corrected.
    """
    flags = {one.job.number: _flagged(one) for one in going}
    aside = sealing.seal(work, [one.job for one in going], keeper, Purpose.SET_ASIDE, (Verb.RESTRICT,), flags)
    for one in going:
        if one.job.step.intent.block:
            one.job.now |= {name: b"".join(sorted(digests)) for name, digests in one.open.items()}
    blocked = [one.job for one in going if one.job.step.intent.block]
    old = sealing.seal(work, blocked, keeper, Purpose.OLD_VALUES, (Verb.CORRECT,))
    return {one.job.number: (*aside.get(one.job.number, ()), *old.get(one.job.number, ())) for one in going}


def _flagged(one: Progress) -> list[Row]:
    """What stands now where a restriction is about to set a flag: the row's key and that value alone."""
    if one.job.step.intent.action is not Action.RESTRICT:
        return []
    return [
        Row(target.route.end, keys.encode(found.raw), {c.field: found.now[c.field] for c in wish.changes})
        for rows in one.rows.values()
        for target, wish, found in rows
        if wish.verb is Verb.MARK
    ]


def _outcome(one: Progress, seals: Sequence[Seal]) -> Outcome:
    job = one.job
    if job.state is State.CONFLICT:
        return conflict(job.step)
    items = []
    already = job.state is State.ALREADY
    for item in job.step.items:
        if item.verb is Verb.LIFT:
            given = one.lifted[item.id]
            parts = tuple(sorted(given.parts.items()))
            items.append(ItemOutcome(item.id, item.count, given.rows + given.refilled, parts=parts))
        elif item.verb is Verb.KEEP:
            kept = len(job.now.get(item.id, b"")) // 8
            items.append(ItemOutcome(item.id, item.count, 0, kept, item.reason, item.until))
        else:
            now = (
                len(one.open.get(item.id, ()))
                if item.verb in SETTING
                else len(job.now.get(item.id, b"")) // 8
            )
            items.append(ItemOutcome(item.id, item.count, 0 if already else now))
    lifted = list(one.lifted.values())
    changed = any(given.new or given.refilled for given in lifted) or any(one.open.values())
    state = job.state or (State.ALREADY if lifted and not changed else State.DONE)
    receipt = lifting.receipt(lifted)
    return Outcome(job.step.intent.key, state, tuple(items), tuple(seals), receipt)
