"""Verify: fresh reads, by key and by identity, of what the outcomes say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from connectors import _words as words
from dsr.contract import Action, Item, Match, Outcome, Record, Residual, State, Step, Verb

from .acting import has
from .holding import held
from .keeping import going
from .locating import search
from .planning import REMOVING, WRITING, loosened
from .source import Entries

CLAIMED = frozenset({State.DONE, State.ALREADY, State.PENDING})


def verify(source: Entries, step: Step, outcome: Outcome) -> Iterator[Residual]:
    """What is still there, or not as the outcome says."""
    if outcome.state in CLAIMED and step.intent.action in CHECKS:
        yield from CHECKS[step.intent.action](source, step, outcome)


def _left(source: Entries, step: Step, item: Item, count: int) -> Residual:
    return Residual(step.intent.key, item.id, count, words.still_there(source.place.titles[item.collection]))


def _gone(source: Entries, step: Step, outcome: Outcome) -> Iterator[Residual]:
    """By key, then by identity: what a new search finds that no plan knew."""
    planned = {item.id: item for item in step.items if item.verb in REMOVING}
    if not planned:
        return
    for one in going(source, step.intent, held(source, step.intent.records)):
        if one.entries and one.record.id in planned:
            yield _left(source, step, planned[one.record.id], len(one.entries))
    known = {record.id for record in step.intent.records}
    kept = {item.collection for item in step.items if item.verb is Verb.KEEP}
    fresh = [r for r in _again(source, step) if r.id not in known and r.collection not in kept]
    for name in dict.fromkeys(record.collection for record in fresh):
        item = next((i for i in planned.values() if i.collection == name), None)
        if item is not None:
            yield _left(source, step, item, sum(r.count for r in fresh if r.collection == name))


def _again(source: Entries, step: Step) -> list[Record]:
    """Her certain records, searched anew by proved identifiers alone."""
    subject = replace(step.intent.subject, claimed=())
    return [one for one in search(source, [subject]) if one.match is Match.EXACT]


def _written(source: Entries, step: Step, outcome: Outcome) -> Iterator[Residual]:
    planned = {item.id: item for item in step.items if item.verb in WRITING}
    records = [loosened(one, planned.values()) for one in step.intent.records if one.id in planned]
    for one in held(source, records):
        item = planned[one.record.id]
        wrong = [e for e in one.entries if not all(has(source, e, c.field, c.new) for c in item.changes)]
        if wrong:
            yield _left(source, step, item, len(wrong))


def _restricted(source: Entries, step: Step, outcome: Outcome) -> Iterator[Residual]:
    yield from _written(source, step, outcome)
    yield from _gone(source, step, outcome)


def _lifted(source: Entries, step: Step, outcome: Outcome) -> Iterator[Residual]:
    """As many rows as the outcome gave back are found again."""
    back = sum(one.changed for one in outcome.items)
    if not back or not step.items:
        return
    there = sum(record.count for record in _again(source, step))
    mark = source.place.mark
    if mark is not None:
        still = [e for one in held(source, step.intent.records) for e in one.entries if not one.record.path]
        marked = sum(has(source, entry, mark.field, mark.new) for entry in still)
        if marked:
            yield _left(source, step, step.items[0], marked)
    elif there < back:
        yield _left(source, step, step.items[0], back - there)


CHECKS: Mapping[Action, Callable[[Entries, Step, Outcome], Iterator[Residual]]] = {
    Action.ERASE: _gone,
    Action.RECTIFY: _written,
    Action.RESTRICT: _restricted,
    Action.LIFT: _lifted,
    Action.STOP: _written,
}
