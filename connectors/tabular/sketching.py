"""What a spreadsheet looks like: the source of a first map."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connectors._draft import Column, TableSketch, propose
from connectors._map.model import ROW, DataMap
from dsr.contract import ConnectorError

from .book import Options
from .opening import ENDINGS, opened

SAMPLES = 200
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "float"),
    (datetime, "datetime"),
    (date, "date"),
)


def draft(source: str) -> str:
    """A first map (YAML text) of a CSV, XLSX or Parquet file. ConnectorError when it cannot be read."""
    return propose(sketches(source), key=Path(source).stem)


def sketches(source: str) -> Sequence[TableSketch]:
    """Every sheet with its columns and up to 200 values of each.

    The samples are personal data: they stay in memory. A sheet in which no column tells the rows apart gets
    the column ``@row`` as its key. ConnectorError when the file cannot be read.
    """
    path = Path(source)
    if path.suffix.lower() not in ENDINGS:
        raise ConnectorError(f"{path.name} is not a CSV, XLSX or Parquet file", permanent=True)
    with closing(opened(path.resolve(), DataMap(path.stem, path.stem, ()), Options())) as book:
        return [_sketch(name, header, rows) for name, header, rows in book.samples(SAMPLES)]


def _sketch(name: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> TableSketch:
    places = [n for n, title in enumerate(header) if title and title not in header[:n]]
    samples = {header[n]: [row[n] for row in rows if n < len(row)] for n in places}
    columns = [Column(header[n], _type(samples[header[n]])) for n in places]
    key = next((one.name for one in columns if _tells_apart(one.name, samples[one.name], len(rows))), "")
    made = [one._replace(primary_key=one.name == key) for one in columns]
    if not key:
        made.insert(0, Column(ROW, primary_key=True))
    return TableSketch(name, tuple(made), samples)


def _type(values: Sequence[Any]) -> str:
    """The type of a column, where the file knows types."""
    found = {_of(value) for value in values if value not in (None, "")}
    return next(iter(found)) if len(found) == 1 else ""


def _of(value: Any) -> str:
    return next((word for kind, word in _TYPES if isinstance(value, kind)), "")


def _tells_apart(name: str, values: Sequence[Any], rows: int) -> bool:
    """A column that is called like a number and never repeats."""
    called = name.lower().strip(" .º") in (
        "id",
        "no",
        "nº",
        "n",
        "num",
        "numero",
        "número",
        "code",
        "codigo",
        "código",
    )
    filled = [value for value in values if value not in (None, "")]
    return called and len(filled) == rows > 0 and len(set(map(str, filled))) == rows
