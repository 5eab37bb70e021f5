"""Writes ``docs/systems.md`` and the table in ``docs/connectors.md`` from what the connectors say of themselves:
``python -m dsr.cli.systems_reference FOLDER``, where FOLDER is ``docs``.

``EVIDENCE`` holds what a connector cannot know: what it was tried against and how many calls one person costs.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from dsr.contract import Action, Description, Support
from dsr.domain.guides import GUIDES
from dsr.domain.organisation import SystemConfig
from dsr.registry import Registry

from .console import english

ACTIONS = (Action.EXPORT, Action.RECTIFY, Action.ERASE, Action.RESTRICT, Action.LIFT, Action.STOP)

HEAD = """\
# What happens in each kind of system

Written by `python -m dsr.cli.systems_reference docs` from what the connectors say of themselves; a test compares both.
Which kind can do what, tried against what, stands in a table in `docs/connectors.md`.

"""
BEGIN, END = "<!-- begin: table of kinds -->\n", "<!-- end: table of kinds -->\n"
"""What stands between them in ``docs/connectors.md`` is written here."""

MAP = """
dataset:
  - fides_key: sample
    collections:
      - name: people
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: news}
          - {name: restricted}
dsr:
  title: Sample
  collections:
    people:
      title: People
      owner: subject
      erase: delete
      restrict: set_aside
      stop: {marketing: {news: false}}
      origin: provided
      rectifiable: [email]
"""


class Tried(NamedTuple):
    """What a kind was tried against, and the calls of a case in words."""

    against: str
    calls: str


CONTRACT = "a stateful fake, held to a contract and to the vendor's own description"
REQUESTS = (
    "a stateful fake, held to a contract; requests held to the vendor's own description, most answers not"
)

EVIDENCE: Mapping[str, Tried] = {
    "carddav": Tried("Radicale 3.9, live", "locate 5, read 9, erase 23, verify 5"),
    "clickhouse": Tried(
        "ClickHouse 26.9 (chdb) behind a small HTTP server", "a few statements for a whole batch"
    ),
    "google_contacts": Tried(CONTRACT, "locate 4, read 3, erase 6, verify 5"),
    "google_sheets": Tried(CONTRACT, "locate 4, read 4, erase 9, verify 5"),
    "hubspot": Tried(CONTRACT, "locate 37, read 35, erase 61, verify 20"),
    "imap": Tried("Dovecot 2.3, live", "locate 13, read 14, erase 26, verify 15"),
    "infobip": Tried(CONTRACT, "locate 10, read 7, erase 12, verify 5"),
    "ldap": Tried("OpenLDAP 2.5, live", "locate 6, read 9, erase 29, verify 12"),
    "listmonk": Tried(CONTRACT, "locate 5, read 4, erase 13, verify 5"),
    "mailchimp": Tried(CONTRACT, "locate 5, read 4, erase 13, verify 5"),
    "mailman": Tried("Mailman 3.3.10, live", "locate 4, read 8, erase 7, verify 2"),
    "mandrill": Tried(CONTRACT, "locate 9, read 6, erase 4, verify 2"),
    "manual": Tried("the holder pages, in a browser", "one mail to each holder"),
    "pipedrive": Tried(CONTRACT, "locate 11, read 10, erase 32, verify 9"),
    "salesforce": Tried(
        "a stateful fake, held to a contract of facts from the vendor's manual",
        "locate 22, read 19, erase 79, verify 9",
    ),
    "sendgrid": Tried(CONTRACT, "locate 16, read 9, erase 20, verify 10"),
    "sql": Tried("SQLite, PostgreSQL, MariaDB; Umami's schema", "a few statements for a whole batch"),
    "tabular": Tried("CSV, XLSX and Parquet files", "one pass over the file for a whole batch"),
    "tryton": Tried(
        "Tryton 7.8, live; faults by a stateful fake held to it", "locate 26, read 14, erase 54, verify 24"
    ),
    "twilio": Tried(CONTRACT, "locate 11, read 5, erase 22, verify 10"),
    "zoho": Tried(REQUESTS, "locate 34, read 32, erase 94, verify 21"),
}

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "carddav": {"url": "https://contacts.example.org", "user": "dsr", "password": "x"},
    "clickhouse": {
        "url": "https://events.example.org", "database": "events", "user": "dsr", "password": "x", "map": MAP,
    },
    "infobip": {"host": "xyz.api.infobip.com", "api_key": "x", "restriction_field": "limited"},
    "imap": {"url": "imaps://mail.example.org", "user": "dsr", "password": "x"},
    "ldap": {
        "url": "ldaps://directory.example.org", "user": "cn=dsr", "password": "x", "base": "dc=example,dc=org",
        "restrict": "set_aside",
    },
    "listmonk": {"address": "https://news.example.org", "user": "dsr", "token": "x"},
    "mailchimp": {"datacenter": "us21", "audience": "a", "api_key": "x", "restriction_field": "LIMITED"},
    "mailman": {"url": "https://lists.example.org/3.1", "user": "dsr", "password": "x"},
    "mandrill": {"api_key": "x", "advertising": "yes"},
    "manual": {"title": "Paper", "owner": "Office", "categories": ["user.name"]},
    "google_contacts": {
        "client_id": "x", "client_secret": "x", "refresh_token": "x", "restriction_field": "limited", "directory": True,
    },
    "google_sheets": {
        "spreadsheet": "1spreadsheet", "map": MAP, "client_id": "x", "client_secret": "x", "refresh_token": "x",
    },
    "hubspot": {"access_token": "x", "restriction_field": "limited"},
    "pipedrive": {"api_token": "x", "restriction_field": "limited"},
    "salesforce": {
        "domain": "https://acme.my.salesforce.com", "client_id": "x", "client_secret": "x",
        "restriction_field": "Limited__c",
    },
    "sendgrid": {"api_key": "x", "activity": "yes", "events": "yes"},
    "sql": {"map": MAP},
    "tabular": {"path": "people.csv", "map": MAP},
    "tryton": {
        "url": "https://erp.example.org", "database": "office", "user": "dsr", "password": "x",
        "objection_category": "No advertising",
    },
    "twilio": {"account": "AC1", "user": "AC1", "token": "x"},
    "zoho": {
        "region": "eu", "accounts": "https://accounts.zoho.eu", "client_id": "x", "client_secret": "x",
        "refresh_token": "x", "restriction_field": "Limited",
    },
}  # fmt: skip


NAMES: Mapping[str, str] = {
    "carddav": "address books of phones and mail programs",
    "clickhouse": "event stores",
    "imap": "mailboxes",
    "ldap": "LDAP, Active Directory",
    "mailchimp": "Mailchimp Marketing",
    "mailman": "Mailman 3",
    "mandrill": "Mailchimp Transactional",
    "manual": "paper and other places worked by hand",
    "sql": "databases, Umami",
    "tabular": "CSV, Excel, Parquet",
    "zoho": "Zoho CRM",
}
"""What people call a kind, where its own name does not say it."""


def page() -> str:
    """The whole page as Markdown."""
    return HEAD + "\n".join(_sentences(kind, said) for kind, said in _told().items())


def table() -> str:
    """The table of kinds and rights as Markdown, with places that are worked by hand and have a guide."""
    names = [action.value for action in ACTIONS]
    told = _told()
    rows = [_row(f"`{kind}`{_named(kind)}", kind, said) for kind, said in told.items()]
    guided = [
        _row(f"`{one.key}` ({one.title}, a guide of `manual`)", "manual", told["manual"])
        for one in GUIDES.values()
    ]
    head = [
        f"| kind | {' | '.join(names)} | erasure is final | tried against | calls |",
        f"|{'---|' * (len(names) + 4)}",
    ]
    return "\n".join((*head, *rows, *guided)) + "\n"


def placed(text: str) -> str:
    """``docs/connectors.md`` with the table of today in its place; ValueError where the place is not marked."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("docs/connectors.md does not say where the table begins and ends")
    return f"{before}{BEGIN}{table()}{END}{after}"


