"""Tryton for the tests: the real server (GPL) in an environment of its own (`make servers`), never imported.

Its database takes half a minute to build, so it is built once for each lock and copied for every run: a company
with a chart of accounts, two fiscal years, a way to pay, and the user of the connector.
"""

import base64
import contextlib
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from servers import process

ROOT = Path(__file__).parents[2]
VENV = ROOT / "build" / "tryton-venv"
LOCK = ROOT / "requirements-tryton.lock"
BASE = ("ir", "res", "country", "currency", "company", "party", "product", "stock", "account")
MODULES = (*BASE, "account_product", "account_invoice", "account_invoice_stock", "sale")
DATABASE, ADMIN, USER, PASSWORD = "office", "admin", "dsr", "Sesame-for-tests-7"  # noqa: S105 -- on loopback
GROUPS = ("Party Administration", "Accounting", "Sales")
YEARS = (2012, 2026)
OBJECTORS = "No advertising"

SETTINGS = """\
[database]
uri = sqlite://
path = {home}
[web]
listen = 127.0.0.1:{port}
"""


@dataclass(frozen=True)
class Tryton:
    """A running Tryton. ``file`` is its SQLite database, for raw reading and preparing."""

    url: str
    version: str
    pid: int
    file: Path
    database: str = DATABASE
    user: str = USER
    password: str = PASSWORD

    def client(self, user: str = ADMIN) -> "Rpc":
        """A client that is not the connector's, signed in."""
        return Rpc(self.url, user)


class Rpc:
    """Tryton's JSON-RPC as its own clients speak it. Raises RuntimeError where Tryton does."""

    def __init__(self, url: str, user: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        number, session, _ = self.call("common.db.login", user, {"password": PASSWORD}, "en")
        token = base64.b64encode(f"{user}:{number}:{session}".encode()).decode()
        self.http.headers["Authorization"] = f"Session {token}"
        self.user = number
        self.context: dict[str, Any] = {"language": "en"}

    def call(self, method: str, *params: Any) -> Any:
        """One call, whatever it gives."""
        body = {"id": 1, "method": method, "params": params}
        answer = self.http.post(f"/{DATABASE}/", json=body)
        answer.raise_for_status()
        data = answer.json()
        if "error" in data:
            raise RuntimeError(str(data["error"])[:2000])
        return data["result"]

    def make(self, model: str, **values: Any) -> int:
        """A new record; its number."""
        return int(self.call(f"model.{model}.create", [values], self.context)[0])

    def rows(self, model: str, domain: list[Any], *fields: str) -> list[dict[str, Any]]:
        """Records with these fields, also inactive ones."""
        context = {**self.context, "active_test": False}
        found = self.call(f"model.{model}.search_read", domain, 0, None, None, list(fields), context)
        return list(found)

    def do(self, model: str, method: str, *params: Any) -> Any:
        """A method of a model, in the company."""
        return self.call(f"model.{model}.{method}", *params, self.context)


def day(value: date) -> dict[str, Any]:
    """A date as Tryton writes it."""
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}


def money(value: str) -> dict[str, Any]:
    """An amount as Tryton writes it."""
    return {"__class__": "Decimal", "decimal": value}


@contextlib.contextmanager
def running() -> Iterator[Tryton]:
    """A Tryton with the prepared office. Raises process.Missing where its environment was not built."""
    if not (VENV / "bin" / "trytond").exists():
        raise process.Missing("Tryton is not installed; run: make servers")
    with process.home("tryton") as home:
        shutil.copyfile(prepared(), home / f"{DATABASE}.sqlite")
        with _served(home) as server:
            yield server


def prepared() -> Path:
    """The database of this lock and this office; built the first time (`make servers` does)."""
    key = hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:16]
    kept = ROOT / "build" / f"tryton-{key}.sqlite"
    if not kept.exists():
        with process.home("tryton") as home:
            file = home / f"{DATABASE}.sqlite"
            file.touch()
            (home / "password").write_text(PASSWORD)
            (home / "config").write_text(SETTINGS.format(home=home, port=0))
            command = [VENV / "bin" / "trytond-admin", "-c", home / "config", "-d", DATABASE]
            process.run(
                [
                    "env",
                    f"TRYTONPASSFILE={home / 'password'}",
                    *command,
                    "--email",
                    "admin@acme.example",
                    "-u",
                    *MODULES,
                ]
            )
            with _served(home) as server:
                furnish(server.client())
            part = kept.with_suffix(f".{os.getpid()}")
            with closing(sqlite3.connect(file)) as whole, closing(sqlite3.connect(part)) as copy:
                # Tryton writes ahead; a plain copy of the file would miss what is not yet in it.
                whole.backup(copy)
            part.replace(kept)
    return kept


