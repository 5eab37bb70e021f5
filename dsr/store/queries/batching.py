"""Batches, their cases, and the processes that run them. Every update states what it saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError, TimeoutError
from sqlalchemy.orm import Session

from dsr.store import bulk
from dsr.store.models import Batch, Case, Search
from dsr.store.operations import Worker
from dsr.store.session import MODE

MADE, FAILED, DONE, STUCK, SPLIT = "made", "failed", "done", "stuck", "split"
OPEN = (MADE, FAILED)

DatabaseTrouble = SQLAlchemyError
"""For who must go on when the database does not answer: the health page and the clock."""

UNAVAILABLE: tuple[type[Exception], ...] = (OperationalError, InterfaceError, TimeoutError)
"""It is gone, locked or full: nothing was written, and a repeat may help. For pages that say so."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A case that may join a batch, and how many rows of hers were found."""

    id: int
    controller: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """A batch that is not closed, as it was seen. ``wake_at``: not before, after a failure."""

    id: str
    phase: str
    state: str
    tries: int
    made_at: datetime
    wake_at: datetime | None


def open_count(session: Session) -> int:
    """How many batches are under way or wait to be tried again."""
    return session.scalar(select(func.count()).select_from(Batch).where(Batch.state.in_(OPEN))) or 0


def ready(session: Session, fresh: str, again: str, now: datetime, limit: int) -> list[Ready]:
    """Cases in no batch that wait in status ``fresh``, or in ``again`` until a moment that has come.

    The oldest first, of one controller. A transaction on PostgreSQL passes by what another one takes.
    """
    wanted = (
        select(Case.id, Case.controller)
        .where(_may_join(fresh, again, now))
        .order_by(Case.sort_on, Case.id)
        .limit(limit)
    )
    if session.info.get(MODE) == "write":
        wanted = wanted.with_for_update(skip_locked=True, of=Case)
    found = session.execute(wanted).all()
    return [Ready(id_, controller) for id_, controller in found if controller == found[0].controller]


def any_ready(session: Session, statuses: Sequence[tuple[str, str]], now: datetime) -> bool:
    """Is there a case that ``ready`` would give for one of these pairs?"""
    wanted = or_(*(_may_join(fresh, again, now) for fresh, again in statuses))
    return session.scalar(select(Case.id).where(wanted).limit(1)) is not None


def row_counts(session: Session, cases: Sequence[int]) -> dict[int, int]:
    """Rows found in the last search of each case."""
    counted = (
        select(Search.case_id, func.sum(Search.count))
        .join(Case, and_(Case.id == Search.case_id, Case.generation == Search.generation))
        .where(Search.case_id.in_(cases))
        .group_by(Search.case_id)
    )
    return {case: int(rows or 0) for case, rows in session.execute(counted)}


def join(session: Session, batch: str, cases: Sequence[int], fresh: str, working: str) -> list[int]:
    """Take cases that are free and still in status ``fresh`` or ``working`` into a batch; those taken."""
    taken = session.scalars(
        update(Case)
        .where(
            Case.id.in_(cases),
            Case.batch_id.is_(None),
            Case.waits_for.is_(None),
            Case.status.in_((fresh, working)),
        )
        .values(batch_id=batch, status=working, wake_at=None)
        .returning(Case.id)
    )
    return list(taken)


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """New batches."""
    bulk.insert(session, Batch, rows)


def add_if_room(session: Session, row: dict[str, Any], most: int) -> bool:
    """A new batch unless so many are open already; whether there was room."""
    table = bulk.table_of(Batch)
    values = select(*(literal(value, table.c[name].type) for name, value in row.items()))
    is_open = select(func.count()).select_from(Batch).where(Batch.state.in_(OPEN)).scalar_subquery()
    made = insert(table).from_select(list(row), values.where(is_open < most)).returning(table.c.id)
    return session.connection().execute(made).first() is not None


def end(session: Session, batch: str, state: str, now: datetime, why: str = "") -> Batch | None:
    """Close a batch that is open; None when it is closed already."""
    return session.scalar(
        update(Batch)
        .where(Batch.id == batch, Batch.state.in_(OPEN))
        .values(state=state, ended_at=now, wake_at=None, why=why)
        .returning(Batch)
    )


def end_and_look(
    session: Session, batch: str, now: datetime, statuses: Sequence[tuple[str, str]]
) -> bool | None:
    """Close a batch that is open; whether there are cases as in ``any_ready``; None: it was closed already."""
    waiting = exists().where(or_(*(_may_join(fresh, again, now) for fresh, again in statuses)))
    return session.scalar(
        update(Batch)
        .where(Batch.id == batch, Batch.state.in_(OPEN))
        .values(state=DONE, ended_at=now, wake_at=None, why="")
        .returning(waiting)
        .execution_options(synchronize_session=False)
    )


