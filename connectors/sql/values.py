"""Values to write: turned into what a column takes, or refused before anything is written."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from connectors import _words as words
from connectors._tokens import is_grave, said
from dsr.contract import PSEUDONYM_LENGTH, SHORTEST_TOMBSTONE, Change, Text

from . import engines
from .keys import READERS
from .naming import titled
from .statements import remembered
from .store import Store

YES, NO = ("true", "t", "yes", "1"), ("false", "f", "no", "0")


class Unfit(Exception):
    """A value that a column cannot take; ``kind`` as in a Conflict: not_null, type, length, key, unknown."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def fitted(store: Store, collection: str, field: str, value: Any) -> Any:
    """The value as this column stores it. Unfit when it cannot."""
    column = store.columns[collection].get(field)
    if column is None:
        raise Unfit("unknown")
    if field in store.map.collection(collection).key or column.generated or column.always:
        raise Unfit("key")
    if value is None:
        if not column.nullable:
            raise Unfit("not_null")
        return None
    if isinstance(value, dict):
        shortest = SHORTEST_TOMBSTONE if is_grave(value) else PSEUDONYM_LENGTH
        length = width(store, collection, field)
        if column.python not in ((str, None) if is_grave(value) else (str,)):
            raise Unfit("type")
        if length and length < shortest:
            raise Unfit("length")
        return value
    made = _typed(store, column.python, value)
    length = width(store, collection, field)
    if isinstance(made, str) and length and len(made) > length:
        raise Unfit("length")
    return made


def width(store: Store, collection: str, field: str) -> int | None:
    """How many characters a field takes, as the database or the map tells."""
    return store.columns[collection][field].length or store.map.collection(collection).field(field).length


def unfit(store: Store, collection: str, change: Change, kind: str) -> Text:
    """Why the value of a change cannot be written, in words that name its field."""
    return words.unfit(titled(store, collection), change.field, said(change, kind))


def _typed(store: Store, wanted: type | None, value: Any) -> Any:
    if wanted is None:
        return value
    if wanted is bool:
        made: Any = _boolean(value)
        return int(made) if store.dialect == "sqlite" else made
    if isinstance(value, bool) and wanted in (int, float, Decimal):
        return int(value)
    if wanted is str:
        return value if isinstance(value, str) else str(value)
    try:
        made = _parsed(wanted, value)
    except (ValueError, ArithmeticError, TypeError):
        raise Unfit("type") from None
    # SQLite has no such types: it keeps the text.
    return str(value) if store.dialect == "sqlite" and wanted not in (int, float) else made


def _boolean(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise Unfit("type")


def _parsed(wanted: type, value: Any) -> Any:
    if isinstance(value, wanted) and not (wanted is date and isinstance(value, datetime)):
        return value
    if isinstance(value, str) and wanted in (dict, list):
        return _structure(wanted, value)
    if isinstance(value, str) and wanted in READERS:
        return READERS[wanted](value.strip())
    if wanted in (int, float, Decimal) and isinstance(value, (int, float, Decimal)):
        made = wanted(value)
        if made != value:
            raise ValueError
        return made
    raise ValueError


def _structure(wanted: type, text: str) -> Any:
    """An object or list written as JSON; any other text is a text of a JSON column, and nothing for a list. What
    looks like one of our own words for a value is refused."""
    try:
        made = json.loads(text)
    except ValueError:
        made = text
    if isinstance(made, list):
        return made
    if wanted is list or (isinstance(made, dict) and {"token", "random", "pseudonym"} & set(made)):
        raise ValueError
    return made if isinstance(made, dict) else text


def unique_sets(store: Store, name: str) -> tuple[tuple[str, ...], ...]:
    """Sets of columns whose values may stand only once, without the primary key."""

    def build() -> tuple[tuple[str, ...], ...]:
        schema, table = store.place(name)
        with engines.guarded():
            inspector = sa.inspect(store.engine)
            found = [tuple(one["column_names"]) for one in inspector.get_unique_constraints(table, schema)]
            # SQLite tells "VARCHAR(40) UNIQUE" by the index that it makes for it alone.
            every = {"include_auto_indexes": True} if store.dialect == "sqlite" else {}
            key = tuple(inspector.get_pk_constraint(table, schema)["constrained_columns"])
            for index in inspector.get_indexes(table, schema, **every):
                columns = tuple(c for c in index["column_names"] if c)
                if index["unique"] and len(columns) == len(index["column_names"]) and columns != key:
                    found.append(columns)
        return tuple(dict.fromkeys(found))

    return remembered(store, ("unique", name), build)