@contextlib.contextmanager
def _served(home: Path) -> Iterator[Tryton]:
    port = process.free_port()
    (home / "config").write_text(SETTINGS.format(home=home, port=port))
    url = f"http://127.0.0.1:{port}"
    command = [VENV / "bin" / "trytond", "-c", home / "config", "-d", DATABASE]
    with process.started(command, log=home / "log", ready=lambda: _version(url)) as (pid, version):
        yield Tryton(url, version, pid, home / f"{DATABASE}.sqlite")


def _version(url: str) -> str:
    body = {"id": 1, "method": "common.server.version", "params": []}
    try:
        answer = httpx.post(f"{url}/", json=body, timeout=5, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise ConnectionError(str(error)) from error
    return str(answer.json()["result"])


def furnish(rpc: Rpc) -> None:
    """A company that can invoice, and the user of the connector with the rights it needs and no others."""
    currency = rpc.make("currency.currency", name="Euro", code="EUR", symbol="€", numeric_code="978")
    contact = [["create", [{"type": "email", "value": "info@acme.example"}]]]
    owner = rpc.make("party.party", name="Acme SL", contact_mechanisms=contact)
    company = rpc.make("company.company", party=owner, currency=currency)
    rpc.do("res.user", "write", [rpc.user], {"companies": [["add", [company]]], "company": company})
    rpc.context["company"] = company
    _accounts(rpc, company)
    _years(rpc, company)
    rpc.make("party.category", name=OBJECTORS)
    groups = [one["id"] for one in rpc.rows("res.group", [["name", "in", list(GROUPS)]], "name")]
    rights = {"groups": [["add", groups]], "companies": [["add", [company]]], "company": company}
    rpc.make("res.user", name="Answers to people", login=USER, password=PASSWORD, **rights)


def account(rpc: Rpc, kind: str) -> int:
    """An open account of a kind: receivable, payable, revenue; or by its name."""
    domain = [["type", "!=", None], ["closed", "!=", True]]
    found = rpc.rows("account.account", domain, "name", f"type.{kind.lower()}" if kind.islower() else "name")
    return int(
        next(one["id"] for one in found if one["name"] == kind or one.get("type.", {}).get(kind)),
    )


def _accounts(rpc: Rpc, company: int) -> None:
    template = rpc.rows("account.account.template", [["parent", "=", None]], "name")[0]["id"]
    chosen: dict[str, Any] = {"account": {"company": company, "account_template": template}}
    wizard = rpc.call("wizard.account.create_chart.create", rpc.context)[0]
    rpc.call("wizard.account.create_chart.execute", wizard, chosen, "create_account", rpc.context)
    usual = {kind: account(rpc, kind) for kind in ("receivable", "payable")}
    chosen["properties"] = {
        "company": company,
        **{f"account_{kind}": number for kind, number in usual.items()},
    }
    rpc.call("wizard.account.create_chart.execute", wizard, chosen, "create_properties", rpc.context)
    cash = account(rpc, "Cash and Cash Equivalents")
    rpc.make(
        "account.invoice.payment.method",
        company=company,
        name="Cash",
        journal=journal(rpc, "cash"),
        credit_account=cash,
        debit_account=cash,
    )


def journal(rpc: Rpc, kind: str) -> int:
    """The journal of a kind."""
    return int(rpc.rows("account.journal", [["type", "=", kind]], "name")[0]["id"])


def _years(rpc: Rpc, company: int) -> None:
    types = {one["name"]: one["id"] for one in rpc.rows("ir.sequence.type", [], "name")}

    def sequence(name: str, kind: str) -> int:
        return rpc.make("ir.sequence.strict", name=name, sequence_type=types[kind], company=company)

    for year in YEARS:
        number = sequence(f"Invoices {year}", "Invoice")
        names = [f"{way}_{what}_sequence" for way in ("in", "out") for what in ("invoice", "credit_note")]
        fiscal = rpc.make(
            "account.fiscalyear",
            name=str(year),
            start_date=day(date(year, 1, 1)),
            end_date=day(date(year, 12, 31)),
            company=company,
            move_sequence=sequence(f"Moves {year}", "Account Move"),
            invoice_sequences=[["create", [{"company": company, **dict.fromkeys(names, number)}]]],
        )
        rpc.do("account.fiscalyear", "create_period", [fiscal])
