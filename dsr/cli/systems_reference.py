"""Writes ``docs/systems.md`` from what the connectors say of themselves: ``python -m dsr.cli.systems_reference``.

``EVIDENCE`` holds what a connector cannot know: what it was tried against and how many calls one person costs.
"""

from __future__ import annotations

import sqlite3
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
# Which system can do what

Written by `python -m dsr.cli.systems_reference` from what the connectors say of themselves; a test compares both.

*native*: the system's own function. *emulated*: done by us with what the system has (a flag, rows set aside in the
vault). *manual*: an officer or holder does it and says how. *unsupported*: it cannot be done there; the plan says so.
What a data map decides (`sql`, `tabular`, `google_sheets`, `clickhouse`) is shown for a map that allows everything.
Calls are those for one person with something of each kind.

"""

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
    "carddav": Tried("Radicale 3.9", "locate 5, read 9, erase 21, verify 5"),
    "clickhouse": Tried(
        "ClickHouse 26.9 (chdb) behind a small HTTP server", "a few statements for a whole batch"
    ),
    "google_contacts": Tried(CONTRACT, "locate 4, read 3, erase 6, verify 5"),
    "google_sheets": Tried(CONTRACT, "locate 4, read 4, erase 9, verify 5"),
    "hubspot": Tried(CONTRACT, "locate 37, read 35, erase 61, verify 20"),
    "imap": Tried("Dovecot 2.3", "locate 16, read 16, erase 32, verify 20"),
    "infobip": Tried(CONTRACT, "locate 10, read 7, erase 12, verify 5"),
    "ldap": Tried("OpenLDAP 2.5", "locate 4, read 8, erase 28, verify 10"),
    "listmonk": Tried(CONTRACT, "locate 5, read 4, erase 13, verify 5"),
    "mailchimp": Tried(CONTRACT, "locate 5, read 4, erase 13, verify 5"),
    "mailman": Tried("Mailman 3.3.10", "locate 4, read 8, erase 7, verify 4"),
    "mandrill": Tried(CONTRACT, "locate 9, read 6, erase 4, verify 2"),
    "manual": Tried("the holder pages, in a browser", "one mail to each holder"),
    "pipedrive": Tried(CONTRACT, "locate 11, read 10, erase 32, verify 9"),
    "salesforce": Tried(
        "a stateful fake, held to a contract of facts from the vendor's manual",
        "locate 53, read 50, erase 106, verify 30",
    ),
    "sendgrid": Tried(CONTRACT, "locate 16, read 9, erase 20, verify 10"),
    "sql": Tried("SQLite, PostgreSQL, MariaDB; Umami's schema", "a few statements for a whole batch"),
    "tabular": Tried("CSV, XLSX and Parquet files", "one pass over the file for a whole batch"),
    "tryton": Tried(
        "Tryton 7.8; faults by a stateful fake held to it", "locate 26, read 14, erase 54, verify 24"
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


def page() -> str:
    """The whole page as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        told = dict(_described(Path(folder)))
    names = [action.value for action in ACTIONS]
    lines = [
        f"| kind | {' | '.join(names)} | erasure is final | tried against | calls |",
        f"|{'---|' * (len(names) + 4)}",
        *(_row(kind, said) for kind, said in told.items()),
    ]
    guides = ", ".join(f"`{one.key}` ({one.title})" for one in GUIDES.values())
    return (
        f"{HEAD}" + "\n".join(lines) + f"\n\nGuided places worked by hand (`manual`): {guides}.\n\n"
        "## What happens\n\n" + "\n".join(_sentences(kind, said) for kind, said in told.items())
    )


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


def _row(kind: str, said: Description) -> str:
    final = next((english(one.final) for one in said.capabilities if one.action is Action.ERASE), "")
    cells = [said.support(action).value for action in ACTIONS]
    tried = EVIDENCE[kind]
    done = final.rstrip(".") or ("when the holder says so" if Support.MANUAL in cells else "at once")
    return f"| `{kind}` | {' | '.join(cells)} | {done} | {tried.against} | {tried.calls} |"


def _sentences(kind: str, said: Description) -> str:
    lines = [f"- *{one.action.value}*: {english(one.sentence)}" for one in said.capabilities]
    return f"### `{kind}`\n\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
