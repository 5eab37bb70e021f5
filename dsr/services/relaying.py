"""The system that carries our own mails is told to forget or to stop an address last.

Where the mail relay is also the marketing tool, an address it has suppressed gets no mail any more: not
the answer either, nor the code that opens it. So its work waits until the answer was read (``action``), or for some
days after it has left, and is done here, with the same checks and the same read-back as any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dsr import store
from dsr.contract import State
from dsr.domain import plan
from dsr.store import bulk
from dsr.store.models import Case, Work
from dsr.store.queries import work

from . import ledger, parking, systems
from .action import carry_out_in
from .house import house
from .jobs import Job, jobs_of, order_of

AGAIN = timedelta(hours=1)


def catch_up(*, now: datetime, limit: int = 200) -> int:
    """Do what waited for answers that were read, or have left some days ago; returns how many steps were tried.

    A held or observing system keeps its work until it may be acted on. What fails goes to an officer.
    """
    with store.reading() as session:
        jobs = jobs_of(session, work.after_answer(session, now, limit, plan.PATIENCE))
        session.expunge_all()
    tried = 0
    for key, system in sorted({(job.case.controller, name) for job in jobs for name in _waiting(job, now)}):
        why_not = systems.gate(key, system)
        mine = [
            job
            for job in jobs
            if job.case.controller == key and system in _waiting(job, now) and not why_not(job.case.right)
        ]
        if mine:
            known = parking.known(key)
            order_of(mine, house().controller(key), now)
            with ledger.said_in_the_end(mine, now=now):
                carry_out_in(system, mine, house().controller(key), known, mine, now)
            _settle(system, mine, now)
            tried += len(mine)
    return tried


def _waiting(job: Job, now: datetime) -> list[str]:
    return [
        name
        for name, row in job.works.items()
        if row.state == State.PENDING and row.retry_at is not None and row.retry_at <= now
    ]


def _settle(system: str, jobs: Sequence[Job], now: datetime) -> None:
    """What could not be reached is tried again in an hour; what failed or changed is shown to an officer."""
    with store.transaction() as tx:
        for job in jobs:
            state = job.outcomes[system].state
            left = job.left.get(system, [])
            if state is State.PENDING and not left:
                bulk.update(tx.session, Work, [{"id": job.works[system].id, "retry_at": now + AGAIN}])
            elif state not in plan.SETTLED or left:
                bulk.update(tx.session, Case, [{"id": job.case.id, "failed": True}])
