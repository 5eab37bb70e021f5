"""The statements of a store, built once: set-based, with expanding lists of keys, never by person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement, FromClause, Select

from .routes import Hop, Route, identities
from .store import Store

CHUNK = 1000
"""Keys in one list: below the limits of every database (SQLite 32 766 values, PostgreSQL 65 535)."""

T = TypeVar("T")


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The values, some at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))


def remembered(store: Store, name: tuple[Any, ...], build: Callable[[], T]) -> T:
    """The statement of this name; built at first use."""
    found: T | None = store.made.get(name)
    if found is None:
        found = store.made[name] = build()
    return found


def in_keys(columns: Sequence[ColumnElement[Any]], name: str = "keys") -> ColumnElement[bool]:
    """Key columns in the list ``name``, as one row value when there are several."""
    listed: sa.BindParameter[Any] = sa.bindparam(name, expanding=True)
    return columns[0].in_(listed) if len(columns) == 1 else sa.tuple_(*columns).in_(listed)


def values_of(keys: Iterable[Sequence[Any]], width: int) -> list[Any]:
    """Keys as ``in_keys`` wants them."""
    return [key[0] for key in keys] if width == 1 else [tuple(key) for key in keys]


def where(source: FromClause, wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """``column = value`` for every pair; None is NULL."""
    return [
        source.c[name].is_(None) if value is None else source.c[name] == value
        for name, value in wanted.items()
    ]


class Joined:
    """The tables of a route joined: ``base`` keys at one end, the table ``end`` at the other.

    ``short``: leave the base table out when the first join already holds its key; then rows are found
    even after the base row is gone.
    """

    def __init__(self, store: Store, route: Route, *, short: bool = False) -> None:
        self.store = store
        self.route = route
        self.conditions: list[ColumnElement[bool]] = []
        key = store.map.collection(route.base).key
        first = route.down[0] if route.down else None
        if short and first is not None and self._holds_key(first, key):
            columns = dict(zip(first.reference.target_columns, first.reference.columns, strict=True))
            self.end: FromClause = self._aliased(first.child)
            self.source: FromClause = self.end
            self.conditions += where(self.end, first.reference.where)
            self.base_key = [self.end.c[columns[name]] for name in key]
            rest: tuple[Hop, ...] = route.down[1:]
        else:
            self.base: FromClause = self._aliased(route.base)
            self.source = self.end = self.base
            self.base_key = [self.base.c[name] for name in key]
            rest = route.down
        for hop in rest:
            self._join(hop)
        for earlier in route.earlier:
            self.conditions.append(~self._reached(earlier))
        self.end_key = [self.end.c[name] for name in store.map.collection(route.end).key]

    def _aliased(self, collection: str) -> FromClause:
        made = self.store.table(collection).alias()
        self.conditions += where(made, self.store.map.collection(collection).where)
        return made

    def _holds_key(self, hop: Hop, key: Sequence[str]) -> bool:
        reference = hop.reference
        if hop.up or sorted(reference.target_columns) != sorted(key):
            return False
        pairs = zip(reference.columns, reference.target_columns, strict=True)
        same = all(
            self.store.columns[hop.child][a].python is self.store.columns[reference.target][b].python
            for a, b in pairs
        )
        return same and not self.own_names(hop)

    def _join(self, hop: Hop) -> None:
        target = hop.reference.target if hop.up else hop.child
        before, after = self.end, self._aliased(target)
        child, parent = (before, after) if hop.up else (after, before)
        pairs = zip(hop.reference.columns, hop.reference.target_columns, strict=True)
        on = sa.and_(*[child.c[a] == parent.c[b] for a, b in pairs], *where(child, hop.reference.where))
        self.source = self.source.join(after, on)
        self.end = after
        if not hop.up:
            self.conditions += [self._not_of_another(before, after, a, b) for a, b in self.own_names(hop)]

    def own_names(self, hop: Hop) -> list[tuple[str, list[str]]]:
        """Identity columns of the child, each with the columns of the parent that hold the same kind."""
        if hop.up:
            return []
        parent = identities(self.store.map.collection(hop.reference.target))
        found = []
        for one in identities(self.store.map.collection(hop.child)):
            same = [f.name for f in parent if f.identity == one.identity and not f.identity_where]
            if same and not one.identity_where:
                found.append((one.name, same))
        return found

    def _not_of_another(
        self, parent: FromClause, child: FromClause, name: str, same: Sequence[str]
    ) -> ColumnElement[bool]:
        """The child row names nobody itself, or the same person as its parent."""
        own = child.c[name]
        equal = [sa.func.lower(own) == sa.func.lower(parent.c[one]) for one in same]
        return sa.or_(own.is_(None), own == "", *equal)

    def _reached(self, earlier: Route) -> ColumnElement[bool]:
        """The row at the end is also reached by an earlier route from the same base row."""
        other = Joined(self.store, Route(earlier.anchor, (), earlier.down, earlier.base, earlier.end))
        same = zip(
            [*other.base_key, *(other.end.c[n] for n in self.store.map.collection(self.route.end).key)],
            [*self.base_key, *(self.end.c[n] for n in self.store.map.collection(self.route.end).key)],
            strict=True,
        )
        inner = sa.select(sa.literal(1)).select_from(other.source)
        return inner.where(*other.conditions, *[a == b for a, b in same]).exists()

    def select(self, *columns: ColumnElement[Any], by: str = "keys") -> Select[Any]:
        """These columns for the base rows in the list ``by``."""
        made = sa.select(*columns).select_from(self.source)
        return made.where(*self.conditions, in_keys(self.base_key, by))


def counting(store: Store, route: Route) -> Select[Any]:
    """(base key..., number of rows) for the base keys in ``:keys``."""

    def build() -> Select[Any]:
        joined = Joined(store, route, short=True)
        return joined.select(*joined.base_key, sa.func.count()).group_by(*joined.base_key)

    return remembered(store, ("counting", route), build)


def keys(store: Store, route: Route, *further: str, ordered: bool = False) -> Select[Any]:
    """(base key..., end key..., further columns...) for the base keys in ``:keys``; ``ordered`` by end key."""

    def build() -> Select[Any]:
        joined = Joined(store, route, short=True)
        extra = [joined.end.c[name] for name in further]
        made = joined.select(*joined.base_key, *joined.end_key, *extra)
        return made.order_by(*joined.end_key) if ordered else made

    return remembered(store, ("keys", route, further, ordered), build)


def owners(store: Store, route: Route) -> Select[Any]:
    """(end key..., base key...) for the end keys in ``:keys``."""

    def build() -> Select[Any]:
        joined = Joined(store, route, short=True)
        made = sa.select(*joined.end_key, *joined.base_key).select_from(joined.source)
        return made.where(*joined.conditions, in_keys(joined.end_key))

    return remembered(store, ("owners", route), build)


def page(store: Store, route: Route, names: Sequence[str], *, later: bool, many: bool = False) -> Select[Any]:
    """Rows of one base key in key order: (end key..., columns...), ``later`` than ``:after``.

    ``many``: a large part of the table. MariaDB would read all of it again for each page by the index of
    the reference; it is told to go on in the primary key.
    """

    def build() -> Select[Any]:
        joined = Joined(store, route, short=True)
        made = joined.select(*joined.end_key, *[joined.end.c[name] for name in names])
        if later:
            made = made.where(_greater(joined.end_key))
        if many and store.dialect in ("mysql", "mariadb"):
            made = made.with_hint(joined.end, "USE INDEX (PRIMARY)")
        return made.order_by(*joined.end_key).limit(sa.bindparam("limit"))

    return remembered(store, ("page", route, tuple(names), later, many), build)


def _greater(columns: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """Row order written out, because not every database compares row values with an index."""
    made: list[ColumnElement[bool]] = []
    for n, column in enumerate(columns):
        equal = [c == sa.bindparam(f"after{i}") for i, c in enumerate(columns[:n])]
        made.append(sa.and_(*equal, column > sa.bindparam(f"after{n}")))
    return sa.or_(*made)
