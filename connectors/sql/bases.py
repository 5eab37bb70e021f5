"""From an identity row in a side table up to the row it stands for, and who else is named there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import FromClause, Select

from dsr.contract import Key

from . import keys
from .people import plain
from .routes import Hop, identities
from .statements import chunks, in_keys, remembered, values_of, where
from .store import Store

Up = tuple[Hop, ...]


def climbing(store: Store, anchor: str, up: Up) -> Select[Any]:
    """(anchor key..., base key...) for the anchor keys in ``:keys``."""

    def build() -> Select[Any]:
        first, source, base, conditions = _climbed(store, anchor, up)
        start = [first.c[name] for name in store.map.collection(anchor).key]
        top = [base.c[name] for name in store.map.collection(up[-1].reference.target).key]
        return sa.select(*start, *top).select_from(source).where(*conditions, in_keys(start))

    return remembered(store, ("climbing", anchor, up), build)


def _climbed(
    store: Store, anchor: str, up: Up
) -> tuple[FromClause, FromClause, FromClause, list[sa.ColumnElement[bool]]]:
    first: FromClause = store.table(anchor).alias()
    source = last = first
    conditions: list[sa.ColumnElement[bool]] = []
    for hop in up:
        parent = store.table(hop.reference.target).alias()
        pairs = zip(hop.reference.columns, hop.reference.target_columns, strict=True)
        source = source.join(parent, sa.and_(*[last.c[a] == parent.c[b] for a, b in pairs]))
        conditions += where(last, hop.reference.where)
        conditions += where(parent, store.map.collection(hop.reference.target).where)
        last = parent
    return first, source, last, conditions


def of(
    store: Store, connection: sa.Connection, anchor: str, up: Up, raws: Sequence[tuple[Any, ...]]
) -> dict[Key, tuple[Any, ...]]:
    """Base key (as the database has it) by anchor key; without a base row, nothing."""
    if not up:
        return {keys.encode(raw): raw for raw in raws}
    width = len(store.map.collection(anchor).key)
    found = {}
    for some in chunks(values_of(raws, width)):
        for row in connection.execute(climbing(store, anchor, up), {"keys": some}):
            found[keys.encode(row[:width])] = tuple(row[width:])
    return found


def names(
    store: Store, connection: sa.Connection, anchor: str, up: Up, bases: Sequence[tuple[Any, ...]]
) -> Mapping[tuple[Any, ...], set[tuple[str, str]]]:
    """All identifiers, (kind, plain value), that rows of the side table give to each base row."""
    found: dict[tuple[Any, ...], set[tuple[str, str]]] = {}
    width = len(store.map.collection(up[-1].reference.target).key)
    for field in identities(store.map.collection(anchor)):

        def build(name: str = field.name, wanted: Mapping[str, Any] = field.identity_where) -> Select[Any]:
            first, source, base, conditions = _climbed(store, anchor, up)
            top = [base.c[one] for one in store.map.collection(up[-1].reference.target).key]
            made = sa.select(*top, first.c[name]).select_from(source).distinct()
            return made.where(*conditions, *where(first, wanted), first.c[name].is_not(None), in_keys(top))

        statement = remembered(store, ("names", anchor, up, field.name), build)
        for some in chunks(values_of(bases, width)):
            for row in connection.execute(statement, {"keys": some}):
                if str(row[width]).strip():
                    said = (field.identity, plain(field.identity, row[width]))
                    found.setdefault(tuple(row[:width]), set()).add(said)
    return found
