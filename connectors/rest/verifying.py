"""Verify: fresh reads, by id and by identity, of what the outcomes say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from connectors import _words as words
from connectors._kept import is_of_fields
from dsr.contract import Action, Item, Match, Outcome, Residual, State, Step, Verb

from . import keeping, lifting, locating
from .acting import CHANGING
from .deeds import REMOVING, Deed
from .grouping import known, prefetch
from .holding import Source
from .planning import concerned, decided
from .writing import left

CLAIMED = frozenset({State.DONE, State.ALREADY, State.PENDING})


def verify(source: Source, pairs: Sequence[tuple[Step, Outcome]], today: date) -> tuple[Residual, ...]:
    """What is still there, or not as the outcome says."""
    claimed = [(step, outcome) for step, outcome in pairs if outcome.state in CLAIMED]
    size = source.vendor.batch
    for start in range(0, len(claimed), size):
        prefetch(
            source,
            [
                record
                for step, _ in claimed[start : start + size]
                for record in concerned(source, step.intent, doing=True).records
            ],
        )
    found: list[Residual] = []
    for step, outcome in claimed:
        found += _of(source, step, outcome)
        if step.intent.action is Action.ERASE and outcome.final_on and outcome.final_on <= today:
            found += _binned(source, step)
    source.told()
    return tuple(found)


def _of(source: Source, step: Step, outcome: Outcome) -> Iterator[Residual]:
    if step.intent.action is Action.LIFT:
        if lifting.still_marked(source, step.intent.records, outcome.receipt.split()):
            yield _left(source, step, step.items[0].id, step.items[0].collection, 1)
        return
    planned = {one.id: one for one in step.items if one.verb in CHANGING}
    if not planned:
        return
    deeds = decided(source, step.intent, doing=True)
    lines = [one for one in deeds.lines if one.verb in CHANGING and one.todo and not is_of_fields(one.item())]
    for item in (one for one in step.items if is_of_fields(one)):
        # What the row hung on may be gone, and no listing leads to it any more.
        if count := keeping.lacking(source.fresh(), item):
            yield _left(source, step, item.id, item.collection, count)
    for one in lines:
        # A listing may lag behind a deletion: what can still be read by its id counts.
        count = len(left(source.fresh(), one.todo)) if one.verb in REMOVING else len(one.todo)
        if count:
            name = one.id if one.id in planned else next(iter(planned))
            yield _left(source, step, name, one.group.collection.name, count)
    if step.intent.action is Action.ERASE:
        yield from _returned(source, step, lines, planned)


def _binned(source: Source, step: Step) -> Iterator[Residual]:
    """Records that still lie in a bin which must have emptied itself by now."""
    for item in (one for one in step.items if one.verb in REMOVING):
        collection = known(source, item.collection)
        if collection.bin and not collection.empties_bin:
            count = source.binned(collection, [str(key[-1]) for key in item.keys])
            if count:
                yield _left(source, step, item.id, item.collection, count)


def _returned(
    source: Source, step: Step, lines: Sequence[Deed], planned: Mapping[str, Item]
) -> Iterator[Residual]:
    """By identity: rows of hers that hold it, whatever their id."""
    told = {one.group.record.id for one in lines}
    kept = {record for item in step.items if item.verb is Verb.KEEP for record in item.records}
    removed = {item.collection for item in step.items if item.verb in REMOVING}
    for record in locating.roots(source, step.intent.subject, removed):
        if record.match is Match.EXACT and record.id not in told | kept:
            yield _left(source, step, next(iter(planned)), record.collection, record.count)


def _left(source: Source, step: Step, item: str, collection: str, count: int) -> Residual:
    return Residual(
        step.intent.key, item, count, words.still_there(source.vendor.collection(collection).title)
    )
