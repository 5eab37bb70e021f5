"""Tables come from migrations: the same as the models, once, whatever happens in between."""

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from subprocess import PIPE, Popen, run
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import DatabaseError

from dsr import store
from dsr.store import application
from dsr.store.application import MIGRATIONS
from dsr.store.operations import Slot


def tables(app: Flask) -> set[str]:
    with app.app_context():
        return set(inspect(store.db.engine).get_table_names())


ROOT = Path(__file__).parents[2]
MODELS = set(store.db.metadata.tables) | {"alembic_version"}


def test_the_migrations_make_what_the_models_say(make_app: Callable[[], Flask]) -> None:
    app = make_app()

    store.upgrade(app)

    with app.app_context(), store.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, store.db.metadata) == []
    assert tables(app) == MODELS


def test_a_second_upgrade_changes_nothing(make_app: Callable[[], Flask], now: datetime) -> None:
    app = make_app()
    store.upgrade(app)
    with app.app_context(), store.transaction() as tx:
        tx.session.add(Slot(name="kept", at=now))

    store.upgrade(app)

    with app.app_context(), store.reading() as session:
        assert session.scalar(text("SELECT name FROM slot")) == "kept"


def test_a_database_of_the_last_but_one_revision_gets_the_last_whatever_its_number(
    make_app: Callable[[], Flask],
) -> None:
    app = make_app()
    last = ScriptDirectory(str(MIGRATIONS)).get_revision("head")
    with app.app_context():
        command.upgrade(Migrate(app, store.db, directory=str(MIGRATIONS)).get_config(), last.down_revision)

    store.upgrade(app)

    with app.app_context():
        assert (application.version(), application.newest()) == (last.revision, last.revision)


def test_an_upgrade_that_broke_off_leaves_nothing_and_can_be_repeated(make_app: Callable[[], Flask]) -> None:
    app = make_app()
    with app.app_context(), store.db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE worker (in_the_way INTEGER)"))

    with pytest.raises(DatabaseError):
        store.upgrade(app)
    left = tables(app)
    with app.app_context(), store.db.engine.begin() as connection:
        connection.execute(text("DROP TABLE worker"))
    store.upgrade(app)

    assert (left, tables(app)) == ({"worker"}, MODELS)


START = """
import sys
from flask import Flask
from dsr import store
app = Flask("dsr", instance_path=sys.argv[1])
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[2]
store.init_app(app)
sys.stdin.readline()
store.upgrade(app)
"""


def test_processes_that_start_together_upgrade_once(
    make_app: Callable[[], Flask], database_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", START, str(tmp_path), database_url]
    processes = [Popen(command, cwd=ROOT, stdin=PIPE, stderr=PIPE, text=True) for _ in range(3)]

    said = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        said.append(process.communicate(timeout=60)[1])

    assert ([process.returncode for process in processes], said) == ([0, 0, 0], ["", "", ""])
    assert tables(make_app()) == MODELS


KILLED = """
import itertools, os, signal, sys
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine
from dsr import store
from alembic import command
from flask_migrate import Migrate

def upgrade(last):
    numbers = itertools.count(1)

    @event.listens_for(Engine, "after_cursor_execute")
    def count(*_):
        if next(numbers) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    app = Flask("dsr", instance_path=sys.argv[1])
    app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[2]
    store.init_app(app)
    store.upgrade(app)

killed, last = 0, 1
while True:
    child = os.fork()
    if not child:
        upgrade(last)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended != -signal.SIGKILL:
        break
    killed, last = killed + 1, last + 40
print(killed, ended)
"""


def test_an_upgrade_that_is_killed_again_and_again_goes_on_until_it_is_done(
    make_app: Callable[[], Flask], database_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), database_url]
    killed, ended = run(command, cwd=ROOT, stdout=PIPE, text=True, check=True).stdout.split()

    app = make_app()
    with app.app_context(), store.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, store.db.metadata) == []
    assert (int(killed) >= 3, ended, tables(app)) == (True, "0", MODELS)


