"""The sql connector passes the kit on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from connectors.sql import Sql
from dsr.contract import Action, Connector, ConnectorError, State
from dsr.testing import ANA, EVA, ConnectorKit, Disturbance, MemoryKeeper, Person
from gate import Gate

MAP = """
dataset:
  - fides_key: shop
    name: Shop
    collections:
      - name: contacts
        fields:
          - {name: id, fides_meta: {primary_key: true, data_type: integer}}
          - name: email
            data_categories: [user.contact.email]
            fides_meta: {identity: email, data_type: string, length: 200}
          - {name: name, data_categories: [user.name]}
          - {name: phone, data_categories: [user.contact.phone_number], fides_meta: {identity: phone}}
          - {name: marketing_ok}
          - {name: standing}
      - name: orders
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - name: contact_id
            fides_meta: {references: [{dataset: shop, field: contacts.id, direction: from}]}
          - {name: product}
          - {name: cents}
      - name: order_lines
        fields:
          - {name: order_id, fides_meta: {primary_key: true,
             references: [{dataset: shop, field: orders.id, direction: from}]}}
          - {name: line, fides_meta: {primary_key: true}}
          - {name: body}
dsr:
  title: {es: Tienda, en: Shop, pt: Loja}
  collections:
    contacts:
      title: {es: Contactos, en: Contacts, pt: Contactos}
      owner: subject
      erase: delete
      restrict: {flag: standing, value: locked}
      stop: {marketing: {marketing_ok: 0}}
      rectifiable: [name, email]
    orders:
      title: {es: Pedidos, en: Orders, pt: Pedidos}
      owner: subject
      erase: delete
      restrict: set_aside
    order_lines:
      title: {es: Líneas, en: Lines, pt: Linhas}
      owner: subject
      erase: delete
      restrict: none
"""
TABLES = (
    "CREATE TABLE contacts (id INTEGER PRIMARY KEY, email VARCHAR(200), name VARCHAR(200) NOT NULL,"
    " phone VARCHAR(40), marketing_ok INTEGER NOT NULL, standing VARCHAR(20) NOT NULL)",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts(id),"
    " product VARCHAR(50), cents NUMERIC(12, 3) NOT NULL)",
    "CREATE TABLE order_lines (order_id INTEGER NOT NULL REFERENCES orders(id), line INTEGER NOT NULL,"
    " body VARCHAR(200), PRIMARY KEY (order_id, line))",
)
NAMES = ("contacts", "orders", "order_lines")


class SqlKit(ConnectorKit):
    """Three tables, one below the other; the last with a key of two columns."""

    kinds: ClassVar[tuple[str, ...]] = ("email", "phone")
    actions: ClassVar[frozenset[Action]] = frozenset(Action)

    def begin(self, place: Any) -> None:
        self.url = str(place)
        self.client = sa.create_engine(self.url, poolclass=sa.NullPool)
        with self.client.begin() as client:
            for statement in TABLES:
                client.exec_driver_sql(statement)
        super().begin(place)

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        return Sql, {"url": self.url, "map": MAP, "map_name": "shop.yaml"}

    def seed(self, people: Sequence[Person]) -> None:
        with self.client.begin() as client:
            last = client.scalar(sa.text("SELECT coalesce(max(id), 0) FROM contacts")) or 0
            for number, one in enumerate(people, last + 1):
                self._seed(client, number, one)

    def _seed(self, client: sa.Connection, number: int, one: Person) -> None:
        contact = {"i": number, "e": one.email.title(), "n": one.name, "p": one.phone, "s": f"tier {number}"}
        client.execute(sa.text("INSERT INTO contacts VALUES (:i, :e, :n, :p, 1, :s)"), contact)
        for order in (number * 2, number * 2 + 1):
            values = {"i": order, "c": number, "p": "tea"}
            client.execute(sa.text("INSERT INTO orders VALUES (:i, :c, :p, 12.125)"), values)
            for line in (1, 2):
                row = {"o": order, "l": line}
                client.execute(sa.text("INSERT INTO order_lines VALUES (:o, :l, 'green')"), row)

    def raw(self, person: Person) -> Mapping[str, int]:
        mine = "SELECT id FROM contacts WHERE lower(email) = :e"
        counts = {
            "contacts": f"SELECT count(*) FROM contacts WHERE id IN ({mine})",
            "orders": f"SELECT count(*) FROM orders WHERE contact_id IN ({mine})",
            "order_lines": "SELECT count(*) FROM order_lines WHERE order_id IN"
            f" (SELECT id FROM orders WHERE contact_id IN ({mine}))",
        }
        with self.client.connect() as client:
            found = {n: client.scalar(sa.text(s), {"e": person.email}) or 0 for n, s in counts.items()}
        return {name: n for name, n in found.items() if n}

    def content(self) -> str:
        with self.client.connect() as client:
            rows = [(name, *row) for name in NAMES for row in client.exec_driver_sql(f"SELECT * FROM {name}")]
        return "\n".join(sorted(map(repr, rows)))

    def disturb(self, kind: Disturbance, person: Person) -> None:
        statements = {
            Disturbance.ADD: "INSERT INTO orders VALUES (99999, :mine, 'tea', 1)",
            Disturbance.MOVE: "UPDATE orders SET contact_id = :other WHERE id = 2 * :mine",
            Disturbance.REMOVE: "DELETE FROM order_lines WHERE order_id = 2 * :mine AND line = 1",
            Disturbance.HAND_OVER: "UPDATE contacts SET email = :email, phone = :phone WHERE id = :mine",
            Disturbance.BREAK: "DROP TABLE order_lines",
        }
        with self.client.begin() as client:
            find = sa.text("SELECT min(id) FROM contacts WHERE lower(email) = :e")
            ids = {
                name: client.scalar(find, {"e": one.email})
                for name, one in (("mine", person), ("other", EVA))
            }
            values = ids | {"email": EVA.email, "phone": EVA.phone}
            client.execute(sa.text(statements[kind]), values)


class TestSqlite(SqlKit):
    """A file."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> str:
        path = tmp_path / "shop.sqlite3"
        sqlite3.connect(path).close()
        return f"sqlite:///{path}"


