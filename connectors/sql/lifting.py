"""Rows out of the vault back to their tables, parents first, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa

from dsr.contract import ConnectorError, Item, Keeper, Key, Row

from . import keys
from .deleting import Moved
from .statements import in_keys, values_of
from .store import Store

SOME = 200


def insert(store: Store, connection: sa.Connection, keeper: Keeper, item: Item) -> tuple[int, bool]:
    """(rows of the seal that are back, whether any was missing). Moved when a key is taken by another row."""
    rows = iter(keeper.rows(item.id.removeprefix("lift:")))
    count, new = 0, False
    while some := list(islice(rows, SOME)):
        for name, mine in groupby(some, key=lambda row: row.collection):
            new = _insert(store, connection, name, list(mine)) or new
        count += len(some)
    return count, new


def _insert(store: Store, connection: sa.Connection, name: str, rows: Sequence[Row]) -> bool:
    if name not in store.tables:
        raise ConnectorError(f"the map does not name '{name}' any more, whose rows are to be given back",
                             permanent=True)  # fmt: skip
    there = _stored(store, connection, name, rows)
    for row in rows:
        if row.key in there and there[row.key] != dict(row.values):
            raise Moved
    columns = store.columns[name]
    given = [one for one in rows[0].values if not columns[one].generated]
    missing = [[row.values[one] for one in given] for row in rows if row.key not in there]
    if not missing:
        return False
    values = [{f"v{n}": value for n, value in enumerate(row)} for row in missing]
    connection.execute(_inserting(store, name, given), values)
    back = _stored(store, connection, name, rows)
    if any(back.get(row.key) != dict(row.values) for row in rows):
        raise Moved
    return True


def _inserting(store: Store, name: str, given: Sequence[str]) -> Any:
    """INSERT of ``:v0``, ``:v1``...; where PostgreSQL numbers rows by itself the old number is meant."""
    table = store.table(name)
    binds = [sa.bindparam(f"v{n}", type_=table.c[one].type) for n, one in enumerate(given)]
    if not any(store.columns[name][one].always for one in given):
        return sa.insert(table).values(dict(zip(given, binds, strict=True)))
    quoted = store.engine.dialect.identifier_preparer
    columns = ", ".join(quoted.quote(one) for one in given)
    values = ", ".join(f":v{n}" for n in range(len(given)))
    into = f"INSERT INTO {quoted.format_table(table)} ({columns})"
    return sa.text(f"{into} OVERRIDING SYSTEM VALUE VALUES ({values})").bindparams(*binds)


def _stored(
    store: Store, connection: sa.Connection, name: str, rows: Sequence[Row]
) -> dict[Key, Mapping[str, Any]]:
    """What stands in the table under the keys of these rows, in the same columns."""
    table, key = store.table(name), store.map.collection(name).key
    columns = list(rows[0].values)
    types = store.key_types(name)
    raws = [keys.decode(row.key, types) for row in rows]
    made = sa.select(*[table.c[one] for one in columns]).where(in_keys([table.c[one] for one in key]))
    found = connection.execute(made, {"keys": values_of(raws, len(key))}).mappings()
    return {keys.encode(row[one] for one in key): dict(row) for row in found}
