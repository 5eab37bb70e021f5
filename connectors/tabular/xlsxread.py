"""The rows of a workbook as a stream: openpyxl understands cells, this module decides what it ever holds.

openpyxl waits for the end of a row before it forgets anything, so that one endless row, cell or shared text
fills memory. Here the XML is fed piece by piece and a row that does not end is refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import XMLPullParser

from dsr.contract import ConnectorError

from .sheets import Cells
from .xlsxrows import LAST_COLUMN, LAST_ROW
from .xmlsplice import pieces

LONGEST_ROW, MOST_TAGS = 8 * 1024 * 1024, 16 * LAST_COLUMN
"""Bytes and tags between the ends of two rows: every cell of a full row may have sixteen tags."""
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Endless(Exception):
    """More lies before the end of a row than a row may hold."""


class Workbook:
    """An open workbook. ``values``: the last results of formulas instead of the formulas.

    Raises what openpyxl raises for workbooks that are not as they should be, and ConnectorError for those
    that would fill memory. The package has been checked (``xlsxparts.package``).
    """

    def __init__(self, path: Path, *, values: bool) -> None:
        from openpyxl.reader.excel import ExcelReader
        from openpyxl.styles.stylesheet import apply_stylesheet

        self._path, self._values = path, values
        self._reader: Any = ExcelReader(path, read_only=True, data_only=values, keep_links=False)
        try:
            self._reader.read_manifest()
            self._reader.read_workbook()
            apply_stylesheet(self._reader.archive, self._reader.wb)
        except BaseException:  # whatever ended it, the file is not left open
            self.close()
            raise

    @property
    def epoch(self) -> Any:
        """The day zero of its dates."""
        return self._reader.wb.epoch

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        """The part of every sheet that has cells, by its title."""
        return {
            sheet.name: relation.target
            for sheet, relation in self._reader.parser.find_sheets()
            if relation.target in self._reader.valid_files and "chartsheet" not in relation.Type
        }

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of its sheets, in order."""
        return tuple(self._parts)

    @cached_property
    def _strings(self) -> list[str]:
        from openpyxl.cell.text import Text
        from openpyxl.xml.constants import SHARED_STRINGS

        found: list[str] = []
        understood: Any = Text.from_tree
        part = self._reader.package.find(SHARED_STRINGS)
        if part is None:
            return found
        with self._archive.open(part.PartName[1:]) as stream:
            try:
                for element in members(pieces(stream), f"{MAIN}sst", f"{MAIN}si"):
                    # openpyxl takes this mark of an escaped underscore out as well.
                    found.append(understood(element).content.replace("x005F_", ""))
            except Endless:
                raise self._refused(f"its shared text number {len(found) + 1}") from None
        return found

    @property
    def _archive(self) -> zipfile.ZipFile:
        archive: zipfile.ZipFile = self._reader.archive
        return archive

    def rows(self, title: str) -> Iterator[tuple[int, Cells]]:
        """(number, cells) of the rows of a sheet; numbers only grow. KeyError: there is no such sheet."""
        from openpyxl.worksheet._reader import WorkSheetParser

        book = self._reader.wb
        no_source: Any = None
        parser = WorkSheetParser(
            no_source,
            self._strings,
            data_only=self._values,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        last = 0
        with self._archive.open(self._parts[title]) as stream:
            try:
                for element in members(pieces(stream), f"{MAIN}sheetData", f"{MAIN}row"):
                    number, cells = parser.parse_row(element)
                    parser.row_dimensions.clear()
                    if number > last:
                        last = self._checked(title, number, cells)
                        yield number, _in_columns(cells)
            except Endless:
                raise self._refused(f"the sheet '{title}' after row {last}") from None

    def _checked(self, title: str, number: int, cells: list[dict[str, Any]]) -> int:
        if number > LAST_ROW or any(cell["column"] > LAST_COLUMN for cell in cells):
            raise ConnectorError(
                f"{self._path.name}: the sheet '{title}' has rows or columns beyond the limit of the format",
                permanent=True,
            )
        return number

    def _refused(self, where: str) -> ConnectorError:
        return ConnectorError(
            f"{self._path.name}: {where} holds more than {LONGEST_ROW >> 20} MB or {MOST_TAGS} tags without an "
            "end; the file is refused; save it again as XLSX, or take that row or text out",
            permanent=True,
        )

    def close(self) -> None:
        """Close the file."""
        self._reader.archive.close()


def members(xml: Iterable[bytes], holder: str, wanted: str) -> Iterator[Any]:
    """The elements ``wanted`` within ``holder``, each forgotten with all between them soon after.

    What lies before the holder, or within it before the next end of one of its children, has to be held: Endless
    when that is too much. What follows the holder is not read.
    """
    parser: Any = XMLPullParser(("start", "end"))
    held: Any = None
    size = tags = 0
    for piece in xml:
        parser.feed(piece)
        for event, element in parser.read_events():
            if event == "end":
                if element.tag == wanted:
                    yield element
                elif element is held:
                    return
            elif held is None and element.tag == holder:
                held = element
        if held is not None and len(held) > 1:
            # The last one may still be open; it began within this piece.
            del held[:-1]
            size = tags = 0
        size, tags = size + len(piece), tags + piece.count(b"<")
        if size > LONGEST_ROW or tags > MOST_TAGS:
            raise Endless
    parser.close()


def _in_columns(cells: list[dict[str, Any]]) -> Cells:
    row = [None] * max((cell["column"] for cell in cells), default=0)
    for cell in cells:
        row[cell["column"] - 1] = cell["value"]
    return tuple(row)
