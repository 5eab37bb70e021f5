"""Mails of a tracking tool in every kind of store that a map describes: databases, files, a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook

from connectors.sql import Sql
from connectors.tabular import Tabular
from connectors.tabular.google import GoogleSheets
from dsr.contract import Action, Connector, Context, Identifier, Intent, State, Step, Subject
from dsr.testing import MemoryKeeper
from vendors.google_sheets import GoogleSheets as Fake

ANA, EVA = "ana@correo.example", "eva@correo.example"
HERS = Subject("ana", (Identifier("email", ANA),))
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
HEAD = ("id", "email", "token")
TOKENS = ("a1", "A1", "gone-fishing")
"""Hers: two that differ by case alone, and one that begins as ours do and is a token all the same."""
ROWS = (
    ("1", ANA, "a1"), ("2", "Ana@correo.example", "A1"), ("3", EVA, "e1"), ("4", ANA, ""), ("5", ANA, "gone-fishing"),
)  # fmt: skip
MAP = """
dataset:
  - fides_key: tracking
    collections:
      - name: contacts
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: token}
dsr:
  collections:
    contacts:
      owner: subject
      erase: anonymise
      anonymise: {email: null, token: {token: true}}
      stop: {tracking: {token: {token: true}}}
"""


def grave(token: str) -> str:
    """What stands for a token, as the keeper of these tests makes it."""
    return MemoryKeeper().tombstone("any", token)


class Mails:
    """A tracking store: a token leads to a mail, and its address is copied into the open. Read and written by
    another client than the connector."""

    kind: type[Connector]
    settings: dict[str, Any]

    def __init__(self) -> None:
        self.opens: list[str] = []

    def rows(self) -> list[tuple[Any, ...]]:
        """(id, email, token) in the order of the ids."""
        raise NotImplementedError

    def add(self, rows: Sequence[tuple[str, ...]]) -> None:
        """More mails."""
        raise NotImplementedError

    def secret(self, name: str) -> str:
        return str(self.settings[name])

    def noted(self, token: str) -> None:
        """An open: whoever the token leads to."""
        self.opens += [str(email) for _, email, held in self.rows() if held == token and token]

    def tokens(self) -> dict[int, Any]:
        return {int(number): token for number, _, token in self.rows()}

    def connector(self, text: str = MAP) -> Connector:
        made = self.kind()
        settings = {**self.settings, "map": text, "map_name": "map.yaml"}
        made.open(Context("tracking", "acme", settings, self.secret, NOW))
        return made

    def plan(self, action: Action, text: str = MAP, **words: Any) -> Sequence[Step]:
        with closing(self.connector(text)) as connector:
            records = connector.locate([HERS]).records
            return connector.plan([Intent("k", HERS, action, records, on=NOW.date(), **words)])

    def carried_out(self, action: Action, text: str = MAP, **words: Any) -> None:
        """Planned, carried out and read back; the same key of work again does no more."""
        steps = self.plan(action, text, **words)
        assert [one.conflicts for one in steps] == [()]
        with closing(self.connector(text)) as connector:
            outcomes = list(connector.act(steps, MemoryKeeper()))
        with closing(self.connector(text)) as connector:
            assert (outcomes[0].state, connector.verify([(steps[0], outcomes[0])])) == (State.DONE, ())
        before = self.rows()
        with closing(self.connector(text)) as connector:
            again = [one.state for one in connector.act(steps, MemoryKeeper())]
        assert (again, self.rows()) == ([State.ALREADY], before)


class InSql(Mails):
    kind = Sql

    def __init__(self, url: str, token: str = "VARCHAR(40)") -> None:  # noqa: S107 - a type
        super().__init__()
        self.settings = {"url": url}
        self.run(f"CREATE TABLE contacts (id INTEGER PRIMARY KEY, email VARCHAR(80), token {token})")
        self.run("CREATE TABLE opens (email VARCHAR(80))")

    def run(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        engine = sa.create_engine(self.settings["url"], poolclass=sa.NullPool)
        with engine.begin() as client:
            found = client.execute(sa.text(statement), values)
            return [tuple(one) for one in found] if found.returns_rows else []

    def rows(self) -> list[tuple[Any, ...]]:
        return self.run("SELECT id, email, token FROM contacts ORDER BY id")

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        for number, email, token in rows:
            self.run("INSERT INTO contacts VALUES (:n, :e, :t)", n=int(number), e=email, t=token)


class InCsv(Mails):
    kind = Tabular

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.settings = path, {"path": str(path)}
        self.write([])

    def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEAD, *rows])

    def rows(self) -> list[tuple[Any, ...]]:
        with self.path.open(encoding="utf-8", newline="") as file:
            return [tuple(one) for one in csv.reader(file)][1:]

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.write([*self.rows(), *rows])


class InXlsx(InCsv):
    def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "contacts"
        for one in (HEAD, *rows):
            sheet.append(one)
        book.save(self.path)

    def rows(self) -> list[tuple[Any, ...]]:
        sheet: Any = load_workbook(self.path)["contacts"]
        found = list(sheet.iter_rows(min_row=2, values_only=True))
        return [tuple("" if one is None else one for one in row) for row in found]


class InParquet(InCsv):
    def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        with closing(duckdb.connect()) as base:
            base.execute("CREATE TABLE made (id VARCHAR, email VARCHAR, token VARCHAR)")
            for row in rows:
                base.execute("INSERT INTO made VALUES (?, ?, ?)", list(row))
            base.execute(f"COPY made TO '{self.path}' (FORMAT parquet)")

    def rows(self) -> list[tuple[Any, ...]]:
        with closing(duckdb.connect(config={"threads": 1})) as base:
            return base.execute(f"SELECT * FROM read_parquet('{self.path}')").fetchall()


class InSheets(Mails):
    kind = GoogleSheets

    def __init__(self, vendor: Fake) -> None:
        super().__init__()
        self.vendor = vendor
        vendor.map = MAP
        vendor.table("contacts")["1"] = list(HEAD)  # type: ignore[assignment]
        self.settings = dict(vendor.settings)

    def secret(self, name: str) -> str:
        return str(self.vendor.secrets[name])

    def rows(self) -> list[tuple[Any, ...]]:
        grid = self.vendor.grid("contacts")
        return [(*row, "", "")[:3] for number, row in sorted(grid.items()) if number > 1 and any(row)]

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        for one in rows:
            self.vendor.row("contacts", one)


FILES = {"csv": InCsv, "xlsx": InXlsx, "parquet": InParquet}
