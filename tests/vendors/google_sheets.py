"""A fake Google Sheets: rows with values, formulas and days; developer metadata that moves with its row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from dsr.testing import Disturbance, Person

from .google import Google, refused
from .server import Asked, Reply, Row, route

ID = "1spreadsheetOfTheKit"
SHEETS = {"contacts": 0, "visits": 7}
HEADERS: Mapping[str, list[Any]] = {
    "contacts": ["id", "email", "name", "news", "restricted"],
    "visits": ["number", "contact", "place", "seen_on"],
}
COLUMNS = 6
RANGE = re.compile(r"'((?:[^']|'')+)'!A(\d+):([A-Z]+)(\d+)")
EPOCH = date(1899, 12, 30)
Cells = list[Any]


class Formula(str):
    """A formula; what it gives is worked out when it is shown: ``=C5`` is all that it can."""


class GoogleSheets(Google):
    """Tables by sheet: rows by number (as text). ``tags``: developer metadata by id: (key, sheet, row)."""

    kind = "google_sheets"
    writes = frozenset({
        "POST v4/spreadsheets/{id}:batchUpdate", "POST v4/spreadsheets/{id}/values:batchClearByDataFilter",
        "POST v4/spreadsheets/{id}/values:batchUpdateByDataFilter",
    })  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.map = ""
        self.tokens.scopes = {"spreadsheets"}
        self.tags: dict[int, tuple[str, str, int]] = {}
        self.protected: list[Row] = []
        self.filters: Row = {}
        self.notes: dict[tuple[str, int], str] = {}
        self.spare = 20
        for name, header in HEADERS.items():
            self.table(name)["1"] = list(header)  # type: ignore[assignment]

    @property
    def settings(self) -> dict[str, Any]:
        url = f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0"
        known = {name: one for name, one in super().settings.items() if name != "basis"}
        return {**known, "spreadsheet": url, "map": self.map, "map_name": "kit.yaml"}

    # The kit's side.

    def grid(self, name: str) -> dict[int, Cells]:
        """The rows of a sheet by number."""
        return {int(number): row for number, row in self.table(name).items()}  # type: ignore[misc]

    def last(self, name: str) -> int:
        """The number of the last row with anything in it."""
        return max(number for number, row in self.grid(name).items() if any(one != "" for one in row))

    def row(self, name: str, values: Sequence[Any], number: int = 0) -> int:
        """One row more."""
        number = number or self.last(name) + 1
        self.table(name)[str(number)] = list(values)  # type: ignore[assignment]
        return number

    def seed(self, person: Person) -> None:
        number = 1 + max(
            (row[0] for row in self.grid("contacts").values() if row and isinstance(row[0], int)), default=0
        )
        self.row("contacts", [number, person.email, person.name, True])
        for place in ("Madrid", "Lima"):
            self.row("visits", [1000 + self.last("visits"), number, place, date(2026, 3, number % 28 + 1)])

    def contacts(self, person: Person) -> dict[int, Cells]:
        """Her rows."""
        return {n: row for n, row in self.grid("contacts").items() if len(row) > 1 and row[1] == person.email}

    def raw(self, person: Person) -> dict[str, int]:
        ids = {row[0] for row in self.contacts(person).values()}
        visits = sum(len(row) > 1 and row[1] in ids for row in self.grid("visits").values())
        return {"contacts": len(self.contacts(person)), "visits": visits}

    def content(self) -> str:
        lines = [
            f"{name} {n} {trim(row)!r}" for name in SHEETS for n, row in self.grid(name).items() if trim(row)
        ]
        return "\n".join(sorted(lines))

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        number, hers = next(iter(self.contacts(person).items()))
        visits = [n for n, row in self.grid("visits").items() if len(row) > 1 and row[1] == hers[0]]
        if kind is Disturbance.ADD:
            self.row("visits", [99_999, hers[0], "Quito"])
        elif kind is Disturbance.MOVE:
            self.grid("visits")[visits[0]][1] = next(iter(self.contacts(eva).values()))[0]
        elif kind is Disturbance.REMOVE:
            self.shifted("visits", visits[0], -1)
        elif kind is Disturbance.HAND_OVER:
            self.grid("contacts")[number][1] = eva.email

    def duplicate(self, person: Person) -> None:
        number = max(row[0] for row in self.grid("contacts").values() if row and isinstance(row[0], int)) + 1
        self.row("contacts", [number, person.email, person.name, True])

    def grow(self, person: Person, count: int) -> None:
        hers = next(iter(self.contacts(person).values()))[0]
        for number in range(count):
            self.row("visits", [50_000 + number, hers, "Cusco"])

    def shifted(self, name: str, at: int, by: int) -> None:
        """Somebody inserts a row above (1) or deletes a row (-1); tags move along, or go."""
        moved = {n: row for n, row in self.grid(name).items() if not (by < 0 and n == at)}

        def place(n: int) -> int:
            return n + by if n >= at else n

        self.tables[name] = {str(place(n)): row for n, row in moved.items()}  # type: ignore[misc]
        if by > 0:
            self.table(name)[str(at)] = []  # type: ignore[assignment]
        kept = {tag: one for tag, one in self.tags.items() if not (by < 0 and one[1:] == (name, at))}
        self.tags = {tag: (k, s, place(n) if s == name else n) for tag, (k, s, n) in kept.items()}

    # What is read.

    def shown(self, name: str, cell: Any, options: Mapping[str, str]) -> Any:
        """A cell as the options want it."""
        if isinstance(cell, Formula) and options["valueRenderOption"] != "FORMULA":
            column, number = ord(cell[1]) - 65, int(cell[2:])
            return self.shown(name, self.grid(name)[number][column], options)
        if isinstance(cell, date):
            serial = options.get("dateTimeRenderOption") != "FORMATTED_STRING"
            return (cell - EPOCH).days if serial else f"{cell:%d/%m/%Y}"
        return str(cell) if isinstance(cell, Formula) else cell

    def shown_row(self, name: str, number: int, options: Mapping[str, str]) -> Cells:
        """A row; what is empty at its end is left out."""
        return trim([self.shown(name, one, options) for one in self.grid(name).get(number, [])])

    @route("GET", "v4/spreadsheets/{id}")
    def spreadsheet(self, asked: Asked) -> Reply:
        if asked.parts["id"] != ID:
            return refused(404, "NOT_FOUND")
        fields = asked.query["fields"]
        if "numberFormat" in fields:
            data = [self.formats(value) for key, value in asked.all_query if key == "ranges"]
            return Reply(200, {"sheets": [{"properties": {"sheetId": 0}, "data": data}]})
        if "note" in fields:
            return Reply(
                200, {"sheets": [self.noted(value) for key, value in asked.all_query if key == "ranges"]}
            )
        if "basicFilter" in fields:
            return Reply(200, {"sheets": [{"properties": {"sheetId": 0}, **self.filters}]})
        sheets = []
        for name, id in SHEETS.items():
            grid = {"rowCount": self.last(name) + self.spare, "columnCount": COLUMNS}
            about = {"sheetId": id, "title": name, "sheetType": "GRID", "gridProperties": grid}
            locks = [one for one in self.protected if one["range"].get("sheetId", 0) == id]
            sheets.append({"properties": about, **({"protectedRanges": locks} if locks else {})})
        return Reply(200, {"sheets": sheets})

    def formats(self, where: str) -> Row:
        """How the cells of a row are shown."""
        name, number, _, _ = parts(where)
        day = {"effectiveFormat": {"numberFormat": {"type": "DATE", "pattern": "dd/mm/yyyy"}}}
        row = self.grid(name).get(number, [])
        return {"rowData": [{"values": [day if isinstance(one, date) else {} for one in row]}]}

    def noted(self, where: str) -> Row:
        """The notes on the cells of some rows."""
        name, first, _, last = parts(where)
        rows = [
            {"values": [{"note": self.notes[name, n]}]} if (name, n) in self.notes else {}
            for n in range(first, last + 1)
        ]
        return {"properties": {"sheetId": SHEETS[name]}, "data": [{"rowData": rows}]}

    @route("GET", "v4/spreadsheets/{id}/values:batchGet")
    def values(self, asked: Asked) -> Reply:
        found = []
        for where in [value for key, value in asked.all_query if key == "ranges"]:
            name, first, _, last = parts(where)
            rows = [self.shown_row(name, n, asked.query) for n in range(first, last + 1)]
            while rows and not rows[-1]:
                rows.pop()
            found.append({"range": where, "majorDimension": "ROWS", **({"values": rows} if rows else {})})
        return Reply(200, {"spreadsheetId": ID, "valueRanges": found})

    def picked(self, look: Row) -> list[tuple[int, str, int]]:
        """The rows that a filter picks: (tag, sheet, row)."""
        wanted = look["developerMetadataLookup"]
        return [
            (tag, name, number)
            for tag, (key, name, number) in self.tags.items()
            if tag == wanted.get("metadataId", tag) and key == wanted.get("metadataKey", key)
        ]

    @route("POST", "v4/spreadsheets/{id}/values:batchGetByDataFilter")
    def tagged(self, asked: Asked) -> Reply:
        found = []
        for look in asked.body["dataFilters"]:
            for _, name, number in self.picked(look):
                row = self.shown_row(name, number, asked.body)
                where = f"'{name}'!A{number}:F{number}"
                value = {"range": where, "majorDimension": "ROWS", **({"values": [row]} if row else {})}
                found.append({"valueRange": value, "dataFilters": [look]})
        return Reply(200, {"spreadsheetId": ID, **({"valueRanges": found} if found else {})})

    # What is changed.

    @route("POST", "v4/spreadsheets/{id}/values:batchClearByDataFilter")
    def clear(self, asked: Asked) -> Reply:
        picked = [one for look in asked.body["dataFilters"] for one in self.picked(look)]
        for _, name, number in picked:
            if self.remove(name, str(number)):
                self.table(name).setdefault(str(number), [])  # type: ignore[arg-type]
        ranges = [f"'{name}'!A{number}:F{number}" for _, name, number in picked]
        return Reply(200, {"spreadsheetId": ID, "clearedRanges": ranges})

    @route("POST", "v4/spreadsheets/{id}/values:batchUpdateByDataFilter")
    def put(self, asked: Asked) -> Reply:
        computed = asked.body["valueInputOption"] == "USER_ENTERED"
        for one in asked.body["data"]:
            for _, name, number in self.picked(one["dataFilter"]):
                (values,) = one["values"]
                if not self.quirks & {"ignored", "refused"}:
                    self.written(name, number, values, computed=computed)
        return Reply(200, {"spreadsheetId": ID, "totalUpdatedRows": len(asked.body["data"])})

    def written(self, name: str, number: int, values: Cells, *, computed: bool) -> None:
        """Cells of a row; None leaves one as it is. A day keeps being one: its cell is formatted so."""
        row = self.grid(name).get(number, [])
        row += [""] * (len(values) - len(row))
        for place, value in enumerate(values):
            if value is not None:
                text = isinstance(value, str)
                row[place] = (
                    Formula(value)
                    if computed and text and value.startswith("=")
                    else self.formatted(name, place, value)
                )
        self.table(name)[str(number)] = row  # type: ignore[assignment]

    def formatted(self, name: str, place: int, value: Any) -> Any:
        """A number in a column of days is a day."""
        days = HEADERS[name][place : place + 1] == ["seen_on"]
        return EPOCH + timedelta(days=value) if days and isinstance(value, int) else value

    @route("POST", "v4/spreadsheets/{id}:batchUpdate")
    def batch(self, asked: Asked) -> Reply:
        replies: list[Row] = []
        for request in asked.body["requests"]:
            ((what, about),) = request.items()
            replies.append(getattr(self, what)(about))
        return Reply(200, {"spreadsheetId": ID, "replies": replies})

    def createDeveloperMetadata(self, about: Row) -> Row:  # noqa: N802
        """Tag a row."""
        made = about["developerMetadata"]
        place = made["location"]["dimensionRange"]
        name = next(one for one, id in SHEETS.items() if id == place["sheetId"])
        self.tags[made["metadataId"]] = (made["metadataKey"], name, place["startIndex"] + 1)
        return {"createDeveloperMetadata": {"developerMetadata": made}}

    def deleteDeveloperMetadata(self, about: Row) -> Row:  # noqa: N802
        """Take tags off."""
        gone = [tag for tag, _, _ in self.picked(about["dataFilter"])]
        for tag in gone:
            del self.tags[tag]
        return {
            "deleteDeveloperMetadata": {"deletedDeveloperMetadata": [{"metadataId": tag} for tag in gone]}
        }

    def appendCells(self, about: Row) -> Row:  # noqa: N802
        """Rows below the last."""
        name = next(one for one, id in SHEETS.items() if id == about["sheetId"])
        for one in about["rows"]:
            self.row(name, [entered(cell) for cell in one["values"]])
        return {}


def entered(cell: Row) -> Any:
    """A cell from its ``CellData``: a number is a day only where it says so."""
    value = cell.get("userEnteredValue", {})
    if "formulaValue" in value:
        return Formula(value["formulaValue"])
    if "userEnteredFormat" in cell:
        return EPOCH + timedelta(days=value["numberValue"])
    return next(iter(value.values()), "")


def parts(where: str) -> tuple[str, int, str, int]:
    """Sheet, first row, last column and last row of a range in A1 notation."""
    found = RANGE.fullmatch(where)
    assert found is not None, where
    return found[1].replace("''", "'"), int(found[2]), found[3], int(found[4])


def trim(cells: Sequence[Any]) -> Cells:
    """Without the empty ones at the end."""
    found = list(cells)
    while found and found[-1] in ("", None):
        found.pop()
    return found
