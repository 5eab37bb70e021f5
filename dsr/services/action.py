"""Carry out: act on approved plans, read back, answer.

Order of what happens for each system: the intent is written first, so that a crash leaves a trace;
rows are sealed before they go (the connector does it through the vault); the outcome is written as
soon as it is known; then fresh reads say whether it is true. A step that was begun and has no outcome
is *unknown*: it is verified before it is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from dsr import store
from dsr.contract import (
    Action,
    Connector,
    ConnectorError,
    Item,
    ItemOutcome,
    Outcome,
    Residual,
    State,
    Step,
    Verb,
)
from dsr.domain import plan
from dsr.domain.audit import Kind
from dsr.domain.letters import HandFacts, RefusedFacts
from dsr.domain.organisation import Controller
from dsr.domain.workflow import Role, Status
from dsr.store import bulk, keys, vault
from dsr.store.models import Case, Plan, Work
from dsr.store.queries import work
from dsr.store.vault import Vault

from . import batches, clocks, delivery, legal_hold, outcomes, parking, sealing, systems, tasks
from .house import house
from .keeping import Blocked, Keeper

RESURRECTION_DAYS = 7
"""How long after an erasure the systems are read once more by themselves."""

UNKNOWN, CLEAN, LEFT = "", "clean", "left"

RELAY = "relay"
"""The receipt of work that waits until our answer has left through the same system."""

AFTER_ANSWER = {
    "es": "Este sistema también envía esta respuesta: se hace en cuanto haya salido.",
    "en": "This system also sends this answer: it is done as soon as the answer has left.",
    "pt": "Este sistema também envia esta resposta: faz-se assim que ela tiver saído.",
}


@dataclass
class Job:
    """One case of the batch while it is carried out."""

    case: Case
    plan: Plan
    key: bytes
    steps: dict[str, Step]
    works: dict[str, Work]
    told: tuple[Item, ...] = ()
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    left: dict[str, list[Residual]] = field(default_factory=dict)
    refused: tuple[RefusedFacts, ...] = ()
    by_hand: tuple[HandFacts, ...] = ()
    broken: str = ""
    blocked: Blocked | None = None

    def facts_of(self, system: str) -> dict[str, Any]:
        """The outcome in this system without personal data, as it is stored and told."""
        return outcomes.facts(self.steps[system], self.outcomes[system], self.left.get(system, []))


def run(batch_id: str, *, now: datetime) -> None:
    """Act, verify and answer for the cases of a batch. Afterwards each is answered or waits with a reason."""
    with store.reading() as session:
        jobs = jobs_of(session, work.cases_of(session, batch_id, Status.ACTING))
        session.expunge_all()
    held = legal_hold.stop([job.case for job in jobs if not job.works], now=now)
    jobs = [job for job in jobs if job.case.id not in held]
    if not jobs:
        batches.finish(batch_id, now=now)
        return
    controller = house().controller(jobs[0].case.controller)
    _intend(jobs, now)
    order = order_of(jobs, controller, now)
    if order:
        _carry_out(order, jobs, controller, now)
    delivery.conclude(jobs, controller, batch_id, now=now)


def _carry_out(order: Sequence[str], jobs: Sequence[Job], controller: Controller, now: datetime) -> None:
    """System after system; those that rest are passed by, and how the others fared is remembered."""
    known = parking.known(controller.key)
    rests = known.parked(now=now)
    asked: dict[str, ConnectorError | None] = {}
    for system in order:
        mine = [job for job in jobs if system in job.works and not job.broken]
        if system in rests:
            _pass_by(system, mine, rests[system], now)
        else:
            asked |= carry_out_in(system, mine, controller, now)
    parking.remember(known, asked, now=now)


def jobs_of(session: Any, cases: Sequence[Case]) -> list[Job]:
    """Plans and earlier work of the cases; a plan that is not the approved text is never acted on."""
    ids = [case.id for case in cases]
    plans = work.latest_plans(session, ids)
    works = work.works(session, ids)
    jobs = []
    for case in cases:
        row = plans[case.id]
        key = sealing.key_of(case.submission)
        body = keys.unseal(key, row.sealed or b"", b"plan")
        steps, told = plan.opened(body)
        mine = {w.system: w for w in works if w.case_id == case.id and w.generation == row.generation}
        broken = "" if plan.digest(body) == row.hash else "the plan is not the text that was approved"
        jobs.append(Job(case, row, key, steps, mine, told, broken=broken))
    return jobs


def order_of(jobs: Sequence[Job], controller: Controller, now: datetime) -> tuple[str, ...]:
    wanted = {
        system
        for job in jobs
        for system, step in job.steps.items()
        if step.intent.action is not Action.EXPORT
    }
    registry = house().registry
    return plan.in_order(
        {system: registry.describe(controller.key, system, now=now).order for system in wanted}
    )


def _intend(jobs: Sequence[Job], now: datetime) -> None:
    """Write down what is about to be done, before anything is done."""
    rows: list[dict[str, Any]] = [
        {
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
        for job in jobs
        for system, step in job.steps.items()
        if step.intent.action is not Action.EXPORT and system not in job.works
    ]
    if not rows:
        return
    with store.transaction() as tx:
        ids = bulk.insert_returning(tx.session, Work, rows)
    by_case = {job.case.id: job for job in jobs}
    for row, row_id in zip(rows, ids, strict=True):
        by_case[row["case_id"]].works[row["system"]] = Work(id=row_id, **row)


def _pass_by(system: str, jobs: Sequence[Job], rest: parking.Parked, now: datetime) -> None:
    """A system that rests is not asked: what is not settled there waits for its moment."""
    waiting = _unsettled(system, jobs, now)
    for job in waiting:
        key = job.steps[system].intent.key
        job.outcomes[system] = Outcome(key, State.PENDING, why=rest.why, check_after=rest.until)
    _record(system, waiting, now)


def _unsettled(system: str, jobs: Sequence[Job], now: datetime) -> list[Job]:
    """The jobs that have something to do in a system; the others get the outcome of an earlier run."""
    for job in jobs:
        done = job.works[system]
        if done.state in plan.SETTLED and done.verified in (CLEAN, tasks.STATED):
            job.outcomes[system] = outcomes.of_row(done)
        elif stays := outcomes.left_alone(done, now):
            job.outcomes[system] = stays
    return [job for job in jobs if system not in job.outcomes]


def carry_out_in(
    system: str, jobs: Sequence[Job], controller: Controller, now: datetime
) -> dict[str, ConnectorError | None]:
    """Act in one system for all jobs that are not settled there, then read back; how it went, if it was asked."""
    waiting = _unsettled(system, jobs, now)
    why_not = systems.gate(controller.key, system)
    relay = _relays(system, controller, now)
    allowed = [job for job in waiting if _may(system, job, why_not, relay)]
    if not allowed:
        _record(system, waiting, now)
        return {}
    trouble: ConnectorError | None = None
    try:
        with house().registry.open(controller.key, system, now=now) as connector:
            begun = [job for job in allowed if job.works[system].attempts]
            _recover(connector, system, begun)
            fresh = [job for job in allowed if system not in job.outcomes]
            _attempt(system, fresh)
            act(connector, system, fresh, now)
            read_back(connector, system, [job for job in allowed if system in job.outcomes])
    except ConnectorError as error:
        trouble = error
        for job in allowed:
            job.outcomes[system] = _unproved(system, job, error)
    _record(system, waiting, now)
    return {system: trouble}


def _unproved(system: str, job: Job, error: ConnectorError) -> Outcome:
    """What is known of a job when its system stopped answering: what was done and not read back is open."""
    state = State.FAILED if error.permanent else State.PENDING
    said = job.outcomes.get(system)
    if said is None:
        return Outcome(job.steps[system].intent.key, state, why=str(error), check_after=error.retry_at)
    if system in job.left or said.state not in (*plan.SETTLED, State.PENDING):
        return said
    return replace(said, state=state, why=str(error), check_after=error.retry_at, final_on=None)


def _relays(system: str, controller: Controller, now: datetime) -> date | None:
    """The day on which an answer leaves through this system; None for one that carries none."""
    is_relay = house().registry.system(controller.key, system).relay
    return clocks.local_day(now, controller.zone) if is_relay else None


def _may(
    system: str, job: Job, why_not: Callable[[str], dict[str, str] | None], relay: date | None = None
) -> bool:
    """Held, observing or conflicting systems are not acted on; the reason becomes the outcome. The system
    that carries our answer is not silenced before it has carried it (``relaying``).
    """
    step = job.steps[system]
    if step.conflicts:
        job.outcomes[system] = Outcome(step.intent.key, State.CONFLICT, why=step.conflicts[0].why)
        return False
    reason = why_not(job.case.right)
    if reason and plan.acting(step):
        job.outcomes[system] = Outcome(step.intent.key, State.WAITING, why=reason)
        return False
    if relay and job.case.status == Status.ACTING and plan.silences(step):
        items = _as_planned(step).items
        job.outcomes[system] = Outcome(
            step.intent.key, State.PENDING, items, receipt=RELAY, why=AFTER_ANSWER, final_on=relay
        )
        return False
    return True


def _attempt(system: str, jobs: Sequence[Job]) -> None:
    """Count the attempt before acting, so that a crash in between is seen as unknown afterwards."""
    if not jobs:
        return
    with store.transaction() as tx:
        rows = [{"id": job.works[system].id, "attempts": job.works[system].attempts + 1} for job in jobs]
        bulk.update(tx.session, Work, rows)


def _recover(connector: Connector, system: str, jobs: Sequence[Job]) -> None:
    """For steps begun without an outcome: if fresh reads show them done, they are done."""
    if not jobs:
        return
    pairs = [(job.steps[system], _as_planned(job.steps[system])) for job in jobs]
    left = {one.key for one in connector.verify(pairs)}
    for job, (step, outcome) in zip(jobs, pairs, strict=True):
        if step.intent.key not in left and step.items:
            job.outcomes[system] = outcome


def _as_planned(step: Step) -> Outcome:
    """What the outcome of a step is if everything happened as planned."""
    items = tuple(
        ItemOutcome(
            item.id,
            item.count,
            0 if item.verb is Verb.KEEP else item.count,
            item.count if item.verb is Verb.KEEP else 0,
            item.reason,
            item.until,
        )
        for item in step.items
    )
    return Outcome(step.intent.key, State.ALREADY, items, receipt="found done by a fresh read")


def act(connector: Connector, system: str, jobs: Sequence[Job], now: datetime) -> None:
    """Carry out the steps of these jobs in one open system; each outcome is put into its job."""
    by_key = {job.steps[system].intent.key: job for job in jobs}
    if not by_key:
        return
    keeper = Keeper({key: _vault(job, system, now) for key, job in by_key.items()})
    for outcome in connector.act([job.steps[system] for job in jobs], keeper):
        job = by_key.get(outcome.key)
        if job is None:
            raise ConnectorError("the system reported on work it was not given", permanent=True)
        job.outcomes[system] = outcome


def read_back(connector: Connector, system: str, jobs: Sequence[Job]) -> None:
    """Done is only what fresh reads confirm."""
    pairs = [
        (job.steps[system], job.outcomes[system])
        for job in jobs
        if job.outcomes[system].state in (*plan.SETTLED, State.PENDING)
    ]
    found: dict[str, list[Residual]] = {}
    for one in connector.verify(pairs) if pairs else ():
        found.setdefault(one.key, []).append(one)
    for job in jobs:
        job.left[system] = found.get(job.steps[system].intent.key, [])


def _record(system: str, jobs: Sequence[Job], now: datetime) -> None:
    """Write the outcomes of one system, and say so in the audit log."""
    rows = []
    with store.transaction() as tx:
        for job in jobs:
            outcome = job.outcomes.get(system)
            if outcome is None:
                key = job.steps[system].intent.key
                outcome = Outcome(key, State.FAILED, why="the system gave no outcome")
                job.outcomes[system] = outcome
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
    deferred = outcome.receipt == RELAY
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


def _vault(job: Job, system: str, now: datetime) -> Vault:
    """Blocked rows are destroyed after the blocking period of the pack, from today (LOPDGDD 32)."""
    pack = clocks.pack_of(job.case)
    until = clocks.blocked_until(pack, clocks.local_date(now, pack.zone))
    step = job.steps[system]
    return Vault(
        job.case.controller, job.case.reference, system, now, until, [Role.LEGAL], lifting=step.intent.seals
    )
