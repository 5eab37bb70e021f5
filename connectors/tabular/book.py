"""What files and online spreadsheets have in common: sheets with rows that are read in order, and edits to rows."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors._map.model import Collection, DataMap
from dsr.contract import Change, ConnectorError, Text

from . import texts
from .sheets import Cells, Line, Sheet

Mark = tuple[int, int, int]
"""Inode, size and time of change: tells whether a file is still the one that was read."""


Wanted = Sequence[tuple[Line, Sequence[str]]]
"""Rows, each with some of its fields."""


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


@dataclass(frozen=True, slots=True)
class Former:
    """As the new value of a change: a cell on its way back, its value and how it stood (``Book.cells_of``)."""

    value: Any
    stood: Any = None


@dataclass
class Edits:
    """What is to be done to the rows of one sheet. ``changed``: by row number its place and its changes."""

    removed: list[Line] = field(default_factory=list)
    changed: list[tuple[Line, tuple[Change, ...]]] = field(default_factory=list)
    back: list[Back] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.removed or self.changed or self.back)


class Book(ABC):
    """One file or spreadsheet while it is read. ConnectorError where it cannot be, without a word of its content."""

    after: Text = ""
    """What a person is told of a change that was made: where the old values may still be."""

    seekable: bool
    """Whether a row can be read again by its place, so that nobody has to hold its cells."""

    mark: tuple[int, ...]
    """Tells whether it is still what was read, where something tells that."""

    def __init__(self, data: DataMap, options: Options) -> None:
        self.map, self.options = data, options

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
    def accepts(self, sheet: Sheet, field: str, value: str) -> bool:
        """Whether this text can be written into this column so that it stays what it is: text."""

    @abstractmethod
    def source_of(self, sheet: Sheet, lines: Sequence[Line]) -> Iterator[Mapping[str, Any]]:
        """How each of these rows stands in the file, for the day on which it returns."""

    @abstractmethod
    def cells_of(self, sheet: Sheet, wanted: Wanted) -> Iterator[Mapping[str, Any]]:
        """How some cells of each of these rows stand in the file, by field, for the day on which they return: what
        their values do not tell. Nothing of the other cells."""

    @abstractmethod
    def commit(self, edits: Mapping[str, Edits]) -> bool:
        """Carry out the edits, by sheet name. False: they were not taken, and what is read is as it was.

        ConnectorError: somebody changed the rows since they were read, or there is trouble."""

    @abstractmethod
    def changed(self) -> ConnectorError:
        """The error for somebody else's change between reading and writing."""

    def writable(self) -> bool:
        """Whether this account may change it, as far as one can tell without trying."""
        return True

    def guarded(self, sheet: Sheet) -> bool:
        """Whether somebody locked rows of this sheet against changes by this account."""
        return False

    def copies(self, words: frozenset[str]) -> frozenset[str]:
        """Which of these texts stand in a part of the file that cannot be edited."""
        return frozenset()

    def copied(self, sheet: Sheet) -> Text:
        """Where such a part is, and what a person does about it."""
        return texts.copied_elsewhere(sheet.title)

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


def title_of(collection: Collection, every: Sequence[str], data: DataMap, options: Options) -> str:
    """The sheet of a workbook that holds a collection, '' without one: of the same name, the one that the setting
    names, or the only one."""
    single = len(data.collections) == 1
    asked = options.sheet if single and options.sheet else collection.name
    found = [title for title in every if title.casefold() == asked.casefold()]
    if not found and single and not options.sheet and len(every) == 1:
        return every[0]
    return found[0] if found else ""


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
