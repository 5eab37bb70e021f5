"""What stands outside the town's databases: a directory, an address book, a mailbox, an event store, an ERP.

Ana is in all of them, and so are Eva, a namesake, groups and texts of others that mention Ana.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from addressbook import FRIENDS, WORK, Shelf, card, group
from directory import OPERATIONAL, PEOPLE, SHELL, STAFF, Office
from dsr.testing import Person
from erp import MADE, SHOWN, Erp
from postbox import ARCHIVE, INBOX, SENT, Post, letter
from servers.clickhouse import Clickhouse
from servers.dovecot import USER

EVENTS_TABLES = (
    """CREATE TABLE town.visits (id UInt64, email String, name String, url String, tracked UInt8,
       restricted UInt8) ENGINE = MergeTree ORDER BY id SETTINGS old_parts_lifetime = 1""",
    """CREATE TABLE town.clicks (id UInt64, visit UInt64, target String)
       ENGINE = MergeTree ORDER BY id SETTINGS old_parts_lifetime = 1""",
)
EVENTS = """
dataset:
  - fides_key: events
    collections:
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
          - {name: url}
          - {name: tracked}
          - {name: restricted}
      - name: clicks
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - name: visit
            fides_meta: {references: [{dataset: events, field: visits.id, direction: to}]}
          - {name: target}
dsr:
  title: Eventos
  collections:
    visits: {owner: subject, basis: consent, origin: observed, erase: delete, rectifiable: [name],
             restrict: {flag: restricted, value: 1}, stop: {marketing: {tracked: 0}}}
    clicks: {owner: subject, basis: consent, origin: observed, erase: delete, restrict: set_aside}
