"""What systems bear: a place for each opening, and the calls of the last minute. Every change holds the row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dsr.store import bulk
from dsr.store.operations import Allowance, Worker

WINDOW = 10
"""Seconds that are counted together."""
WINDOWS = 7
"""So many windows cover every span of 60 seconds, wherever it begins."""
COUNTED = timedelta(seconds=WINDOW * WINDOWS)
"""A call older than this counts no more."""


def take_place(
    session: Session, system: str, token: str, most: int, *, mine: tuple[str, Collection[str]], seen: datetime
) -> bool:
    """Put ``token`` among the openings of a system unless there are ``most``; whether there was a place.

    ``mine``: this executor and its own tokens that live. Those of executors not seen since ``seen`` do not
    count and are forgotten, as are ours that were lost.
    """
    executor, living = mine
    row = _held(session, system)
    alive = set(session.scalars(select(Worker.id).where(Worker.seen_at > seen)))
    there = {
        key: owner
        for key, owner in row.open.items()
        if (key in living if owner == executor else owner in alive)
    }
    if len(there) >= most:
        return False
    _write(session, system, open=there | {token: executor})
    return True


def free_place(session: Session, system: str, token: str) -> None:
    """Give the place of an opening back."""
    row = _held(session, system)
    _write(session, system, open={key: owner for key, owner in row.open.items() if key != token})


def take_call(session: Session, system: str, most: int, now: datetime) -> datetime | None:
    """Count one call, at most ``most`` within any minute: None, or when one may be made again."""
    window = int(now.timestamp()) // WINDOW
    recent = _recent(_held(session, system), window)
    if sum(recent.values()) >= most:
        return datetime.fromtimestamp((min(recent) + WINDOWS) * WINDOW, UTC)
    recent[window] = recent.get(window, 0) + 1
    _write(session, system, taken=sorted(recent.items()))
    return None


def used(session: Session, now: datetime) -> dict[str, int]:
    """The calls that still count, by system."""
    window = int(now.timestamp()) // WINDOW
    return {row.system: sum(_recent(row, window).values()) for row in session.scalars(select(Allowance))}


def _recent(row: Allowance, window: int) -> dict[int, int]:
    """A clock that runs ahead elsewhere (windows to come) counts as well."""
    return {int(at): int(calls) for at, calls in row.taken if at > window - WINDOWS}


def _held(session: Session, system: str) -> Allowance:
    """The row of a system, locked; made when there is none."""
    wanted = select(Allowance).where(Allowance.system == system).with_for_update()
    row = session.scalar(wanted)
    if row is None:
        fresh = bulk.dialect_insert(session)(Allowance).values(system=system, open={}, taken=[])
        session.execute(fresh.on_conflict_do_nothing())
        row = session.scalars(wanted).one()
    return row


def _write(session: Session, system: str, **values: object) -> None:
    changed = update(Allowance).where(Allowance.system == system).values(values)
    session.execute(changed.execution_options(synchronize_session=False))
