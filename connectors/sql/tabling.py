"""The tables of a database that may hold somebody: of every schema, each once."""

from __future__ import annotations

import sqlalchemy as sa

PARTS = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relispartition OR EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
  AND d.objid = c.oid AND d.deptype = 'e')
"""
"""Partitions, whose rows the whole table has, and tables that belong to an extension."""
READABLE = "SELECT has_schema_privilege(:s, 'USAGE') AND has_table_privilege(CAST(:t AS text), 'SELECT')"


def schemas(inspector: sa.Inspector) -> list[str | None]:
    """The schemas of this database, None for the one that names without a schema mean; other databases are not."""
    if inspector.dialect.name != "postgresql":
        return [None]
    own = inspector.default_schema_name
    system = ("information_schema", "pg_catalog", "pg_toast")
    others = [one for one in inspector.get_schema_names() if one not in (own, *system)]
    return [None, *sorted(one for one in others if not one.startswith("pg_"))]


def tables(connection: sa.Connection) -> list[tuple[str | None, str]]:
    """Schema and name of every table that is not a part of another one."""
    inspector, known = sa.inspect(connection), parts(connection)
    return [
        (schema, name)
        for schema in schemas(inspector)
        for name in sorted(inspector.get_table_names(schema))
        if (schema, name) not in known
    ]


def parts(connection: sa.Connection) -> set[tuple[str | None, str]]:
    """Tables whose rows another table has too, or that an extension keeps for itself."""
    if connection.dialect.name != "postgresql":
        return set()
    own = sa.inspect(connection).default_schema_name
    return {(None if s == own else s, name) for s, name in connection.execute(sa.text(PARTS))}


def named(schema: str | None, name: str) -> str:
    """What a map calls a table."""
    return f"{schema}.{name}" if schema else name


def readable(connection: sa.Connection, schema: str | None, name: str) -> bool:
    """Whether this account may read a table; where the database is not asked, it may."""
    if connection.dialect.name != "postgresql":
        return True
    quoted = connection.dialect.identifier_preparer.format_table(sa.table(name, schema=schema))
    asked = {"s": schema or sa.inspect(connection).default_schema_name, "t": quoted}
    return bool(connection.scalar(sa.text(READABLE), asked))
