"""Systems in trouble: who failed is passed by until its moment comes, so that nobody waits for it twice.

The first batch that meets a dead or exhausted system pays for it; it is then *parked* in the table of system
states, which every process reads. Cases go on with the other systems and come back when it may be asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dsr import store
from dsr.contract import ConnectorError
from dsr.store.operations import SystemState
from dsr.store.queries import operations
from dsr.store.session import Transaction

from .house import house

PAUSE = timedelta(minutes=1)
"""How long a system rests that could not be reached and did not say when to come back."""
RAN_EVERY = timedelta(minutes=1)
"""That a system works is written no oftener."""


@dataclass(frozen=True, slots=True)
class Parked:
    """Why a system must not be asked now, and until when."""

    why: str
    until: datetime


def parked(controller: str, *, now: datetime) -> dict[str, Parked]:
    """The systems of a controller that rest now, by key."""
    with store.reading() as session:
        states = operations.system_states(session, controller)
    return {
        key: Parked(state.last_error, state.retry_at)
        for key, state in states.items()
        if state.retry_at is not None and state.retry_at > now
    }


def remember(controller: str, asked: Mapping[str, ConnectorError | None], *, now: datetime) -> None:
    """Park the systems that failed; those that answered (None) are well again. Writes only what changes.

    A fault that a repeat cannot help is shown at the desk and not parked: only a person ends it.
    """
    with store.reading() as session:
        states = operations.system_states(session, controller)
    changed = {key: error for key, error in asked.items() if _changes(states.get(key), error, now)}
    if not changed:
        return
    with store.transaction() as tx:
        for key, error in sorted(changed.items()):
            operations.write_run(
                tx.session,
                (controller, key),
                {
                    "last_error": str(error)[:240] if error else "",
                    "retry_at": _until(error, now) if error else None,
                    "last_run_at": now,
                },
                acting=list(house().registry.system(controller, key).acting),
            )


def free(tx: Transaction, controller: str) -> None:
    """A person wants it tried again now: nothing rests any more."""
    operations.end_rests(tx.session, controller)


def _changes(state: SystemState | None, error: ConnectorError | None, now: datetime) -> bool:
    if error is not None:
        return True
    known = state is not None and not state.last_error and state.last_run_at is not None
    return not known or state is None or (state.last_run_at or now) < now - RAN_EVERY


def _until(error: ConnectorError, now: datetime) -> datetime | None:
    return error.retry_at or (None if error.permanent else now + PAUSE)
