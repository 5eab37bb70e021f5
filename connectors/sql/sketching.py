"""What the tables of a database look like: the source of a first map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from connectors._draft import Column, ForeignKey, TableSketch
from dsr.contract import Limits

from . import engines, tabling

SAMPLES = 50


def sketches(url: str) -> tuple[Sequence[TableSketch], Sequence[str]]:
    """Every table of every schema with columns, keys and up to 50 values a column; and the names of those
    that cannot be drafted: this account may not read them, or a dot in the name looks like a schema.

    ConnectorError as everywhere. The samples are personal data: they stay in memory.
    """
    made = engines.engine(engines.parsed(url), Limits())
    with engines.reading(made) as connection:
        inspector = sa.inspect(connection)
        found, left = [], []
        for schema, name in tabling.tables(connection):
            if "." in name or not tabling.readable(connection, schema, name):
                left.append(tabling.named(schema, name))
            else:
                found.append(_sketch(connection, inspector, schema, name))
    return found, left


def _sketch(connection: sa.Connection, inspector: sa.Inspector, schema: str | None, name: str) -> TableSketch:
    rows = inspector.get_columns(name, schema)
    key = inspector.get_pk_constraint(name, schema)["constrained_columns"]
    columns = tuple(_column(connection, row, row["name"] in key) for row in rows)
    return TableSketch(
        tabling.named(schema, name),
        columns,
        _samples(connection, sa.table(name, *[sa.column(one.name) for one in columns], schema=schema)),
        tuple(
            ForeignKey(
                tuple(fk["constrained_columns"]),
                tabling.named(_schema_of(inspector, fk), fk["referred_table"]),
                tuple(fk["referred_columns"]),
            )
            for fk in inspector.get_foreign_keys(name, schema)
        ),
    )


def _schema_of(inspector: sa.Inspector, fk: Mapping[str, Any]) -> str | None:
    schema: str | None = fk["referred_schema"]
    return None if schema == inspector.default_schema_name else schema


def _column(connection: sa.Connection, row: Mapping[str, Any], primary: bool) -> Column:
    kind = str(row["type"].compile(dialect=connection.dialect)) if not _unknown(row) else ""
    return Column(row["name"], kind, bool(row.get("nullable", True)), primary)


def _unknown(row: Mapping[str, Any]) -> bool:
    return isinstance(row["type"], sa.types.NullType)


def _samples(connection: sa.Connection, table: sa.TableClause) -> dict[str, tuple[Any, ...]]:
    rows = connection.execute(sa.select(*table.c).limit(SAMPLES)).all()
    return {one.name: tuple(row[n] for row in rows if row[n] is not None) for n, one in enumerate(table.c)}
