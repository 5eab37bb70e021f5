"""Limits in the database: how often something may happen to somebody within a window."""

from __future__ import annotations

from datetime import datetime

from dsr.store import keys
from dsr.store.queries import counters
from dsr.store.session import Transaction


def take(
    tx: Transaction, controller: str, what: str, whom: str, *, limit: int, seconds: int, now: datetime
) -> bool:
    """Count one more of ``what`` for ``whom`` in the running window; False when the limit is passed.

    ``whom`` is kept as a keyed hash only. One atomic statement: parallel calls cannot slip through.
    """
    bucket = keys.keyring().lookup(controller, f"limit:{what}:{seconds}", whom)
    window = int(now.timestamp()) // seconds
    return counters.count(tx.session, bucket, window) <= limit
