"""A workbook written again with some rows edited: only the parts that must change do.

Rows are blanked, not pulled up: references, tables, charts and styles of the workbook stay true. What else
Excel keeps of a cell goes with it: its shared text, link, comment, and results that formulas remember of it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from connectors._people import addresses

from .xlsxparts import Package, relations_of
from .xlsxrows import Cell, Cells, RowEdit, column_of, edited, row_of
from .xmlsplice import PIECE, Attributes, Splice, element, feed, local, prefix, spliced, start_tag

NOTES = {"comments": "comment", "threadedComment": "threadedComment"}


@dataclass
class SheetEdit:
    """Edits by row number; ``back`` are rows that return where their row is free, or at the end."""

    rows: dict[int, RowEdit] = field(default_factory=dict)
    back: list[tuple[int, RowEdit]] = field(default_factory=list)
    last: int = 0
    formulas_gone: bool = False

    def settle(self, taken: set[int], styles: Mapping[int, Mapping[int, str]]) -> None:
        """Give every returning row its place, and the looks of the row it stood in."""
        for number, edit in self.back:
            free = number not in taken and number not in self.rows
            place = number if free else max(self.last, *self.rows, *taken, 1) + 1
            edit.styles = styles.get(number, {})
            edit.values |= {column: day for column, day in edit.days.items() if column not in edit.styles}
            self.rows[place] = edit
        self.back.clear()


@dataclass
class Edition:
    """The edits of a workbook by part of the sheet. ``gone``: texts of removed cells."""

    sheets: dict[str, SheetEdit]
    gone: frozenset[str]
    used: set[int] = field(default_factory=set)
    freed: set[int] = field(default_factory=set)
    recalculate: bool = False

    def of(self, part: str) -> SheetEdit:
        """The edits of a sheet."""
        return self.sheets.setdefault(part, SheetEdit())


def write(package: Package, edition: Edition, target: BinaryIO) -> None:
    """Look through all sheets first, then write every part, edited where it must be."""
    sheets = tuple(package.sheets().values())
    for part in sheets:
        _scan(package, part, edition)
    editors = _editors(package, edition, sheets)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in package.zip.infolist():
            made = editors.get(info.filename)
            if made is _drop:
                continue
            fresh = zipfile.ZipInfo(info.filename, info.date_time)
            fresh.compress_type, fresh.external_attr = info.compress_type, info.external_attr
            with new.open(fresh, "w", force_zip64=info.file_size > PIECE << 10) as out:
                for piece in made(package.stream(info.filename)) if made else package.stream(info.filename):
                    out.write(piece)


def _scan(package: Package, part: str, edition: Edition) -> None:
    """Which shared texts are still used, which results of formulas repeat what is gone, which rows are taken."""
    mine = edition.sheets.get(part, SheetEdit())
    wanted = {number for number, _ in mine.back}
    taken: set[int] = set()
    styles: dict[int, dict[int, str]] = {}
    last = 0

    def cell(row: int, one: Cell) -> None:
        nonlocal last
        last = max(last, row)
        if row in wanted:
            taken.update([row] if one.value else [])
            if "s" in one.attributes:
                styles.setdefault(row, {})[one.column] = one.attributes["s"]
        edit = mine.rows.get(row)
        going = edit is not None and edit.touches(one.column)
        if going and one.formula is not None and not one.master:
            mine.formulas_gone = edition.recalculate = True
        if one.kind == "s" and one.value.isdecimal():
            (edition.freed if going else edition.used).add(int(one.value))
        elif (
            not going and one.formula is not None and one.kind == "str" and _repeats(one.value, edition.gone)
        ):
            edition.of(part).rows.setdefault(row, RowEdit()).stale.add(one.column)
            edition.recalculate = True

    feed(Cells(cell).parser, package.stream(part))
    mine.last = last
    mine.settle(taken, styles)


def _repeats(value: str, gone: frozenset[str]) -> bool:
    return value in gone or any(one in gone for one in addresses(value))


Editor = Callable[[Iterable[bytes]], Iterator[bytes]]


def _drop(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Marks a part that is left out."""
    yield from ()


def _editors(package: Package, edition: Edition, sheets: Sequence[str]) -> Mapping[str, Editor]:
    found: dict[str, Editor] = {}
    for part in sheets:
        mine = edition.sheets.get(part)
        if mine is None or not mine.rows:
            continue
        related = package.related(part)
        blank = {number for number, edit in mine.rows.items() if edit.blank}
        links = _links(package, part, mine)
        found[part] = _sheet_editor(mine)
        if links:
            found[relations_of(part)] = _without("Relationship", partial(_has_id, links))
        for kind, target in related.values():
            if kind in NOTES and blank:
                found[target] = _without(NOTES[kind], partial(_in_rows, blank))
    freed = edition.freed - edition.used
    for kind, target in package.related(package.workbook).values():
        if kind == "sharedStrings" and freed:
            found[target] = _strings_editor(freed)
        if kind == "calcChain" and any(one.formulas_gone for one in edition.sheets.values()):
            found |= _without_chain(package, target)
    if edition.recalculate:
        found[package.workbook] = _recalculating
    return found


