"""A mapped database: its map, routes, tables and statements; made once per URL and map text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.sqltypes import NullType

from connectors._map import load
from connectors._map.model import Collection, DataMap
from dsr.contract import ConnectorError, Limits

from . import engines
from .routes import Layout, layout


@dataclass(frozen=True)
class Column:
    """What the database says of one column. ``python`` None: a type of its own. ``generated``: computed from
    others; ``always``: numbered by the database, whatever is given."""

    name: str
    python: type | None
    length: int | None
    nullable: bool
    default: bool
    generated: bool
    always: bool


@dataclass
class Store:
    """``tables`` by collection; ``columns`` by collection and name; ``made`` keeps built statements."""

    url: sa.URL
    map: DataMap
    limits: Limits
    schema: str
    layout: Layout
    tables: dict[str, sa.Table] = field(default_factory=dict)
    columns: dict[str, dict[str, Column]] = field(default_factory=dict)
    made: dict[Any, Any] = field(default_factory=dict)

    @property
    def engine(self) -> sa.Engine:
        """The engine; made at first use."""
        return engines.engine(self.url, self.limits)

    @property
    def dialect(self) -> str:
        """sqlite, postgresql, mysql or mariadb."""
        return self.url.get_backend_name()

    def table(self, name: str) -> sa.Table:
        """The table of a collection."""
        self.reflect()
        return self.tables[name]

    def key_types(self, name: str) -> list[type | None]:
        """Python types of the primary key of a collection."""
        self.reflect()
        return [self.columns[name][one].python for one in self.map.collection(name).key]

    def reflect(self) -> None:
        """Read the mapped tables from the database. ConnectorError names what is missing."""
        if self.tables:
            return
        with engines.guarded():
            inspector = sa.inspect(self.engine)
            metadata = sa.MetaData()
            found = {c.name: self._reflected(inspector, metadata, c) for c in self.map.collections}
        self.columns = {name: columns for name, (_, columns) in found.items()}
        self.tables = {name: table for name, (table, _) in found.items()}

    def place(self, name: str) -> tuple[str | None, str]:
        """Schema and table of a collection name such as ``contacts`` or ``crm.contacts``."""
        schema, _, table = name.rpartition(".")
        return schema or self.schema or None, table

    def plain(self, schema: str | None) -> str | None:
        """A schema by one name: None for the one that names without a schema mean."""
        own = self.made.get("own schema")
        if own is None:
            with engines.guarded():
                own = self.made["own schema"] = sa.inspect(self.engine).default_schema_name or ""
        return None if schema == own else schema

    def plain_place(self, name: str) -> tuple[str | None, str]:
        """``place`` with the schema by one name."""
        schema, table = self.place(name)
        return self.plain(schema), table

    def _reflected(
        self, inspector: sa.Inspector, metadata: sa.MetaData, collection: Collection
    ) -> tuple[sa.Table, dict[str, Column]]:
        schema, name = self.place(collection.name)
        try:
            rows = inspector.get_columns(name, schema)
        except sa.exc.NoSuchTableError:
            raise ConnectorError(
                f"the map names '{collection.name}', but the database has no such table", permanent=True
            ) from None
        columns = {row["name"]: _column(row) for row in rows}
        missing = [f.name for f in collection.fields if f.name not in columns]
        if missing:
            raise ConnectorError(
                f"the map names the field '{missing[0]}' of '{collection.name}', but the table has no such"
                " column",
                permanent=True,
            )
        # SQLite stores what it is given whatever the declared type: values pass as they are.
        plain = self.dialect == "sqlite"
        made = [sa.Column(r["name"], NullType() if plain else _type(r)) for r in rows]
        return sa.Table(name, metadata, *made, schema=schema), columns

    def fields(self, name: str) -> list[str]:
        """The mapped columns of a collection."""
        return [one.name for one in self.map.collection(name).fields]


def _type(row: Mapping[str, Any]) -> Any:
    """The type of a column. None in a JSON column is NULL, as it was read, unless the column takes none."""
    made = row["type"]
    if isinstance(made, sa.JSON):
        made.none_as_null = bool(row.get("nullable", True))
    return made


def _column(row: Mapping[str, Any]) -> Column:
    try:
        python: type | None = dict if isinstance(row["type"], sa.JSON) else row["type"].python_type
    except NotImplementedError:
        python = None
    length = getattr(row["type"], "length", None) if python is str else None
    identity = row.get("identity") or {}
    return Column(
        name=row["name"],
        python=python,
        length=length,
        nullable=bool(row.get("nullable", True)),
        default=row.get("default") is not None or bool(row.get("autoincrement")) or bool(identity),
        generated=bool(row.get("computed")),
        always=bool(identity.get("always")),
    )


@lru_cache(maxsize=64)
def _opened(url: sa.URL, digest: bytes, text: str, name: str, schema: str, limits: Limits) -> Store:
    data = load(text, name)
    return Store(url, data, limits, schema, layout(data))


def opened(url: str, text: str, name: str, schema: str, limits: Limits) -> Store:
    """The store of a URL and a map. ConnectorError(permanent): wrong URL, map or file."""
    return _opened(engines.parsed(url), hashlib.sha256(text.encode()).digest(), text, name, schema, limits)


def forget() -> None:
    """Forget what was reflected, so that a changed schema is read again."""
    _opened.cache_clear()
