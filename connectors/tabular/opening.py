"""From settings to a file that can be read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from connectors._map import load
from connectors._map.model import DataMap
from dsr.contract import ConnectorError

from . import replacing
from .book import Book, Options
from .csvbook import CsvBook
from .csvtext import DELIMITERS, ENCODINGS
from .parquetbook import ParquetBook
from .xlsxbook import XlsxBook

TEXT = (".csv", ".tsv", ".txt")
SPREADSHEETS = (".xlsx", ".xlsm")
COLUMNS = (".parquet",)
ENDINGS = (*TEXT, *SPREADSHEETS, *COLUMNS)


class Source(Protocol):
    """Where the rows of a system are."""

    @property
    def map(self) -> DataMap:
        """What the map says of them."""

    def book(self) -> Book:
        """The rows, opened now. The caller closes it."""

    def locked(self, seconds: float) -> AbstractContextManager[None]:
        """Nobody else of ours writes meanwhile. ConnectorError when that is not so after ``seconds``."""


@dataclass(frozen=True)
class Place:
    """Where a system's file is, what the map says of it, and how it is written."""

    path: Path
    map: DataMap
    options: Options

    def book(self) -> Book:
        """The file, opened now. The caller closes it."""
        return opened(self.path, self.map, self.options)

    def locked(self, seconds: float) -> AbstractContextManager[None]:
        """Nobody else of ours writes the file meanwhile; see ``replacing.locked``."""
        return replacing.locked(self.path, seconds)


def place(settings: Mapping[str, Any]) -> Place:
    """Check the settings; the file itself is looked at when it is needed.

    ConnectorError(permanent=True) names the setting that is wrong.
    """
    path = settings.get("path")
    if not isinstance(path, str) or not path.strip():
        raise _wrong("path", "is missing: name the CSV, XLSX or Parquet file")
    data = mapped(settings)
    found = Path(path)
    if found.suffix.lower() not in ENDINGS:
        raise _wrong("path", f"must end in {', '.join(ENDINGS)}; save the file as one of these")
    options = Options(_encoding(settings), _delimiter(settings), str(settings.get("sheet") or ""))
    return Place(found.resolve(), data, options)


def opened(path: Path, data: DataMap, options: Options) -> Book:
    """The book for this kind of file."""
    ending = path.suffix.lower()
    if ending in COLUMNS:
        return ParquetBook(path, data, options)
    return XlsxBook(path, data, options) if ending in SPREADSHEETS else CsvBook(path, data, options)


def mapped(settings: Mapping[str, Any]) -> DataMap:
    """The data map of the settings. ConnectorError(permanent=True) names file and line of a mistake."""
    text = settings.get("map")
    if not isinstance(text, str) or not text.strip():
        raise _wrong("map", "is missing: name the file of the data map")
    return _map(text, str(settings.get("map_name") or "map"))


@lru_cache(maxsize=64)
def _map(text: str, name: str) -> DataMap:
    return load(text, name)


def _encoding(settings: Mapping[str, Any]) -> str:
    said = str(settings.get("encoding") or "").strip().lower().replace("_", "-")
    if said and said not in ENCODINGS:
        raise _wrong("encoding", f"must be one of {', '.join(ENCODINGS)}, or left out")
    return said


def _delimiter(settings: Mapping[str, Any]) -> str:
    said = str(settings.get("delimiter") or "")
    said = {"\\t": "\t", "tab": "\t"}.get(said.lower(), said)
    if said and said not in DELIMITERS:
        raise _wrong("delimiter", "must be a comma, a semicolon, a tab (\\t) or a vertical bar, or left out")
    return said


def _wrong(name: str, what: str) -> ConnectorError:
    return ConnectorError(f"the setting '{name}' {what}", permanent=True)
