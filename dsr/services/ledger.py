"""Intents and outcomes as rows: written before anything is done, noted once known, said with the answer.

The order in each system: its intent and attempt are durable, the rows that go are sealed, they go, the outcome
is durable. Intents and attempts of all systems of a batch are written together, before the first of them acts;
the outcome of one is noted before the next one acts. Its state and its line in the audit log are written
together, with the answer; after a crash in between they are written by whoever takes the batch over.
Why: ``docs/adr/0019-fewer-statements.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from dsr import store
from dsr.contract import Action, Outcome, State, Step
from dsr.domain import plan
from dsr.domain.audit import Kind
from dsr.store import bulk, vault
from dsr.store.models import Work
from dsr.store.session import Transaction

from . import outcomes
from .results import STATED

if TYPE_CHECKING:
    from .jobs import Job

RESURRECTION_DAYS = 7
"""How long after an erasure the systems are read once more by themselves."""

UNKNOWN, CLEAN, LEFT = "", "clean", "left"

WhyNot = Callable[[str], object]
"""From a right to why a system must not be acted on for it; nothing when it may."""


def intend(
    tx: Transaction, jobs: Sequence[Job], gates: Mapping[str, WhyNot], passed: Collection[str], now: datetime
) -> None:
    """Write down what is about to be done, before anything is done, with the attempt where it will be made.

    ``gates`` by system; ``passed``: systems that are not asked in this run. An attempt that is counted and
    not made is seen as unknown after a crash, and read back before anything is done.
    """
    rows = [
        _intent(job, system, step, now)
        for job in jobs
        for system, step in job.steps.items()
        if step.intent.action is not Action.EXPORT and system not in job.works
    ]
    if not rows:
        return
    by_case = {job.case.id: job for job in jobs}
    for row in rows:
        job, system = by_case[row["case_id"]], row["system"]
        stopped = job.steps[system].conflicts or system in passed or gates[system](job.case.right)
        row["attempts"] = 0 if stopped else 1
    ids = bulk.insert_returning(tx.session, Work, rows)
    for row, row_id in zip(rows, ids, strict=True):
        job = by_case[row["case_id"]]
        job.works[row["system"]] = Work(id=row_id, **(row | {"attempts": 0}))
        if row["attempts"]:
            job.counted.add(row["system"])


def _intent(job: Job, system: str, step: Step, now: datetime) -> dict[str, Any]:
    return {
        "controller": job.case.controller,
        "case_id": job.case.id,
        "system": system,
        "generation": job.plan.generation,
        "key": step.intent.key,
        "state": "intended",
        "verified": UNKNOWN,
        "attempts": 0,
        "intended_at": now,
        "why": {},
        "outcome": {},
    }


def begin(system: str, acting: Sequence[Job], jobs: Sequence[Job]) -> None:
    """Before a system acts for ``acting``: their attempts are counted, and what was done elsewhere is noted."""
    rows = [_as_is(job, system, 1) for job in acting if system not in job.counted]
    noted = [(job, name) for job in jobs for name in job.unsaid - job.noted if _settled(job, name)]
    rows += [
        _as_is(job, name, name in job.counted)
        | {"outcome": outcomes.note(job.facts_of(name), said), "final_on": said.final_on}
        for job, name in noted
        for said in (job.outcomes[name],)
    ]
    if not rows:
        return
    with store.transaction() as tx:
        bulk.update(tx.session, Work, rows)
    for job in acting:
        job.counted.add(system)
    for job, name in noted:
        job.noted.add(name)


def _as_is(job: Job, system: str, more: int) -> dict[str, Any]:
    row = job.works[system]
    return {
        "id": row.id,
        "attempts": row.attempts + more,
        "outcome": row.outcome,
        "final_on": row.final_on,
    }


def _settled(job: Job, system: str) -> bool:
    return job.outcomes[system].state in plan.SETTLED and not job.left.get(system)


def known(system: str, jobs: Sequence[Job]) -> None:
    """The outcomes of these jobs in a system are known: they are to be said. Silence is a failure."""
    for job in jobs:
        if system not in job.outcomes:
            key = job.steps[system].intent.key
            job.outcomes[system] = Outcome(key, State.FAILED, why="the system gave no outcome")
        job.unsaid.add(system)


@contextmanager
def said_in_the_end(jobs: Sequence[Job], *, now: datetime) -> Iterator[None]:
    """What is known when the block ends, in whatever way, is written with its lines in the audit log."""
    try:
        yield
    finally:
        if any(job.unsaid for job in jobs):
            with store.transaction() as tx:
                say(tx, jobs, now=now)


def say(tx: Transaction, jobs: Sequence[Job], *, now: datetime) -> None:
    """Write the outcomes that are known and not said yet, and say so in the audit log."""
    rows = []
    for system in dict.fromkeys(name for job in jobs for name in job.outcomes if name in job.unsaid):
        for job in (job for job in jobs if system in job.unsaid):
            outcome = job.outcomes[system]
            row = _work_row(job, system, outcome, now)
            rows.append(row)
            tx.audit(
                job.case.controller,
                Kind.ACTED,
                reference=job.case.reference,
                actor="system",
                at=now,
                system=system,
                state=row["state"],
                verified=row["verified"],
                items=[[i.item, i.before, i.changed, i.kept] for i in outcome.items],
                seals=[[seal.id, seal.rows, seal.digest] for seal in outcome.seals],
            )
            if outcome.state in plan.SETTLED and job.steps[system].intent.seals:
                vault.give_back(
                    tx.session, job.steps[system].intent.seals, controller=job.case.controller, now=now
                )
    bulk.update(tx.session, Work, rows)
    bulk.update(tx.session, Work, [row for job in jobs for row in _fed_meanwhile(job, now)])
    tx.after(partial(_forget, jobs))


def _fed_meanwhile(job: Job, now: datetime) -> Iterator[dict[str, Any]]:
    """A source that rested, failed or was held is done now, after what is fed by it: that had time to bring her back,
    and is read once more."""
    late = [plan.ORDER[job.orders[name]] for name in job.unsaid if name in job.orders and _settled(job, name)]
    earlier = [one for former in job.whole for one in former.works.values() if one.system not in job.unsaid]
    for row in earlier if late else ():
        fed = row.system in job.orders and plan.ORDER[job.orders[row.system]] > min(late)
        if fed and row.state in plan.SETTLED and row.verified != STATED:
            yield {"id": row.id, "check_after": now + timedelta(days=RESURRECTION_DAYS)}


def _forget(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.unsaid.clear()


def _work_row(job: Job, system: str, outcome: Outcome, now: datetime) -> dict[str, Any]:
    left = job.left.get(system, [])
    verified = LEFT if left else CLEAN if outcome.state in plan.SETTLED else UNKNOWN
    final_on = outcome.final_on or min((one.final_on for one in left if one.final_on), default=None)
    state = outcome.state
    if left and state in plan.SETTLED:
        state = State.PENDING if final_on else State.FAILED
    again = outcome.check_after
    if state in plan.SETTLED and outcome.state in plan.SETTLED and job.case.right == "erasure":
        again = again or now + timedelta(days=RESURRECTION_DAYS)
    if state is State.PENDING:
        again = again or now + timedelta(hours=1)
    deferred = outcome.receipt == plan.RELAY
    return {
        "id": job.works[system].id,
        "state": state.value,
        "verified": verified,
        "done_at": now if state in plan.SETTLED else None,
        "check_after": None if deferred else again,
        "final_on": final_on,
        "retry_at": now if deferred else None,
        "why": outcomes.words(outcome.why or (left[0].where if left else "")),
        "outcome": job.facts_of(system),
    }
