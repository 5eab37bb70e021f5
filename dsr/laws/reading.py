"""Reading a pack from TOML, strictly: an unknown or missing key, a wrong type, a period nobody understands
stop the start with the file and the key. The format is explained in docs/law.md."""

from __future__ import annotations

import dataclasses
import hashlib
import types
import typing
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from dsr.domain.law import LawError, Pack
from dsr.domain.periods import Period, parse_period

INHERITED = ("clocks", "rights")
"""What a pack takes from the one it extends; all else is its own."""

Table = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Source:
    """One file: its name, parsed table and a hash of its text."""

    name: str
    table: Table
    text: str

    def fail(self, where: str, problem: str) -> LawError:
        """The error for a key of this file."""
        return LawError(f"{self.name}: {where}: {problem}")


def pack_of(source: Source, parent: Source | None) -> Pack:
    """The Pack of a file, over the pack it extends. Raises LawError naming file and key."""
    table = _over(parent.table, source.table) if parent else dict(source.table)
    text = (parent.text if parent else "") + source.text
    table.pop("extends", None)
    clocks, common = table.pop("clocks", {}), table.pop("every_right", {})
    table["rights"] = {
        name: _with_clocks(source, name, right, clocks, common)
        for name, right in table.get("rights", {}).items()
    }
    if "version" in table:
        raise source.fail("version", "is computed, remove it")
    table["version"] = hashlib.sha256(text.encode()).hexdigest()[:12]
    pack: Pack = _dataclass(source, Pack, table, "")
    return pack


def _over(parent: Table, child: Table) -> Table:
    inherited = {key: {**parent.get(key, {}), **child.get(key, {})} for key in INHERITED}
    return {**child, **inherited}


def _with_clocks(source: Source, name: str, right: Any, clocks: Table, common: Table) -> Table:
    """A right with the rules of its clocks, and of those that every right of the pack has."""
    where = f"rights.{name}.clocks"
    if not isinstance(right, dict) or not isinstance(right.get("clocks"), dict):
        raise source.fail(where, 'is missing; write respond = "the name of a clock"')
    wanted = {**common, **right["clocks"]}
    for used in wanted.values():
        if not isinstance(used, str) or used not in clocks:
            raise source.fail(where, f"there is no clock {used!r}; there are {', '.join(clocks)}")
    return {**right, "clocks": {deadline: clocks[used] for deadline, used in wanted.items()}}


def _dataclass(source: Source, cls: Any, table: Any, where: str) -> Any:
    if not isinstance(table, dict):
        raise source.fail(where, "must be a table")
    prefix = f"{where}." if where else ""
    hints = _hints(cls)
    for key in table:
        if key not in hints:
            raise source.fail(prefix + key, f"unknown key; known here: {', '.join(hints)}")
    for known in dataclasses.fields(cls):
        optional = (
            known.default is not dataclasses.MISSING or known.default_factory is not dataclasses.MISSING
        )
        if known.name not in table and not optional:
            raise source.fail(prefix + known.name, "is missing")
    return cls(**{key: _value(source, hints[key], value, prefix + key) for key, value in table.items()})


@lru_cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _value(source: Source, hint: Any, value: Any, where: str) -> Any:
    """`value` as the type `hint` asks for: the few kinds that packs use."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _value(source, next(kind for kind in inner if kind is not type(None)), value, where)
    if origin is typing.Literal:
        if value not in inner:
            raise source.fail(where, f"{value!r} is not one of {', '.join(inner)}")
        return value
    if origin is tuple:
        values = value if isinstance(value, list) else [value]
        return tuple(_value(source, inner[0], one, where) for one in values)
    if origin is Mapping:
        if not isinstance(value, dict):
            raise source.fail(where, "must be a table")
        return {key: _value(source, inner[1], one, f"{where}.{key}") for key, one in value.items()}
    if dataclasses.is_dataclass(hint) and hint is not Period:
        return _dataclass(source, hint, value, where)
    return _plain(source, hint, value, where)


def _plain(source: Source, hint: Any, value: Any, where: str) -> Any:
    wanted = str if hint is Period else hint
    if type(value) is not wanted or value == "":
        raise source.fail(where, f"{value!r} is not a {'date' if hint is date else wanted.__name__}")
    if hint is not Period:
        return value
    try:
        return parse_period(value)
    except LawError as error:
        raise source.fail(where, error.message) from error