"""


@dataclass(frozen=True)
class Member:
    """Somebody of the town: the word by which places know her, her address and name."""

    key: str
    email: str
    name: str


class Region:
    """The raw side of five places; ``content`` reads what lies in their files, and the events by SQL."""

    def __init__(self, office: Office, shelf: Shelf, post: Post, events: Clickhouse, erp: Erp) -> None:
        self.office, self.shelf, self.post, self.events, self.erp = office, shelf, post, events, erp

    def settle(self, *people: Member, mention: tuple[Member, str]) -> None:
        """Everybody but Ana; ``mention`` is who writes of her, and how."""
        self.office.empty()
        self.shelf.empty()
        self.post.empty()
        self.erp.empty()
        self.events.sql("DROP DATABASE IF EXISTS town SYNC")
        self.events.sql("CREATE DATABASE town ENGINE = Atomic")
        for one in EVENTS_TABLES:
            self.events.sql(one)
        self.shelf.put(f"{WORK}/{FRIENDS}", group("friends", ()))
        writer, address = mention
        for one in people:
            about = address if one is writer else ""
            self.join(one, one.email, about=about)
        self.post.put(ARCHIVE, letter(writer.email, USER, "Consulta", f"Trabajo con {address}."))

    def join(self, who: Member, *forms: str, about: str = "") -> None:
        """Somebody comes, in each place by one of the forms of her address."""
        here = [forms[n % len(forms)] for n in range(5)]
        dn = f"uid={here[0]},{PEOPLE}"
        note = f"description: Colega de {about}\n" if about else ""
        self.office.add(
            f"dn: {dn}\nobjectClass: inetOrgPerson\nuid: {here[0]}\ncn: {who.name}\nsn: {who.name}\n"
            f"displayName: {who.name}\nmail: {here[1]}\n{note}\n"
            f"dn: cn=laptop,{dn}\nobjectClass: device\ncn: laptop\ndescription: Portátil de {here[0]}"
        )
        self.office.modify(f"dn: {STAFF}\nchangetype: modify\nadd: member\nmember: {dn}")
        self.office.modify(f"dn: {SHELL}\nchangetype: modify\nadd: memberUid\nmemberUid: {here[0]}")
        self._card(who, here[2], about)
        self._party(who, here[4], about)
        self.post.put(INBOX, letter(f"{who.name} <{here[3]}>", USER, f"Carta de {who.key}"))
        self.post.put(SENT, letter(USER, here[1], f"Respuesta a {who.key}"))
        number = 10 * (1 + int(self.events.sql("SELECT count() FROM town.visits")))
        visits = [f"({number + n}, '{one}', '{who.name}', '/p{n}', 1, 0)" for n, one in enumerate(here[3:])]
        self.events.sql(f"INSERT INTO town.visits VALUES {', '.join(visits)}")
        self.events.sql(
            f"INSERT INTO town.clicks VALUES ({number}, {number}, '/a'), ({number + 1}, {number}, '/b')"
        )

    def _card(self, who: Member, address: str, about: str) -> None:
        note = f"NOTE:Ana usa {about}\r\n" if about else ""
        person = Person(who.key, who.name, address, "+34 600 000 000", "1")
        self.shelf.put(f"{WORK}/{who.key}.vcf", re.sub(r"TEL:.*\r\n", "", card(person, more=note)))
        friends = self.shelf.files()[f"{WORK}/{FRIENDS}"]
        line = f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{who.key}-work\r\n"
        self.shelf.put(f"{WORK}/{FRIENDS}", friends.replace("END:VCARD", f"{line}END:VCARD"))

    def _party(self, who: Member, address: str, about: str) -> None:
        number = {"ana": 1, "eva": 2}.get(who.key, 3)
        self.erp.people([Person(who.key, who.name, address, f"+3460020010{number}", f"T-{number}")])
        if about:
            self.erp.run(
                "INSERT INTO ir_note (create_date, create_uid, resource, message) VALUES (?, 1, ?, ?)",
                MADE, f"party.party,{self.erp.party_of(address)}", f"Prima de {about}",
            )  # fmt: skip

    def content(self) -> dict[str, list[str]]:
        """Every value of the directory (slapcat), line of a card (file), message (Maildir), row of the ERP
        (SQLite) and event (SQL, with rows that are only marked as deleted), by place and collection."""
        rows = {"directory": [], "cards": [], "mail": []}
        for entry in self.office.server.dump().strip().split("\n\n"):
            name, *lines = entry.splitlines()
            rows["directory"] += [f"{name} {_plain(one)}" for one in lines if not OPERATIONAL.match(one)]
        for place, text in self.shelf.files().items():
            rows["cards"] += [f"{place} {line}" for line in text.splitlines()]
        rows["mail"] = [f"{folder} {flags} {raw.decode()}" for folder, flags, raw in self.post.files()]
        rows["erp"] = [
            f"{table} {row}"
            for table, fields in SHOWN.items()
            for row in self.erp.run(f"SELECT {fields} FROM {table}")  # noqa: S608
        ]
        for name in ("visits", "clicks"):
            sql = f"SELECT * FROM town.{name} ORDER BY ALL SETTINGS apply_deleted_mask = 0 FORMAT TSV"
            rows[f"events.{name}"] = self.events.sql(sql).splitlines()
        return rows

    def in_files_of_events(self, address: str) -> set[Path]:
        """Folders of the event store's files in which an address stands, but for parts that are given up."""
        old = {Path(one) for one in self.events.sql("SELECT path FROM system.parts WHERE NOT active").split()}
        files = [one for one in self.events.files.rglob("*") if one.is_file()]
        return {one.parent for one in files if address.encode().lower() in one.read_bytes().lower()} - old

    def told(self) -> dict[str, tuple[str, dict[str, object], str]]:
        """kind, settings and password of each system."""
        events = {
            "url": self.events.url, "database": "town", "user": self.events.user, "map": EVENTS,
            "map_name": "events.yaml", "allow_private": ["127.0.0.1"],
        }  # fmt: skip
        return {
            "directory": ("ldap", self.office.settings(basis="contract"), self.office.server.password),
            "cards": ("carddav", self.shelf.settings(basis="contract"), self.shelf.server.password),
            "mail": ("imap", self.post.settings(basis="contract"), self.post.server.password),
            "events": ("clickhouse", events, self.events.password),
            "erp": ("tryton", self.erp.settings(basis="contract"), self.erp.server.password),
        }


def _plain(line: str) -> str:
    """A line of LDIF with its value as text (RFC 2849: two colons before base64)."""
    name, mark, value = line.partition(":: ")
    return f"{name}: {base64.b64decode(value).decode()}" if mark else line
