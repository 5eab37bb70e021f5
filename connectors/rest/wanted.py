"""Whether a row has the values that are wanted of it, as vendors give values back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .calling import holds
from .filling import pick
from .holding import Held
from .model import Stop


def is_set(row: Held, values: Mapping[str, Any]) -> bool:
    """Whether the row has these values at these paths."""
    return all(alike(pick(row.values, path), value) for path, value in values.items())


def is_stopped(stop: Stop, row: Held) -> bool:
    """Whether nothing is left to be stopped in the row."""
    return holds(stop.done, row.values, {}) if stop.done else is_set(row, stop.sets)


def alike(found: Sequence[Any], wanted: Any) -> bool:
    """Vendors give numbers and switches back as text, and nothing as an empty text."""
    if wanted in (None, ""):
        return all(one == "" for one in found)
    return bool(found) and _told(found[0]) == _told(wanted)


def _told(value: Any) -> Any:
    return str(value).lower() if isinstance(value, str | int | float | bool) else value
