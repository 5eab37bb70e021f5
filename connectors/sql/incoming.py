"""What refers to a table: references of the map and foreign keys of tables the map does not name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import Select

from connectors._map.model import Reference

from . import engines, tabling
from .routes import Hop, Route
from .statements import Joined, remembered, where
from .store import Store


@dataclass(frozen=True, eq=False)
class Incoming:
    """Rows of ``table`` refer to a collection. ``child``: its collection, '' when the map does not name it.

    ``frees``: the database itself sets the reference to NULL.
    """

    table: sa.Table
    child: str
    reference: Reference
    frees: bool = False


def incoming(store: Store, name: str) -> tuple[Incoming, ...]:
    """Everything that refers to a collection."""

    def build() -> tuple[Incoming, ...]:
        declared = {(one.table.fullname, one.reference.columns): one for one in _foreign(store, name)}
        mapped = []
        for child, reference in store.map.children(name):
            table = store.table(child.name)
            key = declared.pop((table.fullname, tuple(reference.columns)), None)
            mapped.append(Incoming(table, child.name, reference, key is not None and key.frees))
        return (*mapped, *declared.values())

    return remembered(store, ("incoming", name), build)


def _foreign(store: Store, name: str) -> list[Incoming]:
    place = store.plain_place(name)
    collections = {store.plain_place(one.name): one.name for one in store.map.collections}
    found = []
    for (where_schema, where_table), fks in _foreign_keys(store).items():
        for fk in fks:
            if (store.plain(fk["referred_schema"]), fk["referred_table"]) != place:
                continue
            columns = tuple(fk["constrained_columns"])
            child = collections.get((store.plain(where_schema), where_table), "")
            plain = sa.Table(
                where_table, sa.MetaData(), *[sa.Column(c) for c in columns], schema=where_schema
            )
            source = store.table(child) if child else plain
            reference = Reference(name, columns, tuple(fk["referred_columns"]))
            frees = (fk.get("options") or {}).get("ondelete", "").upper() == "SET NULL"
            found.append(Incoming(source, child, reference, frees))
    return found


def _foreign_keys(store: Store) -> dict[tuple[str | None, str], list[Any]]:
    """All foreign keys of the database, read once: tables of schemas that the map does not touch refer too."""

    def build() -> dict[tuple[str | None, str], list[Any]]:
        touched = (store.plain_place(one.name)[0] for one in store.map.collections)
        found: dict[tuple[str | None, str], list[Any]] = {}
        with engines.reading(store.engine) as connection:
            inspector = sa.inspect(connection)
            for schema in dict.fromkeys((*touched, *tabling.schemas(inspector))):
                found |= inspector.get_multi_foreign_keys(schema=schema)
            parts = tabling.parts(connection)
        return {place: keys for place, keys in found.items() if place not in parts}

    return remembered(store, ("foreign_keys",), build)


def referring(store: Store, route: Route, one: Incoming) -> Select[tuple[object, ...]]:
    """What refers to the rows at the end of a route: (base key..., key...) of a mapped table, else (base
    key..., number of rows)."""

    def build() -> Select[tuple[object, ...]]:
        joined = Joined(store, route, short=True)
        other = one.table.alias()
        pairs = zip(one.reference.columns, one.reference.target_columns, strict=True)
        joined.source = joined.source.join(other, sa.and_(*[other.c[a] == joined.end.c[b] for a, b in pairs]))
        joined.conditions += where(other, one.reference.where)
        if one.child:
            key = store.map.collection(one.child).key
            return joined.select(*joined.base_key, *[other.c[name] for name in key])
        return joined.select(*joined.base_key, sa.func.count()).group_by(*joined.base_key)

    return remembered(store, ("referring", route, one), build)


def continued(store: Store, route: Route, one: Incoming) -> Route | None:
    """The route that goes on over this reference and finds exactly the rows that refer, if there is one."""
    if not one.child or store.map.collection(one.child).where:
        return None
    found = store.layout.route(route.anchor, (*route.path, Hop(one.child, one.reference).name))
    if found is None or found.earlier or found.shared:
        return None
    joined = Joined(store, found)
    return None if joined.own_names(found.down[-1]) else found
