"""Systems in trouble: who failed is passed by until its moment comes, so that nobody waits for it twice.

The first work that meets a dead or exhausted system pays for it; it is then *parked* in the table of system
states, which every process reads. Cases go on with the other systems. One that named its moment may be
asked again from then on; one that fell silent is looked at by the clock, never by work, until it answers:
then the cases that wait for it come back.
"""

from __future__ import annotations

import time
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
FRESH_SECONDS = 1.0
"""How long what was read of the systems serves: a switch stops work that is under way no later than this."""


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
    """What is stored of the systems of a controller, read for many at once.

    ``held``: those stopped by a switch; ``acting``: the rights each may be acted on for, where that is stored;
    ``key``: the legal key that seals (fingerprint, public half), where it was read; ``read_at``: of the
    monotonic clock.
    """

    controller: str
    systems: Mapping[str, Fared]
    held: frozenset[str]
    acting: Mapping[str, tuple[str, ...]]
    key: tuple[str, bytes] | None
    read_at: float

    def parked(self, *, now: datetime) -> dict[str, Parked]:
        """The systems that rest now, by key."""
        return {key: rest for key, one in self.systems.items() if (rest := one.parked(now)) is not None}


def known(controller: str) -> Known:
    """How the systems of a controller fared so far, and what they may do now."""
    with store.reading() as session:
        states, key = operations.states_and_key(session, controller)
        return Known(
            controller,
            {
                name: Fared(one.last_error, one.retry_at, one.silent, one.last_run_at)
                for name, one in states.items()
            },
            frozenset(name for name, one in states.items() if one.held),
            {name: tuple(one.acting) for name, one in states.items() if one.acting is not None},
            key,
            time.monotonic(),
        )


def fresh(before: Known) -> Known:
    """The same, read anew unless it was read a moment ago."""
    return before if time.monotonic() - before.read_at < FRESH_SECONDS else known(before.controller)


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
            due = operations.looks(tx.session, controller, now, now + PAUSE)
            mine = [key for key in due if house().registry.find(controller, key)]
            for key in set(due) - set(mine):  # taken out of the configuration: nobody waits for it
                free(tx, controller, key)
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
