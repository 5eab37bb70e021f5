"""An application with an empty store, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from dsr import store


@pytest.fixture
def now() -> datetime:
    """The moment of every test that needs one."""
    return datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'dsr.db'}"
    return str(request.getfixturevalue("make_database")())


@pytest.fixture
def make_app(database_url: str, tmp_path: Path) -> Iterator[Callable[[], Flask]]:
    """A function that makes an application on that database; without tables, locked."""
    made: list[Flask] = []

    def make() -> Flask:
        app = Flask("dsr", instance_path=str(tmp_path / "instance"))
        app.config["SQLALCHEMY_DATABASE_URI"] = database_url
        store.init_app(app)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            store.db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[[], Flask], now: datetime, tmp_path: Path) -> Flask:
    """An application whose tables and keys are there."""
    app = make_app()
    with app.app_context():
        store.db.create_all()
    store.keys.unlock(app, now=now)
    store.legal.prepare(app, ["acme", "eva"], tmp_path / "instance" / "legal.key", now=now)
    return app


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """The test runs inside the application."""
    with app.app_context():
        yield


@pytest.fixture
def statements(context: None) -> Iterator[list[str]]:
    """The first word of every statement but BEGIN that our database was given; clear it to begin to count."""
    seen: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement.split(maxsplit=1)[0])

    event.listen(store.db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.db.engine, "before_cursor_execute", note)
