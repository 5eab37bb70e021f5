"""Erased people who come back: a restored backup or an import brings their rows to a system again.

Two ways to know it. While the key of the case lives, ``rechecking`` reads the system again for what the plan
erased. Once it is destroyed only keyed hashes of the proved identifiers are left: a system that can list the
identifiers it holds (``contract.Lister``) is looked through page by page, each value is hashed and compared.
What cannot list cannot be looked through, and the sweep says so. Either way nothing is erased by itself: a new
case is made, searched and planned, and an officer decides. ``replay`` is the exception: it repeats erasures
that were approved, for a restore that is known. Each sweep ends with the people of cases that hold for later
data (``lasting``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dsr import store
from dsr.contract import Action, ConnectorError, Identifier, Lister, Outcome
from dsr.domain import plan
from dsr.domain.audit import Kind
from dsr.domain.identity import InvalidIdentifier, identify
from dsr.domain.organisation import Controller
from dsr.domain.rights import Right
from dsr.store import keys
from dsr.store.custody import ReturnSweep
from dsr.store.queries import people, returns
from dsr.store.session import Transaction

from . import action, follow_ups, lasting, parking, systems
from .house import house
from .jobs import Job, jobs_of

EVERY_DAYS = 7
PAGES = 5
"""Pages of identifiers that one tick reads, over all systems."""

SOME = 50
"""People whose erasure is repeated at once."""

CANNOT = "this system cannot list the identifiers it holds"
LASTING = "lasting"
"""In the cursor of a sweep: the id of the last case that holds for later data and was looked at."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How far one system is looked through. ``back``: people found again; ``why``: what stood in the way."""

    controller: str
    system: str
    seen: int
    back: int
    ended: bool
    why: str = ""


@dataclass
class Replayed:
    """What a replay did: cases whose rows were erased again, cases that had nothing left, cases by reason
    that could not be done, and how many are only known by hashes (``dsr retention sweep`` looks for those).
    """

    again: int = 0
    gone: int = 0
    rows: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    forgotten: int = 0


def tick(*, now: datetime) -> None:
    """Begin a sweep of every system once a week, and go on with those under way, a few pages at a time. A system
    that rests is passed by."""
    pages = PAGES
    for controller in house().controllers.values():
        rests = parking.known(controller.key).parked(now=now)
        for config in house().registry.for_controller(controller.key):
            if pages <= 0:
                return
            if config.key in rests:
                continue
            row = _begun(controller.key, config.key, now, again=timedelta(days=EVERY_DAYS))
            if row is not None:
                pages -= _go_on(controller, row, pages, now)


def sweep(controller: str, system: str | None = None, *, now: datetime, pages: int = 10_000) -> list[Swept]:
    """Look through the systems of a controller from the start, now; bounded by ``pages`` for each."""
    known = house().controller(controller)
    found = []
    for config in house().registry.for_controller(controller):
        if system in (None, config.key):
            row = _begun(controller, config.key, now, again=timedelta(0))
            if row is not None:
                _go_on(known, row, pages, now)
            with store.reading() as session:
                done = session.get_one(ReturnSweep, (controller, config.key))
                ended = done.ended_at is not None
                found.append(Swept(controller, config.key, done.seen, done.back, ended, done.why))
    return found


def replay(
    controller: str, system: str | None = None, *, since: datetime | None = None, by: str, now: datetime
) -> Replayed:
    """Repeat approved erasures in systems that were restored from a backup, before anybody works with them.

    ``since``: only what was erased from that moment on (the moment of the backup); without it, everything.
    The approved plan is carried out again: the connector compares keys and identity in the statement that
    writes, rows are sealed before they go as the first time, and the systems are read back. Whoever cannot
    be erased by that plan (other rows than then) gets a new case for an officer. Held people are left out.
    """
    done = Replayed()
    known = house().controller(controller)
    for config in house().registry.for_controller(controller):
        if system not in (None, config.key):
            continue
        with store.reading() as session:
            ids, forgotten = returns.erased_in(session, controller, config.key, since)
        done.forgotten += forgotten
        why = systems.gate(controller, config.key)(Right.ERASURE.value)
        if why and ids:
            done.failed[f"{config.key}: {why.get('en', '')}"] = len(ids)
            continue
        for start in range(0, len(ids), SOME):
            _replay_some(known, config.key, ids[start : start + SOME], done, by, now)
    return done


def _replay_some(
    controller: Controller, system: str, ids: Sequence[int], done: Replayed, by: str, now: datetime
) -> None:
    with store.reading() as session:
        cases = returns.cases(session, ids)
        held = returns.held(session, ids)
        found = [one for job in jobs_of(session, cases, Action.ERASE) for one in job.whole]
        session.expunge_all()
    jobs = [job for job in found if job.case.id not in held and _erases(job, system)]
    try:
        with house().registry.open(controller.key, system, now=now) as connector:
            action.act(connector, system, jobs, now)
            action.read_back(connector, system, jobs)
    except ConnectorError as error:
        name = f"{system}: {error}"
        done.failed[name] = done.failed.get(name, 0) + len(jobs)
        return
    with store.transaction() as tx:
        for job in jobs:
            _note_replay(tx, job, system, done, by, now)


def _erases(job: Job, system: str) -> bool:
    """Did this plan erase there? One that gave back what was set aside is not repeated."""
    if job.broken or system not in job.works:
        return False
    step = job.steps[system]
    return step.intent.action is Action.ERASE and not step.conflicts


