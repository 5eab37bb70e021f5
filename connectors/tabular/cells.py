"""Cells as text, compared and written the way the other cells of their column are."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from connectors._tokens import is_random, random_text

PAIRS = (
    ("true", "false"),
    ("1", "0"),
    ("yes", "no"),
    ("sí", "no"),
    ("si", "no"),
    ("sim", "não"),
    ("verdadero", "falso"),
    ("verdadeiro", "falso"),
    ("y", "n"),
    ("s", "n"),
    ("t", "f"),
    ("x", ""),
)
YES = {yes for yes, _ in PAIRS}
NO = {no for _, no in PAIRS if no} | {"nao"}


def text(cell: Any) -> str:
    """A cell as text; an empty one is ''. Whole numbers and days have no tail."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)


def truth(cell: Any) -> bool | None:
    """What a cell says that is a yes or no; None for anything else."""
    said = text(cell).strip().lower()
    if said in YES:
        return True
    return False if said in NO else None


def same(cell: Any, value: Any) -> bool:
    """Whether a cell holds a value of the map or of a plan. None is an empty cell."""
    if isinstance(value, bool):
        return truth(cell) is value
    return text(cell).strip() == text(value).strip()


def fold(value: Any) -> str:
    """For comparing with what a person typed: trimmed, A-Z without case."""
    return "".join(c.lower() if c.isascii() else c for c in text(value).strip())


def as_text(value: Any, current: Any) -> str:
    """A value as text in the manner of the cell it replaces: yes and no are written as they were there."""
    if is_random(value):
        return random_text()
    if not isinstance(value, bool):
        return text(value)
    now = text(current).strip()
    yes, no = next((pair for pair in PAIRS if now and now.lower() in pair), PAIRS[0])
    found = yes if value else no
    if now.isupper():
        return found.upper()
    return found.capitalize() if now.istitle() and len(now) > 1 else found
