"""Plan: a dry run for a whole batch, in one read of the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import sqlalchemy as sa

from dsr.contract import Action, Intent, Step

from . import engines, erasing, exporting, rectifying, restricting, stopping
from .store import Store

Planner = Callable[[Store, sa.Connection, Sequence[Intent], date], list[Step]]
PLANNERS: dict[Action, Planner] = {
    Action.EXPORT: exporting.plan,
    Action.ERASE: erasing.plan,
    Action.RECTIFY: rectifying.plan,
    Action.RESTRICT: restricting.plan,
    Action.LIFT: restricting.lift,
    Action.STOP: stopping.plan,
}


def plan(store: Store, intents: Sequence[Intent], today: date) -> tuple[Step, ...]:
    """Exactly one step per intent, in the order of the intents."""
    store.reflect()
    by_action: dict[Action, list[tuple[int, Intent]]] = {}
    for number, intent in enumerate(intents):
        by_action.setdefault(intent.action, []).append((number, intent))
    steps: dict[int, Step] = {}
    with engines.reading(store.engine) as connection:
        for action, mine in by_action.items():
            made = PLANNERS[action](store, connection, [intent for _, intent in mine], today)
            steps |= dict(zip((number for number, _ in mine), made, strict=True))
    return tuple(steps[number] for number in range(len(intents)))