def _has_id(ids: set[str], about: Attributes) -> bool:
    return about.get("Id") in ids


def _in_rows(rows: set[int], about: Attributes) -> bool:
    return _row(about) in rows


def _row(about: Attributes) -> int:
    digits = about.get("ref", "").partition(":")[0].lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(digits) if digits.isdecimal() and len(digits) <= 7 else 0


def _linked(about: Attributes, mine: SheetEdit) -> bool:
    """Whether a link belongs to a cell that goes."""
    edit = mine.rows.get(_row(about))
    return edit is not None and edit.touches(column_of(about.get("ref", "").partition(":")[0]))


def _links(package: Package, part: str, mine: SheetEdit) -> set[str]:
    """Ids of the relations of links that go, such as ``mailto:`` links that Excel makes of addresses."""
    found: set[str] = set()

    def look(name: str, about: Attributes) -> bool:
        if local(name) == "hyperlink" and _linked(about, mine):
            found.update(value for key, value in about.items() if key.endswith(":id"))
        return False

    for _ in Splice(look, lambda *_: b"").run(package.stream(part)):
        continue
    return found


def _sheet_editor(mine: SheetEdit) -> Editor:
    def edit(pieces: Iterable[bytes]) -> Iterator[bytes]:
        last = 0
        missing = sorted(number for number, one in mine.rows.items() if one.values)
        names = {"row": "row"}

        def rows_before(number: int) -> bytes:
            made = b""
            while missing and missing[0] < number:
                one = missing.pop(0)
                name = names["row"]
                made += edited(one, name, start_tag(name, {"r": str(one)}, "/>").encode(), mine.rows[one])
            return made

        def wanted(name: str, about: Attributes) -> bool:
            return local(name) in ("row", "hyperlinks")

        def new(name: str, about: Attributes, raw: bytes) -> bytes:
            nonlocal last
            if local(name) == "hyperlinks":
                return _hyperlinks(raw, mine)
            names["row"] = name
            last = row_of(about, last)
            before = rows_before(last)
            if missing and missing[0] == last:
                missing.pop(0)
            one = mine.rows.get(last)
            return before + (edited(last, name, raw, one) if one else raw)

        def closing(name: str) -> bytes:
            return rows_before(1 << 30) if local(name) == "sheetData" else b""

        yield from Splice(wanted, new, closing=closing).run(pieces)

    return edit


def _hyperlinks(raw: bytes, mine: SheetEdit) -> bytes:
    """The links without those of cells that go; the schema wants no empty list."""
    left = 0

    def going(name: str, about: Attributes) -> bool:
        nonlocal left
        gone = local(name) == "hyperlink" and _linked(about, mine)
        left += local(name) == "hyperlink" and not gone
        return gone

    made = spliced(raw, going, lambda *_: b"")
    return made if left else b""


def _without(what: str, gone: Callable[[Attributes], bool]) -> Editor:
    def edit(pieces: Iterable[bytes]) -> Iterator[bytes]:
        return Splice(lambda name, about: local(name) == what and gone(about), lambda *_: b"").run(pieces)

    return edit


def _strings_editor(freed: set[int]) -> Editor:
    """Empties shared texts that no cell uses any more; the others keep their numbers."""

    def edit(pieces: Iterable[bytes]) -> Iterator[bytes]:
        number = -1

        def wanted(name: str, about: Attributes) -> bool:
            nonlocal number
            if local(name) != "si":
                return False
            number += 1
            return number in freed

        def new(name: str, about: Attributes, raw: bytes) -> bytes:
            start = prefix(name)
            return f"<{name}>{element(f'{start}t', {}, '')}</{name}>".encode()

        yield from Splice(wanted, new).run(pieces)

    return edit


def _without_chain(package: Package, chain: str) -> dict[str, Editor]:
    """The order of calculation is left out, with what refers to it; Excel makes it again."""
    return {
        chain: _drop,
        "[Content_Types].xml": _without("Override", lambda about: about.get("PartName") == f"/{chain}"),
        relations_of(package.workbook): _without(
            "Relationship", lambda about: about.get("Type", "").endswith("/calcChain")
        ),
    }


def _recalculating(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """All formulas are computed when the workbook is opened."""

    def new(name: str, about: Attributes, raw: bytes) -> bytes:
        return start_tag(name, {**about, "fullCalcOnLoad": "1"}, "/>").encode()

    return Splice(lambda name, _: local(name) == "calcPr", new).run(pieces)
