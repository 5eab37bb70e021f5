"""The calls of the Sheets API (developers.google.com/workspace/sheets/api). Rows are named by tags, not by numbers.

A spreadsheet has no version that a change could name, and row numbers move while others work in it. A *tag* is a
piece of developer metadata on one row: it moves with the row, only this project sees it, and it says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors._google import Google
from connectors._http import Lost
from dsr.contract import ConnectorError

from .xlsxrows import letters

NAME = "Google Sheets"
WORK, PLACE = "dsr.work", "dsr.place"
"""Keys of tags: on rows while they are written; on rows that are set aside, until they return."""
SHEETS = (
    "sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),"
    "protectedRanges(range,warningOnly,requestingUserCanEdit))"
)
FILTERS = "sheets(properties(sheetId),basicFilter(criteria,filterSpecs),filterViews(criteria,filterSpecs))"
CELL = "userEnteredValue,userEnteredFormat.numberFormat"
FORMATS = "sheets(properties(sheetId),data(rowData(values(effectiveFormat(numberFormat(type,pattern))))))"
NOTES = "sheets(properties(sheetId),data(rowData(values(note))))"
Values = Sequence[Any]


@dataclass(frozen=True)
class Tab:
    """One sheet. ``guarded``: somebody locked rows below the header against this account."""

    id: int
    title: str
    rows: int
    columns: int
    guarded: bool

    def range(self, first: int, last: int) -> str:
        """Whole rows in A1 notation."""
        title = self.title.replace("'", "''")
        return f"'{title}'!A{first}:{letters(self.columns)}{last}"


class SheetsApi:
    """Every method raises ConnectorError where Google is in trouble; a change gives False where it was refused."""

    def __init__(self, google: Google, spreadsheet: str) -> None:
        self._google, self._at = google, f"v4/spreadsheets/{spreadsheet}"
        self.lost: ConnectorError | None = None
        """What to raise when a change whose answer got lost turns out not to be made."""

    def tabs(self) -> tuple[Tab, ...]:
        """The sheets with rows."""
        found = self._list(self._google.read(self._at, {"fields": SHEETS}), "sheets")
        tabs = [self._tab(one) for one in found if _about(one).get("sheetType", "GRID") == "GRID"]
        if not tabs:
            raise self._google.odd("the spreadsheet has no sheet")
        return tuple(tabs)

    def _tab(self, sheet: Mapping[str, Any]) -> Tab:
        about = _about(sheet)
        size = _object(about.get("gridProperties"))
        found = (
            about.get("sheetId", 0),
            about.get("title"),
            size.get("rowCount", 0),
            size.get("columnCount", 0),
        )
        id, title, rows, columns = found
        if not (
            isinstance(id, int)
            and isinstance(title, str)
            and isinstance(rows, int)
            and isinstance(columns, int)
        ):
            raise self._google.odd("an answer about a sheet is none")
        locked = any(_locks(one) for one in self._list(sheet, "protectedRanges"))
        return Tab(id, title, rows, max(columns, 1), locked)

    def values(self, ranges: Sequence[str], *, formulas: bool = False) -> list[list[Values]]:
        """The rows of each range, as one moment shows them. Days come as text, or (``formulas``) as they are stored
        with formulas in place of what they give."""
        query = {"ranges": list(ranges), "majorDimension": "ROWS", **_rendered(formulas)}
        answer = self._google.read(f"{self._at}/values:batchGet", query)
        found = [self._rows(one) for one in self._list(answer, "valueRanges")]
        if len(found) != len(ranges):
            raise self._google.odd("an answer leaves rows out")
        return found

    def formats(self, ranges: Sequence[str]) -> list[dict[int, Mapping[str, str]]]:
        """How numbers of one row each, all of one sheet, are shown: by column, those that are not plain."""
        sheets = self._list(self.texts(FORMATS, ranges), "sheets")
        found = [_formats(one) for sheet in sheets for one in self._list(sheet, "data")]
        if len(found) != len(ranges):
            raise self._google.odd("an answer leaves rows out")
        return found

    def tagged(self, tags: Sequence[int]) -> dict[int, Values]:
        """The rows with these tags as they are now, wherever they are; a row that is gone is left out."""
        body = {"dataFilters": _lookups(tags), "majorDimension": "ROWS", **_rendered(formulas=False)}
        answer = self._google.read(f"{self._at}/values:batchGetByDataFilter", {}, body)
        found: dict[int, Values] = {}
        for one in self._list(answer, "valueRanges"):
            rows = self._rows(_object(one.get("valueRange")))
            for each in self._list(one, "dataFilters"):
                tag = _object(each.get("developerMetadataLookup")).get("metadataId")
                if isinstance(tag, int):
                    found[tag] = rows[0] if rows else []
        return found

    def tag(self, rows: Iterable[tuple[int, str, int, int]]) -> bool:
        """Tag rows: (tag, key, sheet id, row number)."""
        return self.batch([_tagging(*one) for one in rows])

    def untag(self, key: str, tags: Sequence[int] = ()) -> bool:
        """Take tags off: these, or all with this key."""
        looks = _lookups(tags) if tags else [{"developerMetadataLookup": {"metadataKey": key}}]
        return self.batch([{"deleteDeveloperMetadata": {"dataFilter": one}} for one in looks])

    def clear(self, tags: Sequence[int]) -> bool:
        """Empty the rows with these tags, all or none. What they look like stays."""
        return self._changed(f"{self._at}/values:batchClearByDataFilter", {"dataFilters": _lookups(tags)})

    def put(self, rows: Mapping[int, Values], *, formulas: bool = False) -> bool:
        """Write cells of tagged rows; None leaves a cell as it is. Only with ``formulas`` is anything computed."""
        data = [
            {"dataFilter": look, "majorDimension": "ROWS", "values": [list(values)]}
            for look, values in zip(_lookups(list(rows)), rows.values(), strict=True)
        ]
        body = {"valueInputOption": "USER_ENTERED" if formulas else "RAW", "data": data}
        return self._changed(f"{self._at}/values:batchUpdateByDataFilter", body)

    def append(self, sheet: int, rows: Sequence[Sequence[Mapping[str, Any]]]) -> bool:
        """Rows below the last one with anything in it; cells as ``CellData``."""
        made = [{"values": list(row)} for row in rows]
        return self.batch([{"appendCells": {"sheetId": sheet, "rows": made, "fields": CELL}}])

    def batch(self, requests: Sequence[Mapping[str, Any]]) -> bool:
        """Changes that are made all or none."""
        return self._changed(f"{self._at}:batchUpdate", {"requests": list(requests)})

    def _changed(self, path: str, body: Mapping[str, Any]) -> bool:
        """A change, sent once. Where its answer got lost it counts as taken until a read shows whether it was."""
        try:
            return self._google.change("POST", path, body).status < 300
        except Lost as lost:
            self.lost = lost.error
            return True

    def texts(self, fields: str, ranges: Sequence[str] = ()) -> Mapping[str, Any]:
        """Parts of the spreadsheet that are not values: filters, or the notes on cells of some rows."""
        return self._google.read(self._at, {"fields": fields, **({"ranges": list(ranges)} if ranges else {})})

    def _rows(self, value: Mapping[str, Any]) -> list[Values]:
        rows = value.get("values", [])
        if not isinstance(rows, list) or not all(isinstance(one, list) for one in rows):
            raise self._google.odd("an answer holds no rows")
        return rows

    def _list(self, answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        found = answer.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self._google.odd("an answer is not a list")
        return found

    def odd(self, sentence: str) -> ConnectorError:
        """An answer that cannot be relied on."""
        return self._google.odd(sentence)

    def close(self) -> None:
        """Give the connections back."""
        self._google.close()


def in_chunks(call: Callable[[list[Any]], Any], every: Iterable[Any], most: int) -> list[Any]:
    """The answers to ``call`` for so many at a time."""
    whole = list(every)
    return [call(whole[start : start + most]) for start in range(0, len(whole), most)]


def _about(sheet: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(sheet.get("properties"))


def _locks(one: Mapping[str, Any]) -> bool:
    """Whether a protection keeps this account from rows below the header."""
    last = _object(one.get("range")).get("endRowIndex")
    below = last is None or (isinstance(last, int) and last > 1)
    return below and not one.get("warningOnly") and one.get("requestingUserCanEdit") is not True


def _formats(part: Mapping[str, Any]) -> dict[int, Mapping[str, str]]:
    """The formats of numbers in the first row of a part."""
    found: dict[int, Mapping[str, str]] = {}
    for n, cell in enumerate(_inner(_inner(part, "rowData")[0], "values")):
        about = _object(_object(cell.get("effectiveFormat")).get("numberFormat"))
        if isinstance(about.get("type"), str):
            found[n] = {name: str(about[name]) for name in ("type", "pattern") if name in about}
    return found


def _inner(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list, one that is empty where there is none."""
    listed = holder.get(name)
    return [_object(one) for one in listed] if isinstance(listed, list) and listed else [{}]


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _rendered(formulas: bool) -> Mapping[str, str]:
    if formulas:
        return {"valueRenderOption": "FORMULA", "dateTimeRenderOption": "SERIAL_NUMBER"}
    return {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}


def _lookups(tags: Sequence[int]) -> list[dict[str, Any]]:
    return [{"developerMetadataLookup": {"metadataId": one}} for one in tags]


def _tagging(tag: int, key: str, sheet: int, row: int) -> Mapping[str, Any]:
    place = {"sheetId": sheet, "dimension": "ROWS", "startIndex": row - 1, "endIndex": row}
    about = {
        "metadataId": tag,
        "metadataKey": key,
        "visibility": "PROJECT",
        "location": {"dimensionRange": place},
    }
    return {"createDeveloperMetadata": {"developerMetadata": about}}
