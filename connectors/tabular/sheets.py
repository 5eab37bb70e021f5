"""One collection of a file: which column holds what, and what a row says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from connectors._map.model import ROW, Collection
from connectors._people import Seen
from dsr.contract import ConnectorError, Identifier, Key, Text

from .cells import same, text

SOURCE = "@tabular"
"""In rows set aside: where and how they stood in the file."""
Cells = Sequence[Any]


class Line(NamedTuple):
    """One row: its number as a spreadsheet shows it, its cells, and where it starts and stops in the file."""

    number: int
    cells: Cells
    start: int
    stop: int


class Sheet:
    """A collection of the map in a file with these column ``names``. Of columns that the map does not know
    and that are called alike, only the first has a name here."""

    def __init__(self, collection: Collection, names: Sequence[str]) -> None:
        self.collection = collection
        self.name = collection.name
        mapped = {field.name for field in collection.fields}
        self.names = tuple(
            name if name in mapped or name not in names[:n] else "" for n, name in enumerate(names)
        )
        self.at = _positions(self.name, self.names)
        self.keyless = collection.key == (ROW,)
        self._key = () if self.keyless else tuple(self._needed(name) for name in collection.key)
        self._where = tuple((self._needed(name), value) for name, value in collection.where.items())
        self._named = tuple(
            (
                f.identity,
                self._needed(f.name),
                tuple((self._needed(n), v) for n, v in f.identity_where.items()),
            )
            for f in collection.fields
            if f.identity and f.name != ROW
        )
        self._reveals = tuple(
            (f.reveals, self.at[f.name]) for f in collection.fields if f.reveals and f.name in self.at
        )
        self.fields = tuple(f.name for f in collection.fields if f.name in self.at)
        self.withheld = tuple(f.name for f in collection.fields if f.third_party or f.free_text)
        self.free_text = tuple(
            self.at[f.name] for f in collection.fields if f.free_text and f.name in self.at
        )

    @property
    def title(self) -> Text:
        """The title of the collection, or its name."""
        return self.collection.title or self.name

    def _needed(self, name: str) -> int:
        if name not in self.at:
            raise ConnectorError(
                f"'{self.name}' has no column '{name}', which the map needs; correct the map or the file",
                permanent=True,
            )
        return self.at[name]

    def counts(self, cells: Cells) -> bool:
        """Whether the map counts this row (``where``)."""
        return all(same(_at(cells, place), value) for place, value in self._where)

    def seen(self, cells: Cells) -> Seen:
        """The identifiers the row holds, (kind, value as stored), in the order of the fields."""
        found = []
        for kind, place, where in self._named:
            value = text(_at(cells, place))
            if value and not value.isspace() and (not where or all(same(_at(cells, p), v) for p, v in where)):
                found.append((kind, value))
        return tuple(found)

    def reveals(self, cells: Cells) -> tuple[Identifier, ...]:
        """Further identifiers that the row reveals."""
        found = ((kind, text(_at(cells, place)).strip()) for kind, place in self._reveals)
        return tuple(Identifier(kind, value) for kind, value in found if value)

    def key(self, cells: Cells) -> Key:
        """The key of the row; for a keyless sheet the digest of its content (equal rows: equal keys)."""
        if self.keyless:
            content = json.dumps([text(cell) for cell in cells]).encode()
            return (hashlib.sha256(content).hexdigest()[:32],)
        return tuple(_keyed(_at(cells, place)) for place in self._key)

    def cell(self, cells: Cells, name: str) -> Any:
        """The cell in the column of this name; None where there is none."""
        place = self.at.get(name)
        return None if place is None else _at(cells, place)

    def values(self, cells: Cells) -> dict[str, Any]:
        """What the map names, as stored."""
        return {name: _stored(_at(cells, self.at[name])) for name in self.fields}

    def whole(self, cells: Cells) -> dict[str, Any]:
        """Everything in the row, also columns without a name or beyond the header: ``#7`` is the seventh."""
        found = {name or f"#{place + 1}": _stored(_at(cells, place)) for place, name in enumerate(self.names)}
        found |= {f"#{n + 1}": _stored(cells[n]) for n in range(len(self.names), len(cells))}
        return {name: v for name, v in found.items() if v not in (None, "") or not name.startswith("#")}

    def tuple_of(self, cells: Cells, columns: Sequence[str]) -> tuple[str, ...]:
        """Texts of some columns, to follow references; () where one is empty."""
        found = tuple(text(self.cell(cells, name)).strip() for name in columns)
        return found if all(found) else ()

    def holds(self, cells: Cells, where: Mapping[str, Any]) -> bool:
        """Whether the row meets the condition of a reference."""
        return all(same(self.cell(cells, name), value) for name, value in where.items())


def _at(cells: Cells, place: int) -> Any:
    return cells[place] if place < len(cells) else None


def _positions(name: str, names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, one in enumerate(names):
        if one and one in found:
            raise ConnectorError(
                f"'{name}' has two columns of the same name (columns {found[one] + 1} and {place + 1}); "
                "rename one of them in the file",
                permanent=True,
            )
        found.setdefault(one, place)
    found.pop("", None)
    return found


def _keyed(cell: Any) -> str | int | float | bool | None:
    if cell is None or isinstance(cell, (str, int, bool)):
        return cell
    return text(cell)


def _stored(cell: Any) -> Any:
    """A cell of a type that a vault gives back as it was."""
    if cell is None or isinstance(cell, (str, int, float, bool, datetime, date, time, timedelta)):
        return cell
    return str(cell)
