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

OWNED: Final = {
    "crm": (
        ("contacts", "SELECT id FROM contacts WHERE lower(email) = :email OR lower(email_2) = :email"),
        ("deals", "SELECT id FROM deals WHERE contact_id IN (SELECT id FROM contacts WHERE lower(email) = :email)"),
        ("orders", "SELECT id FROM orders WHERE contact_id IN (SELECT id FROM contacts WHERE lower(email) = :email)"),
        ("invoices", "SELECT id FROM invoices WHERE contact_id IN (SELECT id FROM contacts WHERE lower(email) = :email)"),
        ("tickets", "SELECT id FROM tickets WHERE contact_id IN (SELECT id FROM contacts WHERE lower(email) = :email)"),
        ("ticket_messages", "SELECT m.id FROM ticket_messages m JOIN tickets t ON t.id = m.ticket_id "
         "JOIN contacts c ON c.id = t.contact_id WHERE lower(c.email) = :email"),
        ("notes", "SELECT id FROM notes WHERE contact_id IN (SELECT id FROM contacts WHERE lower(email) = :email)"),
        ("attributes", "SELECT id FROM attributes WHERE entity = 'contact' AND entity_id IN "
         "(SELECT id FROM contacts WHERE lower(email) = :email)"),
    ),
    "tracking": (
        ("visitors", "SELECT visitor_id FROM visitors WHERE lower(email) = :email"),
        ("devices", "SELECT device_id, visitor_id FROM devices WHERE visitor_id IN "
         "(SELECT visitor_id FROM visitors WHERE lower(email) = :email)"),
        ("page_views", "SELECT id FROM page_views WHERE device_id IN (SELECT device_id FROM devices JOIN visitors "
         "USING (visitor_id) WHERE lower(email) = :email)"),
        ("messages", "SELECT id FROM messages WHERE lower(recipient) = :email"),
        ("opens", "SELECT o.id FROM opens o JOIN messages m ON m.id = o.message_id WHERE lower(recipient) = :email"),
        ("clicks", "SELECT o.id FROM clicks o JOIN messages m ON m.id = o.message_id WHERE lower(recipient) = :email"),
        ("forwards", "SELECT o.id FROM forwards o JOIN messages m ON m.id = o.message_id WHERE lower(recipient) = :email"),
        ("consents", "SELECT id FROM consents WHERE lower(email) = :email"),
    ),
}  # fmt: skip
"""Whose rows they are, in plain SQL that knows nothing of the data maps."""


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
    found: set[Place] = set()
    for system, path in (("crm", demo.crm), ("tracking", demo.tracking)):
        with closing(_opened(path)) as db:
            for table, sql in OWNED[system]:
                found |= {Place(system, table, tuple(key)) for key in db.execute(sql, {"email": email})}
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
            columns = db.execute(f'PRAGMA table_info("{table}")').fetchall()
            names = [column[1] for column in columns]
            key = [number for number, column in enumerate(columns) if column[5]]
            for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - the names of our own demo tables
                yield Place(system, table, tuple(row[number] for number in key)), dict(zip(names, row, strict=True))
