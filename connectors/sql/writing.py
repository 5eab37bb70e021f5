"""The statements that change rows: the rows of a route for base keys, checked with their identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement, Select

from . import slices
from .routes import Route
from .statements import Joined, in_keys, remembered
from .store import Store


def chosen(store: Store, route: Route, by: str, dated: str) -> Select[Any]:
    """Keys of the rows to change. ``by``: the identity column that ``:pairs`` hold beside the base key;
    ``dated``: only rows whose date in this column lies before ``:cutoff``."""
    joined = Joined(store, route)
    made = joined.select(*joined.end_key).distinct()
    if by:
        pair = [*joined.base_key, joined.base.c[by]]
        made = made.where(sa.tuple_(*pair).in_(sa.bindparam("pairs", expanding=True)))
    if dated:
        made = made.where(slices.older(store, route.end, joined.end.c[dated], dated))
    return made


def deletion(store: Store, route: Route, by: str, dated: str = "") -> Any:
    """DELETE of the rows of a route."""

    def build() -> Any:
        table = store.table(route.end)
        return sa.delete(table).where(matching(store, table, route, by, dated))

    return remembered(store, ("delete", route, by, dated), build)


def update(store: Store, route: Route, by: str, sets: Mapping[str, ColumnElement[Any]]) -> Any:
    """The same as ``updating``, built once for ``sets`` that are told apart by their text."""
    name = ("update", route, by, tuple((k, str(v)) for k, v in sets.items()))
    return remembered(store, name, lambda: updating(store, route, by, sets))


def updating(store: Store, route: Route, by: str, sets: Mapping[str, ColumnElement[Any]]) -> sa.Update:
    """UPDATE of the rows of a route; ``sets`` are expressions such as ``bindparam('new_0')``."""
    table = store.table(route.end)
    return sa.update(table).where(matching(store, table, route, by, "")).values(dict(sets))


def matching(store: Store, table: sa.Table, route: Route, by: str, dated: str) -> ColumnElement[bool]:
    """The rows of ``table`` that ``chosen`` names; written so that each database uses its indexes."""
    names = store.map.collection(route.end).key
    columns = [table.c[name] for name in names]
    if not route.down and not dated:
        return _themselves(store, table, route, by, columns)
    inner = chosen(store, route, by, dated)
    if store.dialect == "sqlite":
        return columns[0].in_(inner) if len(columns) == 1 else sa.tuple_(*columns).in_(inner)
    keys = inner.subquery("chosen")
    return sa.and_(*[column == key for column, key in zip(columns, keys.c, strict=True)])


def _themselves(
    store: Store, table: sa.Table, route: Route, by: str, columns: Sequence[ColumnElement[Any]]
) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [in_keys(columns)]
    if by:
        conditions.append(sa.tuple_(*columns, table.c[by]).in_(sa.bindparam("pairs", expanding=True)))
    for name, value in store.map.collection(route.end).where.items():
        conditions.append(table.c[name].is_(None) if value is None else table.c[name] == value)
    return sa.and_(*conditions)
