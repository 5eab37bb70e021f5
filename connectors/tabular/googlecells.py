"""Cells of a Google spreadsheet as they are read, written and compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dsr.contract import ConnectorError

from .book import Back, Former
from .cells import same
from .googleapi import Values
from .sheets import Cells, Sheet


def trimmed(cells: Values) -> list[Any]:
    """The cells up to the last that holds something: Google leaves the others out, or not."""
    found = ["" if one is None else one for one in cells]
    while found and found[-1] == "":
        found.pop()
    return found


def formula_columns(raw: Values, cells: Cells) -> list[int]:
    """Columns in which a formula stands: a text that begins like one shows itself."""
    shown = [*cells, *([""] * (len(raw) - len(cells)))]
    return [
        n for n, one in enumerate(raw) if isinstance(one, str) and one.startswith("=") and one != shown[n]
    ]


def day_columns(raw: Values, cells: Cells) -> list[int]:
    """Columns in which a number is shown as a text: days and times."""
    pairs = enumerate(zip(raw, cells, strict=False))
    return [n for n, (one, shown) in pairs if isinstance(one, int | float) and isinstance(shown, str)]


def sparse(cells: Mapping[int, Any], *, formulas: bool = False) -> list[Any]:
    """The cells of a row to write; None leaves one as it is. Of those on their way back either the formulas or the
    others."""
    found = [cells.get(place) for place in range(max(cells) + 1)]
    return [
        _stood(one, formulas=formulas) if isinstance(one, Former) else None if formulas else one
        for one in found
    ]


def _stood(cell: Former, *, formulas: bool) -> Any:
    stood = cell.stood if isinstance(cell.stood, Mapping) else {"raw": "", "formula": False}
    return stood["raw"] if bool(stood["formula"]) is formulas else None


def computes(cells: Mapping[int, Any]) -> bool:
    """Whether a formula comes back in one of these cells."""
    returning = [one for one in cells.values() if isinstance(one, Former)]
    return any(_stood(one, formulas=True) is not None for one in returning)


def is_as(now: Values, cells: Mapping[int, Any] | None) -> bool:
    """Whether a row that was read shows these cells; None: nothing at all."""
    if cells is None:
        return not trimmed(now)
    padded = [*now, *([""] * (max(cells) + 1 - len(now)))]
    return all(same(padded[place], value) for place, value in _shown(cells).items())


def _shown(cells: Mapping[int, Any]) -> Mapping[int, Any]:
    """What must be read; a formula that came back may give something else by now."""
    return {
        place: one.value if isinstance(one, Former) else one
        for place, one in cells.items()
        if not isinstance(one, Former) or _stood(one, formulas=True) is None
    }


def plain_cells(back: Back) -> list[Any]:
    """The cells as they were stored, without formulas."""
    gone = set(_columns(back))
    return [None if n in gone else one for n, one in enumerate(_raw(back))]


def formula_cells(back: Back) -> list[Any]:
    here = set(_columns(back))
    return [one if n in here else None for n, one in enumerate(_raw(back))]


def extended(back: Back) -> list[Mapping[str, Any]]:
    """The cells with their types, days with their looks, for a row that is made anew."""
    here, days = set(_columns(back)), back.source.get("days") or {}
    made: list[Mapping[str, Any]] = []
    for n, one in enumerate(_raw(back)):
        typed = _typed(one, formula=n in here)
        looks = {"userEnteredFormat": {"numberFormat": days[str(n)]}} if str(n) in days else {}
        made.append({"userEnteredValue": typed, **looks} if typed else {})
    return made


def shown_cells(sheet: Sheet, back: Back) -> list[Any]:
    """The cells of a sealed row as they were shown."""
    found = [back.values.get(name or f"#{n + 1}") for n, name in enumerate(sheet.names)]
    more = [name for name in back.values if name.startswith("#") and int(name[1:] or 0) > len(found)]
    found += [
        back.values.get(f"#{n + 1}") for n in range(len(found), max((int(x[1:]) for x in more), default=0))
    ]
    return found


def known(sheet: Sheet, back: Back) -> dict[int, Any]:
    """The cells that must show what they showed, by column; a formula may give something else by now."""
    gone = set(_columns(back))
    shown = {
        n: one for n, one in enumerate(shown_cells(sheet, back)) if n not in gone and one not in (None, "")
    }
    return shown or {0: ""}


def _typed(value: Any, *, formula: bool) -> Mapping[str, Any] | None:
    if value in (None, ""):
        return None
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float):
        return {"numberValue": value}
    return {"formulaValue" if formula else "stringValue": str(value)}


def _raw(back: Back) -> list[Any]:
    raw = back.source.get("raw")
    if not isinstance(raw, list | tuple):
        raise ConnectorError("these rows were not set aside by this connector", permanent=True)
    return list(raw)


def _columns(back: Back) -> Iterable[int]:
    return [int(one) for one in back.source.get("formulas") or ()]
