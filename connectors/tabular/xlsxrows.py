"""The cells of one row of a sheet in its XML: read, blanked, set. Styles stay."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors._periods import day_of
from connectors._tokens import is_random
from dsr.contract import ConnectorError

from .cells import as_text
from .xmlsplice import Attributes, Splice, element, feed, local, parser, prefix, start_tag

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Limits of the format: Microsoft, Excel specifications and limits."""


@dataclass
class Cell:
    """One ``<c>`` element. ``formula`` None: a plain value. ``master``: other cells depend on its formula."""

    column: int
    attributes: Attributes
    value: str = ""
    formula: str | None = None
    formula_attributes: Attributes = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The type: s (shared string), str, inlineStr, b, n, e, d."""
        return self.attributes.get("t", "n")

    @property
    def master(self) -> bool:
        """Whether the formula is written here for other cells too (shared, array, data table)."""
        return "ref" in self.formula_attributes


class Cells:
    """Reads rows and cells out of a stream; calls ``on_cell`` and ``on_row`` at the end of each."""

    def __init__(self, on_cell: Any, on_row: Any = None) -> None:
        self._on_cell, self._on_row = on_cell, on_row
        self._row = self._column = 0
        self._cell: Cell | None = None
        self._text: list[str] | None = None
        self.parser = parser()
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _begin(self, name: str, attributes: Attributes) -> None:
        what = local(name)
        if what == "c":
            self._column = column_of(attributes.get("r", "")) or self._column + 1
            self._cell = Cell(self._column, attributes)
        elif what == "row":
            self._row, self._column = row_of(attributes, self._row), 0
        elif self._cell is not None and what in ("v", "t", "f"):
            self._text = []
            if what == "f":
                self._cell.formula_attributes = attributes

    def _characters(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end(self, name: str) -> None:
        what = local(name)
        if what == "c" and self._cell is not None:
            self._on_cell(self._row, self._cell)
            self._cell = None
        elif what == "row" and self._on_row is not None:
            self._on_row(self._row)
        elif self._cell is not None and self._text is not None and what in ("v", "t", "f"):
            if what == "f":
                self._cell.formula = "".join(self._text)
            else:
                self._cell.value += "".join(self._text)
            self._text = None


def row_of(attributes: Attributes, last: int) -> int:
    """The number of a row: what it says, or one more than the last."""
    said = attributes.get("r", "")
    number = int(said) if said.isdecimal() and len(said) <= 7 else last + 1
    if not 0 < number <= LAST_ROW:
        raise ConnectorError("the workbook has rows beyond the limit of the format", permanent=True)
    return number


def column_of(reference: str) -> int:
    """``B5`` -> 2; 0 for none."""
    found = 0
    for letter in reference.rstrip("0123456789").replace("$", ""):
        found = found * 26 + ord(letter.upper()) - 64
        if found > LAST_COLUMN:
            raise ConnectorError("the workbook has columns beyond the limit of the format", permanent=True)
    return found


def letters(column: int) -> str:
    """2 -> ``B``."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


@dataclass
class RowEdit:
    """What happens to a row: all cells ``blank``, or values by column (1-based) in ``values``; formulas by
    column in ``formulas``; cached results to forget in ``stale``. ``styles``: what a new cell looks like.
    ``days``: values that are days, as text, for cells of which no style is known."""

    blank: bool = False
    values: dict[int, Any] = field(default_factory=dict)
    formulas: dict[int, str] = field(default_factory=dict)
    stale: set[int] = field(default_factory=set)
    styles: Mapping[int, str] = field(default_factory=dict)
    days: Mapping[int, str] = field(default_factory=dict)

    def touches(self, column: int) -> bool:
        """Whether the value of this column goes."""
        return self.blank or column in self.values


