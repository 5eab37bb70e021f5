"""Systems in trouble: who failed is passed by until its moment comes, so that nobody waits for it twice.

The first work that meets a dead or exhausted system pays for it; it is then *parked* in the table of system
states, which every process reads. Cases go on with the other systems. One that named its moment may be
asked again from then on; one that fell silent is looked at by the clock, never by work, until it answers:
then the cases that wait for it come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dsr import store
from dsr.contract import ConnectorError
from dsr.store.queries import operations, timing
from dsr.store.session import Transaction

from .house import house

PAUSE = timedelta(minutes=1)
"""Between two looks at a system that could not be reached and did not say when to come back."""
COME_BACK = timedelta(hours=1)
"""A case that waits for a silent system is tried again then at the latest."""
UNWATCHED = timedelta(minutes=10)
"""When nobody looked for so long (no worker keeps time), work asks a silent system itself."""
RAN_EVERY = timedelta(minutes=1)
"""That a system works is written no oftener."""


@dataclass(frozen=True, slots=True)
class Parked:
    """Why a system must not be asked now, and until when."""

    why: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Fared:
    """How the last call of a system went: its error ('': none), when it may be asked again, whether it fell
    silent, and when it was asked.
    """

    error: str
    retry_at: datetime | None
    silent: bool
    at: datetime | None

    def parked(self, now: datetime) -> Parked | None:
        """How it rests now, if it does."""
        if self.retry_at is None:
            return None
        if self.silent and self.retry_at > now - UNWATCHED:
            return Parked(self.error, now + COME_BACK)
        return Parked(self.error, self.retry_at) if self.retry_at > now else None


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of the systems of a controller: read once, when a phase of a batch begins to ask them."""

    controller: str
    systems: Mapping[str, Fared]

    def parked(self, *, now: datetime) -> dict[str, Parked]:
        """The systems that rest now, by key."""
        return {key: rest for key, one in self.systems.items() if (rest := one.parked(now)) is not None}


def known(controller: str) -> Known:
    """How the systems of a controller fared so far."""
    with store.reading() as session:
        states = operations.system_states(session, controller)
        return Known(
            controller,
            {
                key: Fared(one.last_error, one.retry_at, one.silent, one.last_run_at)
                for key, one in states.items()
            },
        )


def moment(error: ConnectorError, now: datetime) -> datetime | None:
    """When a case that met this fault is tried again by itself; None when only a person can help."""
    return error.retry_at or (None if error.permanent else now + COME_BACK)


def remember(before: Known, asked: Mapping[str, ConnectorError | None], *, now: datetime) -> None:
    """Park the systems that failed; those that answered (None) are well again. Writes only what changes.

    A fault that a repeat cannot help is shown at the desk and not parked: only a person ends it.
    """
    systems, controller = before.systems, before.controller
    changed = {key: error for key, error in asked.items() if _changes(systems.get(key), error, now)}
    if not changed:
        return
    with store.transaction() as tx:
        for key, error in sorted(changed.items()):
            silent = error is not None and not error.permanent and error.retry_at is None
            operations.write_run(
                tx.session,
                (controller, key),
                {
                    "last_error": str(error)[:240] if error else "",
                    "retry_at": now + PAUSE if silent else error.retry_at if error else None,
                    "silent": silent,
                    "last_run_at": now,
                },
                acting=list(house().registry.system(controller, key).acting),
            )
            if error is None and key in systems and systems[key].error:
                timing.wake_for(tx.session, controller, key, now)


def tick(*, now: datetime) -> int:
    """Look at silent systems whose pause is over, each by one process; returns how many answer again."""
    back = 0
    for controller in house().controllers:
        with store.transaction() as tx:
            mine = operations.looks(tx.session, controller, now, now + PAUSE)
        for key in mine:
            error = _look(controller, key, now)
            remember(known(controller), {key: error}, now=now)
            back += error is None
    return back


def free(tx: Transaction, controller: str, system: str = "") -> None:
    """A person wants it tried again now: this system, or without one all, rests no more."""
    operations.end_rests(tx.session, controller, system)


def _look(controller: str, system: str, now: datetime) -> ConnectorError | None:
    """Why it cannot be asked; None when it answers, whatever its check finds besides."""
    try:
        with house().registry.open(controller, system, now=now, read_only=True) as connector:
            connector.check()
    except ConnectorError as error:
        return error
    return None


def _changes(before: Fared | None, error: ConnectorError | None, now: datetime) -> bool:
    if error is not None or before is None or before.error or before.at is None:
        return True
    return before.at < now - RAN_EVERY
