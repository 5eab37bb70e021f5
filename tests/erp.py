"""A real Tryton as the tests see it: papers made by its own clients, people put in and looked at in its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

from connectors.tryton import Tryton as Connector
from dsr.testing import Person
from road import Road
from servers.tryton import OBJECTORS, Rpc, Tryton, account, day, journal, money

SHOWN = {
    "party_party": "id, name, code, active, replaced_by",
    "party_contact_mechanism": "id, party, type, value, value_compact, name, comment, active",
    "party_identifier": "id, party, type, code, active",
    "party_address": "id, party, party_name, street_unstructured, postal_code, city, active",
    "ir_note": "id, resource, message",
    "ir_attachment": "id, resource, name, description, data",
    "ir_email": "id, resource, recipients, subject, body",
    '"party_party-party_category"': "party, category",
    "account_invoice": "id, party, state, description, comment, reference, invoice_report_cache",
    "account_invoice_line": "id, invoice, description, note",
    "sale_sale": "id, party, state, description, comment, reference",
    "sale_line": "id, sale, description, note",
    "account_move_line": "id, party, description, debit, credit",
    "account_move": "id, state, description",
}
MORE = (
    "company_employee",
    '"account_invoice-account_move_line"',
    "account_move_reconciliation",
    "account_invoice_report_revision",
)
MADE = "2026-01-01 08:00:00.250000"


class Erp:
    """What people do in Tryton, and what lies in its file."""

    def __init__(self, server: Tryton) -> None:
        self.server = server
        self._rpc: Rpc | None = None

    @property
    def rpc(self) -> Rpc:
        """Another client, signed in as the administrator."""
        if self._rpc is None:
            self._rpc = self.server.client()
            self._rpc.context["company"] = 1
        return self._rpc

    def settings(self, **more: object) -> dict[str, object]:
        """Settings of the connector for this server."""
        known: dict[str, object] = {
            "url": self.server.url,
            "database": self.server.database,
            "user": self.server.user,
            "objection_category": OBJECTORS,
            "allow_private": ["127.0.0.1"],
        }
        return known | more

    @contextmanager
    def file(self) -> Iterator[sqlite3.Connection]:
        """The database itself, saved when all went well."""
        with closing(sqlite3.connect(self.server.file, timeout=20)) as raw, raw:
            yield raw

    def empty(self) -> None:
        """Nothing but the company's own party."""
        with self.file() as raw:
            for table in (*SHOWN, *MORE):
                raw.execute(
                    f"DELETE FROM {table}" + (" WHERE id > 1" if table == "party_party" else _kept(table))
                )  # noqa: S608
            raw.execute("UPDATE party_party SET active = 1")

    def people(self, people: Sequence[Person]) -> None:
        """Each with an address, a number, a postal address and a note, as an import would write them."""
        with self.file() as raw:
            for one in people:
                # Somebody who comes back gets another code: Tryton wants every code once.
                taken = raw.execute(
                    "SELECT count(*) FROM party_party WHERE code = ?", [one.number]
                ).fetchone()[0]
                party = _put(
                    raw, "party_party", name=one.name, code=f"{one.number}-2" if taken else one.number
                )
                _put(raw, "party_contact_mechanism", party=party, type="email", **_twice(one.email))
                _put(raw, "party_contact_mechanism", party=party, type="mobile", **_twice(one.phone))
                _put(
                    raw,
                    "party_address",
                    party=party,
                    party_name=one.name,
                    city="Lugo",
                    street_unstructured=street(one),
                )
                _put(raw, "ir_note", resource=f"party.party,{party}", message=f"Llamar a {one.name}")

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """One statement on the file."""
        with self.file() as raw:
            return raw.execute(statement, values).fetchall()

    def party(self, person: Person) -> int:
        """The number of her party."""
        return int(self.run("SELECT id FROM party_party WHERE name = ?", person.name)[0][0])

    def party_of(self, address: str) -> int:
        """The number of the party with an address."""
        return int(self.run("SELECT party FROM party_contact_mechanism WHERE value = ?", address)[0][0])

    def hers(self, person: Person) -> Mapping[str, int]:
        """Rows in which something of hers stands, by what it says and not by whom it belongs to."""
        asked = {
            "parties": ("party_party WHERE name = ?", [person.name]),
            "mechanisms": (
                "party_contact_mechanism WHERE value IN (?, ?) OR value_compact IN (?, ?)",
                [person.email, person.phone] * 2,
            ),
            "addresses": (
                "party_address WHERE party_name = ? OR street_unstructured = ?",
                [person.name, street(person)],
            ),
            "notes": ("ir_note WHERE message LIKE ?", [f"%{person.name}%"]),
        }
        return {name: self.run(f"SELECT count(*) FROM {what}", *v)[0][0] for name, (what, v) in asked.items()}  # noqa: S608

    def content(self) -> str:
        """All rows that may hold something of anybody; who wrote them and when is left out."""
        return "\n".join(
            repr((table, sorted(self.run(f"SELECT {fields} FROM {table}"), key=repr)))  # noqa: S608
            for table, fields in SHOWN.items()
        )

    def standing(self, word: str) -> list[str]:
        """Every 'table.column' of the whole database in which a word stands, of whatever table."""
        found = []
        with self.file() as raw:
            names = [one[0] for one in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in names:
                for column in [one[1] for one in raw.execute(f'PRAGMA table_info("{table}")')]:
                    query = f'SELECT count(*) FROM "{table}" WHERE instr(lower(CAST("{column}" AS BLOB)), ?)'  # noqa: S608
                    if raw.execute(query, [word.lower().encode()]).fetchone()[0]:
                        found.append(f"{table}.{column}")
        return sorted(found)

    def invoice(self, party: int, on: date, *, pay: bool = True, **texts: str) -> int:
        """An invoice that was posted, and paid; its printed copy and its booking are Tryton's own."""
        rpc = self.rpc
        address = rpc.rows("party.address", [["party", "=", party]], "city")[0]["id"]
        line = {
            "type": "line",
            "account": account(rpc, "revenue"),
            "description": texts.get("line", "Work"),
            "quantity": 1,
            "unit_price": money("10"),
            "currency": 1,
            "company": 1,
            "invoice_type": "out",
        }
        number = rpc.make(
            "account.invoice",
            type="out",
            party=party,
            invoice_address=address,
            company=1,
            currency=1,
            account=account(rpc, "receivable"),
            journal=journal(rpc, "revenue"),
            invoice_date=day(on),
            description=texts.get("description", ""),
            comment=texts.get("comment", ""),
            lines=[["create", [line]]],
        )
        rpc.do("account.invoice", "post", [number])
        if pay:
            self.pay(number, on)
        return number

    def pay(self, invoice: int, on: date) -> None:
        """By Tryton's own wizard."""
        rpc = self.rpc
        where = {"active_model": "account.invoice", "active_id": invoice, "active_ids": [invoice]}
        context = {**rpc.context, **where}
        wizard, first, _ = rpc.call("wizard.account.invoice.pay.create", context)
        shown = rpc.call("wizard.account.invoice.pay.execute", wizard, {}, first, context)["view"]["defaults"]
        values = {name: one for name, one in shown.items() if not name.endswith(".")}
        method = rpc.rows("account.invoice.payment.method", [], "name")[0]["id"]
        chosen = {"start": {**values, "payment_method": method, "date": day(on)}}
        rpc.call("wizard.account.invoice.pay.execute", wizard, chosen, "choice", context)


class Case(Road):
    """One person's road through a Tryton."""

    def __init__(self, erp: Erp, **more: object) -> None:
        super().__init__(Connector, erp.settings(**more), erp.server.password)


def street(person: Person) -> str:
    """A street of hers alone."""
    return f"Calle de {person.key} 1"


def _twice(value: str) -> dict[str, str]:
    return {"value": value, "value_compact": value}


def _kept(table: str) -> str:
    """The company keeps its address and its contact."""
    return (
        " WHERE party <> 1"
        if table in ("party_contact_mechanism", "party_address", "party_identifier")
        else ""
    )


def _put(raw: sqlite3.Connection, table: str, **values: object) -> int:
    with_all = {"create_date": MADE, "create_uid": 1, **values}
    if table != "ir_note":
        with_all["active"] = 1
    names = ", ".join(with_all)
    marks = ", ".join("?" for _ in with_all)
    done = raw.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(with_all.values()))  # noqa: S608
    return int(done.lastrowid or 0)
