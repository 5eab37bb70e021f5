"""What the rows below an anchor reveal: a device of her visits, a second address in a side table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import sqlalchemy as sa

from dsr.contract import Identifier

from .people import revealed
from .routes import Route
from .statements import Joined, chunks, keys, remembered, values_of
from .store import Store

Base = tuple[Any, ...]


def below(
    store: Store, connection: sa.Connection, route: Route, raws: Sequence[Base]
) -> Mapping[Base, tuple[Identifier, ...]]:
    """Identifiers in the rows at the end of a route, by base key. Shared rows reveal nothing of one person."""
    collection = store.map.collection(route.end)
    names = [one.name for one in collection.fields if one.reveals]
    if not names or not route.down or route.shared:
        return {}
    width, skipped = len(store.map.collection(route.base).key), len(collection.key)
    statement = keys(store, route, *names)
    found: dict[Base, dict[Identifier, None]] = {}
    for some in chunks(values_of(raws, width)):
        for row in connection.execute(statement, {"keys": some}):
            values = dict(zip(names, row[width + skipped :], strict=True))
            mine = found.setdefault(tuple(row[:width]), {})
            mine.update(dict.fromkeys(revealed(collection, values)))
    return {base: tuple(mine) for base, mine in found.items()}


def owners(
    store: Store, connection: sa.Connection, route: Route, found: Mapping[Base, Sequence[Identifier]]
) -> Mapping[Identifier, Set[Base]]:
    """For each revealed identifier the base keys of everybody whose rows hold it (a shared tablet)."""
    collection = store.map.collection(route.end)
    held: dict[Identifier, set[Base]] = {}
    for field in collection.fields:
        values = {one.value for mine in found.values() for one in mine if one.kind == field.reveals}
        if not field.reveals or not values:
            continue
        for some in chunks(sorted(values)):
            for row in connection.execute(_holding(store, route, field.name), {"values": list(some)}):
                for one in revealed(collection, {**dict.fromkeys(_names(store, route)), field.name: row[-1]}):
                    held.setdefault(one, set()).add(tuple(row[:-1]))
    return held


def _names(store: Store, route: Route) -> list[str]:
    return [one.name for one in store.map.collection(route.end).fields]


def _holding(store: Store, route: Route, name: str) -> sa.Select[Any]:
    """(base key..., value) of the rows whose column ``name`` is one of ``:values``."""

    def build() -> sa.Select[Any]:
        joined = Joined(store, route, short=True)
        column = joined.end.c[name]
        made = sa.select(*joined.base_key, column).select_from(joined.source)
        return made.where(*joined.conditions, column.in_(sa.bindparam("values", expanding=True))).distinct()

    return remembered(store, ("holding", route, name), build)
