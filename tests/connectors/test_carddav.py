"""The conformance kit against a real Radicale; what was done is looked at in its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from addressbook import HOME, WORK, Shelf, card, group
from callskit import CallsKit
from connectors._http import Http
from connectors.carddav import Carddav
from dsr.contract import Action, Change, Connector
from dsr.testing import EVA, ConnectorKit, Disturbance, Person
from listingkit import ListingKit
from servers.radicale import Radicale

pytestmark = pytest.mark.live


class TestCarddav(CallsKit, ListingKit, ConnectorKit):
    """People with a card in two books and a place in a group."""

    wire = (Http, "_follow_on")

    actions = frozenset(Action) - {Action.STOP}
    correction = Change("user.name", "Ana Corregida")
    disturbances = frozenset(Disturbance) - {Disturbance.MOVE}
    many: ClassVar[int] = 8

    @pytest.fixture
    def place(self, radicale: Radicale) -> Any:
        return radicale

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.shelf = Shelf(place)
        self.shelf.empty()
        self.secrets = {"password": place.password}  # type: ignore[misc]
        return Carddav, self.shelf.settings()

    def seed(self, people: Sequence[Person]) -> None:
        self.shelf.people(people)

    def raw(self, person: Person) -> Mapping[str, int]:
        return self.shelf.hers(person)

    def content(self) -> str:
        return self.shelf.content()

    def disturb(self, kind: Disturbance, person: Person) -> None:
        if kind is Disturbance.ADD:
            member = f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{person.key}-work"
            self.shelf.put(f"{WORK}/more.vcf", group("more", [member]))
        elif kind is Disturbance.REMOVE:
            self.shelf.call("DELETE", f"{HOME}/{person.key}-private.vcf")
        elif kind is Disturbance.BREAK:
            self.settings = {**self.settings, "url": "http://127.0.0.1:9/ana/"}
        else:
            handed = card(person).replace(f"EMAIL:{person.email}", f"EMAIL:{EVA.email}")
            self.shelf.put(f"{WORK}/{person.key}.vcf", handed)
