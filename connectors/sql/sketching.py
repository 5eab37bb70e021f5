"""What the tables of a database look like: the source of a first map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from connectors._draft import Column, ForeignKey, TableSketch
from dsr.contract import Limits

from . import engines

SAMPLES = 50


def sketches(url: str) -> Sequence[TableSketch]:
    """Every table of the default schema with columns, keys and up to 50 values a column.

    ConnectorError as everywhere. The samples are personal data: they stay in memory.
    """
    parsed = engines.parsed(url)
    made = engines.engine(parsed, Limits())
    with engines.reading(made) as connection:
        inspector = sa.inspect(connection)
        return [_sketch(connection, inspector, name) for name in sorted(inspector.get_table_names())]


def _sketch(connection: sa.Connection, inspector: sa.Inspector, name: str) -> TableSketch:
    rows = inspector.get_columns(name)
    key = inspector.get_pk_constraint(name)["constrained_columns"]
    columns = tuple(_column(connection, row, row["name"] in key) for row in rows)
    return TableSketch(
        name,
        columns,
        _samples(connection, name, [row["name"] for row in rows]),
        tuple(
            ForeignKey(tuple(fk["constrained_columns"]), fk["referred_table"], tuple(fk["referred_columns"]))
            for fk in inspector.get_foreign_keys(name)
        ),
    )


def _column(connection: sa.Connection, row: Mapping[str, Any], primary: bool) -> Column:
    kind = str(row["type"].compile(dialect=connection.dialect)) if not _unknown(row) else ""
    return Column(row["name"], kind, bool(row.get("nullable", True)), primary)


def _unknown(row: Mapping[str, Any]) -> bool:
    return isinstance(row["type"], sa.types.NullType)


def _samples(connection: sa.Connection, name: str, columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    table = sa.table(name, *[sa.column(one) for one in columns])
    rows = connection.execute(sa.select(*table.c).limit(SAMPLES)).all()
    return {one: tuple(row[n] for row in rows if row[n] is not None) for n, one in enumerate(columns)}
