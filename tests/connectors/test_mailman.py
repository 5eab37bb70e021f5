"""The conformance kit against a real Mailman 3 core; what was done is looked at in its database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from callskit import CallsKit
from connectors._http import Http
from connectors.mailman import Mailman
from dsr.contract import Action, Change, Connector
from dsr.testing import EVA, ConnectorKit, Disturbance, Person
from mailing import EXTRA, NEWS, OFFERS, Desk
from servers.mailman import Mailman as Server

pytestmark = pytest.mark.live


CARRIES = {Disturbance.MOVE: ("member", "address_id"), Disturbance.HAND_OVER: ("address", "user_id")}


class TestMailman(CallsKit, ConnectorKit):
    """People subscribed to two lists. What waits for moderators has tests of its own: it costs many calls."""

    wire = (Http, "_follow_on")

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
