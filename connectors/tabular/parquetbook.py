"""A Parquet file as a book of one sheet: read and written by DuckDB, which keeps every type as it is.

Sources: duckdb.org/docs/stable/data/parquet (``file_row_number``, ``COPY ... TO``, ``parquet_metadata``);
duckdb.org/docs/stable/sql/dialect/order_preservation (one thread: rows keep their order).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, BinaryIO

from connectors._map.model import Collection
from dsr.contract import ConnectorError

from .book import Back, Edits, Former, Wanted, unreadable
from .cells import as_text
from .filebook import FileBook
from .sheets import Cells, Line, Sheet

PIECE = 1024
"""Rows fetched at once."""
NUMBER = "file_row_number"
PLACE, TURN = '"@place"', '"@turn"'
"""Where a row is to stand, and its turn among those that return to the same place."""
CODECS = frozenset({"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "BROTLI", "LZ4_RAW"})
GLOB = "*?[]{}"
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "1GB",
    "temp_directory": "",
    "preserve_insertion_order": True,
}
"""One thread keeps the order of rows; without a folder for spilling, no row lies about on the disk."""


class ParquetBook(FileBook):
    """Rows are numbered from 1 in the order of the file."""

    seekable = False

    @cached_property
    def _base(self) -> Any:
        try:
            import duckdb
        except ImportError:
            raise ConnectorError(
                "Parquet files need DuckDB: pip install 'dsr[parquet]'", permanent=True
            ) from None
        if any(letter in str(self.path) for letter in GLOB):
            raise ConnectorError(
                f"the path of a Parquet file cannot hold any of {GLOB}; see the setting 'path'",
                permanent=True,
            )
        base = duckdb.connect(":memory:", config=SETTINGS)
        # What takes more than two seconds would be drawn as a bar into the log.
        base.execute("SET enable_progress_bar = false")
        return base

    @contextmanager
    def _trouble(self, doing: str = "read") -> Iterator[None]:
        """What DuckDB says may quote the file: only the kind of trouble leaves."""
        import duckdb

        try:
            yield
        except (duckdb.Error, UnicodeDecodeError) as error:
            if not self.path.is_file():
                raise unreadable(self.path, FileNotFoundError()) from None
            raise ConnectorError(
                f"{self.path.name} cannot be {doing} as a Parquet file ({type(error).__name__})",
                permanent=isinstance(error, (duckdb.InvalidInputException, duckdb.ConversionException)),
            ) from None

    @property
    def _file(self) -> str:
        """The rows of the file with their numbers, as SQL."""
        return f"read_parquet({_text(str(self.path))}, file_row_number = true)"

    @cached_property
    def _columns(self) -> dict[str, str]:
        """Every column with its type as DuckDB writes it."""
        base = self._base
        with self._trouble():
            found = base.execute(f"DESCRIBE SELECT * EXCLUDE ({NUMBER}) FROM {self._file}").fetchall()
        return {name: kind for name, kind, *_ in found}

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The one sheet of the file."""
        return (Sheet(self._collection(), list(self._columns)),)

    def _collection(self) -> Collection:
        every = self.map.collections
        for one in every:
            if one.name == self.path.stem or len(every) == 1:
                return one
        raise ConnectorError(
            f"the map has several collections and none is called '{self.path.stem}' like the file",
            permanent=True,
        )

    def lines(self, sheet: Sheet) -> Iterator[Line]:
        """Every row; what Python has no exact type for comes as text."""
        return self._lines()

    def _lines(self, most: int | None = None) -> Iterator[Line]:
        shown = ", ".join(_shown(name, kind) for name, kind in self._columns.items())
        limit = "" if most is None else f" LIMIT {most}"
        with self._trouble():
            cursor = self._base.cursor()
            try:
                cursor.execute(f"SELECT {shown}, {NUMBER} + 1 FROM {self._file}{limit}")
                while rows := cursor.fetchmany(PIECE):
                    for *cells, number in rows:
                        yield Line(number, cells, number, number)
            finally:
                cursor.close()

    def again(self, sheet: Sheet, line: Line) -> Cells:
        """The cells are held: a row of a packed column cannot be read alone."""
        return line.cells

    def accepts(self, sheet: Sheet, field: str, value: str) -> bool:
        """Whatever can be written as UTF-8 and is of the type of the column."""
        if not value.isprintable() and any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
            return False
        kind = self._columns[field]
        with self._trouble():
            (fits,) = self._base.execute(f"SELECT TRY_CAST(? AS {kind}) IS NOT NULL", [value]).fetchone()
        return bool(fits)

    def source_of(self, sheet: Sheet, lines: Sequence[Line]) -> Iterator[Mapping[str, Any]]:
        """Every value as DuckDB writes it as text, once that was seen to give the same value back."""
        found = self._texts([line.number for line in lines])
        return ({"columns": self._exact(found, line, self._columns)} for line in lines)

    def cells_of(self, sheet: Sheet, wanted: Wanted) -> Iterator[Mapping[str, Any]]:
        """The same of these cells alone."""
        found = self._texts([line.number for line, _ in wanted])
        return (self._exact(found, line, fields) for line, fields in wanted)

    def _texts(self, numbers: Sequence[int]) -> Mapping[int, Mapping[str, tuple[bool, Any]]]:
        """Of the rows with these numbers each value as text, and whether that gives the same value back."""
        with self._trouble():
            self._numbers("wanted", numbers)
            shown = ", ".join(
                f"TRY_CAST(CAST({_name(one)} AS VARCHAR) AS {kind}) IS NOT DISTINCT FROM {_name(one)}, "
                f"CAST({_name(one)} AS VARCHAR)"
                for one, kind in self._columns.items()
            )
            rows = self._base.execute(
                f"SELECT {NUMBER} + 1, {shown} FROM {self._file} WHERE {NUMBER} + 1 IN (SELECT n FROM wanted)"
            ).fetchall()
        return {
            number: dict(zip(self._columns, zip(told[::2], told[1::2], strict=True), strict=True))
            for number, *told in rows
        }

    def _exact(
        self, found: Mapping[int, Mapping[str, tuple[bool, Any]]], line: Line, fields: Iterable[str]
    ) -> Mapping[str, Any]:
        mine = found[line.number]
        if not all(mine[name][0] for name in fields):
            raise ConnectorError(
                f"a row of {self.path.name} holds a value that could not be given back exactly",
                permanent=True,
            )
        return {name: mine[name][1] for name in fields}

    def write(self, target: BinaryIO, edits: Mapping[str, Edits]) -> None:
        """The file without the rows that go, with the others in their order, packed as it was packed."""
        mine = edits.get(self.sheets[0].name, Edits())
        part = self.path.with_name(f".{self.path.name}.dsr-copy")
        part.unlink(missing_ok=True)
        try:
            with self._trouble("written"):
                self._touched(mine)
                self._base.execute(f"COPY ({self._kept(mine)}) TO {_text(str(part))} ({self._options()})")
            with part.open("rb") as made:
                while piece := made.read(1 << 20):
                    target.write(piece)
        finally:
            part.unlink(missing_ok=True)

    def _kept(self, edits: Edits) -> str:
        """The rows of the new file, as SQL; they are sorted only where some were changed or come back."""
        names = ", ".join(map(_name, self._columns))
        whole = f"SELECT {names} FROM {self._file} WHERE {NUMBER} + 1 NOT IN (SELECT n FROM gone)"
        if not edits.changed and not edits.back:
            return whole
        rest = whole.replace(f"SELECT {names}", f"SELECT {names}, {NUMBER} + 1 AS {PLACE}, 0 AS {TURN}", 1)
        written = f"SELECT {names}, {PLACE}, {TURN} FROM touched"
        return f"SELECT {names} FROM ({rest} UNION ALL {written}) ORDER BY {PLACE}, {TURN}"

    def _touched(self, edits: Edits) -> None:
        """Tables of the rows that leave their place (``gone``) and of those that are written (``touched``)."""
        changed = [line.number for line, _ in edits.changed]
        self._numbers("gone", [*(line.number for line in edits.removed), *changed])
        self._numbers("wanted", changed)
        base = self._base
        base.execute(
            f"CREATE OR REPLACE TEMP TABLE touched AS SELECT * EXCLUDE ({NUMBER}), {NUMBER} + 1 AS {PLACE}, "
            f"0 AS {TURN} FROM {self._file} WHERE {NUMBER} + 1 IN (SELECT n FROM wanted)"
        )
        sheet = self.sheets[0]
        for line, changes in edits.changed:
            for one in changes:
                value = one.new.stood if isinstance(one.new, Former) else one.new
                if isinstance(value, (bool, dict)):
                    value = as_text(value, sheet.cell(line.cells, one.field))
                column = f"{_name(one.field)} = CAST(? AS {self._columns[one.field]})"
                base.execute(f"UPDATE touched SET {column} WHERE {PLACE} = ?", [value, line.number])
        for turn, back in enumerate(edits.back, start=1):
            self._return(back, turn)

    def _return(self, back: Back, turn: int) -> None:
        texts = back.source.get("columns")
        if not isinstance(texts, dict) or set(texts) != set(self._columns):
            raise ConnectorError(
                f"the columns of {self.path.name} are not those of the rows to be given back", permanent=True
            )
        places = ", ".join(f"CAST(? AS {kind})" for kind in self._columns.values())
        place = 1 << 62 if back.after is None else back.after
        values = [texts[name] for name in self._columns]
        self._base.execute(f"INSERT INTO touched VALUES ({places}, ?, ?)", [*values, place, turn])

    def _numbers(self, table: str, numbers: Sequence[int]) -> None:
        self._base.execute(f"CREATE OR REPLACE TEMP TABLE {table} (n BIGINT)")
        self._base.execute(f"INSERT INTO {table} SELECT unnest(?::BIGINT[])", [list(numbers)])

    def _options(self) -> str:
        """Codec, size of row groups and notes of the old file."""
        file = _text(str(self.path))
        base = self._base
        codec, rows = base.execute(
            f"SELECT any_value(compression), max(row_group_num_rows) FROM parquet_metadata({file})"
        ).fetchone()
        notes = base.execute(f"SELECT key, value FROM parquet_kv_metadata({file})").fetchall()
        packed = codec if codec in CODECS else "SNAPPY"
        found = ["FORMAT parquet", f"COMPRESSION {packed}", f"ROW_GROUP_SIZE {max(int(rows or 0), 2048)}"]
        if notes:
            pairs = ", ".join(f"{_text(key.decode())}: {_text(value.decode())}" for key, value in notes)
            found.append(f"KV_METADATA {{{pairs}}}")
        return ", ".join(found)

    def samples(self, most: int) -> Iterator[tuple[str, Sequence[str], Sequence[Cells]]]:
        """The columns and the first rows."""
        yield self.path.stem, list(self._columns), [line.cells for line in self._lines(most)]

    def close(self) -> None:
        """Close the file, if it was opened."""
        base = self.__dict__.pop("_base", None)
        if base is not None:
            base.close()


EXACT = ("VARCHAR", "BOOLEAN", "DOUBLE", "DATE", "TIMESTAMP", "TIME")
WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "HUGEINT",
)


def _shown(name: str, kind: str) -> str:
    """A column as Python gets it: as it is, or as text where Python would round it or lacks the type."""
    if kind in EXACT or kind in WHOLE:
        return _name(name)
    return f"CAST({_name(name)} AS VARCHAR)"


def _name(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    """A string literal of SQL; DuckDB takes no parameters in these places."""
    return "'" + value.replace("'", "''") + "'"
