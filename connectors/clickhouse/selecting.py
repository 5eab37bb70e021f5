"""Which rows a record means, as a condition: its values are parameters, its names come from the map."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from urllib.parse import quote

from connectors._map import Collection, Field
from connectors._people import plain as folded
from connectors._tokens import GONE
from dsr.contract import Key, Record

from .api import Bound
from .tables import Store, Table, quoted

Seen = tuple[tuple[str, str], ...]
MENTION = ("mention",)
"""The path of a record that is one row whose text mentions an address."""


def record_id(store: Store, anchor: object, path: tuple[str, ...]) -> str:
    """The same record has always the same id; nothing can be read in it."""
    text = json.dumps([store.system, anchor, path])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def identities(collection: Collection) -> tuple[Field, ...]:
    """The fields that name a person."""
    return tuple(one for one in collection.fields if one.identity)


def text_of(table: Table, name: str) -> str:
    """A column as text, empty where it holds nothing. Texts stay bare, so that an index of the table serves."""
    if table.columns[name].type in ("String", "LowCardinality(String)"):
        return quoted(name)
    return f"ifNull(toString({quoted(name)}), '')"


def texts(table: Table) -> tuple[str, ...]:
    """The columns with free text."""
    return tuple(one.name for one in table.collection.fields if one.free_text)


def mentioning(table: Table, forms: Iterable[str], bound: Bound) -> str:
    """Rows in whose texts one of these addresses may stand: as written, or as web addresses write it."""
    mine = [folded("email", one) for one in forms]
    ways = [way for one in mine for way in (one, one.replace("@", "%40"), quote(one, safe="").lower())]
    needles = bound.strings(dict.fromkeys(ways))
    columns = (f"multiSearchAny(lower({text_of(table, one)}), {needles})" for one in texts(table))
    return f"({' OR '.join(columns)})"


def meant(table: Table, bound: Bound) -> str:
    """The rows of a table that the map speaks of."""
    where = table.collection.where
    parts = [f"{text_of(table, name)} = {bound.string(plain(value))}" for name, value in where.items()]
    return " AND ".join(parts) or "1"


def plain(value: object) -> str:
    """A value of a map as the server writes it."""
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def named(table: Table, seen: Seen, bound: Bound) -> str:
    """Rows with exactly these identities as stored, and no other."""
    held = dict(seen)
    parts = [
        f"{text_of(table, one.name)} = {bound.string(held.get(one.identity, ''))}"
        for one in identities(table.collection)
    ]
    return " AND ".join([*parts, meant(table, bound)])


def chosen(store: Store, record: Record, bound: Bound) -> str:
    """The rows of a record, for its own collection. A mention is its row while the address stands in it."""
    if record.path == MENTION:
        table = store.table(record.collection)
        mentioned = mentioning(table, [value for _, value in record.seen], bound)
        return f"{table.key_is('=', record.anchor[1], bound)} AND {mentioned}"
    return along(store, record.anchor[0], record.seen, record.path, bound)


def along(store: Store, anchor: str, seen: Seen, path: Iterable[str], bound: Bound) -> str:
    """From the rows that name her along declared references. A row that names somebody itself is not
    reached this way: it belongs to whom it names."""
    table = store.table(anchor)
    where = named(table, seen, bound)
    for step in path:
        name, _, number = step.rpartition("#")
        child = store.table(name)
        reference = child.collection.references[int(number)]
        own = ", ".join(quoted(one) for one in reference.columns)
        theirs = ", ".join(quoted(one) for one in reference.target_columns)
        parts = [f"tuple({own}) IN (SELECT tuple({theirs}) FROM {table.sql} WHERE {where})"]  # noqa: S608
        parts += [f"{text_of(child, n)} = {bound.string(plain(v))}" for n, v in reference.where.items()]
        parts += [f"{text_of(child, one.name)} = ''" for one in identities(child.collection)]
        where, table = " AND ".join([*parts, meant(child, bound)]), child
    return where


def strangers(store: Store, record: Record, bound: Bound) -> str:
    """A count of rows, not hers, to which rows of a record also belong."""
    before = along(store, record.anchor[0], record.seen, record.path[:-1], bound)
    name, _, number = record.path[-1].rpartition("#")
    reference = store.table(name).collection.references[int(number)]
    parent = store.table(reference.target)
    theirs = ", ".join(quoted(one) for one in reference.target_columns)
    hers = f"tuple({theirs}) IN (SELECT tuple({theirs}) FROM {parent.sql} WHERE {before})"  # noqa: S608
    return f"SELECT count() FROM {parent.sql} WHERE {hers} AND NOT ({before})"  # noqa: S608


def at_anchor(store: Store, record: Record, bound: Bound) -> str:
    """A count: the row by which a record was found is there and names somebody else."""
    table = store.table(record.anchor[0])
    key: Key = record.anchor[1]
    hers = named(table, record.seen, bound)
    return f"SELECT count() FROM {table.sql} WHERE {table.key_is('=', key, bound)} AND NOT ({hers})"  # noqa: S608


def leads_somewhere(held: str) -> str:
    """A text that is a token still: neither empty nor of the form that ours have, as a condition."""
    return f"(trimBoth({held}) != '' AND NOT match(trimBoth({held}), '{GONE}'))"
