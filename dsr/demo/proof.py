"""Reads the demo systems with another client (sqlite3, csv), never through a connector."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from dsr.demo.cast import Member
from dsr.demo.data import Demo


class Place(NamedTuple):
    """One row of one store."""

    system: str
    table: str
    key: tuple[object, ...]


Rows = Mapping[Place, Mapping[str, object]]
"""Every row of every connected store, as another client reads it."""

CARDS: Final = "(SELECT id FROM contacts WHERE lower(email) = :email)"
TICKETS: Final = (
    "(SELECT t.id FROM tickets t JOIN contacts c ON c.id = t.contact_id WHERE lower(c.email) = :email)"
)
VISITORS: Final = "(SELECT visitor_id FROM visitors WHERE lower(email) = :email OR customer_no = :customer)"
DEVICES: Final = (
    "(SELECT device_id FROM devices JOIN visitors USING (visitor_id)"
    " WHERE lower(email) = :email OR customer_no = :customer)"
)
MESSAGES: Final = "(SELECT id FROM messages WHERE lower(recipient) = :email)"
OWNED: Final = {
    "crm": {
        "contacts": f"id IN {CARDS}",
        "deals": f"contact_id IN {CARDS}",
        "orders": f"contact_id IN {CARDS}",
        "invoices": f"contact_id IN {CARDS}",
        "tickets": f"contact_id IN {CARDS}",
        "ticket_messages": f"ticket_id IN {TICKETS}",
        "notes": f"contact_id IN {CARDS}",
        "attributes": f"entity = 'contact' AND entity_id IN {CARDS}",
    },
    "tracking": {
        "visitors": f"visitor_id IN {VISITORS}",
        "devices": f"visitor_id IN {VISITORS}",
        "page_views": f"device_id IN {DEVICES}",
        "messages": f"id IN {MESSAGES}",
        "opens": f"message_id IN {MESSAGES}",
        "clicks": f"message_id IN {MESSAGES}",
        "forwards": f"message_id IN {MESSAGES}",
        "consents": "lower(email) = :email",
    },
}
"""Whose rows they are, in plain conditions that know nothing of the data maps."""


def rows(demo: Demo) -> Rows:
    """Everything that stands in the connected stores now."""
    found: dict[Place, Mapping[str, object]] = {}
    for system, path in (("crm", demo.crm), ("tracking", demo.tracking)):
        found |= dict(_database(system, path))
    with demo.mailing.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[Place("mailing", "mailing", (row["id"],))] = dict(row)
    return found


def of(demo: Demo, member: Member) -> frozenset[Place]:
    """The rows that are somebody's, by her address and by what hangs on it."""
    email = (member.email or "").lower()
    who = {"email": email, "customer": member.customer_no}
    found: set[Place] = set()
    for system, path in (("crm", demo.crm), ("tracking", demo.tracking)):
        with closing(_opened(path)) as db:
            for table, condition in OWNED[system].items():
                found |= {place for place, _ in _rows(db, system, table, condition, who)}
    with demo.mailing.open(encoding="utf-8", newline="") as file:
        found |= {
            Place("mailing", "mailing", (row["id"],))
            for row in csv.DictReader(file)
            if row["email"].lower() == email
        }
    return frozenset(found)


def mentions(found: Rows, text: str) -> list[tuple[Place, str]]:
    """Where a text stands, in any case, in any column of any table: (row, column)."""
    wanted = text.lower()
    return sorted(
        (
            (place, column)
            for place, row in found.items()
            for column, value in row.items()
            if wanted in str(value).lower()
        ),
        key=str,
    )


def changed(before: Rows, after: Rows) -> frozenset[Place]:
    """The rows that are gone, new or different."""
    return frozenset(place for place in before.keys() | after.keys() if before.get(place) != after.get(place))


def cells(found: Rows, places: Iterable[Place], column: str) -> set[object]:
    """The values of one column in these rows, as far as they have it."""
    return {found[place][column] for place in places if column in found.get(place, {})}


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)


def _database(system: str, path: Path) -> Iterator[tuple[Place, Mapping[str, object]]]:
    with closing(_opened(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            yield from _rows(db, system, table, "1", {})


def _rows(
    db: sqlite3.Connection, system: str, table: str, condition: str, who: Mapping[str, str]
) -> Iterator[tuple[Place, Mapping[str, object]]]:
    """Rows of a table by their primary key."""
    columns = db.execute(f"PRAGMA table_info({table})").fetchall()
    names = [column[1] for column in columns]
    key = [number for number, column in enumerate(columns) if column[5]]
    for row in db.execute(f"SELECT * FROM {table} WHERE {condition}", who):  # noqa: S608 - our own words above
        yield Place(system, table, tuple(row[number] for number in key)), dict(zip(names, row, strict=True))
