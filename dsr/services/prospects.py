"""What a decision would do to a case, asked before it is taken; the decision asks the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dsr import store
from dsr.contract import Action, State, Verb
from dsr.domain import plan
from dsr.domain.deadlines import Clock
from dsr.domain.deadlines import Event as ClockEvent
from dsr.domain.errors import Refusal
from dsr.domain.rights import Right, action_of
from dsr.domain.workflow import Status, after
from dsr.store.models import Case, Work
from dsr.store.queries import people, vault, work

from . import clocks
from .house import house
from .officers import Officer, refuse_own

ASSIGN, EXTEND, RETRY = "assign", "extend", "retry"
MANY = (ASSIGN, EXTEND, RETRY)
"""What can be done to many cases at once. An approval never is: each plan is read by somebody."""


RESTRICTING = (Verb.RESTRICT, Verb.MARK)
"""How a restriction leaves rows where they are, or takes them aside."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """One case before a decision: ``then`` the date after an extension; ``refusal`` why it cannot be."""

    reference: str
    due_on: date | None = None
    then: date | None = None
    refusal: Refusal | None = None


def of(what: str, references: Sequence[str], *, by: Mapping[str, Officer], now: datetime) -> list[Prospect]:
    """For each case what ``what`` of ``MANY`` would do; ``by`` is the officer for each controller."""
    look = _LOOKS[what]
    found = []
    with store.reading() as session:
        for reference in references:
            try:
                case = people.case(session, reference, tuple(by))
                refuse_own(case, by[case.controller].address)
                then = look(session, case, by[case.controller], now)
            except Refusal as refusal:
                found.append(Prospect(reference, refusal=refusal))
            else:
                found.append(Prospect(reference, case.due_on, then))
    return found


def extended(case: Case, *, now: datetime) -> Clock:
    """The clock of a case if it were extended today.

    Refusals: ``extend.twice``, ``extend.late``, ``extend.none``, ``extend.waiting``.
    """
    on = clocks.local_day(now, house().controller(case.controller).zone)
    if clocks.of_case(case).extended_on:
        raise Refusal("extend.twice", "This case was extended already; the law allows it once.")
    then = clocks.if_happened(case, ClockEvent("extended", on=on))
    if then.overdue_extension:
        raise Refusal("extend.late", "The first period is over; a notice of extension has no effect now.")
    if then.extended_on is None:
        raise Refusal("extend.none", "The law of this case knows no extension for this right.")
    if then.due_on is None:
        raise Refusal(
            "extend.waiting", "The clock stands still: there is no date to extend until it runs again."
        )
    return then


def retry_move(session: Any, case: Case) -> str:
    """What trying again means: 'retry' the acts that are not settled, or 'recollect', the search: also where a
    system of the plan is configured no longer, which no repetition changes."""
    mine = [one for one in work.works(session, [case.id]) if one.generation == case.generation]
    if (told := case.promise_of) is not None:  # work that an earlier answer told is not what failed
        mine = [one for one in mine if plan.generation_of(one.key) > told]
    open_ones = {one.system for one in mine if one.state not in plan.SETTLED}
    here = all(house().registry.find(case.controller, system) for system in open_ones)
    return "retry" if mine and here and case.status == Status.ATTENTION else "recollect"


def begun(works: Iterable[Work], case: Case) -> bool:
    """Was something changed for this case already? Then it ends with an answer that says so, not as if nothing was.

    ``works``: the work of every plan of the case. What is being given back was answered before: closed now, the
    rows would stay set aside and no officer could lift them.
    """
    if case.doing == Action.LIFT:
        return True
    mine = [
        one
        for one in works
        if one.generation and plan.action_of(one.key) == action_of(case.right, case.doing)
    ]
    changed = any(item["changed"] for one in mine for item in one.outcome.get("items", []))
    return changed or any(one.state == State.DONE for one in mine)


def liftable(session: Any, case: Case) -> bool:
    """Is there something to give back: rows or values set aside in the vault, or rows restricted where they are?"""
    if case.doing == Action.LIFT:
        return False
    if vault.set_aside(session, [case.reference]):
        return True
    return case.right == Right.RESTRICTION and any(
        item["changed"] or one.state == State.ALREADY
        for one in work.works(session, [case.id])
        for item in one.outcome.get("items", [])
        if item["verb"] in RESTRICTING
    )


def _assign(session: Any, case: Case, by: Officer, now: datetime) -> None:
    after(case.status, "assign", roles=by.roles)


def _extend(session: Any, case: Case, by: Officer, now: datetime) -> date | None:
    after(case.status, "extend", roles=by.roles)
    return extended(case, now=now).due_on


def _retry(session: Any, case: Case, by: Officer, now: datetime) -> None:
    after(case.status, retry_move(session, case), roles=by.roles)


_LOOKS: Mapping[str, Callable[[Any, Case, Officer, datetime], date | None]] = {
    ASSIGN: _assign,
    EXTEND: _extend,
    RETRY: _retry,
}
