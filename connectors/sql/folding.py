"""How a column of e-mail addresses is compared whatever their case, so that an index can help where there is one."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement

from . import engines
from .statements import remembered
from .store import Store

COLLATION = sa.text(
    "SELECT collation_name FROM information_schema.columns WHERE table_schema = coalesce(:s, database())"
    " AND table_name = :t AND column_name = :c"
)


def folded(store: Store, collection: str, field: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The expression to compare with addresses in lower case.

    PostgreSQL: ``lower(column)`` where it is indexed. MariaDB: the column itself where its collation
    ignores case (and trailing blanks). Otherwise ``lower(trim(column))``, which reads the whole table.
    """
    how = remembered(store, ("folding", collection, field), lambda: _how(store, collection, field))
    if how == "plain":
        return column
    return sa.func.lower(column) if how == "lower" else sa.func.lower(sa.func.trim(column))


def indexed(store: Store, collection: str, field: str) -> bool:
    """Whether an index can serve ``folded``; SQLite does not tell."""
    how = remembered(store, ("folding", collection, field), lambda: _how(store, collection, field))
    return how == "lower" or (how == "plain" and field in firsts(store, collection))


def firsts(store: Store, collection: str) -> set[str]:
    """Columns by which rows can be found fast: the first of each index."""
    schema, table = store.place(collection)
    with engines.guarded():
        inspector = sa.inspect(store.engine)
        found = inspector.get_pk_constraint(table, schema)["constrained_columns"][:1]
        for index in inspector.get_indexes(table, schema):
            found += [name for name in index["column_names"][:1] if name]
        for one in inspector.get_unique_constraints(table, schema):
            found += one["column_names"][:1]
    return set(found)


def _how(store: Store, collection: str, field: str) -> str:
    if store.dialect == "postgresql":
        return _postgres(store, collection, field)
    if store.dialect in ("mysql", "mariadb"):
        return _mysql(store, collection, field)
    return "trimmed"


def _postgres(store: Store, collection: str, field: str) -> str:
    if str(store.table(collection).c[field].type) == "CITEXT":
        return "plain"
    schema, table = store.place(collection)
    with engines.guarded():
        indexes = sa.inspect(store.engine).get_indexes(table, schema)
    first = [str(one) for index in indexes for one in index.get("expressions", ())[:1]]
    plain = {re.sub(r'::[a-z ]+|["() ]', "", one) for one in first}
    return "lower" if f"lower{field}" in plain else "trimmed"


def _mysql(store: Store, collection: str, field: str) -> str:
    schema, table = store.place(collection)
    with engines.reading(store.engine) as connection:
        found = connection.scalar(COLLATION, {"s": schema, "t": table, "c": field})
    return "plain" if found and "_ci" in str(found) else "trimmed"