def turn(session: Session, batch: str, phase: str, size: int) -> bool:
    """Let an open batch go on with another phase; False when it is closed already."""
    turned = session.scalar(
        update(Batch)
        .where(Batch.id == batch, Batch.state.in_(OPEN))
        .values(phase=phase, size=size, state=MADE, wake_at=None)
        .returning(Batch.id)
    )
    return turned is not None


def count_try(
    session: Session,
    batch: str,
    tries: int,
    *,
    state: str = MADE,
    wake_at: datetime | None = None,
    why: str = "",
) -> Batch | None:
    """Count one more try of an open batch that was seen with ``tries``; None when somebody was faster."""
    return session.scalar(
        update(Batch)
        .where(Batch.id == batch, Batch.state.in_(OPEN), Batch.adoptions == tries)
        .values(adoptions=tries + 1, state=state, wake_at=wake_at, why=why)
        .returning(Batch)
    )


def reopen(session: Session, batch: str, tries: int) -> Batch | None:
    """Let a failed batch run again; None when somebody was faster."""
    return session.scalar(
        update(Batch)
        .where(Batch.id == batch, Batch.state == FAILED, Batch.adoptions == tries)
        .values(state=MADE, wake_at=None)
        .returning(Batch)
    )


def open_batches(session: Session) -> list[Open]:
    """Every batch that is not closed."""
    wanted = select(Batch.id, Batch.phase, Batch.state, Batch.adoptions, Batch.made_at, Batch.wake_at)
    return [Open(*row) for row in session.execute(wanted.where(Batch.state.in_(OPEN)))]


def one(session: Session, batch: str) -> Batch | None:
    """A batch by id, as it is now."""
    return session.get(Batch, batch, populate_existing=True)


def case_ids(session: Session, batch: str) -> list[int]:
    """The cases that are in a batch now."""
    return list(session.scalars(select(Case.id).where(Case.batch_id == batch).order_by(Case.id)))


def move(session: Session, case: int, old: str, new: str) -> None:
    """Put a case of one batch into another."""
    session.execute(update(Case).where(Case.id == case, Case.batch_id == old).values(batch_id=new))


def release(session: Session, batch: str) -> None:
    """Let go of cases that a closed batch still holds."""
    session.execute(update(Case).where(Case.batch_id == batch).values(batch_id=None))


def give_up(session: Session, batch: str, statuses: Sequence[str], target: str) -> list[str]:
    """Hand the cases of a batch to a person; their references."""
    given = session.execute(
        update(Case)
        .where(Case.batch_id == batch, Case.status.in_(statuses))
        .values(status=target, failed=True, batch_id=None)
        .returning(Case.reference)
    )
    return sorted(given.scalars())


def beat(session: Session, worker: dict[str, Any]) -> None:
    """Write that a process lives: its first beat makes the row."""
    insert = bulk.dialect_insert(session)(Worker).values(worker)
    session.execute(
        insert.on_conflict_do_update(index_elements=[Worker.id], set_={"seen_at": worker["seen_at"]})
    )


def workers(session: Session) -> Sequence[Worker]:
    """Every process that ran work and was not forgotten yet."""
    return session.scalars(select(Worker)).all()


def forget_workers(session: Session, ids: Sequence[str], seen_before: datetime) -> None:
    """Drop the rows of these processes, and of all that were not seen since a moment."""
    session.execute(delete(Worker).where(or_(Worker.id.in_(ids), Worker.seen_at < seen_before)))


def oldest_ready(session: Session, statuses: Sequence[str]) -> datetime | None:
    """When the oldest case that waits for a batch was received."""
    return session.scalar(
        select(func.min(Case.received_at)).where(Case.status.in_(statuses), Case.batch_id.is_(None))
    )


def stuck_count(session: Session, since: datetime) -> int:
    """Batches that were given up to a person."""
    wanted = select(func.count()).select_from(Batch).where(Batch.state == STUCK, Batch.ended_at > since)
    return session.scalar(wanted) or 0


def _may_join(fresh: str, again: str, now: datetime) -> ColumnElement[bool]:
    due = or_(Case.wake_at.is_(None), Case.wake_at <= now)
    waits = or_(and_(Case.status == fresh, due), and_(Case.status == again, Case.wake_at <= now))
    return and_(Case.batch_id.is_(None), Case.waits_for.is_(None), waits)
