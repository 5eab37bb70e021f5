"""Batches: cases worked together, made when cases become ready, tried again when a worker dies.

The row is the truth: a batch is done when its row says so, and the sweep finds every batch whose
workflow is missing, whoever lost it. Handlers run at least once; their repeat is harmless.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.workflow import Status
from dsr.store.models import Case
from dsr.store.queries import batching
from dsr.store.queries.batching import Ready
from dsr.store.session import Transaction

from .house import house

if TYPE_CHECKING:
    from dsr.engine import Job

MOST_TRIES = 5
SPLIT_AFTER = 3
"""A batch that failed so often is worked case by case: one that poisons it shows itself."""

MISSING_AFTER = timedelta(seconds=10)
GONE, MISSING = "worker gone", "workflow missing"
RETRY_SECONDS = (5, 20, 60, 180, 300)


class Member(Protocol):
    """What a batch needs to know of a case."""

    id: int
    controller: str


class Queue(Protocol):
    """What the sweep needs of the engine (``dsr.engine.Engine``)."""

    def unfinished(self) -> tuple[Job, ...]: ...

    def submit(self, batch: str, phase: str, *, generation: int = 0) -> bool: ...

    def adopt(self, jobs: Sequence[Job]) -> None: ...

    def cancel(self, jobs: Sequence[Job]) -> None: ...


@dataclass(frozen=True, slots=True)
class Phase:
    """Where its cases come from, what they are while it runs. ``weighed``: capped by rows as well."""

    fresh: Status
    working: Status
    weighed: bool = False


PHASES = {
    "collect": Phase(Status.READY, Status.COLLECTING),
    "carry_out": Phase(Status.APPROVED, Status.ACTING, weighed=True),
}
GATHERED = ("carry_out", "collect")
"""What the sweep and a batch that ends look for, the nearer to the answer first."""


def make(tx: Transaction, cases: Sequence[Member], phase: str, *, now: datetime) -> None:
    """Form batches of cases that this transaction makes ready; they start right after its commit.

    Takes those that are free and in the status the phase begins with (``PHASES``) and moves them on.
    While enough batches are under way the cases stay as they are: a batch that ends, or the sweep,
    gathers them. A person with very many rows gets a batch of her own.
    """
    if _born_with(tx, cases, phase, now):
        return
    tx.session.flush()
    members = [Ready(case.id, case.controller) for case in cases]
    room = house().policy.open_batches - batching.open_count(tx.session)
    for chosen in list(_portions(tx, members, PHASES[phase]))[: max(room, 0)]:
        _form(tx, chosen, phase, now)


def finish(batch_id: str, *, now: datetime) -> None:
    """Close a batch in a transaction of its own; see ``finish_in``."""
    with store.transaction() as tx:
        finish_in(tx, batch_id, now=now)


def finish_in(tx: Transaction, batch_id: str, *, holds: bool = True, now: datetime) -> None:
    """Close a batch, let go of cases it still holds, and gather the next one from what is ready.

    ``holds`` False: the caller saw under its lock that it holds none any more.
    """
    waiting = batching.end_and_look(tx.session, batch_id, now, [_statuses(phase) for phase in GATHERED])
    if waiting is None:
        return
    if holds:
        batching.release(tx.session, batch_id)
    if waiting or holds:
        _gather(tx, now)


def go_on_in(tx: Transaction, batch_id: str, rows: Mapping[int, int], phase: str) -> bool:
    """Let a batch go on with ``phase`` for the cases that need no person between.

    ``rows`` by case id. False when there are none, when together they have more rows than a batch may, or
    when somebody closed it. The caller writes the new status of the cases.
    """
    fits = len(rows) == 1 or sum(rows.values()) <= house().policy.batch_rows
    return bool(rows) and fits and batching.turn(tx.session, batch_id, phase, len(rows))


def leave_in(tx: Transaction, batch_id: str, phase: str, *, now: datetime) -> None:
    """Close a batch that is in ``phase``; while this process slept another one may have gone on with it."""
    batch = batching.one(tx.session, batch_id)
    if batch is not None and batch.phase == phase:
        finish_in(tx, batch_id, now=now)


def following(batch_id: str, phase: str, *, now: datetime) -> str:
    """What is next for a batch that has no cases in ``phase``: the phase it went on with before its

    process died, or nothing: then it is closed.
    """
    with store.transaction() as tx:
        batch = batching.one(tx.session, batch_id)
        if batch is not None and batch.state in batching.OPEN and batch.phase != phase:
            return batch.phase
        finish_in(tx, batch_id, now=now)
        return ""


@dataclass(frozen=True, slots=True)
class Onward:
    """The phase that a batch goes on with, and what the one before knows of its cases (keyword arguments of
    the handler). Nothing of it is lost with the process: the phase reads what it is not given.
    """

    phase: str
    known: Mapping[str, Any] = field(default_factory=dict)


def through(work: Callable[..., str | Onward | None], phase: str) -> None:
    """Work on one batch, phase after phase, until it is closed or waits: ``work(phase, **known)``."""
    following: str | Onward | None = phase
    while following:
        onward = following if isinstance(following, Onward) else Onward(following)
        following = work(onward.phase, **onward.known)


def fail(batch_id: str, why: str, *, now: datetime) -> None:
    """A handler raised: try again later, then case by case, in the end leave it to a person.

    ``why`` names the error without its words. The delay is random, so that what failed together does
    not come back together.
    """
    with store.transaction() as tx:
        batch = batching.one(tx.session, batch_id)
        if batch is None or batch.state not in batching.OPEN:
            return
        tries = batch.adoptions
        wait = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)] * random.uniform(0.5, 1.5)  # noqa: S311
        wake_at = now + timedelta(seconds=wait)
        counted = batching.count_try(
            tx.session, batch_id, tries, state=batching.FAILED, wake_at=wake_at, why=why[:240]
        )
        if counted is not None:
            _give_way(tx, batch_id, tries + 1, counted.size, why, now)


def sweep(engine: Queue, alive: frozenset[str], *, now: datetime, adopt: bool = True) -> None:
    """Every few seconds: adopt what dead processes held, start what is missing, gather what is ready.

    ``alive``: executors that were seen lately. ``adopt`` False: this process was itself asleep, so
    it cannot tell who is dead. Level-triggered: what is lost between two steps shows up again.
    """
    jobs = engine.unfinished()
    with store.reading() as session:
        seen = batching.open_batches(session)
        waiting = batching.any_ready(session, [_statuses(phase) for phase in GATHERED], now)
    for job in jobs:
        if adopt and job.executor and job.executor not in alive:
            _adopt(engine, job, now=now)
    known = {job.batch for job in jobs}
    for batch in seen:
        if batch.state == batching.FAILED:
            if batch.wake_at is None or batch.wake_at <= now:
                _again(engine, batch.id, batch.phase, batch.tries, counted=True, now=now)
        elif batch.id not in known and batch.made_at < now - MISSING_AFTER:
            _again(engine, batch.id, batch.phase, batch.tries, counted=False, now=now)
    if waiting:
        with store.transaction() as tx:
            _gather(tx, now)


def _portions(tx: Transaction, members: Sequence[Ready], phase: Phase) -> Iterator[list[Ready]]:
    """Cases of one controller, up to the most cases and rows of a batch."""
    policy = house().policy
    if phase.weighed and members:
        rows = batching.row_counts(tx.session, [one.id for one in members])
        members = [replace(one, rows=rows.get(one.id, 0)) for one in members]
    portion: list[Ready] = []
    for one in sorted(members, key=lambda member: member.controller):
        full = len(portion) >= policy.batch_cases or (
            sum(other.rows for other in portion) + one.rows > policy.batch_rows
        )
        if portion and (full or portion[0].controller != one.controller):
            yield portion
            portion = []
        portion.append(one)
    if portion:
        yield portion


def _form(tx: Transaction, members: Sequence[Ready], phase: str, now: datetime) -> bool:
    """One batch of those that are still free; False when none was."""
    batch_id = str(uuid.uuid4())
    taken = batching.join(tx.session, batch_id, [one.id for one in members], *_statuses(phase))
    if taken:
        _begin(tx, [_row(batch_id, members[0].controller, phase, len(taken), now)])
    return bool(taken)


def _statuses(phase: str) -> tuple[str, str]:
    rule = PHASES[phase]
    return rule.fresh.value, rule.working.value


def _born_with(tx: Transaction, cases: Sequence[Member], phase: str, now: datetime) -> bool:
    """Cases that this transaction files are written as members of their batch; False when these are others."""
    new = [case for case in cases if isinstance(case, Case) and case in tx.session.new]
    rule = PHASES[phase]
    if rule.weighed or not new or len(new) < len(cases) or len(new) > house().policy.batch_cases:
        return False
    free = [case for case in new if case.status == rule.fresh and case.waits_for is None]
    if free:
        row = _row(str(uuid.uuid4()), free[0].controller, phase, len(free), now)
        if batching.add_if_room(tx.session, row, house().policy.open_batches):
            for case in free:
                case.batch_id, case.status = str(row["id"]), rule.working.value
            _start(tx, row)
    return True


def _row(
    batch_id: str, controller: str, phase: str, size: int, now: datetime, tries: int = 0
) -> dict[str, object]:
    return {
        "id": batch_id,
        "controller": controller,
        "phase": phase,
        "state": batching.MADE,
        "size": size,
        "made_at": now,
        "adoptions": tries,
    }


def _begin(tx: Transaction, rows: Sequence[dict[str, object]]) -> None:
    """Write batches; each starts after the commit, here or in the process it was handed over to."""
    batching.add(tx.session, rows)
    for row in rows:
        _start(tx, row)


def _start(tx: Transaction, row: dict[str, object]) -> None:
    batch_id, phase = str(row["id"]), str(row["phase"])
    if not house().handed_over(tx.session, batch_id, phase):
        tx.after(partial(house().started, batch_id, phase))


def _gather(tx: Transaction, now: datetime) -> None:
    """Form batches of what is ready while there is room for more."""
    if not batching.any_ready(tx.session, [_statuses(phase) for phase in GATHERED], now):
        return
    policy = house().policy
    room = policy.open_batches - batching.open_count(tx.session)
    for phase in GATHERED:
        formed = True
        while room > 0 and formed:
            found = batching.ready(tx.session, *_statuses(phase), now, policy.batch_cases)
            chosen = next(_portions(tx, found, PHASES[phase]), [])
            formed = bool(chosen) and _form(tx, chosen, phase, now)
            room -= formed


def _adopt(engine: Queue, job: Job, *, now: datetime) -> None:
    """Take the work of a process that is gone, once: of several adopters one counts it."""
    with store.transaction() as tx:
        batch = batching.one(tx.session, job.batch)
        tries = batch.adoptions if batch else 0
        wanted = batch is not None and batch.state in batching.OPEN
        counted = batching.count_try(tx.session, job.batch, tries, why=GONE) if wanted else None
        given_way = counted is not None and _give_way(tx, job.batch, tries + 1, counted.size, GONE, now)
    if not wanted or given_way:
        engine.cancel([job])
    elif counted is not None:
        engine.adopt([job])


def _again(engine: Queue, batch_id: str, phase: str, tries: int, *, counted: bool, now: datetime) -> None:
    """Start a batch anew under its next generation. ``counted``: its failure was counted already."""
    with store.transaction() as tx:
        if counted:
            batch = batching.reopen(tx.session, batch_id, tries)
        else:
            batch = batching.count_try(tx.session, batch_id, tries, why=MISSING)
            tries += 1
        if batch is None or (not counted and _give_way(tx, batch_id, tries, batch.size, MISSING, now)):
            return
    engine.submit(batch_id, phase, generation=tries)


def _give_way(tx: Transaction, batch_id: str, tries: int, size: int, why: str, now: datetime) -> bool:
    """After too many tries: into single cases, or to a person. True when the batch was closed."""
    if tries >= MOST_TRIES:
        _to_a_person(tx, batch_id, why, now)
        return True
    if tries >= SPLIT_AFTER and size > 1:
        _split(tx, batch_id, tries, why, now)
        return True
    return False


def _split(tx: Transaction, batch_id: str, tries: int, why: str, now: datetime) -> None:
    batch = batching.end(tx.session, batch_id, batching.SPLIT, now, why[:240])
    if batch is None:
        return
    rows = []
    for case in batching.case_ids(tx.session, batch_id):
        row = _row(str(uuid.uuid4()), batch.controller, batch.phase, 1, now, tries)
        batching.move(tx.session, case, batch_id, str(row["id"]))
        rows.append(row)
    if rows:
        _begin(tx, rows)


def _to_a_person(tx: Transaction, batch_id: str, why: str, now: datetime) -> None:
    """The cases stay visible: they need attention, and the audit log says why."""
    batch = batching.end(tx.session, batch_id, batching.STUCK, now, why[:240])
    if batch is None:
        return
    working = sorted({rule.working.value for rule in PHASES.values()})
    for reference in batching.give_up(tx.session, batch_id, working, Status.ATTENTION.value):
        tx.audit(
            batch.controller,
            Kind.FAILED,
            reference=reference,
            actor="system",
            at=now,
            status=Status.ATTENTION.value,
            why=why[:80],
            tries=batch.adoptions,
        )
    structlog.get_logger("dsr.batches").error("batch.stuck", batch=batch_id, phase=batch.phase, why=why[:80])
