"""Events in ClickHouse as the tests see them: prepared and looked at with another client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from connectors.clickhouse import Clickhouse
from dsr.contract import Action, Connector
from dsr.testing import EVA, Disturbance, Person
from dsr.testing.stage import Stage
from servers.clickhouse import Clickhouse as Server

MAP = """
dataset:
  - fides_key: events
    name: Events
    collections:
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true, data_type: integer}}
          - {name: at, fides_meta: {primary_key: true, data_type: datetime}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
          - {name: session}
          - {name: price}
          - {name: tracked}
          - {name: restricted}
      - name: clicks
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - name: session
            fides_meta: {references: [{dataset: events, field: visits.session, direction: from}]}
          - {name: target}
dsr:
  title: {es: Eventos, en: Events, pt: Eventos}
  collections:
    visits:
      title: {es: Visitas, en: Visits, pt: Visitas}
      owner: subject
      erase: delete
      restrict: {flag: restricted, value: 1}
      stop: {marketing: {tracked: 0}}
      rectifiable: [name]
    clicks:
      title: {es: Clics, en: Clicks, pt: Cliques}
      owner: subject
      erase: delete
      restrict: set_aside
"""
TABLES = (
    """CREATE TABLE ev.visits (id UInt64, at DateTime64(6, 'Europe/Madrid'), email LowCardinality(String),
       name Nullable(String), session String, price Decimal(38, 10), tracked UInt8, restricted Nullable(UInt8))
       ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (email, id)""",
    "CREATE TABLE ev.clicks (id UUID, session String, target String) ENGINE = MergeTree ORDER BY id",
)


class Events:
    """The tables as somebody else sees them."""

    def __init__(self, server: Server) -> None:
        self.server, self.number = server, 0

    def empty(self) -> None:
        """A new database."""
        self.server.sql("DROP DATABASE IF EXISTS ev SYNC")
        self.server.sql("CREATE DATABASE ev ENGINE = Atomic")
        for one in TABLES:
            self.server.sql(one)

    def settings(self, **more: object) -> dict[str, object]:
        """Settings of the connector for this server."""
        place = {"url": self.server.url, "database": "ev", "user": self.server.user}
        return {**place, "map": MAP, "allow_private": ["127.0.0.1"], **more}

    def visit(self, one: Person, day: int = 1) -> str:
        """One visit as VALUES."""
        self.number += 1
        at = f"2026-0{day}-25 02:30:00.12345{day}"
        money = "12345678901234567890.0123456789"
        return (
            f"({2**63 + self.number}, '{at}', '{one.email}', '{one.name}', 's-{one.key}', {money}, 1, NULL)"
        )

    def people(self, people: Sequence[Person]) -> None:
        """Two visits in two partitions and two clicks each."""
        if not people:
            return
        visits = [self.visit(one, day) for one in people for day in (1, 2)]
        clicks = [f"(generateUUIDv4(), 's-{one.key}', '/{n}')" for one in people for n in "ab"]
        self.server.sql(f"INSERT INTO ev.visits VALUES {', '.join(visits)}")
        self.server.sql(f"INSERT INTO ev.clicks VALUES {', '.join(clicks)}")

    def count(self, table: str, where: str) -> int:
        """Rows."""
        return int(self.server.sql(f"SELECT count() FROM ev.{table} WHERE {where}"))


class OnClickhouse(Stage):
    """Visits that name people and clicks of their sessions."""

    actions = frozenset(Action)
    many: ClassVar[int] = 12

    @pytest.fixture
    def place(self, clickhouse: Server) -> Any:
        return clickhouse

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.events = Events(place)
        self.events.empty()
        self.secrets = {"password": place.password}  # type: ignore[misc]
        return Clickhouse, self.events.settings()

    def seed(self, people: Sequence[Person]) -> None:
        self.events.people(people)

    def raw(self, person: Person) -> Mapping[str, int]:
        session = f"session = 's-{person.key}'"
        return {
            "visits": self.events.count("visits", f"email = '{person.email}'"),
            "clicks": self.events.count("clicks", session),
        }

    def content(self) -> str:
        tables = [f"SELECT * FROM ev.{name} ORDER BY ALL FORMAT JSONEachRow" for name in ("visits", "clicks")]
        names = self.events.server.sql("SELECT name FROM system.tables WHERE database = 'ev' ORDER BY name")
        return names + "".join(self.events.server.sql(one) for one in tables)

    def disturb(self, kind: Disturbance, person: Person) -> None:
        sql = self.events.server.sql
        if kind is Disturbance.ADD:
            sql(f"INSERT INTO ev.clicks VALUES (generateUUIDv4(), 's-{person.key}', '/more')")
        elif kind is Disturbance.BREAK:
            self.settings = self.events.settings(url="http://127.0.0.1:9/")
        elif kind is Disturbance.HAND_OVER:
            self._first_visit(person)
        else:
            one = sql(
                f"SELECT id FROM ev.clicks WHERE session = 's-{person.key}' ORDER BY id LIMIT 1"
            ).strip()
            sql(f"DELETE FROM ev.clicks WHERE id = '{one}'")
            if kind is Disturbance.MOVE:
                sql(f"INSERT INTO ev.clicks VALUES ('{one}', 's-{EVA.key}', '/a')")

    def _first_visit(self, person: Person) -> None:
        """An event keeps its number and names Eva (the column orders the table and cannot be updated)."""
        sql = self.events.server.sql
        first = sql(f"SELECT min(id) FROM ev.visits WHERE email = '{person.email}'").strip()
        sql(
            f"INSERT INTO ev.visits SELECT * REPLACE ('{EVA.email}' AS email, 's-{EVA.key}' AS session)"
            f" FROM ev.visits WHERE id = {first}"
        )
        sql(f"DELETE FROM ev.visits WHERE id = {first} AND email = '{person.email}'")
