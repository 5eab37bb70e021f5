"""Read: the rows of records, page by page in key order, in constant memory however many there are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import NoneType
from typing import Any

import sqlalchemy as sa

from dsr.contract import ConnectorError, Key, Record, Row, RowPage

from . import engines, keys
from .statements import chunks, page, remembered, values_of
from .statements import keys as keys_of
from .store import Store
from .targets import Target, route_of, targets

Rows = list[tuple[str, Row]]
MANY = 100_000
"""Rows of one record from which on pages are read along the primary key."""


def read(store: Store, records: Sequence[Record], after: str | None, size: int) -> RowPage:
    """One page of (record id, row). Small records are read together, a record above a page in pages."""
    store.reflect()
    start, last = _cursor(after, len(records))
    own = _own(records)
    with engines.reading(store.engine) as connection:
        if last is not None or records[start:][:1] and records[start].count > size:
            return _large(store, connection, records, start, last, size)
        stop = _together(records, start, size)
        found = _small(store, connection, records[start:stop], own)
    return RowPage(tuple(found), json.dumps([stop, None]) if stop < len(records) else None)


def _cursor(after: str | None, most: int) -> tuple[int, list[Any] | None]:
    if after is None:
        return 0, None
    try:
        start, last = json.loads(after)
        if isinstance(start, int) and 0 <= start < most and (last is None or isinstance(last, list)):
            return start, last
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of these records; start again", permanent=True)


def _own(records: Sequence[Record]) -> dict[tuple[str, str], set[Key]]:
    """Keys of rows that are records themselves, by subject and collection: not to be given twice."""
    own: dict[tuple[str, str], set[Key]] = {}
    for record in records:
        if not record.path:
            own.setdefault((record.subject, record.collection), set()).add(record.anchor[1])
    return own


def _together(records: Sequence[Record], start: int, size: int) -> int:
    """Where a page of whole records ends."""
    total, stop = 0, start
    while stop < len(records) and (stop == start or total + records[stop].count <= size):
        total += records[stop].count
        stop += 1
    return stop


def _small(
    store: Store,
    connection: sa.Connection,
    records: Sequence[Record],
    own: Mapping[tuple[str, str], set[Key]],
) -> Rows:
    by_record: dict[int, Rows] = {}
    for target in targets(store, connection, enumerate(records)):
        for number, record, row in rows_of(store, connection, target):
            if record.path and row.key in own.get((record.subject, record.collection), ()):
                continue
            by_record.setdefault(number, []).append((record.id, row))
    return [pair for number in range(len(records)) for pair in by_record.get(number, ())]


def rows_of(
    store: Store, connection: sa.Connection, target: Target, *, whole: bool = False
) -> list[tuple[int, Record, Row]]:
    """All rows of a target in key order; ``whole``: with columns the map does not name."""
    route = target.route
    names = all_columns(store, route.end) if whole else store.fields(route.end)
    base_width = len(store.map.collection(route.base).key)
    start = base_width + len(store.map.collection(route.end).key)
    statement = keys_of(store, route, *names)
    withheld = withheld_fields(store, route.end)
    found = []
    for some in chunks(values_of(target.bases, base_width)):
        for values in connection.execute(statement, {"keys": some}).all():
            wanted = target.bases.get(values[:base_width])
            if wanted:
                row = Row(
                    route.end,
                    keys.encode(values[base_width:start]),
                    dict(zip(names, values[start:], strict=True)),
                    withheld,
                )
                found += [(n, r, row) for n, r in wanted]
    kinds = {tuple(map(type, row.key)) for _, _, row in found}
    plain = len(kinds) == 1 and NoneType not in next(iter(kinds))
    found.sort(key=lambda one: one[2].key if plain else sortable(one[2].key))
    return found


def sortable(key: Key) -> list[tuple[str, Any]]:
    """Keys of any types in a stable order."""
    return [("" if v is None else type(v).__name__, 0 if v is None else v) for v in key]


def all_columns(store: Store, name: str) -> list[str]:
    """Every column of the table, but those computed from others that the map does not name."""
    return [
        one.name
        for one in store.columns[name].values()
        if not one.generated or one.name in store.fields(name)
    ]


def withheld_fields(store: Store, name: str) -> tuple[str, ...]:
    """Fields that hold other people's data or free text."""

    def build() -> tuple[str, ...]:
        return tuple(f.name for f in store.map.collection(name).fields if f.third_party or f.free_text)

    return remembered(store, ("withheld", name), build)


def _large(
    store: Store,
    connection: sa.Connection,
    records: Sequence[Record],
    start: int,
    last: Sequence[Any] | None,
    size: int,
) -> RowPage:
    record = records[start]
    own = _own(records).get((record.subject, record.collection), set()) if record.path else set()
    rows, end = large_page(store, connection, record, last, size)
    found = tuple((record.id, row) for row in rows if row.key not in own)
    following = [start, list(end)] if end else [start + 1, None]
    done = end is None and start + 1 >= len(records)
    return RowPage(found, None if done else json.dumps(following))


def large_page(
    store: Store, connection: sa.Connection, record: Record, last: Sequence[Any] | None, size: int
) -> tuple[list[Row], Key | None]:
    """One page of one record after the key ``last``, and the key to go on from (None: it was the last)."""
    route = route_of(store, record)
    found = targets(store, connection, [(0, record)])[0].bases
    if not found:
        return [], None
    names = store.fields(route.end)
    types = store.key_types(route.end)
    values: dict[str, Any] = {"keys": values_of(found, len(next(iter(found)))), "limit": size}
    if last is not None:
        values |= {f"after{n}": value for n, value in enumerate(keys.decode(last, types))}
    statement = page(store, route, names, later=last is not None, many=record.count >= MANY)
    if record.count >= MANY and store.dialect == "postgresql":
        # Without fresh statistics it would sort all rows again for each page.
        connection.execute(sa.text("SET LOCAL enable_sort = off"))
        connection.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
    rows = list(_made(store, route.end, names, connection.execute(statement, values)))
    return rows, rows[-1].key if len(rows) == size else None


def streamed(store: Store, connection: sa.Connection, record: Record) -> Iterator[Row]:
    """All whole rows of one record in key order, through a server-side cursor: constant memory."""
    route = route_of(store, record)
    found = targets(store, connection, [(0, record)])[0].bases
    names = all_columns(store, route.end)
    if found:
        width = len(next(iter(found)))
        result = connection.execute(
            keys_of(store, route, *names, ordered=True),
            {"keys": values_of(found, width)},
            execution_options={"yield_per": 1000},
        )
        yield from _made(store, route.end, names, (row[width:] for row in result))


def _made(store: Store, name: str, names: Sequence[str], values: Iterable[Sequence[Any]]) -> Iterator[Row]:
    width = len(store.map.collection(name).key)
    withheld = withheld_fields(store, name)
    for row in values:
        yield Row(name, keys.encode(row[:width]), dict(zip(names, row[width:], strict=True)), withheld)
