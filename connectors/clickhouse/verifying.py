"""Verify: fresh reads of what the outcomes say, with rows that are only marked as deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from connectors import _words
from dsr.contract import Action, Item, Match, Outcome, Residual, State, Step

from .api import Bound
from .locating import search
from .planning import REMOVING, WRITING, open_rows
from .selecting import chosen, identities, plain, text_of
from .tables import Store

CLAIMED = frozenset({State.DONE, State.ALREADY, State.PENDING})


def verify(store: Store, step: Step, outcome: Outcome) -> Iterator[Residual]:
    """What is still there, or not as the outcome says."""
    if outcome.state not in CLAIMED:
        return
    if step.intent.action is Action.LIFT:
        yield from _lifted(store, step, outcome)
        return
    for item in step.items:
        if item.verb in REMOVING | WRITING:
            count = _open(store, step, item)
            if count:
                yield _left(store, step, item, count)
    yield from _back(store, step)


def _left(store: Store, step: Step, item: Item, count: int) -> Residual:
    title = store.table(item.collection).title
    return Residual(step.intent.key, item.id, count, _words.still_there(title))


def _open(store: Store, step: Step, item: Item) -> int:
    found = 0
    for record in (one for one in step.intent.records if one.id in item.records):
        bound, table = Bound(), store.table(record.collection)
        where = open_rows(store, step.intent, item, record, bound)
        masked = item.verb not in REMOVING
        found += store.api.number(f"SELECT count() FROM {table.sql} WHERE {where}", bound, masked=masked)  # noqa: S608
    return found


def _back(store: Store, step: Step) -> Iterator[Residual]:
    """Her certain rows that no plan knew, searched anew by proved identifiers alone."""
    planned = {one.collection: one for one in step.items if one.verb in REMOVING}
    if not planned:
        return
    known = {one.id for one in step.intent.records}
    for record in search(store, [replace(step.intent.subject, claimed=())]):
        if record.match is Match.EXACT and record.id not in known and record.collection in planned:
            yield _left(store, step, planned[record.collection], record.count)


def _lifted(store: Store, step: Step, outcome: Outcome) -> Iterator[Residual]:
    """As many rows as were given back are found, and none of them is marked."""
    back = sum(one.changed for one in outcome.items)
    if not back:
        return
    found = [r for r in search(store, [replace(step.intent.subject, claimed=())]) if r.match is Match.EXACT]
    if sum(one.count for one in found) < back:
        yield _left(store, step, step.items[0], back)
    for record in found:
        table = store.table(record.collection)
        flag = table.collection.restrict_flag
        if flag is None or not identities(table.collection) or record.path:
            continue
        bound = Bound()
        where = (
            f"{chosen(store, record, bound)} AND {text_of(table, flag[0])} = {bound.string(plain(flag[1]))}"
        )
        marked = store.api.number(f"SELECT count() FROM {table.sql} WHERE {where}", bound)  # noqa: S608
        if marked:
            yield _left(store, step, step.items[0], marked)
