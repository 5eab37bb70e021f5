"""Verify: fresh reads, by key and by identity, of what the outcomes say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from connectors import _words
from dsr.contract import Action, Match, Outcome, Record, Residual, State, Step, Verb

from . import locating, words
from .acting import only, unbanned, undelivered, unnamed
from .api import own_status
from .erasing import REMOVING, name_of
from .holding import WAITING, Held, Source, holdings
from .options import DISABLE
from .planning import STOPPED, subscriptions

CLAIMED = frozenset({State.DONE, State.ALREADY, State.PENDING})


def verify(source: Source, step: Step, outcome: Outcome) -> Iterator[Residual]:
    """What is still there, or not as the outcome says."""
    if outcome.state in CLAIMED and step.intent.action in CHECKS:
        yield from CHECKS[step.intent.action](source, step, outcome)


def _left(step: Step, item: str, collection: str, count: int = 1) -> Residual:
    return Residual(step.intent.key, item, count, _words.still_there(words.TITLES[collection]))


def _erased(source: Source, step: Step, outcome: Outcome) -> Iterator[Residual]:
    planned = {item.id: item for item in step.items if item.verb in REMOVING}
    there = {name for name in planned if _is_there(source, name)}
    held = only(holdings(source, step.intent), frozenset(planned))
    there |= {name_of("addresses", r.id) for _, r in held.cards.values()}
    there |= {name_of(one.collection, r.id) for one, r in held.waiting.values()}
    for name in sorted(there):
        yield _left(step, name, planned[name].collection)
    yield from _returned(source, step, planned.keys() - there)


def _is_there(source: Source, name: str) -> bool:
    collection, _, key = name.partition(":")
    if collection == "users":
        return source.user(key) is not None
    return collection == "memberships" and source.api.member(key) is not None


def _returned(source: Source, step: Step, gone: set[str]) -> Iterator[Residual]:
    """By identity: rows of the same person and kind that are new since the plan."""
    kinds = {name.partition(":")[0]: name for name in sorted(gone)}
    kept = {record for item in step.items if item.verb is Verb.KEEP for record in item.records}
    anchors = {record.anchor for record in step.intent.records}
    subject = replace(step.intent.subject, claimed=())
    for record in locating.of(source, subject, waiting=bool(kinds.keys() & set(WAITING))):
        if record.match is not Match.EXACT or record.id in kept or record.collection not in kinds:
            continue
        if (record.collection == "users" or record.anchor in anchors) and not _is_known(record, step):
            yield _left(step, kinds[record.collection], record.collection, record.count)


def _is_known(record: Record, step: Step) -> bool:
    """A kept account is found again by its own id."""
    return any(item.id == f"users:{record.anchor[1][0]}" for item in step.items if item.verb is Verb.KEEP)


def _renamed(source: Source, step: Step, outcome: Outcome) -> Iterator[Residual]:
    for name in unnamed(source, step):
        yield _left(step, name, name.partition(":")[0])


def _marked(source: Source, step: Step, outcome: Outcome) -> Iterator[Residual]:
    planned = [item.id for item in step.items if item.collection == "memberships"]
    if planned:
        yield from _still(step, planned, {m.id for m in undelivered(source, _held(source, step))})


def _stopped(source: Source, step: Step, outcome: Outcome) -> Iterator[Residual]:
    planned = [item.id for item in step.items if item.collection == "memberships"]
    if planned and source.options.stop == DISABLE:
        yield from _marked(source, step, outcome)
    elif planned:
        yield from _still(step, planned, {m.id for m, _ in subscriptions(_held(source, step))})
    for name in unbanned(source, step):
        yield _left(step, name, "bans")


def _held(source: Source, step: Step) -> Held:
    return holdings(source, step.intent)


def _still(step: Step, planned: list[str], there: set[str]) -> Iterator[Residual]:
    for one in sorted(there):
        name = name_of("memberships", one)
        yield _left(step, name if name in planned else planned[0], "memberships")


def _lifted(source: Source, step: Step, outcome: Outcome) -> Iterator[Residual]:
    """The receipt names the subscriptions that got their deliveries back."""
    for one in outcome.receipt.split():
        if own_status(source.api.preferences(f"members/{one}")) == STOPPED.new:
            yield _left(step, step.items[0].id, "memberships")


CHECKS: Mapping[Action, Callable[[Source, Step, Outcome], Iterator[Residual]]] = {
    Action.ERASE: _erased,
    Action.RECTIFY: _renamed,
    Action.RESTRICT: _marked,
    Action.STOP: _stopped,
    Action.LIFT: _lifted,
}