def _named(kind: str) -> str:
    return f" ({NAMES[kind]})" if kind in NAMES else ""


def _told() -> dict[str, Description]:
    with tempfile.TemporaryDirectory() as folder:
        return dict(_described(Path(folder)))


def _described(folder: Path) -> Iterator[tuple[str, Description]]:
    base = folder / "sample.sqlite3"
    with closing(sqlite3.connect(base)) as made:
        made.execute(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, news INTEGER, restricted TEXT)"
        )
    kinds = Registry().kinds()
    more = {"sql": {"url": f"sqlite:///{base}"}}
    systems = [
        SystemConfig(kind, kind, kind, ("docs",), dict(SETTINGS.get(kind, {})) | more.get(kind, {}))
        for kind in kinds
    ]
    registry = Registry(systems)
    for kind in kinds:
        yield kind, registry.describe("docs", kind, now=datetime.now(UTC))


def _row(name: str, kind: str, said: Description) -> str:
    final = next((english(one.final) for one in said.capabilities if one.action is Action.ERASE), "")
    cells = [said.support(action).value for action in ACTIONS]
    tried = EVIDENCE[kind]
    done = final.rstrip(".") or ("when the holder says so" if Support.MANUAL in cells else "at once")
    return f"| {name} | {' | '.join(cells)} | {done} | {tried.against} | {tried.calls} |"


def _sentences(kind: str, said: Description) -> str:
    lines = [f"- *{one.action.value}*: {english(one.sentence)}" for one in said.capabilities]
    return f"### `{kind}`\n\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    docs = Path(sys.argv[1])
    (docs / "systems.md").write_text(page())
    (docs / "connectors.md").write_text(placed((docs / "connectors.md").read_text()))
