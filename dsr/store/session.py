"""The database: one connection pool per application, one transaction per use case.

``transaction()`` writes, ``reading()`` reads; neither nests. Both run in a Flask application context and
use its session ``db.session()``. Values read inside stay readable afterwards; nothing is loaded again
behind the back of a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import ORMExecuteState, Session

from dsr.domain.audit import Kind

from . import chain
from .columns import Base

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})

MODE = "dsr.mode"
WRITE = {"dsr_write": True}
"""Execution option of connections whose transaction takes SQLite's write lock at once."""

BUSY_MILLISECONDS = 30_000


class Transaction:
    """What a use case may do besides changing rows of ``session``."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.drafts: list[chain.Draft] = []
        self.followers: list[Callable[[], None]] = []

    def audit(
        self,
        controller: str,
        kind: str,
        /,
        *,
        reference: str = "",
        actor: str,
        at: datetime,
        **data: Any,
    ) -> None:
        """Collect an entry for the audit log, written as the last act of the transaction.

        ``kind`` of domain.audit.Kind (ValueError otherwise); ``data``: facts as JSON values, never
        personal data.
        """
        self.drafts.append(chain.draft(controller, Kind(kind), reference, actor, at, data))

    def after(self, fn: Callable[[], None]) -> None:
        """Run ``fn`` after the commit, outside the transaction; never after a rollback."""
        self.followers.append(fn)


@contextmanager
def transaction() -> Iterator[Transaction]:
    """One write transaction: committed with its audit entries at the end, rolled back on any exception.

    Raises RuntimeError inside another transaction or reading, or when changes made outside one wait.
    """
    session = _idle_session()
    session.expire_all()
    tx = Transaction(session)
    with _mode(session, "write"):
        try:
            session.connection(execution_options=WRITE)
            yield tx
            session.flush()
            ends = chain.append(session, tx.drafts)
            session.commit()
            chain.remember(session, ends)
        except BaseException:  # a stop of the process too may leave nothing half written
            session.rollback()
            raise
    for follower in tx.followers:
        follower()


@contextmanager
def reading() -> Iterator[Session]:
    """One read of the database, without a write lock; ended without changing what was read.

    May stand inside another reading; raises RuntimeError inside a transaction and on any write.
    Queries show rows as they are now; ``session.get`` may answer with what was loaded before.
    """
    session: Session = db.session()
    if session.info.get(MODE) == "read":
        yield session
        return
    _idle_session()
    with _mode(session, "read"):
        try:
            yield session
        finally:
            end_read(session)


@contextmanager
def apart() -> Iterator[Session]:
    """A short write transaction on a connection of its own: what it counts stays, whatever becomes of the
    reading around it. RuntimeError inside a transaction, where nothing remote may happen.
    """
    if db.session().info.get(MODE) == "write":
        raise RuntimeError("a system is asked inside a transaction")
    with Session(db.engine, expire_on_commit=False) as session, session.begin():
        session.connection(execution_options=WRITE)
        yield session


def end_read(session: Session) -> None:
    """End a transaction that only read; what was loaded stays loaded."""
    current = session.get_transaction()
    if current is not None:
        current.close()


def _idle_session() -> Session:
    """The session of the application context, between transactions."""
    session: Session = db.session()
    if session.info.get(MODE) is not None:
        raise RuntimeError("a transaction was begun inside another transaction or reading")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside a transaction; commit or undo them first")
    end_read(session)
    return session


@contextmanager
def _mode(session: Session, name: str) -> Iterator[None]:
    session.info[MODE] = name
    try:
        yield
    finally:
        del session.info[MODE]


@event.listens_for(Session, "before_flush")
def _refuse_writes(session: Session, *_: Any) -> None:
    if session.info.get(MODE) == "read" and (session.new or session.dirty or session.deleted):
        raise RuntimeError("a reading may not change rows; use a transaction")


@event.listens_for(Session, "do_orm_execute")
def _fresh_reads(state: ORMExecuteState) -> None:
    """A reading shows rows as they are now, also those that were loaded before it."""
    if state.session.info.get(MODE) != "read":
        return
    if state.is_insert or state.is_update or state.is_delete:
        raise RuntimeError("a reading may not change rows; use a transaction")
    if state.is_select and not state.is_column_load and not state.is_relationship_load:
        state.update_execution_options(populate_existing=True)


def prepare(engine: Engine) -> None:
    """Settings of every connection: on SQLite WAL, full fsync, foreign keys and our own BEGIN."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connected)
        event.listen(engine, "begin", _sqlite_begin)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "connect", partial(_postgresql_connected, engine.dialect.dbapi))


def _sqlite_connected(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _postgresql_connected(psycopg: Any, connection: Any, _: Any) -> None:
    """Arrays travel in binary: as text every sealed value would be written in hex and escaped (``bulk``).
    https://www.psycopg.org/psycopg3/docs/basic/adapt.html
    """
    connection.adapters.register_dumper(list, psycopg.types.array.ListBinaryDumper)


def _sqlite_begin(connection: Connection) -> None:
    """Take the write lock first: a read that turns into a write can fail at once, whatever the time-out."""
    write = connection.get_execution_options().get("dsr_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
