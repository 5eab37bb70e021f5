"""Counters of limits."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from dsr.store import bulk
from dsr.store.operations import Hit


def count(session: Session, bucket: bytes, window: int) -> int:
    """Add one to a counter and return it, atomically."""
    counted = _counting(bulk.dialect_insert(session))
    found = session.connection().execute(counted, {"new_bucket": bucket, "new_window": window})
    return int(found.scalar_one())


@cache
def _counting(insert: Callable[[Any], Any]) -> Any:
    """The statement of a database, made once: every form, page and call counts."""
    table = bulk.table_of(Hit)
    first = insert(table).values(bucket=bindparam("new_bucket"), window=bindparam("new_window"), count=1)
    return first.on_conflict_do_update(
        index_elements=[table.c.bucket, table.c.window], set_={"count": table.c.count + 1}
    ).returning(table.c.count)
