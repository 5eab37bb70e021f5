"""The conformance kit on CSV and XLSX files."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from connectors.tabular import Tabular
from dsr.contract import Connector
from dsr.testing import EVA, ConnectorKit, Disturbance, Person
from sheetkit import CONTACTS, HEADER, CsvKit


class TestCsv(CsvKit, ConnectorKit):
    """Rows that are set aside."""


class TestCsvWithAFlag(CsvKit):
    """Rows that are marked."""

    restrict = "{flag: restricted, value: true}"


VISITS = """
      - name: visits
        fields:
          - {name: number, fides_meta: {primary_key: true}}
          - {name: contact, fides_meta: {references: [{dataset: kit, field: contacts.id, direction: from}]}}
          - {name: place}
          - {name: seen_on}
"""
VISITS_TOLD = """
    visits:
      title: {es: Visitas, en: Visits, pt: Visitas}
      owner: subject
      erase: delete
      restrict: set_aside
"""


@lru_cache(maxsize=8)
def _rows(path: Path, changed: int, name: str) -> list[tuple[Any, ...]]:
    """The rows of a sheet, read once for each state of the file."""
    rows = load_workbook(path)[name].iter_rows(min_row=2, values_only=True)
    return [row for row in rows if any(cell is not None for cell in row)]


class TestXlsx(CsvKit):
    """Two sheets; the rows of the second hang on those of the first."""

    disturbances = frozenset(Disturbance)
    many = 200

    def make(self, place: Path) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.path = place / "contacts.xlsx"
        book = Workbook()
        del book["Sheet"]
        book.create_sheet("contacts").append(HEADER)
        book.create_sheet("visits").append(("number", "contact", "place", "seen_on"))
        book.save(self.path)
        text = CONTACTS.replace("RESTRICT", self.restrict).replace("\ndsr:", f"{VISITS}\ndsr:") + VISITS_TOLD
        return Tabular, {"path": str(self.path), "map": text, "map_name": "kit.yaml"}

    def seed(self, people: Sequence[Person]) -> None:
        book = load_workbook(self.path)
        contacts, visits = book["contacts"], book["visits"]
        for one in people:
            number = max((cell.value or 0 for cell in contacts["A"][1:]), default=0) + 1
            contacts.append((number, one.email, one.name, True, None))
            for place in ("Madrid", "Lima"):
                visits.append((visits.max_row + 1000, number, place, date(2026, 3, number % 28 + 1)))
        book.save(self.path)

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        return _rows(self.path, self.path.stat().st_mtime_ns, name)

    def raw(self, person: Person) -> Mapping[str, int]:
        numbers = {row[0] for row in self.rows("contacts") if row[1] == person.email}
        found = {"contacts": len(numbers), "visits": sum(row[1] in numbers for row in self.rows("visits"))}
        return {name: count for name, count in found.items() if count}

    def content(self) -> str:
        return "\n".join(
            sorted(repr((name, row)) for name in ("contacts", "visits") for row in self.rows(name))
        )

    def disturb(self, kind: Disturbance, person: Person) -> None:
        if kind is Disturbance.BREAK:
            self.path.write_bytes(f"{person.email}\n".encode())
            return
        book = load_workbook(self.path)
        contacts, visits = book["contacts"], book["visits"]
        hers = next(row for row in contacts.iter_rows(min_row=2) if row[1].value == person.email)
        visit = next(row for row in visits.iter_rows(min_row=2) if row[1].value == hers[0].value)
        if kind is Disturbance.ADD:
            visits.append((99_999, hers[0].value, "Quito", None))
        elif kind is Disturbance.MOVE:
            visit[1].value = next(
                r[0].value for r in contacts.iter_rows(min_row=2) if r[1].value == EVA.email
            )
        elif kind is Disturbance.REMOVE:
            visits.delete_rows(visit[0].row)
        else:
            hers[1].value = EVA.email
        book.save(self.path)


class TestXlsxWithAFlag(TestXlsx):
    """Rows of the first sheet are marked, those of the second set aside."""

    restrict = "{flag: restricted, value: true}"
