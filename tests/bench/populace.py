"""Three stores full of people: a CRM, a shop and a tracking store, 50 rows a person, filled the same on both."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from servers import postgres


@dataclass(frozen=True)
class Table:
    """A table of a store. ``parent``: table and own column that names its row; ``each``: rows per parent row."""

    name: str
    columns: tuple[str, ...]
    parent: str = ""
    link: str = ""
    each: int = 1


CRM = (
    Table("contacts", ("email text", "name text", "phone text", "city text")),
    Table("notes", ("contact_id integer", "at text", "subject text"), "contacts", "contact_id", 8),
    Table("tickets", ("contact_id integer", "state text", "title text"), "contacts", "contact_id", 6),
)
SHOP = (
    Table("customers", ("email text", "name text", "address text")),
    Table("orders", ("customer_id integer", "at text", "total text"), "customers", "customer_id", 7),
    Table("lines", ("order_id integer", "article text", "price text"), "orders", "order_id", 2),
)
TRACKING = (
    Table("profiles", ("email text", "since text")),
    Table("opens", ("profile_id integer", "at text", "device text", "ip text"), "profiles", "profile_id", 12),
)
STORES = {"crm": CRM, "shop": SHOP, "tracking": TRACKING}
ROWS_EACH = 50


def address(number: int) -> str:
    """The e-mail address of a person."""
    return f"person.{number}@example.org"


def per_person(tables: Sequence[Table], name: str) -> int:
    """How many rows of a table each person has."""
    table = next(one for one in tables if one.name == name)
    return table.each * (per_person(tables, table.parent) if table.parent else 1)


def rows(tables: Sequence[Table], table: Table, people: int) -> Iterator[tuple[object, ...]]:
    """All rows of a table, by id; the rows of one person lie together."""
    for number in range(people * per_person(tables, table.name)):
        head = (number // table.each + 1,) if table.parent else (address(number + 1),)
        rest = [f"{one.split()[0]} {number} of a store" for one in table.columns[1:]]
        yield (number + 1, *head, *rest)


def schema(table: Table, folded: str) -> list[str]:
    """CREATE statements: primary key, foreign key with its index, an index for the search by address."""
    parent = f", foreign key ({table.link}) references {table.parent} (id)" if table.parent else ""
    made = [f"create table {table.name} (id integer primary key, {', '.join(table.columns)}{parent})"]
    if table.parent:
        made.append(f"create index {table.name}_parent on {table.name} ({table.link})")
    else:
        made.append(f"create index {table.name}_email on {table.name} ({folded})")
    return made


def fill_postgres(url: str, tables: Sequence[Table], people: int) -> None:
    """Make and fill the tables of one store by COPY, then ANALYZE."""
    with postgres.connect(url) as connection:
        for table in tables:
            create, index = schema(table, "lower(email)")
            connection.execute(create)
            with connection.cursor() as cursor, cursor.copy(f"copy {table.name} from stdin") as copy:
                for row in rows(tables, table, people):
                    copy.write_row(row)
            connection.execute(index)
        connection.execute("vacuum analyze")


def fill_sqlite(path: Path, tables: Sequence[Table], people: int) -> None:
    """Make and fill the tables of one store, in WAL as a busy application would have it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("pragma journal_mode = wal")
        for table in tables:
            create, index = schema(table, "lower(trim(email))")
            connection.execute(create)
            marks = ", ".join("?" * (1 + len(table.columns)))
            connection.executemany(f"insert into {table.name} values ({marks})", rows(tables, table, people))
            connection.execute(index)
        connection.execute("analyze")


def system(key: str, url: str) -> SystemConfig:
    """One store as a connected system that may do everything."""
    return SystemConfig(
        key=key,
        kind="sql",
        title=key,
        controllers=("acme",),
        settings={"url": url, "map": data_map(key), "map_name": f"{key}.yaml"},
        acting=tuple(right.value for right in Right),
    )


def data_map(key: str) -> str:
    """The map of a store: everything belongs to the person and may be deleted."""
    tables = STORES[key]
    lines = ["dataset:", f"  - fides_key: {key}", f"    name: {key}", "    collections:"]
    for table in tables:
        lines += [f"      - name: {table.name}", "        fields:", *_fields(key, table)]
    lines += ["dsr:", f"  title: {key}", "  collections:"]
    rule = "{owner: subject, basis: contract, erase: delete, origin: provided, purpose: Sales, retention: 5 years}"
    lines += [f"    {table.name}: {rule}" for table in tables]
    return "\n".join(lines) + "\n"


def _fields(key: str, table: Table) -> Iterator[str]:
    yield "          - {name: id, fides_meta: {primary_key: true, data_type: integer}}"
    for column in table.columns:
        name = column.split()[0]
        if name == "email":
            more = ", data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}"
        elif name == table.link:
            place = f"{{dataset: {key}, field: {table.parent}.id, direction: from}}"
            more = f", fides_meta: {{references: [{place}]}}"
        else:
            more = ", data_categories: [user.behavior]"
        yield f"          - {{name: {name}{more}}}"
