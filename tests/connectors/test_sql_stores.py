"""Databases as they are: unreachable, locked, changed, with or without indexes and privileges."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.sql import Sql, sketches
from dsr.contract import Action, ConnectorError, Intent, State, Step
from dsr.testing import MemoryKeeper
from sqlstore import ANA, Database, opened, run, subject

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


ODD = (
    MAP.replace(
        "dsr:",
        """      - name: odd
        fields:
          - {name: k, fides_meta: {primary_key: true}}
          - {name: card_id, fides_meta: {references: [{dataset: crm, field: cards.id, direction: to}]}}
dsr:""",
    )
    + "    odd: {owner: subject, erase: delete, restrict: set_aside}\n"
)


def connector(url: str, text: str = MAP) -> Sql:
    return opened(url, text)


def erasure(made: Sql, action: Action = Action.ERASE, seals: tuple[str, ...] = ()) -> tuple[Step, ...]:
    ana = subject(ANA)
    records = [r for r in made.locate([ana]).records if action is Action.ERASE or r.collection == "odd"]
    return made.plan([Intent("ana:crm:1", ana, action, tuple(records), seals=seals)])


def filled(url: str, *more: str) -> None:
    run(url, *SCHEMA.strip().rstrip(";").split(";"), *more)


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
    (cards, notes), left = sketches(f"sqlite:///{here.path}")
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
    assert codes(connector(url)) == [("ok", "reached"), ("warning", "superuser"), ("warning", "unmapped")]


@pytest.fixture
def filled_database(make_database: Callable[[], str]) -> str:
    """The address of a database for its owner."""
    return make_database()


@pytest.fixture
def reader(filled_database: str) -> Iterator[str]:
    """The address of that database for an account that may only read."""
    url = filled_database
    role = f"reader_{secrets.token_hex(4)}"
    filled(url, f"CREATE ROLE {role} LOGIN PASSWORD 'reader'", f"GRANT SELECT ON cards, notes TO {role}")
    yield sa.make_url(url).set(username=role, password="reader").render_as_string(hide_password=False)
    run(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.mark.live
def test_postgres_check_tells_which_privilege_is_missing(reader: str) -> None:
    found = codes(connector(reader))
    assert [one for one in found if one[0] == "error" or one[1] == "superuser"] == [
        ("error", "privilege")
    ] * 2


@pytest.mark.live
def test_postgres_check_tells_which_privileges_are_needless(reader: str, filled_database: str) -> None:
    role = sa.make_url(reader).username
    before = [one.code for one in connector(reader).check()]
    run(filled_database, f"ALTER ROLE {role} CREATEROLE CREATEDB", f"GRANT TRUNCATE ON cards TO {role}")

    [told] = [one for one in connector(reader).check() if one.code == "needless"]

    assert ("needless" in before, told.level) == (False, "warning")
    assert isinstance(told.sentence, Mapping)
    assert "CREATEDB, CREATEROLE, TRUNCATE (cards)." in told.sentence["en"]


@pytest.mark.live
def test_a_missing_privilege_is_a_lasting_error_and_changes_nothing(reader: str) -> None:
    made = connector(reader)
    with pytest.raises(ConnectorError) as caught:
        list(made.act(erasure(made), MemoryKeeper()))
    assert caught.value.permanent
    assert len(made.locate([subject(ANA)]).records) == 2


@pytest.mark.live
def test_postgres_searches_by_the_index_of_lower_case_addresses(make_database: Callable[[], str]) -> None:
    url = make_database()
    filled(url, "CREATE INDEX by_email ON cards (lower(email))")
    made, asked = connector(url), []

    def listen(*given: Any) -> None:
        asked.append(given[2])

    sa.event.listen(sa.Engine, "before_cursor_execute", listen)
    found = made.locate([subject(ANA)]).records
    sa.event.remove(sa.Engine, "before_cursor_execute", listen)
    assert [record.collection for record in found] == ["cards", "notes"]
    assert [one for one in asked if "lower(cards.email)" in one and "trim" not in one] != []


@pytest.mark.live
def test_a_lock_held_by_somebody_else_is_not_a_lasting_error(make_database: Callable[[], str]) -> None:
    url = make_database()
    filled(url)
    made = connector(url)
    steps = erasure(made)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as other:
        other.execute(sa.text("SELECT 1 FROM cards FOR UPDATE"))
        with pytest.raises(ConnectorError) as caught:
            list(made.act(steps, MemoryKeeper()))
    assert not caught.value.permanent


@pytest.mark.live
def test_values_of_postgres_types_come_back_as_they_were(make_database: Callable[[], str]) -> None:
    url = make_database()
    types = (
        "x INTEGER GENERATED ALWAYS AS IDENTITY, y INTEGER GENERATED ALWAYS AS (card_id * 2) STORED,"
        " u UUID, d DATE, t TIMESTAMPTZ, n NUMERIC(20, 10), j JSONB, i INET, b BYTEA, a TEXT[], s INTERVAL"
    )
    values = (
        "gen_random_uuid(), '2026-01-02', now(), 12345.0123456789, '{\"a\": [1, null]}', '10.0.0.1/24',"
        " '\\x00ff', ARRAY['a', NULL], '3 days'"
    )
    filled(
        url,
        f"CREATE TABLE odd (k UUID PRIMARY KEY, card_id INTEGER, {types})",
        f"INSERT INTO odd (k, card_id, u, d, t, n, j, i, b, a, s) VALUES (gen_random_uuid(), 1, {values})",
    )
    before = run(url, "SELECT odd::text FROM odd")
    made = connector(url, text=ODD)
    keeper = MemoryKeeper()
    steps = erasure(made, Action.RESTRICT)
    (outcome,) = made.act(steps, keeper)
    gone = run(url, "SELECT odd::text FROM odd")
    lifted = made.act(erasure(made, Action.LIFT, (outcome.seals[0].id,)), keeper)
    assert ([one.state for one in lifted], gone) == ([State.DONE], [])
    assert run(url, "SELECT odd::text FROM odd") == before
