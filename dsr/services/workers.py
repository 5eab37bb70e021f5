"""Processes that run work: who lives, who is gone, what is waiting."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dsr import store
from dsr.domain.workflow import Status
from dsr.store.queries import batching

BEAT_SECONDS = 3
LIMIT = timedelta(seconds=15)
"""A process that was not seen for so long is gone; its work is adopted."""

FORGOTTEN = timedelta(days=1)
NAMESPACE = Path("/proc/self/ns/pid")


@dataclass(frozen=True, slots=True)
class Health:
    """``seen_seconds``: since the last beat of any worker, None without one. ``waiting_seconds``: since
    the receipt of the oldest case that waits for a batch, None when none does. ``stuck_batches``: of the
    last 24 hours.
    """

    seen_seconds: float | None
    waiting_seconds: float | None
    open_batches: int
    stuck_batches: int


def host() -> str:
    """This machine, or container: a place where process numbers mean the same."""
    try:
        place = NAMESPACE.stat().st_ino
    except OSError:
        place = 0
    return f"{socket.gethostname()}/{place}"[:128]


def beat(executor: str, *, started_at: datetime, now: datetime) -> None:
    """Write that this process lives; called every ``BEAT_SECONDS``."""
    row = {"id": executor, "host": host(), "pid": os.getpid(), "started_at": started_at, "seen_at": now}
    with store.transaction() as tx:
        batching.beat(tx.session, row)


def alive(*, now: datetime) -> frozenset[str]:
    """The executors seen within ``LIMIT``. Clocks of machines may differ by some seconds, not more."""
    with store.reading() as session:
        return frozenset(one.id for one in batching.workers(session) if one.seen_at > now - LIMIT)


def bury(*, now: datetime) -> int:
    """At the start: forget the dead processes of this machine at once, so that their work is adopted."""
    with store.reading() as session:
        mine = [one for one in batching.workers(session) if one.host == host()]
        dead = [one.id for one in mine if not _runs(one.pid)]
    with store.transaction() as tx:
        batching.forget_workers(tx.session, dead, now - FORGOTTEN)
    return len(dead)


def leave(executor: str, *, now: datetime) -> None:
    """This process stops: what it still holds may be adopted now."""
    with store.transaction() as tx:
        batching.forget_workers(tx.session, [executor], now - FORGOTTEN)


def health(*, now: datetime) -> Health | None:
    """What a monitor wants to know of the work; None when the database does not answer."""
    try:
        with store.reading() as session:
            seen = max((one.seen_at for one in batching.workers(session)), default=None)
            oldest = batching.oldest_ready(session, (Status.READY.value, Status.APPROVED.value))
            open_batches, stuck = (
                batching.open_count(session),
                batching.stuck_count(session, now - timedelta(days=1)),
            )
    except batching.DatabaseTrouble:
        return None
    return Health(_seconds(seen, now), _seconds(oldest, now), open_batches, stuck)


def _seconds(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else (now - since).total_seconds()


def _runs(pid: int) -> bool:
    """Whether a process of this machine has that number; ours or somebody else's."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
