"""The store as part of a Flask application: engine, migrations, what the application hands down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from flask import Flask, current_app
from flask_migrate import Migrate

from .session import db, prepare

MIGRATIONS = Path(__file__).parent / "migrations"
ATTACHED = "dsr.attached"

migrate = Migrate(directory=str(MIGRATIONS))


def init_app(app: Flask) -> None:
    """Connect the application to the database of ``SQLALCHEMY_DATABASE_URI``; reads nothing yet."""
    if str(app.config["SQLALCHEMY_DATABASE_URI"]).startswith("postgresql"):
        # A server that was restarted in between is noticed before a statement, not by one.
        options = app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})
        options.setdefault("pool_pre_ping", True)
    db.init_app(app)
    migrate.init_app(app, db)
    app.extensions[ATTACHED] = {}
    with app.app_context():
        prepare(db.engine)


def upgrade(app: Flask) -> None:
    """Bring the tables to the newest version. Stopped in the middle, it goes on from the last whole step;
    of several processes that start together one does it while the others wait.
    """
    with app.app_context():
        command.upgrade(migrate.get_config(), "head")


def attach(app: Flask, name: str, value: object) -> None:
    """Hand something down to the services of this application."""
    app.extensions[ATTACHED][name] = value


def attached(name: str) -> Any:
    """What was handed down under ``name``; RuntimeError when nothing was."""
    try:
        return current_app.extensions[ATTACHED][name]
    except KeyError:
        raise RuntimeError(f"nothing was attached as {name!r} to this application") from None
