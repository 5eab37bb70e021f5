"""How far a request is, as the line of steps that its person sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dsr.domain.workflow import Ending, Status
from dsr.store.models import Case, Plan

from . import promises

STAGES = ("received", "confirmed", "searched", "decided", "answered")
"""The line of steps that a person sees, in order."""

REACHED = {
    Status.UNVERIFIED: 1,
    Status.READY: 2,
    Status.COLLECTING: 2,
    Status.REVIEW: 3,
    Status.WAITING: 3,
    Status.SECOND: 3,
    Status.ATTENTION: 3,
    Status.APPROVED: 4,
    Status.ACTING: 4,
    Status.ANSWERED: 5,
    Status.CLOSED: 5,
}
"""How many stages lie behind a case in that status."""

NEVER_HAPPENED = frozenset({Ending.CANCELLED, Ending.WITHDRAWN, Ending.UNVERIFIED})


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the line: ``state`` is done, now, todo or off (will not come)."""

    name: str
    state: str
    at: datetime | None = None


def of_case(case: Case, plan: Plan | None) -> tuple[Stage, ...]:
    """The line of a case with its newest plan."""
    status = Status(case.status)
    approved = plan is not None and plan.approved_at is not None
    reached = 4 if status is Status.ATTENTION and approved else REACHED[status]
    if promises.open_in(case):  # it was answered; what is still missing is said in words
        reached = len(STAGES)
    proved_at = case.submission.verified_at
    at = (
        case.received_at,
        proved_at,
        plan.made_at if plan and reached > 2 else None,
        plan.approved_at if plan and reached > 3 else None,
        case.answered_at,
    )
    if case.ending in NEVER_HAPPENED:
        reached = sum(1 for moment in at[:3] if moment)
        return tuple(
            Stage(name, "done" if n < reached else "off", at[n] if n < reached else None)
            for n, name in enumerate(STAGES)
        )
    states = ("done" if n < reached else "now" if n == reached else "todo" for n in range(len(STAGES)))
    return tuple(
        Stage(name, state, at[n] if state == "done" else None)  # a case being lifted was answered before
        for n, (name, state) in enumerate(zip(STAGES, states, strict=True))
    )
