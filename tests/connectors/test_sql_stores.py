"""Databases as they are: unreachable, locked, changed, with or without indexes and privileges."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.sql import Sql, sketches
from dsr.contract import Action, ConnectorError, Context, Limits, State
from sqlstore import ANA, Database, subject

SCHEMA = """
CREATE TABLE cards (id INTEGER PRIMARY KEY, email VARCHAR(200), name VARCHAR(50));
CREATE TABLE notes (id INTEGER PRIMARY KEY, card_id INTEGER REFERENCES cards(id), body VARCHAR(200));
INSERT INTO cards VALUES (1, 'Ana@example.es', 'Ana');
INSERT INTO notes VALUES (1, 1, 'called');
"""
MAP = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: cards
        fields:
          - {name: id, fides_meta: {primary_key: true, data_type: integer}}
          - {name: email, fides_meta: {identity: email}}
      - name: notes
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: card_id, fides_meta: {references: [{dataset: crm, field: cards.id, direction: to}]}}
          - {name: body}
dsr:
  collections:
    cards: {owner: subject, erase: delete}
    notes: {owner: subject, erase: delete}
"""


def connector(url: str, limits: Limits | None = None) -> Sql:
    made = Sql()
    settings = {"url": url, "map": MAP, "map_name": "crm.yaml"}
    now = datetime(2026, 6, 1, tzinfo=UTC)
    made.open(Context("crm", "demo", settings, settings.__getitem__, now, limits or Limits(lock_seconds=0.2)))
    return made


def filled(url: str, *more: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as client:
        for statement in (*SCHEMA.strip().rstrip(";").split(";"), *more):
            client.exec_driver_sql(statement)


@pytest.fixture
def here(tmp_path: Path) -> Database:
    return Database(tmp_path / "crm.sqlite3", SCHEMA, MAP)


def codes(made: Sql) -> list[tuple[str, str]]:
    return [(one.level, one.code) for one in made.check()]


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite://", "sqlite:////no/such/file.db", "cobol://host/db", "postgresql://h:x/db"]
)
def test_a_wrong_address_is_refused_for_good(url: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        connector(url).locate([subject(ANA)])
    assert caught.value.permanent


def test_an_error_says_neither_password_nor_data() -> None:
    with pytest.raises(ConnectorError) as caught:
        connector("postgresql://olga:hunter2@127.0.0.1:1/crm").locate([subject(ANA)])
    assert not caught.value.permanent
    assert [word for word in ("hunter2", "olga", ANA) if word in str(caught.value)] == []


def test_a_locked_database_is_not_a_lasting_error(here: Database) -> None:
    steps = here.plan(Action.ERASE)
    with closing(sqlite3.connect(here.path, isolation_level=None)) as client:
        client.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConnectorError) as caught:
            list(connector(f"sqlite:///{here.path}").act(steps, here.keeper))
    assert not caught.value.permanent
    assert [one.state for one in here.act(steps)] == [State.DONE]


def test_a_changed_schema_is_read_again(here: Database) -> None:
    here.locate()
    here.run("ALTER TABLE notes RENAME TO jottings")
    with pytest.raises(ConnectorError) as caught:
        here.locate()
    assert caught.value.permanent
    here.run("ALTER TABLE jottings RENAME TO notes")
    assert len(here.locate()) == 2


def test_a_column_that_is_missing_is_named(here: Database) -> None:
    here.run("ALTER TABLE notes DROP COLUMN body")
    with pytest.raises(ConnectorError, match="'body' of 'notes'"):
        here.locate()


def test_check_sees_missing_indexes_and_unmapped_columns(here: Database) -> None:
    assert codes(here.connector()) == [
        ("ok", "reached"),
        ("warning", "unmapped"),
        ("warning", "index"),
        ("warning", "index"),
    ]


def test_check_names_what_is_gone(here: Database) -> None:
    here.run("DROP TABLE notes")
    assert codes(here.connector()) == [("error", "refused")]


def test_a_file_that_was_replaced_is_read_anew(here: Database, tmp_path: Path) -> None:
    before = here.locate()
    other = Database(tmp_path / "new.sqlite3", SCHEMA.replace("Ana@", "eva@"), MAP)
    other.path.replace(here.path)
    assert (len(before), here.locate()) == (2, [])


def test_sketches_show_columns_keys_and_samples(here: Database) -> None:
    cards, notes = sketches(f"sqlite:///{here.path}")
    assert [(c.name, c.type, c.primary_key) for c in cards.columns] == [
        ("id", "INTEGER", True),
        ("email", "VARCHAR(200)", False),
        ("name", "VARCHAR(50)", False),
    ]
    assert cards.values("email") == ["Ana@example.es"]
    assert [(fk.columns, fk.target, fk.target_columns) for fk in notes.foreign_keys] == [
        (("card_id",), "cards", ("id",))
    ]


@pytest.mark.live
def test_postgres_check_tells_of_superuser_and_index(make_database: Callable[[], str]) -> None:
    url = make_database()
    filled(url, "CREATE INDEX by_email ON cards (lower(email))", "CREATE INDEX by_card ON notes (card_id)")
    assert codes(connector(url)) == [("ok", "reached"), ("warning", "unmapped"), ("warning", "superuser")]


@pytest.mark.live
def test_postgres_check_tells_which_privilege_is_missing(make_database: Callable[[], str]) -> None:
    url = make_database()
    role = f"reader_{sa.make_url(url).database}"
    filled(url, f"CREATE ROLE {role} LOGIN PASSWORD 'x'", f"GRANT SELECT ON cards, notes TO {role}")
    login = sa.make_url(url).set(username=role, password="x").render_as_string(hide_password=False)
    found = codes(connector(login))
    filled(url.replace("", ""), f"DROP OWNED BY {role}", f"DROP ROLE {role}") if False else None
    assert found.count(("error", "privilege")) == 2
    assert ("warning", "superuser") not in found


@pytest.mark.live
def test_postgres_searches_by_the_index_of_lower_case_addresses(make_database: Callable[[], str]) -> None:
    url = make_database()
    filled(url, "CREATE INDEX by_email ON cards (lower(email))")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    seen: list[str] = []
    sa.event.listen(
        sa.Engine, "before_cursor_execute", lambda *given: seen.append(given[2])
    )
    found = connector(url).locate([subject(ANA)]).records
    asked = next(one for one in seen if "lower(cards.email)" in one)
    engine.dispose()
    assert [record.collection for record in found] == ["cards", "notes"]
    assert "trim" not in asked


@pytest.mark.live
def test_a_lock_held_by_somebody_else_is_not_a_lasting_error(make_database: Callable[[], str]) -> None:
    url = make_database()
    filled(url)
    made = connector(url)
    records = made.locate([subject(ANA)]).records
    steps = made.plan([_intent(records)])
    client = sa.create_engine(url, poolclass=sa.NullPool)
    with client.connect() as other:
        other.execute(sa.text("SELECT 1 FROM cards FOR UPDATE"))
        with pytest.raises(ConnectorError) as caught:
            list(made.act(steps, _Nothing()))
    assert not caught.value.permanent
