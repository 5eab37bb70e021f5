"""A CSV file as a book of one sheet: read as a stream, written by copying the bytes of untouched records."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from connectors._map.model import Collection, DataMap
from dsr.contract import Change, ConnectorError

from . import csvtext
from .book import Back, Edits, Former, Options, Wanted, unreadable
from .cells import as_text, text
from .filebook import FileBook
from .sheets import Cells, Line, Sheet

LONGEST = 32 * 1024 * 1024
"""Bytes of one physical line, and of one record."""
PIECE = 1 << 20
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = frozenset("0123456789 ().-/,")


class CsvBook(FileBook):
    """``lines`` gives byte offsets of the records, so that they can be read again and copied exactly."""

    seekable = True

    def __init__(self, path: Path, data: DataMap, options: Options) -> None:
        super().__init__(path, data, options)
        self._file: BinaryIO | None = None

    @cached_property
    def style(self) -> csvtext.Style:
        """How the file is written."""
        columns = {field.name for one in self.map.collections for field in one.fields}
        try:
            return csvtext.style(self.path, self.options.encoding, self.options.delimiter, columns)
        except OSError as error:
            raise unreadable(self.path, error) from None

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The one sheet of the file."""
        return (Sheet(self._collection(), self.names()),)

    def names(self) -> list[str]:
        """The header."""
        header = next(self.records(), None)
        if header is None:
            raise ConnectorError(f"the file {self.path.name} is empty: no header", permanent=True)
        return [name.strip() for name in header.cells]

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
        """The records below the header."""
        return (line for line in self.records() if line.number > 1)

    def records(self) -> Iterator[Line]:
        """Every record that is not empty, the header first."""
        number = 1
        place = [self.style.begin]
        start = place[0]
        try:
            with self.path.open(encoding=self.style.codec, newline="") as file:
                file.seek(start)
                for cells in csv.reader(
                    _counted(file, self.style.codec, place), delimiter=self.style.delimiter
                ):
                    if cells:
                        yield Line(number, cells, start, place[0])
                    start = place[0]
                    number += 1
        except OSError as error:
            raise unreadable(self.path, error) from None
        except UnicodeDecodeError:
            raise self._undecodable() from None
        except (csv.Error, OverflowError):
            raise ConnectorError(
                f"{self.path.name}: the record in row {number} is too long (over {LONGEST:,} bytes, or a field over "
                f"{csvtext.LARGEST_FIELD:,}); perhaps a quote is not closed",
                permanent=True,
            ) from None

    def _undecodable(self) -> ConnectorError:
        with self.path.open("rb") as file:
            file.seek(self.style.begin)
            number = next((n for n, line in enumerate(file, 1) if not _fits(line, self.style.codec)), 0)
        where = f" in line {number}" if number and not self.style.codec.startswith("utf-16") else ""
        return ConnectorError(
            f"{self.path.name} is not written in {self.style.codec}{where}; correct the setting 'encoding'",
            permanent=True,
        )

    def _bytes(self, start: int, stop: int) -> bytes:
        if self._file is None:
            self._file = self.path.open("rb")
        self._file.seek(start)
        return self._file.read(stop - start)

    def _raw(self, line: Line) -> str:
        return self._bytes(line.start, line.stop).decode(self.style.codec)

    def again(self, sheet: Sheet, line: Line) -> Cells:
        """The cells of the record between two offsets."""
        return csvtext.parsed(self._raw(line), self.style.delimiter)

    def accepts(self, sheet: Sheet, field: str, value: str) -> bool:
        """In the encoding of the file, without NUL, and nothing that a spreadsheet would run as a formula."""
        try:
            value.encode(self.style.codec)
        except UnicodeEncodeError:
            return False
        formula = value.startswith(_FORMULA) and not (value[0] in "+-" and set(value[1:]) <= _NUMBER)
        return not formula and "\0" not in value

    def source_of(self, sheet: Sheet, lines: Sequence[Line]) -> Iterator[Mapping[str, Any]]:
        """The raw record."""
        return ({"raw": self._raw(line)} for line in lines)

    def cells_of(self, sheet: Sheet, wanted: Wanted) -> Iterator[Mapping[str, Any]]:
        """Each field with its own quotes and blanks; none where the record is too short to have it."""
        for line, fields in wanted:
            raw = csvtext.fields(self._raw(line), self.style.delimiter)
            yield {name: raw[sheet.at[name]] for name in fields if sheet.at[name] < len(raw)}

    def write(self, target: BinaryIO, edits: Mapping[str, Edits]) -> None:
        """Copy everything but the records that change."""
        pieces = self._pieces(edits.get(self.sheets[0].name, Edits()))
        here = 0
        with self.path.open("rb") as source:
            for start, stop, new in sorted(pieces, key=lambda piece: piece[:2]):
                _copy(source, target, start - here)
                target.write(self._ended(target, new) if start == stop else new)
                source.seek(stop)
                here = stop
            _copy(source, target, os.fstat(source.fileno()).st_size - here)

    def _pieces(self, edits: Edits) -> Iterator[tuple[int, int, bytes]]:
        """(start, stop, bytes to stand there instead)."""
        for line in edits.removed:
            yield line.start, line.stop, b""
        for line, changes in edits.changed:
            yield line.start, line.stop, self._changed(line, changes)
        size = self.mark[1]
        top = next((line.stop for line in self.records()), 0)
        for back in edits.back:
            place = size if back.after is None else self._behind(max(back.after, top), back.source.get("gap"))
            yield place, place, self._returned(back, last=place == size)

    def _behind(self, place: int, gap: Any) -> int:
        """Behind the empty lines that lay there, if they still do."""
        if not isinstance(gap, int) or gap <= 0 or place + gap > self.mark[1]:
            return place
        between = self._bytes(place, place + gap).decode(self.style.codec, "replace")
        return place if between.strip("\r\n") else place + gap

    def _changed(self, line: Line, changes: Sequence[Change]) -> bytes:
        sheet, raw = self.sheets[0], self._raw(line)
        cells = csvtext.parsed(raw, self.style.delimiter)
        mine = {sheet.at[one.field]: one for one in changes}
        back = {place: one.new for place, one in mine.items() if isinstance(one.new, Former)}
        new = {
            place: as_text(one.new, sheet.cell(cells, one.field))
            for place, one in mine.items()
            if place not in back
        }
        as_it_was = {place: (text(one.value), one.stood) for place, one in back.items()}
        return csvtext.edited(raw, self.style.delimiter, new, as_it_was).encode(self.style.codec)

    def _returned(self, back: Back, *, last: bool) -> bytes:
        raw = back.source.get("raw")
        if not isinstance(raw, str):
            cells = [
                text(back.values.get(name or f"#{n + 1}")) for n, name in enumerate(self.sheets[0].names)
            ]
            raw = csvtext.written(cells, self.style.delimiter)
        ended = raw.endswith(("\n", "\r"))
        return (raw if ended or last else raw + self._ending).encode(self.style.codec)

    @cached_property
    def _ending(self) -> str:
        header = next(self.records(), None)
        raw = self._raw(header) if header else ""
        return raw[len(raw.rstrip("\r\n")) :] or "\r\n"

    def _ended(self, target: BinaryIO, new: bytes) -> bytes:
        """What returns starts on a line of its own, also below a last line that was not ended."""
        width = len("\n".encode(self.style.codec))
        if not new or target.tell() <= self.style.begin + width:
            return new
        target.seek(-width, os.SEEK_END)
        last = target.read(width).decode(self.style.codec, "replace")
        return new if last in ("\n", "\r") else self._ending.encode(self.style.codec) + new

    def samples(self, most: int) -> Iterator[tuple[str, Sequence[str], Sequence[Cells]]]:
        """The header and the first records."""
        rows = [line.cells for line in islice(self.records(), most + 1)]
        yield self.path.stem, [name.strip() for name in rows[0]] if rows else [], rows[1:]

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _counted(file: Any, codec: str, place: list[int]) -> Iterator[str]:
    """The lines of a file with their ends; ``place[0]`` is where the line given last stops, in bytes."""
    while line := file.readline(LONGEST):
        if len(line) == LONGEST:
            raise OverflowError
        ascii_only = line.isascii() and not codec.startswith("utf-16")
        place[0] += len(line) if ascii_only else len(line.encode(codec))
        yield line


def _fits(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _copy(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length > 0:
        piece = source.read(min(PIECE, length))
        if not piece:
            return
        target.write(piece)
        length -= len(piece)