def edited(number: int, name: str, raw: bytes, edit: RowEdit) -> bytes:
    """A row element with the edit carried out; cells that are not meant keep their bytes."""
    missing = sorted(edit.values)
    here = 0

    def new_before(column: int) -> bytes:
        made = []
        while missing and missing[0] < column:
            made.append(_cell(prefix(name), number, Cell(missing.pop(0), {}), edit))
        return "".join(made).encode()

    def new(_: str, attributes: Attributes, cell: bytes) -> bytes:
        nonlocal here
        here = column_of(attributes.get("r", "")) or here + 1
        before = new_before(here)
        if missing and missing[0] == here:
            missing.pop(0)
        if not edit.touches(here) and here not in edit.stale:
            return before + cell
        return before + _cell(prefix(name), number, _parsed(cell, here), edit).encode()

    if raw.rstrip().endswith(b"/>"):
        raw = raw.rstrip()[:-2] + f"></{name}>".encode()
    splice = Splice(
        lambda what, _: local(what) == "c",
        new,
        closing=lambda what: new_before(LAST_COLUMN + 1) if local(what) == "row" else b"",
    )
    return b"".join(splice.run([raw]))


def _parsed(raw: bytes, column: int) -> Cell:
    found: list[Cell] = []
    reader = Cells(lambda _, cell: found.append(cell))
    feed(reader.parser, [raw])
    return replace(found[0], column=column)


def _cell(start: str, number: int, cell: Cell, edit: RowEdit) -> str:
    style = cell.attributes.get("s") or edit.styles.get(cell.column)
    kept = {"s": style} if style else {}
    place: Attributes = {"r": f"{letters(cell.column)}{number}", **kept}
    stays = cell.master and cell.column not in edit.values
    if not stays and edit.touches(cell.column):
        return written(start, place, edit.values.get(cell.column), edit.formulas.get(cell.column))
    return _with_formula(start, place, cell)


def _with_formula(start: str, place: Attributes, cell: Cell) -> str:
    """The formula without the result that was remembered; the program that opens the file computes it."""
    inner = element(f"{start}f", cell.formula_attributes, cell.formula or "")
    return f"{start_tag(f'{start}c', place)}{inner}</{start}c>"


def written(start: str, place: Attributes, value: Any, formula: str | None = None) -> str:
    """A cell with a value: text (never a formula), number, yes or no; days are numbers by now."""
    name = f"{start}c"
    before = element(f"{start}f", {}, formula) if formula else ""
    if value is None or value == "":
        return f"{start_tag(name, place)}{before}</{name}>" if before else start_tag(name, place, "/>")
    if isinstance(value, (bool, int, float)):
        kind = {"t": "b"} if isinstance(value, bool) else {}
        shown = repr(int(value) if isinstance(value, bool) else value)
        return f"{start_tag(name, {**place, **kind})}{before}{element(f'{start}v', {}, shown)}</{name}>"
    if formula:
        return (
            f"{start_tag(name, {**place, 't': 'str'})}{before}{element(f'{start}v', {}, str(value))}</{name}>"
        )
    text = element(f"{start}t", {"xml:space": "preserve"}, str(value))
    return f"{start_tag(name, {**place, 't': 'inlineStr'})}<{start}is>{text}</{start}is></{name}>"


def storable(value: Any, epoch: datetime) -> Any:
    """A value as a cell stores it: days and times become numbers that count from ``epoch``."""
    from openpyxl.utils.datetime import to_excel

    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, (datetime, date, time, timedelta)):
        return to_excel(value, epoch)  # type: ignore[no-untyped-call]
    return value


def in_manner_of(value: Any, current: Any) -> Any:
    """A new value of the type that the cell has now: a yes may be a boolean, a number or a word there."""
    if is_random(value) or (isinstance(value, bool) and isinstance(current, str) and current.strip()):
        return as_text(value, current)
    if isinstance(value, bool) and isinstance(current, (int, float)) and not isinstance(current, bool):
        return int(value)
    if isinstance(value, str) and isinstance(current, date):
        day = day_of(value)
        return datetime(day.year, day.month, day.day) if day else value  # noqa: DTZ001 - a cell has no zone
    if isinstance(value, str) and _is_number(current) and value.isdecimal() and not value.startswith("0"):
        return int(value)
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
