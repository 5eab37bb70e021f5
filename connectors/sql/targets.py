"""Records of many people grouped by route, with the base keys the statements need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dsr.contract import ConnectorError, Record

from . import bases, keys
from .routes import Route
from .store import Store

Raw = tuple[Any, ...]


@dataclass
class Target:
    """One route: who (a number the caller chose) wants which record, by base key."""

    route: Route
    bases: dict[Raw, list[tuple[int, Record]]] = field(default_factory=dict)


def route_of(store: Store, record: Record) -> Route:
    """The route of a record; ConnectorError when the map does not know it any more."""
    route = store.layout.route(record.anchor[0], record.path)
    if route is None or route.end != record.collection:
        raise ConnectorError(
            "the map has changed since these records were found; search again", permanent=True
        )
    return route


def targets(store: Store, connection: sa.Connection, pairs: Iterable[tuple[int, Record]]) -> list[Target]:
    """The targets in the order of the map's collections, parents first; none without a base row."""
    by_route: dict[Route, list[tuple[int, Record]]] = {}
    for number, record in pairs:
        by_route.setdefault(route_of(store, record), []).append((number, record))
    order = {one.name: n for n, one in enumerate(store.map.collections)}
    return [
        _target(store, connection, route, mine)
        for route, mine in sorted(by_route.items(), key=lambda kv: (order[kv[0].end], len(kv[0].path)))
    ]


def _target(store: Store, connection: sa.Connection, route: Route, mine: list[tuple[int, Record]]) -> Target:
    types = store.key_types(route.anchor)
    raws = {record.anchor[1]: keys.decode(record.anchor[1], types) for _, record in mine}
    above = bases.of(store, connection, route.anchor, route.up, list(raws.values()))
    target = Target(route)
    for number, record in mine:
        base = above.get(record.anchor[1])
        if base is not None:
            target.bases.setdefault(base, []).append((number, record))
    return target
