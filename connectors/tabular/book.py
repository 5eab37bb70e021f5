"""What CSV and XLSX files have in common: sheets with rows that are read in order, and edits to rows."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from connectors._map.model import DataMap
from dsr.contract import Change, ConnectorError

from .sheets import Cells, Line, Sheet

Mark = tuple[int, int, int]
"""Inode, size and time of change: tells whether a file is still the one that was read."""


@dataclass(frozen=True, slots=True)
class Options:
    """The settings that say how a file is written."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Back:
    """A row that returns: what is known of where and how it stood, and the values to write."""

    number: int
    source: Mapping[str, Any]
    values: Mapping[str, Any]
    after: int | None = None


@dataclass
class Edits:
    """What is to be done to the rows of one sheet. ``changed``: by row number its place and its changes."""

    removed: list[Line] = field(default_factory=list)
    changed: list[tuple[Line, tuple[Change, ...]]] = field(default_factory=list)
    back: list[Back] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.removed or self.changed or self.back)


class Book(ABC):
    """One file while it is read. ConnectorError where it cannot be, without a word of its content."""

    seekable: bool
    """Whether a row can be read again by its place, so that nobody has to hold its cells."""

    def __init__(self, path: Path, data: DataMap, options: Options) -> None:
        self.path, self.map, self.options = path, data, options
        self.mark = mark(path)

    @property
    @abstractmethod
    def sheets(self) -> tuple[Sheet, ...]:
        """The collections that are in this file, parents before children."""

    @abstractmethod
    def lines(self, sheet: Sheet) -> Iterator[Line]:
        """The rows below the header that are not empty, in constant memory."""

    @abstractmethod
    def again(self, sheet: Sheet, line: Line) -> Cells:
        """The cells of one row, read again (or held, where the book is not seekable)."""

    @abstractmethod
    def accepts(self, sheet: Sheet, value: str) -> bool:
        """Whether this text can be written so that it stays what it is: text."""

    @abstractmethod
    def source_of(self, sheet: Sheet, lines: Sequence[Line]) -> Iterator[Mapping[str, Any]]:
        """How each of these rows stands in the file, for the day on which it returns."""

    @abstractmethod
    def write(self, target: BinaryIO, edits: Mapping[str, Edits]) -> None:
        """The whole file, edited by sheet name, into ``target``. Nothing else changes."""

    def copies(self, words: frozenset[str]) -> frozenset[str]:
        """Which of these texts stand in a part of the file that cannot be edited."""
        return frozenset()

    @abstractmethod
    def samples(self, most: int) -> Iterator[tuple[str, Sequence[str], Sequence[Cells]]]:
        """(name, header, first rows) of every sheet, whether or not the map knows it."""

    def unmapped(self) -> tuple[str, ...]:
        """Sheets with rows that the map does not speak of."""
        return ()

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def sheet(self, name: str) -> Sheet:
        """The sheet of a collection; ConnectorError when it is not in this file any more."""
        for one in self.sheets:
            if one.name == name:
                return one
        raise ConnectorError(f"the file has no collection '{name}'; search again", permanent=True)


def mark(path: Path) -> Mark:
    """The mark of the file as it is now."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise unreadable(path, error) from None
    return found.st_ino, found.st_size, found.st_mtime_ns


def unreadable(path: Path, error: BaseException) -> ConnectorError:
    """The error for a file that cannot be opened; it names the file, never what is in it."""
    reasons: dict[type[BaseException], str] = {
        FileNotFoundError: "is not there",
        PermissionError: "may not be read by this account",
        IsADirectoryError: "is a folder",
    }
    reason = reasons.get(type(error), f"cannot be read ({type(error).__name__})")
    return ConnectorError(f"the file {path.name} {reason}; see the setting 'path'", permanent=False)
