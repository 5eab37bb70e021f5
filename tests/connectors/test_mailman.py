"""The conformance kit against a real Mailman 3 core; what was done is looked at in its database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from callskit import CallsKit
from connectors._http import Http
from connectors.mailman import Mailman
from dsr.contract import Action, Change, Connector
from dsr.testing import ANA, EVA, ConnectorKit, Disturbance, Person
from dsr.testing.stage import Stage
from mailing import EXTRA, NEWS, OFFERS, Desk
from servers.mailman import Mailman as Server
from vendors.behind import BehindRelay, StrangersDropped
from vendors.ground import (
    BUDGET,
    DUPLICATE,
    ENDLESS,
    LATE,
    LOST,
    ONE_KEY,
    OWN_DATABASE,
    OWN_SERVER,
    PATIENCE_403,
    SHIFTING,
    STALE,
    STATUS_ALONE,
    STRANGERS,
    UNTIL,
)
from vendors.matrix import FaultMatrix
from vendors.relay import Relay, instead_of
from vendors.server import Asked, Reply

pytestmark = pytest.mark.live


CARRIES = {Disturbance.MOVE: ("member", "address_id"), Disturbance.HAND_OVER: ("address", "user_id")}


class OnMailman(Stage):
    """People subscribed to two lists. What waits for moderators has tests of its own: it costs many calls."""

    actions = frozenset(Action)
    correction = Change("user.name", "Ana Corregida")
    many: ClassVar[int] = 20

    @pytest.fixture
    def place(self, mailman: Server) -> Any:
        return mailman

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.desk = Desk(place)
        self.desk.empty()
        self.secrets = {"password": place.password}  # type: ignore[misc]
        return Mailman, self.desk.settings(moderation=False)

    def seed(self, people: Sequence[Person]) -> None:
        for one in people:
            for list_id in (NEWS, OFFERS):
                self.desk.subscribe(one.email, list_id, one.name)

    def raw(self, person: Person) -> Mapping[str, int]:
        return self.desk.hers(person.email)

    def content(self) -> str:
        return self.desk.content()

    def disturb(self, kind: Disturbance, person: Person) -> None:
        if kind is Disturbance.ADD:
            self.desk.subscribe(person.email, EXTRA, person.name)
        elif kind is Disturbance.REMOVE:
            self.desk.call("DELETE", f"lists/{NEWS}/roster/member", emails=person.email)
        elif kind is Disturbance.BREAK:
            self.settings = {**self.settings, "url": "http://127.0.0.1:9/3.1"}
        else:
            table, column = CARRIES[kind]
            self.desk.write(
                f"UPDATE {table} SET {column} = (SELECT {column if table == 'address' else 'id'} FROM address"
                f" WHERE email = ?) WHERE id = (SELECT min(t.id) FROM {table} t JOIN address a"
                f" ON a.id = t.{'id' if table == 'address' else column} WHERE a.email = ?)",
                values=(EVA.email, person.email),
            )


class TestMailman(CallsKit, OnMailman, ConnectorKit):
    """Everything that a connector must keep to."""

    wire = (Http, "_follow_on")


AGAIN = "a deletion by number is sent again, which does no harm: see test_a_crash_between_calls_repeats_harmlessly"


class Gate(Relay):
    """Before the server."""

    writes = frozenset({"POST", "PATCH", "PUT", "DELETE"})

    def called(self, asked: Asked) -> str:
        return "find" if asked.path.endswith("/find") else asked.method

    def ignores(self, asked: Asked) -> Reply | None:
        lies = {"ignored", "lying_delete"} if asked.method == "DELETE" else {"ignored"}
        return Reply(204) if self.quirks & lies else None

    def strangers(self, asked: Asked, mine: Reply) -> Reply:
        """Subscriptions of Eva in every listing of Ana's."""
        if "entries" not in (told := json.loads(mine.raw or b"{}")):
            return mine
        hers = self.sent(instead_of(asked, ANA.email, EVA.email))
        told["entries"] += json.loads(hers.raw or b"{}").get("entries", [])
        return replace(mine, raw=json.dumps(told).encode())


class TestMailmanFaults(BehindRelay, OnMailman, StrangersDropped, FaultMatrix):
    """Everything that may go wrong on the way to a real server."""

    several_writes = False
    server, relay = "mailman", Gate
    vendor: Gate
    root = "memberships"
    left_out: ClassVar[Mapping[str, str]] = {
        PATIENCE_403: STATUS_ALONE,
        BUDGET: OWN_SERVER,
        UNTIL: OWN_SERVER,
        DUPLICATE: ONE_KEY,
        LOST: AGAIN,
        LATE: AGAIN,
        ENDLESS: "memberships of one address come in one page",
        STALE: OWN_DATABASE,
        SHIFTING: "memberships of one address come in one page",
        STRANGERS: "they are dropped without being counted: see test_what_an_answer_holds_of_others_is_dropped",
    }
