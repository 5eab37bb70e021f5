"""Counters of limits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from dsr.store import bulk
from dsr.store.operations import Hit


def count(session: Session, bucket: bytes, window: int) -> int:
    """Add one to a counter and return it, atomically."""
    insert = bulk.dialect_insert(session)(Hit).values(bucket=bucket, window=window, count=1)
    counted = insert.on_conflict_do_update(
        index_elements=[Hit.bucket, Hit.window], set_={"count": Hit.count + 1}
    ).returning(Hit.count)
    return int(session.execute(counted).scalar_one())
