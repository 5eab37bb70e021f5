"""What an answer changes: the search of the person, the work of the plan, and whether the case goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dsr.contract import Found, State
from dsr.domain.audit import Kind
from dsr.domain.rights import rule
from dsr.domain.workflow import Role, Status, after
from dsr.services import batches, sealing, timeline
from dsr.services.results import STATED
from dsr.store.models import Case
from dsr.store.operations import Task
from dsr.store.queries import tasks as queries
from dsr.store.session import Transaction

from .places import ASKED, DONE, opened

PLANNING = frozenset({Status.REVIEW, Status.SECOND, Status.ATTENTION})
"""A new plan can be made at once; while the person is waited for, it is made when she has answered."""


def searched(tx: Transaction, case: Case, system: str, *, again: bool, now: datetime) -> None:
    """When every holder of a place has answered: it counts as searched, in every case of the person.

    ``again``: an earlier answer was corrected, so plans made with it are of no use.
    """
    everyone = queries.finds(tx.session, [case.submission_id]).get((case.submission_id, system), [])
    if any(task.state == ASKED for task in everyone):
        return
    count = sum(_count(task, case) for task in everyone)
    collect = [one for one in case.submission.cases if _told(tx, one, system, count, again, now)]
    if collect:
        batches.make(tx, collect, "collect", now=now)


def stated(tx: Transaction, case: Case, system: str, *, now: datetime) -> bool:
    """When every holder has confirmed what the current plan asks of a place, its work is done; is it?"""
    work = queries.work(tx.session, case, system)
    mine = [task for task in queries.acts(tx.session, case.id) if _of_plan(task, case, system)]
    if work is None or not mine or any(task.state != DONE for task in mine):
        return False
    if work.state == State.WAITING.value:
        items = [item | {"changed": item["before"]} for item in work.outcome.get("items", [])]
        work.state, work.verified = State.DONE.value, STATED
        work.done_at, work.check_after, work.why = now, None, {}
        work.outcome = work.outcome | {"state": State.DONE.value, "items": items, "receipt": STATED}
        tx.audit(
            case.controller,
            Kind.ACTED,
            reference=case.reference,
            actor="system",
            at=now,
            system=system,
            state=work.state,
            verified=work.verified,
            items=[[item["item"], item["before"], item["changed"], item["kept"]] for item in items],
        )
    return True


def acted(tx: Transaction, case: Case, *, now: datetime) -> None:
    """After a holder confirmed: when nothing is left to be asked, the case goes on by itself."""
    mine = [task for task in queries.acts(tx.session, case.id) if _of_plan(task, case)]
    systems: Sequence[str] = sorted({task.system for task in mine})
    settled = [stated(tx, case, system, now=now) for system in systems]
    if settled and all(settled) and case.status == Status.ATTENTION:
        case.status = after(case.status, "retry", roles=[Role.SYSTEM]).value
        case.wake_at = None
        timeline.record(tx, case, Kind.RETRIED, by="system", now=now, move="retry", tasks=len(mine))
        batches.make(tx, [case], "carry_out", now=now)


def _of_plan(task: Task, case: Case, system: str = "") -> bool:
    generation = task.key.split(":")[-2]
    return generation == str(case.generation) and system in ("", task.system)


def _count(task: Task, case: Case) -> int:
    return opened(task, sealing.key_of(case.submission)).count


def _told(tx: Transaction, case: Case, system: str, count: int, again: bool, now: datetime) -> bool:
    """Tell one case that a place was searched. True when a new plan is to be made now.

    A search that runs, or is ordered, reads the answers itself.
    """
    search = queries.search(tx.session, case, system)
    if search is None or case.status in (Status.READY, Status.COLLECTING, Status.CLOSED):
        return False
    found = Found.FOUND if count else Found.NOTHING
    replan = bool(count) or again or case.auto or rule(case.right).at_once
    status = Status(case.status)
    if search.found == Found.NOT_ANSWERED and (status is Status.ACTING or _promised(case)):
        case.wake_at = now if _promised(case) else case.wake_at
        return False  # the letter says that it is missing: the promise is kept by the clock
    if status in (Status.ACTING, Status.ANSWERED) and (count or again):
        _too_late(tx, case, system, count, now)
        return False
    if status is Status.WAITING and replan:
        case.wake_at = now
        return False
    search.found, search.count, search.at, search.why = found.value, count, now, {}
    if not replan or status in (Status.ACTING, Status.ANSWERED, Status.WAITING):
        return False
    if status is Status.APPROVED:
        return _recalled(case)
    if status not in PLANNING:
        return False
    case.status = after(case.status, "recollect", roles=[Role.SYSTEM]).value
    case.wake_at = None
    return True


def _promised(case: Case) -> bool:
    return case.status == Status.ANSWERED and case.promise_of is not None


def _recalled(case: Case) -> bool:
    """An approved erasure that still waits for a copy is planned again; one that has begun is not stopped."""
    if case.batch_id is not None:
        return False
    case.status = after(case.status, "late_copy", roles=[Role.SYSTEM]).value
    case.status = after(case.status, "recollect", roles=[Role.SYSTEM]).value
    case.waits_for = None
    return True


def _too_late(tx: Transaction, case: Case, system: str, count: int, now: datetime) -> None:
    """The letter said that this place had not answered; now an officer must look at what it holds."""
    case.failed = True
    timeline.record(
        tx, case, Kind.FAILED, by="system", now=now, why="a holder answered late", system=system, count=count
    )
