"""The store as part of a Flask application: engine, migrations, what the application hands down."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from .durable import StorageError
from .session import db, prepare

MIGRATIONS = Path(__file__).parent / "migrations"
ATTACHED = "dsr.attached"
CONNECT_SECONDS = 10
BEFORE = re.compile(r'^down_revision = "(\d{4})"$', re.MULTILINE)


def init_app(app: Flask) -> None:
    """Connect the application to the database of ``SQLALCHEMY_DATABASE_URI``; reads nothing yet."""
    if str(app.config["SQLALCHEMY_DATABASE_URI"]).startswith("postgresql"):
        # A server that was restarted in between is noticed before a statement, not by one.
        options = app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})
        options.setdefault("pool_pre_ping", True)
        options.setdefault("connect_args", {"connect_timeout": CONNECT_SECONDS})
    db.init_app(app)
    app.extensions[ATTACHED] = {}
    with app.app_context():
        prepare(db.engine)


def reach(app: Flask) -> None:
    """StorageError ``storage.away`` while no connection to the database can be made."""
    with app.app_context():
        try:
            db.engine.connect().close()
        except (OperationalError, InterfaceError, TimeoutError):
            told = "The database does not answer. Start it, or correct DSR_DATABASE_URL (server, user, database)."
            raise StorageError("storage.away", told) from None


def reach_apart(url: str) -> None:
    """StorageError ``storage.engine`` while no connection to a separate database of the engine can be made."""
    postgres = url.startswith("postgresql")
    other = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS} if postgres else {})
    try:
        other.connect().close()
    except (OperationalError, InterfaceError, TimeoutError):
        told = "The database of the engine does not answer. Start it, or correct DSR_ENGINE_URL."
        raise StorageError("storage.engine", told) from None
    finally:
        other.dispose()


def upgrade(app: Flask) -> None:
    """Bring the tables to the newest version. Stopped in the middle, it leaves them as they were;
    of several processes that start together one does it while the others wait.

    Nearly every start finds them there; then Alembic, a tenth of the start, is not even loaded.
    """
    with app.app_context():
        if version() != newest():
            from alembic import command
            from flask_migrate import Migrate

            migrate = Migrate(app, db, directory=str(MIGRATIONS))
            command.upgrade(migrate.get_config(), "head")


def newest() -> str:
    """The revision that no other one comes after: what was written at the same time is not in the order of numbers."""
    told = {path.name[:4]: path.read_text("utf-8") for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    before = {found[1] for text in told.values() if (found := BEFORE.search(text))}
    (last,) = set(told) - before
    return last


def version() -> str:
    """The revision of the tables; '' for an empty database."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def attach(app: Flask, name: str, value: object) -> None:
    """Hand something down to the services of this application."""
    app.extensions[ATTACHED][name] = value


def attached(name: str) -> Any:
    """What was handed down under ``name``; RuntimeError when nothing was."""
    try:
        return current_app.extensions[ATTACHED][name]
    except KeyError:
        raise RuntimeError(f"nothing was attached as {name!r} to this application") from None