@pytest.mark.live
class TestPostgres(SqlKit):
    """A real PostgreSQL."""

    many = 200

    @pytest.fixture
    def place(self, make_database: Callable[[], str]) -> str:
        return make_database()


@pytest.mark.live
class TestMariadb(SqlKit):
    """A real MariaDB."""

    many = 200

    @pytest.fixture
    def place(self, make_mariadb_database: Callable[[], str]) -> str:
        return make_mariadb_database()


def nobody_else(case: SqlKit) -> None:
    """The server notices that the other line is gone, and lets its locks go."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with case.client.begin() as client:
        client.execute(sa.text(f"SELECT pg_terminate_backend(pid, 10000) {others}"))


@pytest.mark.live
@pytest.mark.parametrize("lost", [False, True])
def test_a_line_that_breaks_at_the_commit_is_made_good(make_database: Callable[[], str], lost: bool) -> None:
    """Before, nothing was done; after, everything was, and nobody heard of it: a repeat finds out."""
    case = TestPostgres()
    case.begin(make_database())
    steps, keeper = case.plan([ANA], Action.ERASE, block=True), MemoryKeeper()
    straight = sa.make_url(case.url)
    with closing(Gate(straight.port or 5432, b"COMMIT", lost=lost)) as gate:
        broken = straight.set(host="127.0.0.1", port=gate.port).render_as_string(hide_password=False)
        case.settings = {**case.settings, "url": broken}
        with pytest.raises(ConnectorError) as caught:
            case.act(steps, keeper)
        assert gate.broke
    case.settings = {**case.settings, "url": case.url}
    nobody_else(case)
    found = case.raw(ANA)
    again = case.act(steps, keeper)

    assert (caught.value.permanent, bool(found)) == (False, not lost)
    assert {one.state for one in again.values()} == {State.ALREADY if lost else State.DONE}
    assert (case.left(ANA), case.residuals(steps, again)) == ({}, ())
