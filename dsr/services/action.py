"""Carry out: act on approved plans, read back, answer.

Order of what happens for each system: the intent is written first, so that a crash leaves a trace;
rows are sealed before they go (the connector does it through the vault); fresh reads say whether it is
true; the outcome is written before the next system acts (``ledger``). A step that was begun and has no
outcome is *unknown*: it is verified before it is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from dsr import store
from dsr.contract import (
    Action,
    Connector,
    ConnectorError,
    ItemOutcome,
    Outcome,
    Residual,
    State,
    Step,
    Verb,
)
from dsr.domain import plan
from dsr.domain.organisation import Controller
from dsr.domain.workflow import Role, Status
from dsr.store import vault
from dsr.store.queries import work
from dsr.store.session import Transaction
from dsr.store.vault import Vault

from . import batches, clocks, delivery, ledger, legal_hold, outcomes, parking, systems, tasks
from .house import house
from .jobs import Job, acted_in, jobs_of, order_of
from .keeping import Keeper
from .ledger import CLEAN
from .letter_facts import Looked

AFTER_ANSWER = {
    "es": "Este sistema también envía esta respuesta: se hace en cuanto la haya leído, a más tardar tres días después.",
    "en": "This system also sends this answer: it is done as soon as that was read, after three days at the latest.",
    "pt": "Este sistema também envia esta resposta: faz-se assim que ela for lida, no máximo três dias depois.",
}


@dataclass(frozen=True, slots=True)
class Ready:
    """The cases of a batch whose intents are written, and what is known of the systems and of what they said.

    ``known`` None: nothing acts. ``looked`` None: it is read when the answers are written.
    """

    jobs: Sequence[Job]
    known: parking.Known | None
    looked: Mapping[int, Sequence[Looked]] | None = None


def run(batch_id: str, *, now: datetime, ready: Ready | None = None) -> None:
    """Act, verify and answer for the cases of a batch. Afterwards each is answered or waits with a reason.

    ``ready``: the search of this batch has just ended in this process; without it the cases are read.
    """
    ready = ready or _read(batch_id, now)
    if not ready.jobs:
        batches.finish(batch_id, now=now)
        return
    jobs, controller = ready.jobs, house().controller(ready.jobs[0].case.controller)
    with ledger.said_in_the_end(jobs, now=now):
        if ready.known is not None:
            _carry_out(jobs, ready.known, controller, now)
        delivery.conclude(jobs, controller, batch_id, ready.looked, now=now)


def _read(batch_id: str, now: datetime) -> Ready:
    """Read the cases of a batch with their plans, stop what is under a legal hold, write the intents."""
    with store.reading() as session:
        jobs = jobs_of(session, work.cases_of(session, batch_id, Status.ACTING))
        session.expunge_all()
    if not jobs:
        return Ready(jobs, None)
    controller = house().controller(jobs[0].case.controller)
    known = parking.known(controller.key) if acted_in(jobs) else None
    fresh = [job.case for job in jobs if not _begun(job)]
    if known is not None or legal_hold.stops(fresh):
        with store.transaction() as tx:
            held = legal_hold.stop(tx, fresh, now=now)
            jobs = [job for job in jobs if job.case.id not in held]
            if known is not None:
                intend(tx, jobs, known, now)
    return Ready(jobs, known)


def _begun(job: Job) -> bool:
    """Are the intents of this plan written?"""
    acts = [system for system, step in job.steps.items() if step.intent.action is not Action.EXPORT]
    return bool(job.works) and all(system in job.works for system in acts)


def intend(tx: Transaction, jobs: Sequence[Job], known: parking.Known, now: datetime) -> None:
    """Write the intents of these jobs, all of one controller; ``known`` says which systems will be asked."""
    names = {
        system
        for job in jobs
        for system, step in job.steps.items()
        if step.intent.action is not Action.EXPORT and system not in job.works
    }
    gates = {system: systems.gate(known.controller, system, known) for system in names}
    relays = {name for name in names if systems.is_relay(known.controller, name)}
    ledger.intend(tx, jobs, gates, relays | known.parked(now=now).keys(), now)


def _carry_out(jobs: Sequence[Job], known: parking.Known, controller: Controller, now: datetime) -> None:
    """System after system; those that rest are passed by, and how the others fared is remembered."""
    before = known = parking.fresh(known)
    rests = known.parked(now=now)
    asked: dict[str, ConnectorError | None] = {}
    for system in order_of(jobs, controller, now):
        mine = [job for job in jobs if system in job.works and not job.broken]
        known = parking.fresh(known)
        if system in rests:
            _pass_by(system, mine, rests[system], now)
        else:
            asked |= carry_out_in(system, mine, controller, known, jobs, now)
    parking.remember(before, asked, now=now)


def _pass_by(system: str, jobs: Sequence[Job], rest: parking.Parked, now: datetime) -> None:
    """A system that rests is not asked: what is not settled there waits for its moment."""
    waiting = _unsettled(system, jobs, now)
    for job in waiting:
        key = job.steps[system].intent.key
        job.outcomes[system] = Outcome(key, State.PENDING, why=rest.why, check_after=rest.until)
    ledger.known(system, waiting)


def _unsettled(system: str, jobs: Sequence[Job], now: datetime) -> list[Job]:
    """The jobs that have something to do in a system; the others get the outcome of an earlier run."""
    for job in jobs:
        done = job.works[system]
        if job.was_told(system) or done.state in plan.SETTLED and done.verified in (CLEAN, tasks.STATED):
            job.outcomes[system] = outcomes.of_row(done)
        elif stays := outcomes.left_alone(done, now):
            job.outcomes[system] = stays
    return [job for job in jobs if system not in job.outcomes]


def carry_out_in(
    system: str,
    jobs: Sequence[Job],
    controller: Controller,
    known: parking.Known,
    batch: Sequence[Job],
    now: datetime,
) -> dict[str, ConnectorError | None]:
    """Act in one system for all jobs that are not settled there, then read back; how it went, if it was asked.

    ``batch``: all jobs under way, whose outcomes in other systems are noted first. What comes of it is said
    by ``ledger.say``.
    """
    waiting = _unsettled(system, jobs, now)
    why_not = systems.gate(controller.key, system, known)
    relay = _relays(system, controller, now)
    allowed = [job for job in waiting if _may(system, job, why_not, relay)]
    if not allowed:
        ledger.known(system, waiting)
        return {}
    trouble: ConnectorError | None = None
    try:
        with house().registry.open(controller.key, system, now=now) as connector:
            begun = [job for job in allowed if job.works[system].attempts]
            _recover(connector, system, begun)
            fresh = [job for job in allowed if system not in job.outcomes]
            ledger.begin(system, fresh, batch)
            act(connector, system, fresh, now, known)
            read_back(connector, system, [job for job in allowed if system in job.outcomes])
    except ConnectorError as error:
        trouble = error
        for job in allowed:
            job.outcomes[system] = _unproved(system, job, error)
    ledger.known(system, waiting)
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
    """The last day on which this system waits for the answer that leaves through it; None for one that carries none."""
    relays = systems.is_relay(controller.key, system)
    return clocks.local_day(now + plan.PATIENCE, controller.zone) if relays else None


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
            step.intent.key, State.PENDING, items, receipt=plan.RELAY, why=AFTER_ANSWER, final_on=relay
        )
        return False
    return True


def _recover(connector: Connector, system: str, jobs: Sequence[Job]) -> None:
    """For steps begun without an outcome: if fresh reads show them done, they are done.

    What was noted before a process died is what it was; it is read back like any other.
    """
    for job in jobs:
        if outcomes.NOTED in job.works[system].outcome:
            job.outcomes[system] = outcomes.of_row(job.works[system])
    jobs = [job for job in jobs if system not in job.outcomes]
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


def act(
    connector: Connector, system: str, jobs: Sequence[Job], now: datetime, known: parking.Known | None = None
) -> None:
    """Carry out the steps of these jobs in one open system; each outcome is put into its job.

    ``known``: what was read a moment ago, with the legal key; without it the key is read when rows are sealed.
    """
    by_key = {job.steps[system].intent.key: job for job in jobs}
    if not by_key:
        return
    lock = vault.Lock({known.controller: known.key} if known and known.key else None)
    keeper = Keeper({key: _vault(job, system, now) for key, job in by_key.items()}, lock)
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


def _vault(job: Job, system: str, now: datetime) -> Vault:
    """Blocked rows are destroyed after the blocking period of the pack, from today (LOPDGDD 32)."""
    pack = clocks.pack_of(job.case)
    until = clocks.blocked_until(pack, clocks.local_date(now, pack.zone))
    step = job.steps[system]
    return Vault(
        job.case.controller,
        job.case.reference,
        system,
        now,
        until,
        [Role.LEGAL],
        lifting=step.intent.seals,
        aside_until=plan.kept_until(step),
    )
