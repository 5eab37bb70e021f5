"""What the index page needs of one collection, gathered while its rows stream by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dsr.contract import CollectionInfo, Row

SHOWN = 200
"""Rows of a collection that the index shows as a table; beyond, it summarises."""
_KINDS = 12
_KIND_NAMES = ("event", "kind", "type", "action", "status", "channel")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_CLIP = 60


@dataclass(slots=True)
class Tally:
    """Columns, first rows and counts of one collection."""

    info: CollectionInfo
    count: int = 0
    withheld: int = 0
    first: list[Row] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)
    samples: dict[str, Any] = field(default_factory=dict)
    months: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    kind_field: str = ""

    def begin(self, rows: Iterable[Row]) -> None:
        """Take the first rows: they give the columns, the samples and the field to count by."""
        self.first = list(rows)
        declared = [f.name for f in self.info.fields]
        seen = dict.fromkeys(name for row in self.first for name in row.values)
        self.columns = dict.fromkeys(name for name in declared if name in seen) | seen
        for row in self.first:
            if len(self.samples) == len(self.columns):
                break
            self._sample(row.values)
        if len(self.first) >= SHOWN:
            self.kind_field = self._kind_field()

    def add(self, row: Row) -> None:
        """Count one row, the first ones included."""
        values = row.values
        self.count += 1
        if row.withheld:
            self.withheld += 1
        if self.count > SHOWN and not values.keys() <= self.columns.keys():
            self.columns |= dict.fromkeys(values)
            self._sample(values)
        if self.info.occurred_at:
            month = _month(values.get(self.info.occurred_at))
            if month:
                self.months[month] += 1
        if self.kind_field:
            self._count_kind(values.get(self.kind_field))

    def by_month(self) -> tuple[tuple[str, int], ...]:
        """(YYYY-MM, rows), oldest first."""
        ordered = sorted(self.months.items())
        return tuple((f"{(m - 1) // 12:04d}-{(m - 1) % 12 + 1:02d}", n) for m, n in ordered)

    def by_kind(self) -> tuple[tuple[str, int], ...]:
        """(value, rows), most frequent first; what came too late to be told apart counts under ''."""
        return tuple(self.kinds.most_common())

    def _count_kind(self, value: Any) -> None:
        word = str(value)[:_CLIP] if value is not None else ""
        if word not in self.kinds and len(self.kinds) >= _KINDS * 2:
            word = ""
        self.kinds[word] += 1

    def _sample(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if value is not None:
                self.samples.setdefault(name, value)

    def _kind_field(self) -> str:
        """A text field with few values; one named like an event first. '' when there is none."""
        hidden = {f.name for f in self.info.fields if f.identity or f.free_text or f.third_party}
        fit = [name for name in self.columns if name not in hidden and self._few(name)]
        named = [n for n in fit if any(word in n.lower() for word in _KIND_NAMES)]
        return (named or fit or [""])[0]

    def _few(self, name: str) -> bool:
        values = [row.values.get(name) for row in self.first]
        texts = {v for v in values if isinstance(v, str)}
        return 2 <= len(texts) <= _KINDS and all(v is None or isinstance(v, str) for v in values)


def _month(value: Any) -> int:
    """Months since year 0, plus one; 0 when the value is no date."""
    if isinstance(value, date):
        return value.year * 12 + value.month
    if isinstance(value, str) and _MONTH.match(value):
        return int(value[:4]) * 12 + int(value[5:7])
    return 0
