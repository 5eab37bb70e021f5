"""An XLSX file as a book: read with openpyxl as a stream, written by editing only the parts that change."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time
from functools import cached_property
from itertools import islice
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from connectors._people import plain
from dsr.contract import ConnectorError

from .book import Back, Edits, Former, Wanted, title_of, unreadable
from .cells import text
from .filebook import FileBook
from .sheets import Cells, Line, Sheet
from .xlsxparts import BROKEN, damaged, package
from .xlsxread import Workbook
from .xlsxrows import RowEdit, in_manner_of, storable
from .xlsxwrite import Edition, SheetEdit, write
from .xmlsplice import elements

TROUBLE = (*BROKEN, ParseError, ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError)
"""What openpyxl raises for workbooks that are not as they should be."""
LONGEST_TEXT = 32_767


class XlsxBook(FileBook):
    """Cells hold what was last computed where a formula stands. Rows keep their numbers."""

    seekable = False

    @cached_property
    def _workbook(self) -> Workbook:
        return self._load(values=True)

    def _load(self, *, values: bool) -> Workbook:
        with self._trouble():
            with package(self.path):
                pass
            return Workbook(self.path, values=values)

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """Whatever a strange workbook makes openpyxl raise, in words without its content."""
        try:
            yield
        except OSError as error:
            raise unreadable(self.path, error) from None
        except TROUBLE:
            raise damaged(self.path) from None

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        """The sheet of every collection, by the collection's name."""
        every = self._workbook.titles
        found = {one.name: title_of(one, every, self.map, self.options) for one in self.map.collections}
        return {name: title for name, title in found.items() if title}

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The collections that have a sheet, parents before children."""
        found = []
        for one in self.map.collections:
            if one.name not in self._titles:
                raise ConnectorError(
                    f"the workbook has no sheet '{self.options.sheet or one.name}'; see the setting 'sheet'",
                    permanent=True,
                )
            found.append(Sheet(one, _names(self._header(self._titles[one.name]))))
        return tuple(found)

    def _header(self, title: str) -> Cells:
        first = next(self._rows(self._workbook, title), None)
        if first is None:
            raise ConnectorError(f"the sheet '{title}' is empty: no header", permanent=True)
        return first[1]

    def _rows(self, workbook: Workbook, title: str) -> Iterator[tuple[int, Cells]]:
        """(number, cells) of the rows that are not empty."""
        with self._trouble():
            for number, cells in workbook.rows(title):
                if any(cell is not None and cell != "" for cell in cells):
                    yield number, cells

    def lines(self, sheet: Sheet) -> Iterator[Line]:
        """The rows below the header."""
        rows = self._rows(self._workbook, self._titles[sheet.name])
        return (Line(number, cells, number, number) for number, cells in islice(rows, 1, None))

    def again(self, sheet: Sheet, line: Line) -> Cells:
        """The cells are held: a packed sheet cannot be read from the middle."""
        return line.cells

    def accepts(self, sheet: Sheet, field: str, value: str) -> bool:
        """Text that a cell can hold; it is written as text and never runs as a formula."""
        return len(value) <= LONGEST_TEXT and not any(
            unicodedata.category(c) in ("Cc", "Cs", "Cn") and c not in "\t\n\r" for c in value
        )

    def source_of(self, sheet: Sheet, lines: Sequence[Line]) -> Iterator[Mapping[str, Any]]:
        """The formulas of these rows, by column."""
        found = self._formulas(sheet, {line.number for line in lines})
        return ({"formulas": found.get(line.number, {})} for line in lines)

    def cells_of(self, sheet: Sheet, wanted: Wanted) -> Iterator[Mapping[str, Any]]:
        """The formulas in these cells; their looks stay."""
        found = self._formulas(sheet, {line.number for line, _ in wanted})
        for line, fields in wanted:
            places = {str(sheet.at[name] + 1): name for name in fields}
            mine = found.get(line.number, {})
            yield {name: mine[place] for place, name in places.items() if place in mine}

    def _formulas(self, sheet: Sheet, wanted: set[int]) -> Mapping[int, Mapping[str, str]]:
        """The formulas of rows with these numbers, by column as text."""
        found: dict[int, dict[str, str]] = {}
        workbook = self._load(values=False)
        try:
            for number, cells in self._rows(workbook, self._titles[sheet.name]):
                if number in wanted:
                    found[number] = {
                        str(n): cell[1:]
                        for n, cell in enumerate(cells, 1)
                        if isinstance(cell, str) and cell[:1] == "="
                    }
        finally:
            workbook.close()
        return found

    def write(self, target: BinaryIO, edits: Mapping[str, Edits]) -> None:
        """Every part as it is, but for the rows that change and what else the workbook keeps of them."""
        epoch = self._workbook.epoch
        with self._trouble(), package(self.path) as opened:
            parts = opened.sheets()
            by_part = {
                parts[self._titles[name]]: self._edit(name, mine, epoch) for name, mine in edits.items()
            }
            gone = frozenset(word for name, mine in edits.items() for word in self._gone(name, mine))
            write(opened, Edition(by_part, gone), target)

    def _edit(self, name: str, edits: Edits, epoch: Any) -> SheetEdit:
        sheet = self.sheet(name)
        made = SheetEdit({line.number: RowEdit(blank=True) for line in edits.removed})
        for line, changes in edits.changed:
            edit = made.rows[line.number] = RowEdit()
            for one in changes:
                place, new = sheet.at[one.field] + 1, one.new
                if isinstance(new, Former):
                    edit.formulas |= {place: str(new.stood)} if new.stood else {}
                    edit.values[place] = storable(new.value, epoch)
                else:
                    edit.values[place] = storable(in_manner_of(new, sheet.cell(line.cells, one.field)), epoch)
        made.back = [(back.number, _returning(sheet, back, epoch)) for back in edits.back]
        return made

    def _gone(self, name: str, edits: Edits) -> Iterator[str]:
        """Texts of three letters and more that are taken away."""
        sheet = self.sheet(name)
        for line in edits.removed:
            yield from (cell for cell in line.cells if isinstance(cell, str) and len(cell) > 2)
        for line, changes in edits.changed:
            taken = (text(sheet.cell(line.cells, one.field)) for one in changes)
            yield from (one for one in taken if len(one) > 2)

    def copies(self, words: frozenset[str]) -> frozenset[str]:
        """Identifiers that stand in the cache of a pivot table."""
        found: set[str] = set()
        with package(self.path) as opened:
            for part in opened.zip.namelist():
                if part.startswith("xl/pivotCache/") and part.endswith(".xml"):
                    for _, about in elements(opened.stream(part)):
                        value = about.get("v", "")
                        found |= {value.strip(), plain("email", value), plain("phone", value)} & words
        return frozenset(found)

    def samples(self, most: int) -> Iterator[tuple[str, Sequence[str], Sequence[Cells]]]:
        """Every sheet with a header."""
        for title in self._workbook.titles:
            rows = [cells for _, cells in islice(self._rows(self._workbook, title), most + 1)]
            if rows:
                yield title, _names(rows[0]), rows[1:]

    def unmapped(self) -> tuple[str, ...]:
        """Sheets that the map does not speak of."""
        return tuple(title for title in self._workbook.titles if title not in self._titles.values())

    def close(self) -> None:
        """Close the file, if it was opened."""
        workbook = self.__dict__.pop("_workbook", None)
        if workbook is not None:
            workbook.close()


def _names(header: Cells) -> list[str]:
    return [text(cell).strip() for cell in header]


def _returning(sheet: Sheet, back: Back, epoch: Any) -> RowEdit:
    values = {_place(sheet, name): value for name, value in back.values.items() if value is not None}
    formulas = {int(place): str(formula) for place, formula in back.source.get("formulas", {}).items()}
    return RowEdit(
        values=dict.fromkeys(formulas) | {place: storable(value, epoch) for place, value in values.items()},
        formulas=formulas,
        days={place: text(value) for place, value in values.items() if isinstance(value, (date, time))},
    )


def _place(sheet: Sheet, name: str) -> int:
    """The column (1-based) of a value of a sealed row; ``#7`` is the seventh."""
    if name in sheet.at:
        return sheet.at[name] + 1
    if name.startswith("#") and name[1:].isdecimal():
        return int(name[1:])
    raise ConnectorError(
        f"the sheet has no column '{name}' any more, which a row to be given back has", permanent=True
    )
