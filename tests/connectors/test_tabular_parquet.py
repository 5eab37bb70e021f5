"""Parquet files through the tabular connector: the kit, exact types, what a file keeps."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.tabular import Tabular, draft
from dsr.contract import Action, Change, Connector, ConnectorError, Intent, State
from sheetkit import CONTACTS, HEADER, CsvKit
from spreadsheets import Sheet, mapping, person

ANA, EVA = "ana@correo.example", "eva@correo.example"
TYPES = "id INTEGER, email VARCHAR, name VARCHAR, news BOOLEAN"


def make(path: Path, types: str, rows: Sequence[Sequence[Any]], options: str = "") -> None:
    """A Parquet file of these rows, written without the connector."""
    with closing(duckdb.connect()) as base:
        base.execute(f"CREATE TABLE made ({types})")
        for row in rows:
            base.execute(f"INSERT INTO made VALUES ({', '.join('?' * len(row))})", row)
        base.execute(f"COPY made TO '{path}' (FORMAT parquet {options})")


def content(path: Path, what: str = "*") -> list[tuple[Any, ...]]:
    """The rows of a file in their order, read without the connector."""
    with closing(duckdb.connect(config={"threads": 1})) as base:
        return base.execute(f"SELECT {what} FROM read_parquet('{path}')").fetchall()


class ParquetKit(CsvKit):
    """One file of text columns. It is read again when it was written: 500 openings of DuckDB take 7 s."""

    known: tuple[tuple[int, ...], list[tuple[Any, ...]]] = ((), [])

    def make(self, place: Path) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.path = place / "contacts.parquet"
        self.save([])
        text = CONTACTS.replace("RESTRICT", self.restrict)
        return Tabular, {"path": str(self.path), "map": text, "map_name": "kit.yaml"}

    def load(self) -> list[dict[str, str]]:
        found = self.path.stat()
        version = found.st_ino, found.st_mtime_ns, found.st_size
        if self.known[0] != version:
            self.known = version, content(self.path)
        return [dict(zip(HEADER, row, strict=True)) for row in self.known[1]]

    def save(self, rows: Sequence[Mapping[str, str]]) -> None:
        listed = [json.dumps(dict(row)) for row in rows]
        columns = ", ".join(f"one->>'{name}' AS {name}" for name in HEADER)
        with closing(duckdb.connect()) as base:
            query = f"SELECT {columns} FROM (SELECT unnest(?::JSON[]) AS one)"
            base.execute(f"COPY ({query}) TO '{self.path}' (FORMAT parquet)", [listed])
        self.known = (), []


class TestParquet(ParquetKit):
    """Rows that are set aside."""


class TestParquetWithAFlag(ParquetKit):
    """Rows that are marked."""

    restrict = "{flag: restricted, value: true}"


EVERY = (
    "id INTEGER, email VARCHAR, name VARCHAR, news BOOLEAN, stamp TIMESTAMP, zoned TIMESTAMPTZ, nanos TIMESTAMP_NS, "
    "price DECIMAL(18,4), picture BLOB, tags VARCHAR[], place STRUCT(city VARCHAR, lat DOUBLE), uid UUID"
)
HERS = (
    1, ANA, "Ana ñ \"quoted\", it's", True, "2026-03-29 01:30:00.123456", "2026-03-29 01:30:00+02",
    "2026-03-29 01:30:00.123456789", "12.3400", b"\x00\xff'", ["a,b", "c'd", ""], {"city": "Lima, \"x\"", "lat": 0.1},
    "6f1c2f9e-7a44-4a11-9f5c-0c63b7cf1a01",
)  # fmt: skip
OTHERS = (2, EVA, "Eva", False, *[None] * 8)


@pytest.fixture
def typed(tmp_path: Path) -> Iterator[Sheet]:
    make(tmp_path / "list.parquet", EVERY, [OTHERS, HERS, (3, *OTHERS[1:])])
    yield Sheet(tmp_path / "list.parquet", mapping())


def test_every_type_comes_back_exactly_after_a_restriction(typed: Sheet) -> None:
    before = content(typed.path, "*, typeof(nanos)"), content(typed.path, "COLUMNS(*)::VARCHAR")

    [step] = typed.plan(Action.RESTRICT, ANA)
    [outcome] = typed.act([step])
    aside = [row[0] for row in content(typed.path)]
    seals = tuple(seal.id for seal in outcome.seals)
    lifted = typed.act(lift(typed, seals))

    assert (aside, [one.state for one in lifted]) == ([2, 3], [State.DONE])
    assert (content(typed.path, "*, typeof(nanos)"), content(typed.path, "COLUMNS(*)::VARCHAR")) == before


def lift(file: Sheet, seals: tuple[str, ...]) -> Sequence[Any]:
    """The step that gives rows back: nothing of hers can be found before."""
    with file.open() as connector:
        return connector.plan([Intent("0:lift", person(ANA), Action.LIFT, (), seals=seals)])


def test_a_correction_changes_one_cell_and_no_type(typed: Sheet) -> None:
    before = content(typed.path, "* EXCLUDE (name)")

    done = typed.do(Action.RECTIFY, ANA, changes=(Change("user.name", "Ana Núñez"),))

    assert [one.state for one in done] == [State.DONE]
    assert content(typed.path, "name") == [("Eva",), ("Ana Núñez",), ("Eva",)]
    assert content(typed.path, "* EXCLUDE (name)") == before


def test_the_codec_and_the_notes_of_a_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    notes = ", COMPRESSION zstd, KV_METADATA {owner: 'Marketing''s'}"
    make(path, TYPES, [(1, ANA, "Ana", True), (2, EVA, "Eva", True)], notes)

    Sheet(path, mapping()).do(Action.ERASE, ANA)

    with closing(duckdb.connect()) as base:
        codecs = base.execute(f"SELECT DISTINCT compression FROM parquet_metadata('{path}')").fetchall()
        kept = base.execute(f"SELECT key, value FROM parquet_kv_metadata('{path}')").fetchall()
    assert (codecs, kept, content(path, "id")) == ([("ZSTD",)], [(b"owner", b"Marketing's")], [(2,)])


def test_nothing_of_hers_is_left_in_the_bytes_or_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    make(path, TYPES, [(1, ANA, "Ana", True), (2, EVA, "Eva", True)], ", COMPRESSION uncompressed")

    Sheet(path, mapping()).do(Action.ERASE, ANA)

    assert ANA.encode() not in path.read_bytes()
    assert [one.name for one in tmp_path.iterdir() if "lock" not in one.name] == ["list.parquet"]


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("list.parquet", b"PAR1 no parquet ana@correo.example", "cannot be read as a Parquet file"),
        ("list.parquet", b"", "cannot be read as a Parquet file"),
        ("li*st.parquet", b"PAR1", "cannot hold any of"),
    ],
)
def test_a_file_that_is_none_is_refused_without_its_content(
    tmp_path: Path, name: str, body: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(ConnectorError, match=says) as caught:
        Sheet(tmp_path / name, mapping()).records(ANA)
    assert "correo.example" not in str(caught.value)


def test_a_first_map_is_proposed_from_columns_and_types(tmp_path: Path) -> None:
    make(tmp_path / "list.parquet", TYPES, [(1, ANA, "Ana", True)])
    text = draft(str(tmp_path / "list.parquet"))
    assert ("identity: email" in text, "data_type: boolean" in text) == (True, True)
