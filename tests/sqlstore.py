"""A small SQLite database with a data map, and short ways to put the sql connector to work on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.sql import Sql
from dsr.contract import (
    Action,
    Context,
    Identifier,
    Intent,
    Limits,
    Match,
    Outcome,
    Record,
    Residual,
    Row,
    Step,
    Subject,
)
from dsr.testing import MemoryKeeper

ANA = "ana@example.es"
EVA = "eva@example.es"
ON = date(2026, 6, 1)


def subject(*emails: str, claimed: Sequence[str] = (), key: str = "") -> Subject:
    """Somebody with these proved and claimed addresses."""
    return Subject(
        key or emails[0].partition("@")[0],
        tuple(Identifier("email", one) for one in emails),
        tuple(Identifier("email", one) for one in claimed),
    )


def opened(url: str, text: str) -> Sql:
    """A connector of a database on a server, opened."""
    made = Sql()
    settings = {"url": url, "map": text, "map_name": "crm.yaml"}
    now = datetime(2026, 6, 1, tzinfo=UTC)
    made.open(Context("crm", "demo", settings, settings.__getitem__, now, Limits(lock_seconds=0.2)))
    return made


def run(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Statements by another client; the rows of the last one."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    found: list[tuple[Any, ...]] = []
    with engine.begin() as client:
        for statement in statements:
            result = client.exec_driver_sql(statement)
            found = [tuple(row) for row in result] if result.returns_rows else []
    return found


class Database:
    """``schema``: SQL to run. ``fields`` and ``rules``: the two halves of a map, as YAML."""

    def __init__(self, path: Path, schema: str, text: str) -> None:
        self.path = path
        self.text = text
        self.keeper = MemoryKeeper()
        self.logged: list[str] = []
        with closing(sqlite3.connect(path)) as client:
            client.executescript(schema)

    def connector(self, *, page: int = 1000) -> Sql:
        """An opened connector."""
        made = Sql()
        settings = {"url": f"sqlite:///{self.path}", "map": self.text, "map_name": "map.yaml"}
        made.open(
            Context(
                "sql", "demo", settings, settings.__getitem__, datetime(2026, 6, 1, tzinfo=UTC), Limits(page)
            )
        )
        return made

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """One statement by another client; its rows."""
        with closing(sqlite3.connect(self.path)) as client, client:
            return client.execute(statement, values).fetchall()

    def locate(self, *subjects: Subject) -> list[Record]:
        """Everything that is found for these people."""
        return list(self.connector().locate(subjects or (subject(ANA),)).records)

    def read(self, records: Sequence[Record]) -> list[tuple[str, Row]]:
        """The rows of these records."""
        return list(self.connector().read(records).rows)

    def plan(self, action: Action, *subjects: Subject, every: bool = False, **words: Any) -> tuple[Step, ...]:
        """Steps on the certain records of these people (``every``: on all that were found)."""
        people = subjects or (subject(ANA),)
        records = self.locate(*people)
        intents = [
            Intent(
                f"{one.key}:sql:{action}:1",
                one,
                action,
                tuple(r for r in records if r.subject == one.key and (every or r.match is Match.EXACT)),
                on=ON,
                **words,
            )
            for one in people
        ]
        return self.connector().plan(intents)

    def act(self, steps: Sequence[Step]) -> list[Outcome]:
        """Outcomes in the order of the steps."""
        found = {one.key: one for one in self.connector().act(steps, self.keeper)}
        return [found[step.intent.key] for step in steps]

    def lift(self, *seals: str) -> Outcome:
        """Give back what these seals hold of Ana, verified by a fresh read."""
        intent = Intent("ana:sql:lift:1", subject(ANA), Action.LIFT, (), seals=seals, on=ON)
        (step,) = self.connector().plan([intent])
        (outcome,) = self.act([step])
        assert self.verify([step], [outcome]) == ()
        return outcome

    def verify(self, steps: Sequence[Step], outcomes: Sequence[Outcome]) -> tuple[Residual, ...]:
        """What a fresh read still finds."""
        return self.connector().verify(list(zip(steps, outcomes, strict=True)))
