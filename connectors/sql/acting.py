"""Act: many people in one transaction; whoever does not fit is left alone and answered alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import exc

from dsr.contract import Action, Keeper, Outcome, Step

from . import changing, engines, outcomes, removing
from .deleting import Moved
from .store import Store

PEOPLE = 100
ROWS = 20_000

Doing = Callable[[Store, sa.Connection, Sequence[Step], Keeper, date], list[Outcome]]
DOING: dict[Action, Doing] = {
    Action.ERASE: removing.erase,
    Action.RECTIFY: changing.change,
    Action.RESTRICT: changing.change,
    Action.LIFT: changing.change,
    Action.STOP: changing.change,
}


def act(store: Store, steps: Sequence[Step], keeper: Keeper, today: date) -> Iterator[Outcome]:
    """One outcome per step, only after it was committed."""
    store.reflect()
    waiting: dict[Action, list[Step]] = {}
    for step in steps:
        if step.conflicts:
            yield outcomes.unplanned(step)
        elif not step.items:
            yield outcomes.nothing(step)
        elif step.intent.action is Action.EXPORT:
            yield outcomes.exported(step)
        else:
            waiting.setdefault(step.intent.action, []).append(step)
    for action, mine in waiting.items():
        for some in _bundles(mine):
            yield from _attempt(store, DOING[action], some, keeper, today)


def _bundles(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    """Up to 100 people or 20 000 rows at a time; someone with very many rows alone."""
    bundle: list[Step] = []
    rows = 0
    for step in steps:
        mine = sum(item.count for item in step.items)
        if bundle and (len(bundle) >= PEOPLE or rows + mine > ROWS):
            yield bundle
            bundle, rows = [], 0
        bundle.append(step)
        rows += mine
    if bundle:
        yield bundle


def _attempt(
    store: Store, doing: Doing, steps: Sequence[Step], keeper: Keeper, today: date
) -> Iterator[Outcome]:
    """All in one transaction; refused by the database: half of them each, until one stands alone."""
    try:
        with engines.writing(store.engine) as connection:
            done = doing(store, connection, steps, keeper, today)
    except (exc.IntegrityError, exc.DataError, engines.Forbidden, Moved) as error:
        if len(steps) == 1:
            if isinstance(error, Moved):
                yield outcomes.conflict(steps[0])
            else:
                between = engines.came_between(error)
                yield outcomes.refused(steps[0]) if between else outcomes.forbidden(steps[0])
            return
        half = len(steps) // 2
        yield from _attempt(store, doing, steps[:half], keeper, today)
        yield from _attempt(store, doing, steps[half:], keeper, today)
        return
    yield from done
