"""Look again: what was promised to be gone or to become final is read once more, by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from dsr import store
from dsr.contract import ConnectorError, Residual, State
from dsr.domain.audit import Kind
from dsr.domain.organisation import Controller
from dsr.domain.rights import Right
from dsr.store import bulk
from dsr.store.models import Case, Work
from dsr.store.queries import work
from dsr.store.session import Transaction

from . import follow_ups, outcomes, pacing, returning, timeline
from .action import read_back
from .house import house
from .jobs import Job, acted_in, jobs_of
from .ledger import CLEAN, LEFT
from .returning import Swept
from .tasks import STATED

SOME = 200
"""Cases that are read at once."""


def recheck(*, now: datetime, limit: int = SOME) -> int:
    """Read again what was promised to be gone or to become final, for ``limit`` cases; how many they were.

    What can be read again after it was gone is reported to an officer (a restored backup, an import).
    """
    return len(_recheck(now, limit, Counter()))


def sweep(controller: str, system: str | None = None, *, now: datetime) -> list[Swept]:
    """``returning.sweep``, and at once the reading again that it asks for of erasures whose key lives: ``back``
    counts both."""
    found = returning.sweep(controller, system, now=now)
    back: Counter[str] = Counter()
    before: frozenset[int] | None = None
    while before != (read := _recheck(now, SOME, back)):
        before = read
    return [replace(one, back=one.back + back[one.system]) for one in found]


def _recheck(now: datetime, limit: int, back: Counter[str]) -> frozenset[int]:
    """The cases that were read; ``back`` counts who came back, by system."""
    with store.reading() as session:
        due = work.to_check(session, now, limit)
        jobs = [one for job in jobs_of(session, due) for one in job.whole]
        session.expunge_all()
    for controller_key in {job.case.controller for job in jobs}:
        controller = house().controller(controller_key)
        mine = [job for job in jobs if job.case.controller == controller_key]
        for system in sorted(acted_in(mine)):
            readable = [one for one in mine if system in one.works and one.works[system].verified != STATED]
            back[system] += _look_again(system, readable, controller, now)
    if due:
        read = [row.id for job in jobs for row in job.works.values()]
        with store.transaction() as tx:
            work.let_go(tx.session, [case.id for case in due], read, now)
    return frozenset(case.id for case in due)


def _look_again(system: str, jobs: Sequence[Job], controller: Controller, now: datetime) -> int:
    """How many people are back. A system that cannot be read, or is gone, is read later: it stops no other."""
    if house().registry.find(controller.key, system) is None:
        _postpone(system, jobs, "it is no longer configured", now + timedelta(days=1))
        return 0
    try:
        _read(system, jobs, controller, now)
    except ConnectorError as error:
        _later(system, [job for job in jobs if system not in job.left], error, now)
    returned = 0
    with store.transaction() as tx:
        rows = []
        for job in (one for one in jobs if system in one.left):
            row = job.works[system]
            left = job.left.get(system, [])
            back = bool(left) and row.verified == CLEAN
            rows.append(_after_look(row, left, back, now))
            tx.audit(
                job.case.controller,
                Kind.VERIFIED,
                reference=job.case.reference,
                actor="system",
                at=now,
                system=system,
                left=sum(one.count for one in left),
            )
            if back:
                returned += 1
                _came_back(tx, job, system, now)
        bulk.update(tx.session, Work, rows)
    return returned


def _read(system: str, jobs: Sequence[Job], controller: Controller, now: datetime) -> None:
    """Read what is still there of as many people at a time as the system takes; noted on each job."""
    pacing.begin()
    size = house().registry.describe(controller.key, system, now=now).batch
    with house().registry.open(controller.key, system, now=now, read_only=True) as connector:
        for start in range(0, len(jobs), size):
            some = jobs[start : start + size]
            for job in some:
                job.outcomes[system] = outcomes.of_row(job.works[system])
            read_back(connector, system, some)


def _later(system: str, jobs: Sequence[Job], error: ConnectorError, now: datetime) -> None:
    """Who was not read is read when the system may be asked again; one a minute where a minute does not hold all
    of them, and next day who alone needs more than that."""
    until = error.retry_at or now + timedelta(hours=1)
    if not isinstance(error, pacing.Overspent):
        _postpone(system, jobs, str(error), until)
    elif len(jobs) == 1:
        _postpone(system, jobs, str(error), now + timedelta(days=1))
    else:
        for number, job in enumerate(jobs):
            _postpone(system, [job], str(error), until + timedelta(minutes=number))


def _came_back(tx: Transaction, job: Job, system: str, now: datetime) -> None:
    """Gone and here again (a restored backup, an import): a new case proposes to erase them once more."""
    case = tx.session.get_one(Case, job.case.id)
    case.failed = True
    if case.right == Right.ERASURE and follow_ups.propose(
        tx, case, follow_ups.proved(case), system=system, now=now
    ):
        return
    timeline.record(tx, case, Kind.RESURRECTED, by="system", now=now, system=system)


def _after_look(row: Work, left: Sequence[Residual], back: bool, now: datetime) -> dict[str, Any]:
    final_on = min((one.final_on for one in left if one.final_on), default=row.final_on)
    if not left:
        return {
            "id": row.id,
            "state": State.DONE.value,
            "verified": CLEAN,
            "check_after": None,
            "done_at": now,
            "why": {},
        }
    waiting = final_on is not None and not back
    return {
        "id": row.id,
        "state": State.PENDING.value if waiting else State.FAILED.value,
        "verified": LEFT,
        "check_after": now + timedelta(days=1) if waiting else None,
        "done_at": None,
        "why": row.why,
    }


def _postpone(system: str, jobs: Sequence[Job], why: str, until: datetime) -> None:
    with store.transaction() as tx:
        rows = [{"id": job.works[system].id, "check_after": until, "why": {"": why}} for job in jobs]
        bulk.update(tx.session, Work, rows)
