"""How Alembic reaches the database of the application: all steps in one transaction, one process at a time.

A process that is stopped in the middle leaves the database as it was; the next start begins again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from dsr.store.session import WRITE

LOCK = 7_263_145_001
"""Number of the advisory lock on PostgreSQL; on SQLite the transaction begins with the write lock."""


def run() -> None:
    """Run the migrations asked for, or compare the models with the tables."""
    migrate = current_app.extensions["migrate"]
    with _connection(migrate.db.engine) as connection, _loose_tables(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        metadata = migrate.db.metadata
        context.configure(connection=connection, target_metadata=metadata, **migrate.configure_args)
        context.run_migrations()


def _connection(engine: Engine) -> Connection:
    return engine.connect().execution_options(**WRITE)


@contextmanager
def _loose_tables(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew; foreign keys would refuse to let the old one go."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


run()
