"""Blocked rows handed to an authority: a ZIP with CSV and JSON per collection, and a manifest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from dsr.contract import Row

from .tables import csv_head, csv_row, json_row
from .zipping import Member, zipped

UNSAFE = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class OpenedSet:
    """One sealed set; ``rows`` reads it from the start, as often as it is called."""

    id: str
    system: str
    purpose: str
    count: int
    root: str
    sealed_at: datetime
    destroy_on: date | None
    rows: Callable[[], Iterator[Row]]


def opened_zip(sets: Sequence[OpenedSet], facts: Mapping[str, Any], *, made_at: datetime) -> Iterator[bytes]:
    """The ZIP, block by block. ``facts`` stand in its manifest. Each set is read through (and its root
    compared) before the first of its rows is handed out."""
    yield from zipped(_members(sets, facts), made_at)


def _members(sets: Sequence[OpenedSet], facts: Mapping[str, Any]) -> Iterator[Member]:
    yield Member("manifest.json", [_manifest(sets, facts)])
    for number, one in enumerate(sets, 1):
        for collection, columns in _survey(one).items():
            name = f"{number:03}-{_safe(one.system)}-{_safe(collection)}"
            yield Member(f"{name}.csv", _csv(one, collection, columns), large=True)
            yield Member(f"{name}.jsonl", _json(one, collection), large=True)


def _survey(one: OpenedSet) -> dict[str, list[str]]:
    """Columns by collection, in their order."""
    found: dict[str, dict[str, None]] = {}
    for row in one.rows():
        found.setdefault(row.collection, {}).update(dict.fromkeys(row.values))
    return {collection: list(columns) for collection, columns in found.items()}


def _csv(one: OpenedSet, collection: str, columns: Sequence[str]) -> Iterator[bytes]:
    yield csv_head(columns)
    for row in one.rows():
        if row.collection == collection:
            yield csv_row(Row(row.collection, row.key, row.values), columns, "en")


def _json(one: OpenedSet, collection: str) -> Iterator[bytes]:
    for row in one.rows():
        if row.collection == collection:
            yield json_row(Row(row.collection, row.key, row.values)) + b"\n"


def _manifest(sets: Sequence[OpenedSet], facts: Mapping[str, Any]) -> bytes:
    lines = [
        {
            "seal": one.id,
            "system": one.system,
            "purpose": one.purpose,
            "rows": one.count,
            "root": one.root,
            "sealed_at": one.sealed_at.isoformat(),
            "destroy_on": one.destroy_on.isoformat() if one.destroy_on else None,
        }
        for one in sets
    ]
    return orjson.dumps(dict(facts) | {"sets": lines}, option=orjson.OPT_INDENT_2)


def _safe(text: str) -> str:
    return UNSAFE.sub("-", text.lower()).strip("-")[:40] or "x"
