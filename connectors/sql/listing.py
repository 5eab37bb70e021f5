"""The identifiers a database holds, page by page: what lets us notice erased people who came back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from connectors._map.model import Collection, Field
from dsr.contract import ConnectorError, Listed

from . import engines
from .routes import identities
from .statements import remembered, where
from .store import Store


def identifiers(store: Store, after: str | None, size: int) -> Listed:
    """One page of (kind, value), along the values of one identity column after the other."""
    store.reflect()
    fields = list(_fields(store))
    number, last = _cursor(after, len(fields))
    if number >= len(fields):
        return Listed(())
    collection, field = fields[number]
    with engines.reading(store.engine) as connection:
        statement = _statement(store, collection, field, first=last is None)
        values = list(connection.execute(statement, {"last": last, "size": size}).scalars())
    found = tuple((field.identity, str(value)) for value in values)
    if len(values) == size:
        return Listed(found, json.dumps([number, values[-1]]))
    more = number + 1 < len(fields)
    return Listed(found, json.dumps([number + 1, None]) if more else None)


def _fields(store: Store) -> Iterator[tuple[Collection, Field]]:
    """Identity columns of text or whole numbers; what else names people cannot be paged along."""
    for name in store.layout.by_anchor:
        collection = store.map.collection(name)
        for field in identities(collection):
            if store.columns[name][field.name].python in (str, int):
                yield collection, field


def _statement(store: Store, collection: Collection, field: Field, *, first: bool) -> sa.Select[str]:
    def build() -> sa.Select[str]:
        table = store.table(collection.name)
        column = table.c[field.name]
        conditions = where(table, {**collection.where, **field.identity_where})
        made = sa.select(column).distinct().where(column.is_not(None), *conditions)
        if not first:
            made = made.where(column > sa.bindparam("last", type_=column.type))
        return made.order_by(column).limit(sa.bindparam("size", type_=sa.Integer()))

    return remembered(store, ("listing", collection.name, field.name, first), build)


def _cursor(after: str | None, most: int) -> tuple[int, str | int | None]:
    if after is None:
        return 0, None
    try:
        number, last = json.loads(after)
        if isinstance(number, int) and 0 <= number < most and isinstance(last, str | int | None):
            return number, last
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of this list; start again", permanent=True)
