"""Act: all people of a batch are staged and looked at, sealed, changed table by table, read back, told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from connectors import _words
from connectors._tokens import tombstone
from dsr.contract import (
    Action,
    ConnectorError,
    Item,
    ItemOutcome,
    Keeper,
    Outcome,
    Purpose,
    Row,
    Seal,
    State,
    Step,
    Text,
    Verb,
    only_grew,
)

from . import lifting, words
from .api import Bound
from .planning import REMOVING, WRITING, open_rows
from .reading import whole
from .selecting import at_anchor, identities
from .staging import Stage, staged
from .tables import Store


@dataclass
class Job:
    """One step while it is carried out. ``stages``: (item, its number, its stage)."""

    step: Step
    stages: list[tuple[Item, int, Stage]] = field(default_factory=list)
    before: dict[str, int] = field(default_factory=dict)
    conflict: Text = ""
    seals: tuple[Seal, ...] = ()


def act(store: Store, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
    """One outcome per step. ConnectorError: the system is in trouble, and what was done stays done."""
    if any(one.intent.action is Action.EXPORT for one in steps):
        raise ConnectorError("an export is read, not acted on", permanent=True)
    yield from (lifting.lift(store, one, keeper) for one in steps if one.intent.action is Action.LIFT)
    rest = [Job(one) for one in steps if one.intent.action is not Action.LIFT]
    if rest:
        yield from _batch(store, rest, keeper)


def _batch(store: Store, jobs: Sequence[Job], keeper: Keeper) -> list[Outcome]:
    with ExitStack() as stack:
        stages = _stage(store, jobs, stack)
        for job in jobs:
            job.conflict = _obstacle(store, job)
        free = [one for one in jobs if not one.conflict]
        for job in free:
            job.seals = _sealed(store, job, keeper)
        # What hangs on a row goes before it: a stop in the middle leaves what leads to the rest.
        for name in reversed(stages):
            _change(stages[name], free, keeper)
        return [_outcome(store, one) for one in jobs]


def _stage(store: Store, jobs: Sequence[Job], stack: ExitStack) -> dict[str, Stage]:
    """Every row of every item, before any is changed; tables in the order of the map."""
    verbs = REMOVING | WRITING
    wanted = {item.collection for job in jobs for item in job.step.items if item.verb in verbs}
    names = [one.name for one in store.map.collections if one.name in wanted]
    stages = {name: stack.enter_context(staged(store, store.table(name))) for name in names}
    number = 0
    for job in jobs:
        records = {one.id: one for one in job.step.intent.records}
        for item in (one for one in job.step.items if one.verb in verbs):
            number += 1
            stage = stages[item.collection]
            for record in (records[one] for one in item.records):
                bound = Bound()
                stage.fill(number, open_rows(store, job.step.intent, item, record, bound), bound)
            job.stages.append((item, number, stage))
            job.before[item.id] = stage.count(number)
    return stages


def _obstacle(store: Store, job: Job) -> Text:
    """Why nothing may be touched: not the planned rows, not hers any more, or keys that are not unique."""
    if job.step.conflicts:
        return job.step.conflicts[0].why
    for item, number, stage in job.stages:
        now = stage.digests(number)
        if now and not only_grew(item.digests, now):
            return _words.changed_meanwhile()
        if stage.present(number) != job.before[item.id]:
            return words.not_unique(stage.table.title)
    return _words.changed_meanwhile() if _moved(store, job) else ""


def _moved(store: Store, job: Job) -> bool:
    """Whether a row by which she was found names somebody else; a correction of identities may do that."""
    changed = {one.field for item, _, _ in job.stages for one in item.changes}
    planned = {one for item, _, _ in job.stages for one in item.records}
    for record in (one for one in job.step.intent.records if one.id in planned):
        names = {one.name for one in identities(store.table(record.anchor[0]).collection)}
        bound = Bound()
        if not names & changed and store.api.number(at_anchor(store, record, bound), bound):
            return True
    return False


def _sealed(store: Store, job: Job, keeper: Keeper) -> tuple[Seal, ...]:
    """One seal of every row that will change, page by page; durable when this returns."""
    intent = job.step.intent
    purpose = Purpose.SET_ASIDE if intent.action is Action.RESTRICT else Purpose.OLD_VALUES
    if intent.action is Action.ERASE:
        purpose = Purpose.BLOCKED
    verbs = {Verb.RESTRICT, Verb.MARK, Verb.SEAL_THEN_DELETE} | ({Verb.ANONYMISE} if intent.block else set())
    kept = [one for one in job.stages if one[0].verb in verbs and not _exempt(one[0], one[2])]
    if intent.block and intent.action is not Action.ERASE:
        kept = job.stages
    if not any(job.before[item.id] for item, _, _ in kept):
        return ()
    return (keeper.seal(intent.key, purpose, _rows(store, kept)),)


def _exempt(item: Item, stage: Stage) -> bool:
    return item.verb is Verb.ANONYMISE and stage.table.collection.unblocked


def _rows(store: Store, kept: Sequence[tuple[Item, int, Stage]]) -> Iterator[Row]:
    by_stage: dict[str, tuple[Stage, list[int]]] = {}
    for _, number, stage in kept:
        by_stage.setdefault(stage.name, (stage, []))[1].append(number)
    for stage, numbers in by_stage.values():
        yield from whole(store, stage.table, stage.matches(numbers))


def _change(stage: Stage, jobs: Sequence[Job], keeper: Keeper) -> None:
    """One deletion for everybody; a value for each item, because values differ."""
    mine = [
        (job, item, n) for job in jobs for item, n, one in job.stages if one is stage and job.before[item.id]
    ]
    gone = [n for _, item, n in mine if item.verb in REMOVING]
    if gone:
        stage.delete(gone)
    for job, item, n in mine:
        if item.verb in WRITING:
            stage.update(n, item.changes, tombstone=partial(tombstone, keeper, job.step.intent.key))


def _outcome(store: Store, job: Job) -> Outcome:
    """Read back, with rows that are only marked as deleted."""
    intent = job.step.intent
    if job.conflict:
        untouched = tuple(ItemOutcome(one.id, one.count, 0) for one in job.step.items)
        return Outcome(intent.key, State.CONFLICT, untouched, why=job.conflict)
    left = {item.id: _left(store, job, item, number, stage) for item, number, stage in job.stages}
    changed = {name: job.before[name] - count for name, count in left.items()}
    told = tuple(
        ItemOutcome(one.id, one.count, 0, kept=one.count, why=one.reason, until=one.until)
        if one.verb is Verb.KEEP
        else ItemOutcome(one.id, one.count, changed.get(one.id, 0))
        for one in job.step.items
    )
    state = State.FAILED if any(left.values()) else State.DONE if any(changed.values()) else State.ALREADY
    return Outcome(intent.key, state, told, job.seals, why=_words.not_taken() if any(left.values()) else "")


def _left(store: Store, job: Job, item: Item, number: int, stage: Stage) -> int:
    if item.verb in REMOVING:
        return stage.present(number, masked=False)
    records = {one.id: one for one in job.step.intent.records}
    found = 0
    for record in (records[one] for one in item.records):
        bound = Bound()
        where = f"{open_rows(store, job.step.intent, item, record, bound)} AND {stage.matches([number])}"
        found += store.api.number(f"SELECT count() FROM {stage.table.sql} WHERE {where}", bound)  # noqa: S608
    return found
