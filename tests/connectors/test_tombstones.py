"""Tokens of links and pixels give way to tombstones made by our key, in every store that a map describes.

An old mail is opened afterwards at a real tracking endpoint over each of these stores.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from dsr.contract import Action, ConnectorError, KeepRule, is_tombstone
from dsr.testing import MemoryKeeper
from mailstores import ANA, EVA, FILES, MAP, ROWS, TOKENS, InCsv, InParquet, InSheets, InSql, Mails, grave
from pixel import tracker
from vendors.google_sheets import GoogleSheets as Fake

ENGINES = (
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.live),
    pytest.param("mariadb", marks=pytest.mark.live),
)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """The address of an empty database of an engine."""

    def made(engine: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / 'tracking.sqlite3'}"
        name = {"postgresql": "make_database", "mariadb": "make_mariadb_database"}[engine]
        return str(request.getfixturevalue(name)())

    return made


@pytest.fixture(params=[*ENGINES, *FILES, "sheets"])
def mails(request: pytest.FixtureRequest, tmp_path: Path, url: Callable[[str], str]) -> Iterator[Mails]:
    if request.param in FILES:
        store: Mails = FILES[request.param](tmp_path / f"contacts.{request.param}")
    elif request.param == "sheets":
        store = InSheets(request.getfixturevalue("sheets_vendor"))
    else:
        store = InSql(url(request.param))
    store.add(ROWS)
    yield store


@pytest.fixture
def sheets_vendor() -> Iterator[Fake]:
    with closing(Fake()) as vendor:
        yield vendor


@pytest.fixture
def open_mail(mails: Mails) -> Iterator[Callable[[str], None]]:
    with tracker(mails.noted) as opening:
        yield opening


@pytest.mark.parametrize(
    ("action", "words"), [(Action.STOP, {"channels": ("tracking",)}), (Action.ERASE, {})]
)
def test_an_old_mail_that_is_opened_afterwards_finds_nobody(
    mails: Mails, open_mail: Callable[[str], None], action: Action, words: dict[str, Any]
) -> None:
    for token in TOKENS:
        open_mail(token)
    assert sorted(mails.opens) == ["Ana@correo.example", ANA, ANA]
    mails.opens.clear()

    mails.carried_out(action, **words)

    for token in (*TOKENS, "e1"):
        open_mail(token)
    assert mails.opens == [EVA]
    blank = mails.tokens().pop(4)
    assert mails.tokens() == {1: grave("a1"), 2: grave("A1"), 3: "e1", 4: blank, 5: grave("gone-fishing")}
    assert not blank


def test_a_copy_that_brings_a_token_back_ends_under_the_same_tombstone(mails: Mails) -> None:
    mails.carried_out(Action.STOP, channels=("tracking",))
    mails.add([("6", ANA, "a1"), ("7", ANA, "a1")])

    mails.carried_out(Action.STOP, channels=("tracking",))

    tokens = mails.tokens()
    assert [tokens[n] for n in (1, 6, 7)] == [grave("a1")] * 3


@pytest.mark.parametrize("engine", ENGINES)
def test_where_a_token_may_stand_once_a_copy_takes_the_next_tombstone(
    url: Callable[[str], str], engine: str
) -> None:
    mails = InSql(url(engine), "VARCHAR(40) NOT NULL UNIQUE")
    mails.add([("1", ANA, "a1"), ("3", EVA, "e1")])
    mails.carried_out(Action.STOP, channels=("tracking",))
    mails.add([("6", ANA, "a1")])

    mails.carried_out(Action.STOP, channels=("tracking",))

    assert mails.tokens() == {1: grave("a1"), 3: "e1", 6: grave("a1\0002")}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("column", "length"), [("CHAR(40)", 21), ("VARCHAR(16)", 16)])
def test_a_tombstone_fits_its_column(
    url: Callable[[str], str], engine: str, column: str, length: int
) -> None:
    mails = InSql(url(engine), column)
    mails.add([("1", ANA, "a1"), ("2", ANA, "a2")])

    mails.carried_out(Action.STOP, channels=("tracking",))

    held = {number: token.strip() for number, token in mails.tokens().items()}
    assert held == {1: grave("a1")[:length], 2: grave("a2")[:length]}
    assert all(is_tombstone(one) for one in held.values())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("column", "value", "kind", "told"),
    [
        ("VARCHAR(15)", "a1", "length", "needs 16 characters"),
        ("INTEGER", 7, "type", "cannot hold a tombstone"),
    ],
)
def test_a_column_that_cannot_hold_one_is_refused_in_the_plan(
    url: Callable[[str], str], engine: str, column: str, value: Any, kind: str, told: str
) -> None:
    mails = InSql(url(engine), column)
    mails.add([("1", ANA, value)])

    steps = [*mails.plan(Action.STOP), *mails.plan(Action.ERASE)]

    why: list[Any] = [one.why for step in steps for one in step.conflicts]
    assert [one.kind for step in steps for one in step.conflicts] == [kind] * 2
    assert [(told in one["en"], "'token'" in one["en"]) for one in why] == [(True, True)] * 2


@pytest.mark.parametrize("meta", ["{data_type: integer}", "{length: 15}"])
def test_a_map_that_says_that_a_field_cannot_hold_one_is_refused_with_its_line(
    tmp_path: Path, meta: str
) -> None:
    text = MAP.replace("{name: token}", f"{{name: token, fides_meta: {meta}}}")
    with pytest.raises(ConnectorError, match=r"map\.yaml:15: .*'token' cannot hold"):
        InCsv(tmp_path / "contacts.csv").connector(text)


def test_what_tracks_is_never_left_to_chance(tmp_path: Path) -> None:
    """Random text would be another one for a copy."""
    text = MAP.replace(
        "stop: {tracking: {token: {token: true}}}", "stop: {tracking: {token: {random: true}}}"
    )
    with pytest.raises(ConnectorError, match=r"map\.yaml:16: 'random'"):
        InCsv(tmp_path / "contacts.csv").connector(text)


def test_an_identifier_that_is_made_random_is_nothing_that_our_key_makes(mails: Mails) -> None:
    mails.add([("6", ANA, "a1")])

    mails.carried_out(Action.ERASE, MAP.replace("token: {token: true}}\n", "token: {random: true}}\n", 1))

    tokens = mails.tokens()
    made = [tokens[n] for n in (1, 6)]
    assert ([len(one) for one in made], len({*made, grave("a1")})) == ([37, 37], 3)


def test_a_column_of_numbers_in_a_file_is_refused_in_the_plan(tmp_path: Path) -> None:
    mails = InParquet(tmp_path / "contacts.parquet")
    with closing(duckdb.connect()) as base:
        base.execute(
            f"COPY (SELECT '1' AS id, '{ANA}' AS email, 7 AS token) TO '{mails.path}' (FORMAT parquet)"
        )

    (step,) = mails.plan(Action.STOP)

    assert [one.kind for one in step.conflicts] == ["type"]


def test_tokens_of_rows_that_the_law_keeps_get_the_same_tombstone(tmp_path: Path) -> None:
    text = MAP.replace(
        "erase: anonymise\n      anonymise: {email: null, token", "erase: keep\n      anonymise: {token"
    )
    text = text.replace("{name: token}", "{name: token}\n          - {name: sent}")
    text = text.replace("      stop:", "      keep: {rule: tax, date: sent}\n      stop:")
    mails = InSql(f"sqlite:///{tmp_path / 'tracking.sqlite3'}")
    mails.run("ALTER TABLE contacts ADD COLUMN sent TEXT DEFAULT '2026-01-01'")
    mails.run("INSERT INTO contacts (id, email, token) VALUES (1, :a, 'a1')", a=ANA)

    mails.carried_out(Action.ERASE, text, keep=(KeepRule("tax", "art. 66 LGT", (4, 0, 0)),))

    assert mails.tokens() == {1: grave("a1")}


def test_many_tokens_take_few_statements(tmp_path: Path) -> None:
    """A person of 2500 mails: three updates, not 2500."""
    path = tmp_path / "tracking.sqlite3"
    mails = InSql(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as base, base:
        base.executemany("INSERT INTO contacts VALUES (?, ?, ?)", [(n, ANA, f"t{n}") for n in range(2500)])
    steps = mails.plan(Action.STOP)
    said: list[str] = []

    def note(*told: Any) -> None:
        said.append(str(told[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        with closing(mails.connector()) as connector:
            list(connector.act(steps, MemoryKeeper()))
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)

    assert len([one for one in said if one.startswith("UPDATE")]) == 3
    assert mails.tokens() == {n: grave(f"t{n}") for n in range(2500)}
