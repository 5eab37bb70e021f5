"""The tables behind a map: names quoted, columns with their types, values without loss."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from connectors._map import Collection, DataMap
from dsr.contract import ConnectorError, Key, Text

from .api import Api, Bound

WRAPPED = re.compile(r"^(?:Nullable|LowCardinality)\((.*)\)$")
COMPUTED = frozenset({"ALIAS", "MATERIALIZED", "EPHEMERAL"})
FINEST = 6
"""Digits of a second that a Python datetime holds; finer times stay text."""


def quoted(name: str) -> str:
    """An identifier."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


@dataclass(frozen=True)
class Column:
    """One column that is stored. ``fixed``: part of an ordering or partition key, so never updated."""

    name: str
    type: str
    fixed: bool

    @cached_property
    def plain(self) -> str:
        """The type without Nullable and LowCardinality."""
        found = self.type
        while inner := WRAPPED.match(found):
            found = inner.group(1)
        return found

    def value(self, raw: Any) -> Any:
        """What JSON says, as a Python value."""
        if raw is None:
            return None
        if self.plain.startswith(("Int", "UInt")):
            return int(raw)
        if self.plain.startswith("Decimal"):
            return Decimal(raw)
        if self.plain.startswith("Float"):
            return float(raw)
        if self.plain.startswith("DateTime"):
            digits = len(raw.rstrip("Z").partition(".")[2])
            return datetime.fromisoformat(raw) if digits <= FINEST else raw
        if self.plain.startswith("Date"):
            return date.fromisoformat(raw)
        if isinstance(raw, str) and not raw.isascii():
            return _lossless(raw)
        return raw

    def keyed(self, raw: Any) -> str | int | float | bool | None:
        """The value in a key: numbers as numbers, everything else as text."""
        if raw is not None and self.plain.startswith(("Int", "UInt")):
            return int(raw)
        return raw if raw is None or isinstance(raw, bool | float | int) else str(raw)

    def compared(self, value: Any, bound: Bound) -> str:
        """An expression with the value of a key, to compare with the column."""
        text = bound.string(str(value))
        if self.plain.startswith("DateTime"):
            return f"parseDateTime64BestEffort({text}, 9, 'UTC')"
        return f"CAST({text} AS {self.plain})"


def _lossless(raw: str) -> str | bytes:
    """Text where it is UTF-8, bytes elsewhere (they came as lone surrogates)."""
    try:
        raw.encode()
    except UnicodeEncodeError:
        return raw.encode("utf-8", "surrogateescape")
    return raw


def stored(value: Any) -> Any:
    """A value of ``Column.value`` as JSON takes it again."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    return str(value) if isinstance(value, float) and value - value != 0 else value


@dataclass(frozen=True)
class Table:
    """A mapped table as it is on the server."""

    collection: Collection
    sql: str
    columns: Mapping[str, Column]

    @property
    def title(self) -> Text:
        """For people."""
        return self.collection.title or self.collection.name

    @property
    def key(self) -> str:
        """The key as a tuple."""
        return "tuple(" + ", ".join(quoted(name) for name in self.collection.key) + ")"

    def key_of(self, raw: list[Any]) -> Key:
        """The key of raw values in the map's order."""
        pairs = zip(self.collection.key, raw, strict=True)
        return tuple(self.columns[name].keyed(one) for name, one in pairs)

    def key_is(self, operator: str, key: Key, bound: Bound) -> str:
        """``key = ...`` or ``key > ...``."""
        pairs = zip(self.collection.key, key, strict=True)
        values = ", ".join(self.columns[name].compared(one, bound) for name, one in pairs)
        return f"{self.key} {operator} tuple({values})"


class Store:
    """One database with its map, during one call."""

    def __init__(self, api: Api, map: DataMap, system: str, page: int) -> None:
        self.api, self.map, self.system, self.page = api, map, system, page
        self._tables: dict[str, Table] = {}

    def table(self, name: str) -> Table:
        """A table of the map. ConnectorError: it is not there, or lacks a column."""
        if name not in self._tables:
            self._tables[name] = self._asked(name)
        return self._tables[name]

    def _asked(self, name: str) -> Table:
        bound = Bound()
        fixed = "is_in_sorting_key OR is_in_primary_key OR is_in_partition_key OR is_in_sampling_key"
        found = self.api.rows(
            f"SELECT name, type, default_kind, ({fixed}) = 1 FROM system.columns"  # noqa: S608
            f" WHERE database = {bound.string(self.api.database)} AND table = {bound.string(name)}"
            " ORDER BY position",
            bound,
        )
        columns = {one[0]: Column(one[0], one[1], bool(one[3])) for one in found if one[2] not in COMPUTED}
        collection = self.map.collection(name)
        lost = [one.name for one in collection.fields if one.name not in columns]
        if lost:
            told = f"the table '{name}' of the map has no column '{lost[0]}'; correct the map"
            raise ConnectorError(
                told if columns else f"there is no table '{name}' as the map says", permanent=True
            )
        return Table(collection, f"{quoted(self.api.database)}.{quoted(name)}", columns)

    def engine(self, name: str) -> str:
        """The engine of a table whose rows can be deleted with staged keys: a MergeTree of one server, whose
        rows are all here. '' for any other."""
        bound = Bound()
        found = self.api.rows(
            f"SELECT engine FROM system.tables WHERE database = {bound.string(self.api.database)}"  # noqa: S608
            f" AND name = {bound.string(name)}",
            bound,
        )
        engine = str(found[0][0]) if found else ""
        own = engine.endswith("MergeTree") and not engine.startswith(("Replicated", "Shared"))
        return engine if own else ""
