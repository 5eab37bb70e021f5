"""The ways from a row that holds an identifier to the rows that hang on it, worked out once per map.

Ownership beats reference: a row that names its owner itself is found by that name; a way never enters
a table twice, so a guardian is never led to the data of a ward.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors._map.model import Collection, DataMap, Field, Reference

MENTION = ("mention",)


@dataclass(frozen=True, eq=False)
class Hop:
    """One join: from a parent down to the rows of ``child`` that refer to it, or ``up`` the other way."""

    child: str
    reference: Reference
    up: bool = False

    @property
    def name(self) -> str:
        """How the join is called in ``Record.path``."""
        where = "".join(f"[{k}={v}]" for k, v in sorted(self.reference.where.items()))
        return f"{'^' if self.up else ''}{self.child}.{'+'.join(self.reference.columns)}{where}"


@dataclass(frozen=True, eq=False)
class Route:
    """From an anchor ``up`` to its base, then ``down`` to the rows of ``end``.

    ``shared``: the rows at the end belong to several people. ``earlier``: routes from the same anchor
    to the same collection; a row that they reach is theirs. ``mention``: a row whose text only mentions
    the person.
    """

    anchor: str
    up: tuple[Hop, ...]
    down: tuple[Hop, ...]
    base: str
    end: str
    shared: bool = False
    earlier: tuple[Route, ...] = ()
    mention: bool = False
    path: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        path = MENTION if self.mention else tuple(hop.name for hop in (*self.up, *self.down))
        object.__setattr__(self, "path", path)


@dataclass(frozen=True)
class Layout:
    """All routes of a map, by anchor collection and by (anchor, path)."""

    by_anchor: dict[str, tuple[Route, ...]]
    by_path: dict[tuple[str, tuple[str, ...]], Route]

    def route(self, anchor: str, path: tuple[str, ...]) -> Route | None:
        """The route of a record, or None when the map has changed since."""
        return self.by_path.get((anchor, path))


def identities(collection: Collection) -> tuple[Field, ...]:
    """The fields that hold an identifier."""
    return tuple(one for one in collection.fields if one.identity)


def layout(data: DataMap) -> Layout:
    """Every route of the map."""
    by_anchor: dict[str, tuple[Route, ...]] = {}
    for collection in data.collections:
        if identities(collection) and collection.owner != "other":
            by_anchor[collection.name] = tuple(_ordered(_routes(data, collection)))
    found = {(r.anchor, r.path): r for routes in by_anchor.values() for r in routes}
    for collection in data.collections:
        if any(one.free_text for one in collection.fields):
            name = collection.name
            found[name, MENTION] = Route(name, (), (), name, name, mention=True)
    return Layout(by_anchor, found)


def _ordered(routes: Iterator[Route]) -> Iterator[Route]:
    seen: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        before = seen.setdefault((route.base, route.end), []) if route.down else []
        if before:
            route = Route(
                route.anchor, route.up, route.down, route.base, route.end, route.shared, tuple(before)
            )
        before.append(route)
        yield route


def _routes(data: DataMap, collection: Collection) -> Iterator[Route]:
    name = collection.name
    yield Route(name, (), (), name, name, collection.owner == "shared")
    bases = list(_bases(data, collection, ())) or [((), collection)]
    for up, base in bases:
        if up:
            yield Route(name, up, (), base.name, base.name)
        if base.owner != "shared":
            for down, end, shared in _below(data, base, (), (base.name,)):
                yield Route(name, up, down, base.name, end.name, shared)
            for hop in _shared_parents(data, base):
                yield Route(name, up, (hop,), base.name, hop.reference.target, shared=True)


def _bases(
    data: DataMap, collection: Collection, up: tuple[Hop, ...]
) -> Iterator[tuple[tuple[Hop, ...], Collection]]:
    """The topmost rows of the same owner that an identity row in a side table stands for."""
    if len(up) > 8:
        return
    for reference in collection.references:
        parent = data.collection(reference.target)
        if parent.owner != "subject" or identities(parent) or parent.name == collection.name:
            continue
        further = (*up, Hop(collection.name, reference, up=True))
        above = list(_bases(data, parent, further))
        yield from above or [(further, parent)]


def _below(
    data: DataMap, start: Collection, down: tuple[Hop, ...], visited: tuple[str, ...]
) -> Iterator[tuple[tuple[Hop, ...], Collection, bool]]:
    for child, reference in data.children(start.name):
        if child.name in visited or child.owner == "other":
            continue
        further = (*down, Hop(child.name, reference))
        yield further, child, child.owner == "shared"
        if child.owner != "shared":
            yield from _below(data, child, further, (*visited, child.name))


def _shared_parents(data: DataMap, base: Collection) -> Iterator[Hop]:
    for reference in base.references:
        if data.collection(reference.target).owner == "shared":
            yield Hop(base.name, reference, up=True)
