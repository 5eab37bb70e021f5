"""A spreadsheet in Google Drive as a book: read page by page, written row by row through tags (``googleapi``).

Erased rows are left blank, as in a workbook: clearing is done by tag and cannot hit a row that moved meanwhile,
while deleting a row goes by its number and could.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import Any

from connectors._map.model import DataMap
from connectors._people import addresses, plain
from dsr.contract import Change, ConnectorError, Text

from . import texts
from .book import Back, Book, Edits, Former, Options, Wanted, title_of
from .cells import text
from .googleapi import FILTERS, NOTES, PLACE, WORK, SheetsApi, Tab, Values, in_chunks
from .googlecells import (
    computes,
    day_columns,
    extended,
    formula_cells,
    formula_columns,
    is_as,
    known,
    plain_cells,
    shown_cells,
    sparse,
    trimmed,
)
from .sheets import Cells, Line, Sheet
from .xlsxrows import in_manner_of

PAGE_CELLS = 200_000
"""Cells of one page: memory stays bounded, and a call answers in time."""
MANY = 500
"""Rows in one change: tags of a spreadsheet may take 30,000 characters in all."""
FEW = 100
"""Ranges in one query."""
LONGEST = 50_000
"""Characters of a cell (Google Drive help, sizes of files)."""


class GoogleBook(Book):
    """Cells hold what was last computed where a formula stands, and days as they are shown."""

    seekable = False
    mark = ()
    after = texts.HISTORY

    def __init__(self, api: SheetsApi, data: DataMap, options: Options) -> None:
        super().__init__(data, options)
        self._api = api
        self._places: dict[tuple[str, int], int] = {}

    @cached_property
    def _tabs(self) -> Mapping[str, Tab]:
        return {one.title: one for one in self._api.tabs()}

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The collections that have a sheet, parents before children."""
        every = self.map.collections
        titles = [title_of(one, list(self._tabs), self.map, self.options) for one in every]
        for one, title in zip(every, titles, strict=True):
            if not title:
                raise ConnectorError(
                    f"the spreadsheet has no sheet '{self.options.sheet or one.name}'; see the setting 'sheet'",
                    permanent=True,
                )
        headers = self._api.values([self._tabs[title].range(1, 1) for title in titles])
        self._of = {one.name: self._tabs[title] for one, title in zip(every, titles, strict=True)}
        return tuple(
            Sheet(one, _names(rows, title)) for one, rows, title in zip(every, headers, titles, strict=True)
        )

    def _tab(self, sheet: Sheet) -> Tab:
        assert self.sheets
        return self._of[sheet.name]

    def lines(self, sheet: Sheet) -> Iterator[Line]:
        """The rows below the header."""
        return (
            Line(number, cells, number, number)
            for number, cells in self._rows(self._tab(sheet))
            if number > 1 and trimmed(cells)
        )

    def _rows(self, tab: Tab) -> Iterator[tuple[int, Cells]]:
        """(number, cells), page by page. A page starts with the last row of the one before: if that is another row
        now, rows moved, and some might be missed."""
        size = max(PAGE_CELLS // tab.columns, 2)
        first, last = 1, None
        while first <= tab.rows:
            stop = min(first + size - 1, tab.rows)
            (rows,) = self._api.values([tab.range(first, stop)])
            if last is not None and trimmed(rows[0] if rows else []) != last:
                raise self.changed()
            for place, cells in enumerate(rows):
                if place > 0 or last is None:
                    yield first + place, cells
            last = trimmed(rows[-1]) if len(rows) == stop - first + 1 else []
            first = stop if stop < tab.rows else stop + 1

    def again(self, sheet: Sheet, line: Line) -> Cells:
        """The cells are held: nobody can say where the row is by now."""
        return line.cells

    def accepts(self, sheet: Sheet, field: str, value: str) -> bool:
        """Any text that fits: what is written is text, never a formula."""
        return len(value) <= LONGEST and not any(ord(one) < 32 and one not in "\n\t" for one in value)

    def source_of(self, sheet: Sheet, lines: Sequence[Line]) -> Iterator[Mapping[str, Any]]:
        """What the cells hold besides what they show (formulas, days as numbers), and the tag of their place."""
        tab = self._tab(sheet)
        for some in in_chunks(list, lines, FEW):
            ranges = [tab.range(line.number, line.number) for line in some]
            stored = [list(rows[0]) if rows else [] for rows in self._api.values(ranges, formulas=True)]
            days = [day_columns(raw, line.cells) for raw, line in zip(stored, some, strict=True)]
            looks = self._api.formats(ranges) if any(days) else [{} for _ in ranges]
            for line, raw, columns, look in zip(some, stored, days, looks, strict=True):
                tag = self._places[sheet.name, line.number] = _new_tag()
                shown = {str(n): look[n] for n in columns if n in look}
                yield {"raw": raw, "formulas": formula_columns(raw, line.cells), "days": shown, "place": tag}

    def cells_of(self, sheet: Sheet, wanted: Wanted) -> Iterator[Mapping[str, Any]]:
        """What these cells hold, and whether that is a formula; their looks stay."""
        tab = self._tab(sheet)
        for some in in_chunks(list, wanted, FEW):
            ranges = [tab.range(line.number, line.number) for line, _ in some]
            stored = [list(rows[0]) if rows else [] for rows in self._api.values(ranges, formulas=True)]
            for (line, fields), raw in zip(some, stored, strict=True):
                here = formula_columns(raw, line.cells)
                places = {name: sheet.at[name] for name in fields}
                yield {
                    n: {"raw": raw[at], "formula": at in here} for n, at in places.items() if at < len(raw)
                }

    def commit(self, edits: Mapping[str, Edits]) -> bool:
        """Rows are tagged, looked at by tag, written by tag, and read back by tag, some hundred at a time."""
        works = [
            (self._of[name], line, changes)
            for name, one in edits.items()
            for line, changes in (*((line, None) for line in one.removed), *one.changed)
        ]
        taken = all(in_chunks(self._written, works, MANY))
        backs = [(self.sheet(name), back) for name, one in edits.items() for back in one.back]
        return all(in_chunks(self._returned, backs, MANY)) and taken

    def _written(self, works: list[tuple[Tab, Line, tuple[Change, ...] | None]]) -> bool:
        """Blank some rows (no changes) and set cells of others."""
        tags = {_new_tag(): work for work in works}
        places = {
            place: (tab, line)
            for tab, line, _ in works
            if (place := self._places.get((self._name(tab), line.number))) is not None
        }
        marks = [(tag, WORK, tab.id, line.number) for tag, (tab, line, _) in tags.items()]
        marks += [(tag, PLACE, tab.id, line.number) for tag, (tab, line) in places.items()]
        done = False
        try:
            if self._api.tag(marks):
                self._look(tags, places)
                expected = {tag: self._expected(*work) for tag, work in tags.items()}
                taken = self._carry_out(tags, expected)
                done = self._read_back(expected) and taken
        finally:
            self._untag(() if done else tuple(places))
        return done

    def _name(self, tab: Tab) -> str:
        return next(name for name, one in self._of.items() if one is tab)

    def _look(self, tags: Mapping[int, Any], places: Mapping[int, Any]) -> None:
        """The rows under the tags are those that were read. Only then is anything written."""
        now = self._api.tagged([*tags, *places])
        if any(tag not in now for tag in (*tags, *places)):
            raise self._api.lost or self._api.odd("rows that were tagged cannot be found")
        for tag, (_, line, *_rest) in (*tags.items(), *places.items()):
            if trimmed(now[tag]) != trimmed(line.cells):
                raise self.changed()

    def _expected(self, tab: Tab, line: Line, changes: tuple[Change, ...] | None) -> dict[int, Any] | None:
        """The cells to set, by column from 0; None for a row that is to be blank."""
        if changes is None:
            return None
        sheet = self.sheet(self._name(tab))
        made = {
            sheet.at[one.field]: one.new
            if isinstance(one.new, Former)
            else in_manner_of(one.new, sheet.cell(line.cells, one.field))
            for one in changes
        }
        return {place: "" if value is None else value for place, value in made.items()}

    def _carry_out(self, tags: Mapping[int, Any], expected: Mapping[int, dict[int, Any] | None]) -> bool:
        blank = [tag for tag, cells in expected.items() if cells is None]
        rows = {tag: sparse(cells) for tag, cells in expected.items() if cells is not None}
        taken = (not blank or self._api.clear(blank)) and (not rows or self._api.put(rows))
        formulas = {
            tag: sparse(cells, formulas=True)
            for tag, cells in expected.items()
            if cells is not None and computes(cells)
        }
        return taken and (not formulas or self._api.put(formulas, formulas=True))

    def _read_back(self, expected: Mapping[int, Mapping[int, Any] | None]) -> bool:
        """Done is only what a read shows."""
        now = self._api.tagged(list(expected))
        return self._settled(all(tag in now and is_as(now[tag], cells) for tag, cells in expected.items()))

    def _settled(self, right: bool) -> bool:
        """What a read showed. A change whose answer got lost and that was not made is told as what it was."""
        lost, self._api.lost = self._api.lost, None
        if not right and lost is not None:
            raise lost
        return right

    def _untag(self, places: Sequence[int]) -> None:
        """Tags say nothing: what cannot be taken off now goes with those of the next change."""
        with suppress(ConnectorError):
            self._api.untag(WORK)
            if places:
                self._api.untag(PLACE, places)
        self._api.lost = None

    def _returned(self, backs: list[tuple[Sheet, Back]]) -> bool:
        """Rows back to the blank rows that they left, or to the end where those are gone or taken."""
        tags = {tag: (sheet, back) for sheet, back in backs if (tag := int(back.source.get("place") or 0))}
        now = self._api.tagged(list(tags)) if tags else {}
        free = {tag: one for tag, one in tags.items() if tag in now and not trimmed(now[tag])}
        placed = not free or self._put_back(free)
        for sheet in self.sheets:
            rest = [one for at, one in backs if at is sheet and one.source.get("place") not in free]
            placed = (not rest or self._append(sheet, rest)) and placed
        if placed:
            self._untag([tag for tag in tags if tag in now])
        return placed

    def _put_back(self, free: Mapping[int, tuple[Sheet, Back]]) -> bool:
        taken = self._api.put({tag: plain_cells(back) for tag, (_, back) in free.items()})
        formulas = {tag: formula_cells(one) for tag, (_, one) in free.items() if one.source.get("formulas")}
        taken = taken and (not formulas or self._api.put(formulas, formulas=True))
        return self._read_back({tag: known(sheet, back) for tag, (sheet, back) in free.items()}) and taken

    def _append(self, sheet: Sheet, backs: Sequence[Back]) -> bool:
        """Rows at the end, looked for by their keys."""
        taken = self._api.append(self._tab(sheet).id, [extended(back) for back in backs])
        self.__dict__.pop("_tabs", None)
        self._of[sheet.name] = self._tabs[self._of[sheet.name].title]
        keys = {sheet.key(line.cells) for line in self.lines(sheet)}
        return self._settled(all(sheet.key(shown_cells(sheet, back)) in keys for back in backs)) and taken

    def changed(self) -> ConnectorError:
        """Somebody works in it at this moment."""
        return ConnectorError(
            "the spreadsheet was changed while it was being worked on; try again", permanent=False
        )

    def guarded(self, sheet: Sheet) -> bool:
        """Whether a protected range keeps this account from the rows."""
        return self._tab(sheet).guarded

    def copies(self, words: frozenset[str]) -> frozenset[str]:
        """Identifiers that stand in filters and in notes on cells."""
        found = _strings(self._api.texts(FILTERS))
        for sheet in self.sheets:
            tab = self._tab(sheet)
            size = max(PAGE_CELLS // tab.columns, 2)
            for first in range(1, tab.rows + 1, size):
                found |= _strings(self._api.texts(NOTES, [tab.range(first, min(first + size - 1, tab.rows))]))
        known = {one for each in found for one in (each.strip(), *addresses(each))}
        forms = {form for one in known for form in (one, plain("email", one), plain("phone", one))}
        return frozenset(forms & words)

    def copied(self, sheet: Sheet) -> Text:
        """A filter or a note."""
        return texts.in_filter_or_note(sheet.title)

    def samples(self, most: int) -> Iterator[tuple[str, Sequence[str], Sequence[Cells]]]:
        """Every sheet with a header."""
        for title, tab in self._tabs.items():
            rows = [cells for _, cells in islice(self._rows(tab), most + 1)]
            if rows:
                yield title, [text(one).strip() for one in rows[0]], rows[1:]

    def unmapped(self) -> tuple[str, ...]:
        """Sheets that the map does not speak of."""
        assert self.sheets
        return tuple(title for title, tab in self._tabs.items() if tab not in self._of.values())

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()


def _names(rows: Sequence[Values], title: str) -> list[str]:
    if not rows or not trimmed(rows[0]):
        raise ConnectorError(f"the sheet '{title}' is empty: no header", permanent=True)
    return [text(one).strip() for one in rows[0]]


def _new_tag() -> int:
    return secrets.randbelow(2**31 - 2) + 1


def _strings(value: Any) -> set[str]:
    """Every text in an answer."""
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {one for each in inner for one in _strings(each)}