def test_foreign_keys_hold_after_the_upgrade(make_app: Callable[[], Flask], now: datetime) -> None:
    app = make_app()
    store.upgrade(app)

    with pytest.raises(DatabaseError), app.app_context(), store.transaction() as tx:
        tx.session.execute(
            text("INSERT INTO staff_role (staff_id, controller, name) VALUES (9, 'acme', 'dpo')")
        )


def test_what_is_attached_is_handed_down_and_nothing_else(make_app: Callable[[], Flask]) -> None:
    app = make_app()
    store.attach(app, "house", "the house")

    with app.app_context(), pytest.raises(RuntimeError, match="nothing was attached as 'garden'"):
        assert store.attached("house") == "the house"
        store.attached("garden")


SEALS = (
    # Id, purpose and date as earlier versions wrote them: that of blocked rows beside all of them.
    ("aside", "set_aside", "2029-01-01"),
    ("blocked", "blocked", "2029-01-01"),
    ("old", "old_values", "2030-05-06"),
    ("open", "set_aside", None),
)
SEAL = text(
    "INSERT INTO vault_seal (id, controller, reference, system, key, purpose, rows, digest, root, legal_key, roles, "
    "made_at, destroy_on) VALUES (:id, 'acme', 'DSR-1', 'shop', :id, :purpose, 1, :id, '', '', '', :now, :on)"
)


def dates(app: Flask) -> dict[str, str | None]:
    with app.app_context(), store.db.engine.connect() as connection:
        found = connection.execute(text("SELECT id, destroy_on FROM vault_seal"))
        return {id: None if on is None else str(on) for id, on in found}


def before_the_dates_went(app: Flask, now: datetime) -> None:
    """The tables of 0013, with sets as that version wrote them."""
    with app.app_context():
        command.upgrade(Migrate(app, store.db, directory=str(MIGRATIONS)).get_config(), "0013")
        with store.db.engine.begin() as connection:
            for id, purpose, on in SEALS:
                day = None if on is None else date.fromisoformat(on)
                connection.execute(SEAL, {"id": id, "purpose": purpose, "on": day, "now": now})


def test_rows_set_aside_lose_the_date_of_earlier_versions_and_nothing_else_does(
    make_app: Callable[[], Flask], now: datetime
) -> None:
    app = make_app()
    before_the_dates_went(app, now)

    store.upgrade(app)

    assert dates(app) == {"aside": None, "blocked": "2029-01-01", "old": "2030-05-06", "open": None}


def test_dates_that_were_written_since_stay_when_the_upgrade_is_repeated(
    make_app: Callable[[], Flask], now: datetime
) -> None:
    """Values set aside out of kept rows have a date by then, and it is theirs."""
    app = make_app()
    before_the_dates_went(app, now)
    store.upgrade(app)
    with app.app_context(), store.db.engine.begin() as connection:
        connection.execute(text("UPDATE vault_seal SET destroy_on = '2031-12-31' WHERE id = 'aside'"))

    store.upgrade(app)

    assert dates(app)["aside"] == "2031-12-31"


def test_an_upgrade_that_broke_off_before_the_dates_went_is_repeated(
    make_app: Callable[[], Flask], now: datetime
) -> None:
    app = make_app()
    before_the_dates_went(app, now)

    def broken(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("UPDATE alembic_version") and "0014" in f"{statement} {rest}":
            raise DatabaseError(statement, None, Exception("lost"))

    with app.app_context():
        event.listen(store.db.engine, "before_cursor_execute", broken)
        with pytest.raises(DatabaseError):
            store.upgrade(app)
        event.remove(store.db.engine, "before_cursor_execute", broken)
    undone = dates(app)
    store.upgrade(app)

    assert (undone["aside"], dates(app)["aside"]) == ("2029-01-01", None)
