"""Rows that hold an identifier: asked for widely, in one statement per field, and compared again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement, Select

from connectors._map.model import Collection, Field
from dsr.contract import Identifier, Key

from . import keys
from .folding import folded
from .people import Asked, Seen, revealed, seen
from .routes import identities
from .statements import chunks, in_keys, remembered, values_of, where
from .store import Store


@dataclass(slots=True)
class Anchor:
    """One row that names one person of the batch. ``kinds``: what it named her by; ``raw`` its key."""

    subject: int
    collection: str
    raw: tuple[Any, ...]
    key: Key
    seen: Seen
    reveals: tuple[Identifier, ...]
    kinds: list[str]
    proved: bool
    shared: bool = False


def columns(collection: Collection) -> list[str]:
    """Key first, then what is needed to know whom the row names and what it reveals."""
    names = [f.name for f in collection.fields if f.identity or f.reveals]
    conditions = [name for f in identities(collection) for name in f.identity_where]
    return list(dict.fromkeys((*collection.key, *names, *conditions)))


def find(store: Store, connection: sa.Connection, asked: Asked) -> list[Anchor]:
    """The anchors of all people, each row once per person."""
    found: list[Anchor] = []
    for name in store.layout.by_anchor:
        collection = store.map.collection(name)
        rows: dict[Key, Mapping[Any, Any]] = {}
        for field in identities(collection):
            wanted = asked.by_kind.get(field.identity)
            if wanted:
                rows |= {
                    _key(collection, row): row
                    for row in _search(store, connection, collection, field, wanted)
                }
        for key, row in rows.items():
            found += _of_row(collection, key, row, asked)
    return found


def _of_row(collection: Collection, key: Key, row: Mapping[Any, Any], asked: Asked) -> list[Anchor]:
    named = seen(collection, row)
    by_subject: dict[int, Anchor] = {}
    for kind, value in named:
        for number, proved in asked.who(kind, value):
            one = by_subject.get(number)
            if one is None:
                raw = tuple(row[name] for name in collection.key)
                one = by_subject[number] = Anchor(
                    number, collection.name, raw, key, named, revealed(collection, row), [], proved=False
                )
            one.kinds.append(kind)
            one.proved = one.proved or proved
    for one in by_subject.values():
        one.shared = len(by_subject) > 1
    return list(by_subject.values())


def _key(collection: Collection, row: Mapping[Any, Any]) -> Key:
    return keys.encode(row[name] for name in collection.key)


def _search(
    store: Store,
    connection: sa.Connection,
    collection: Collection,
    field: Field,
    wanted: Iterable[str],
) -> Iterator[Mapping[Any, Any]]:
    python = store.columns[collection.name][field.name].python if store.tables else None
    statement = searching(store, collection, field)
    if field.identity == "email":
        values: list[Any] = list(wanted)
    else:
        values = [v for v in (keys.coerced(one, python) for one in wanted) if v is not None]
    for some in chunks(values):
        yield from connection.execute(statement, {"values": some}).mappings()


def searching(store: Store, collection: Collection, field: Field) -> Select[Any]:
    """The rows whose field is in ``:values``; an e-mail whatever its case and outer blanks."""

    def build() -> Select[Any]:
        table = store.table(collection.name)
        column: ColumnElement[Any] = table.c[field.name]
        if field.identity == "email" and store.columns[collection.name][field.name].python in (str, None):
            column = folded(store, collection.name, field.name, column)
        return sa.select(*[table.c[name] for name in columns(collection)]).where(
            column.in_(sa.bindparam("values", expanding=True)),
            *where(table, collection.where),
            *where(table, field.identity_where),
        )

    return remembered(store, ("searching", collection.name, field.name), build)


def by_key(
    store: Store, connection: sa.Connection, name: str, raws: Sequence[tuple[Any, ...]], *, lock: bool = False
) -> dict[Key, Mapping[Any, Any]]:
    """Anchor rows by key, as they are now; ``lock`` until the end of the transaction where it can."""
    collection = store.map.collection(name)

    def build() -> Select[Any]:
        table = store.table(name)
        made = sa.select(*[table.c[one] for one in columns(collection)]).where(
            in_keys([table.c[one] for one in collection.key]), *where(table, collection.where)
        )
        return made.with_for_update() if lock else made

    statement = remembered(store, ("by_key", name, lock), build)
    found: dict[Key, Mapping[Any, Any]] = {}
    for some in chunks(values_of(raws, len(collection.key))):
        for row in connection.execute(statement, {"keys": some}).mappings():
            found[_key(collection, row)] = row
    return found