def _note_replay(tx: Transaction, job: Job, system: str, done: Replayed, by: str, now: datetime) -> None:
    outcome = job.outcomes.get(system)
    rows = sum(item.changed for item in outcome.items) if outcome else 0
    clean = outcome is not None and outcome.state in plan.SETTLED and not job.left.get(system)
    tx.audit(
        job.case.controller,
        Kind.REPLAYED,
        reference=job.case.reference,
        actor=by,
        at=now,
        system=system,
        state=outcome.state.value if outcome else "failed",
        rows=rows,
        left=sum(one.count for one in job.left.get(system, [])),
        seals=[[seal.id, seal.rows] for seal in outcome.seals] if outcome else [],
    )
    if clean:
        done.again += bool(rows)
        done.gone += not rows
        done.rows += rows
        return
    name = f"{system}: {_why_not(outcome)}"
    done.failed[name] = done.failed.get(name, 0) + 1
    case = people.case(tx.session, job.case.reference)
    follow_ups.propose(tx, case, follow_ups.proved(case), system=system, now=now)


def _why_not(outcome: Outcome | None) -> str:
    """Why a replay did not do: read back, the person is there although what the plan knew is gone."""
    if outcome is None or outcome.state not in plan.SETTLED:
        return outcome.state.value if outcome else "no outcome"
    return "back under new rows; a new request proposes to erase them"


def _begun(controller: str, system: str, now: datetime, *, again: timedelta) -> ReturnSweep | None:
    """The sweep under way; a new one when the last one ended long enough ago; None when it is not time, or
    another process has just begun it."""
    with store.transaction() as tx:
        row = tx.session.get(ReturnSweep, (controller, system))
        if row is not None and row.ended_at is not None and now - row.began_at < again:
            return None
        if row is None or row.ended_at is not None:
            fresh = {"cursor": {}, "began_at": now, "ended_at": None, "seen": 0, "back": 0, "why": ""}
            row = row or returns.opened(tx.session, controller, system, fresh)
            if row is None:
                return None
            for name, value in fresh.items():
                setattr(row, name, value)
            returns.read_again(tx.session, controller, system, now)
        return row


def _go_on(controller: Controller, row: ReturnSweep, pages: int, now: datetime) -> int:
    """Read pages until the end or until ``pages`` are read; how many were. What the system lists comes first, then
    the people of cases that hold for later data."""
    read, listed = (0, True) if LASTING in row.cursor else _list(controller, row, pages, now)
    after, some = row.cursor.get(LASTING, 0), row.cursor.get("some", lasting.SOME)
    try:
        while listed and after is not None and read < pages:
            looked = lasting.look(controller, row.system, after, some, now=now)
            after, read = looked.last, read + 1
            cursor = {LASTING: after, "some": some}
            _keep(row, cursor, back=looked.back, ended=after is None, why=looked.why, now=now)
    except ConnectorError as error:
        fewer = {LASTING: after, "some": max(some // 4, 1)}  # with a small budget they fit one by one
        _failed(row, fewer, error, now)
    return max(read, 1)


def _failed(row: ReturnSweep, cursor: Mapping[str, Any], error: ConnectorError, now: datetime) -> None:
    """Go on from here when the system may be asked again, or not before the next sweep."""
    _keep(row, cursor, ended=error.permanent, why=str(error), now=now)
    parking.remember(parking.known(row.controller), {row.system: error}, now=now)


def _list(controller: Controller, row: ReturnSweep, pages: int, now: datetime) -> tuple[int, bool]:
    """Read pages of identifiers; how many, and whether the system has no more of them, or cannot list."""
    after, read = row.cursor.get("after"), 0
    try:
        with house().registry.open(controller.key, row.system, now=now, read_only=True) as connector:
            if not isinstance(connector, Lister):
                _keep(row, {LASTING: 0}, why=CANNOT, now=now)
                return 0, True
            while read < pages:
                listed = connector.identifiers(after)
                after, read = listed.cursor, read + 1
                hashes = _hashed(controller, listed.identifiers)
                cursor = {LASTING: 0} if after is None else {"after": after}
                _keep(row, cursor, hashes, now=now)
                if after is None:
                    return read, True
    except ConnectorError as error:
        _failed(row, {"after": after}, error, now)
        return max(read, 1), False
    return read, False


def _hashed(controller: Controller, found: Iterable[tuple[str, str]]) -> dict[bytes, Identifier]:
    """Canonical identifiers by keyed hash; what is none of its kind is passed over."""
    ring, country = keys.keyring(), controller.jurisdiction[:2]
    hashes = {}
    for kind, value in found:
        try:
            one = identify(kind, value, country=country)
        except InvalidIdentifier:
            continue
        hashes[ring.lookup(controller.key, one.kind, one.value)] = one
    return hashes


def _keep(
    row: ReturnSweep,
    cursor: Mapping[str, Any],
    hashes: Mapping[bytes, Identifier] | None = None,
    *,
    back: int = 0,
    ended: bool = False,
    why: str = "",
    now: datetime,
) -> None:
    """Note how far it came, and propose for everybody who is back. ``back``: for whom it was proposed already."""
    with store.transaction() as tx:
        mine = tx.session.get_one(ReturnSweep, (row.controller, row.system))
        mine.cursor = dict(cursor)
        mine.seen += len(hashes or ())
        mine.back += back
        mine.ended_at = now if ended else None
        mine.why = why[:240] or mine.why
        for case, found in returns.back(tx.session, row.controller, list(hashes or ())).items():
            values = [one for name, one in (hashes or {}).items() if name in found]
            mine.back += follow_ups.propose(tx, case, values, system=row.system, now=now) is not None
        if ended:
            tx.audit(
                row.controller,
                Kind.SWEPT,
                actor="system",
                at=now,
                system=row.system,
                seen=mine.seen,
                back=mine.back,
                why=mine.why,
            )


__all__ = ["Replayed", "Swept", "replay", "sweep", "tick"]
