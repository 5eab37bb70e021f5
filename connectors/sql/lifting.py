"""Rows out of the vault back to their tables, parents first, and read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa

from connectors import _kept as kept
from dsr.contract import ConnectorError, Item, Keeper, Key, Row

from . import keys
from .deleting import Moved
from .statements import in_keys, values_of
from .store import Store
from .targets import Target
from .wishes import Found, Wish

SOME = 200


@dataclass
class Given:
    """What a seal gave back: how many ``rows``, whether any was ``new``, how many kept rows were ``refilled``; both by
    collection (``parts``); and the values under its ``flags``, by collection and key.
    """

    parts: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    new: bool = False
    refilled: int = 0
    flags: dict[tuple[str, Key], Mapping[str, Any]] = field(default_factory=dict)


def insert(
    store: Store, connection: sa.Connection, keeper: Keeper, item: Item, back: set[tuple[str, Key]]
) -> Given:
    """The rows of a seal back in their tables. Moved when a key is taken by another row.

    ``back``: what other seals of the same work gave back. A work that the database refused left a seal behind, and
    its repeat has the same rows: they count once.
    """
    rows = iter(keeper.rows(item.id.removeprefix("lift:")))
    given = Given()
    while some := list(islice(rows, SOME)):
        for name, mine in groupby(some, key=lambda row: row.collection):
            whole = [row for row in mine if not _is_part(store, connection, row, given)]
            if whole:
                given.new = _insert(store, connection, name, whole) or given.new
            fresh = {(row.collection, row.key) for row in whole} - back
            given.rows += len(fresh)
            back |= fresh
            given.parts[name] += len(whole)
    return given


def _is_part(store: Store, connection: sa.Connection, row: Row, given: Given) -> bool:
    """Whether this is no whole row: it lacks the columns of its key. Values of a kept row are put back; what stood
    under a flag is noted."""
    if kept.PLACED in row.values:
        filled = _refill(store, connection, row)
        given.refilled += filled
        given.parts[row.collection] += filled
        return True
    known = row.collection in store.tables
    if not known or set(store.map.collection(row.collection).key) <= set(row.values):
        return False
    given.flags[row.collection, row.key] = row.values
    return True


def _refill(store: Store, connection: sa.Connection, row: Row) -> int:
    """Put values back into a kept row, if what took their place still stands there; 1 if it did.

    A row that is gone stays gone, and what somebody wrote there since is newer. Moved when what was written
    does not read back.
    """
    if row.collection not in store.tables:
        raise ConnectorError(f"the map does not name '{row.collection}' any more, whose fields are to be given back",
                             permanent=True)  # fmt: skip
    table, key = store.table(row.collection), store.map.collection(row.collection).key
    raw = keys.decode(row.key, store.key_types(row.collection))
    old, placed = kept.former(row)
    mine = [table.c[name] == value for name, value in zip(key, raw, strict=True)]
    there = [_equals(table.c[name], value) for name, value in placed.items()]
    done = connection.execute(sa.update(table).where(*mine, *there).values(old)).rowcount
    if done:
        now = connection.execute(sa.select(*[table.c[name] for name in old]).where(*mine)).mappings().one()
        if dict(now) != old:
            raise Moved
    return done


def receipt(given: Collection[Given]) -> str:
    """How many kept rows got values back; they were read back in the same transaction."""
    return kept.receipt(sum(one.refilled for one in given))


def _equals(column: Any, value: Any) -> Any:
    return column.is_(None) if value is None else column == value


Rows = Mapping[str, list[tuple[Target, Wish, Found]]]


def unmarked(rows: Rows, back: Collection[Given]) -> Rows:
    """The flags to take away, each with exactly what stood there before it was set; where nothing was kept
    of it, with what the plan says.
    """
    former: dict[tuple[str, Key], Mapping[str, Any]] = {}
    for given in back:
        former |= given.flags
    if not former:
        return rows
    return {
        name: [
            (target, _back(wish, former.get((target.route.end, keys.encode(found.raw)))), found)
            for target, wish, found in mine
        ]
        for name, mine in rows.items()
    }


def _back(wish: Wish, former: Mapping[str, Any] | None) -> Wish:
    if former is None or any(one.field not in former for one in wish.changes):
        return wish
    changes = tuple(replace(one, new=former[one.field]) for one in wish.changes)
    return Wish(f"{wish.id}={[one.new for one in changes]!r}", wish.verb, changes)


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
