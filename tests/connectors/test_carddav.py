"""The conformance kit against a real Radicale; what was done is looked at in its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from addressbook import HOME, WORK, Shelf, card, group
from callskit import CallsKit
from connectors._http import Http, basic
from connectors.carddav import Carddav
from connectors.carddav.api import XML
from dsr.contract import Action, Change, Connector
from dsr.testing import EVA, ConnectorKit, Disturbance, Person
from dsr.testing.stage import Stage
from listingkit import ListingKit
from servers.radicale import Radicale
from vendors.behind import BehindRelay
from vendors.ground import (
    BUDGET,
    ENDLESS,
    EVERYBODY,
    LATE,
    LOST,
    NO_PAGES,
    OTHERS,
    OWN_SERVER,
    PATIENCE_403,
    SHIFTING,
    STALE,
    STATUS_ALONE,
    STRANGERS,
    UNTIL,
)
from vendors.matrix import FaultMatrix
from vendors.relay import Relay
from vendors.server import Asked, Reply

pytestmark = pytest.mark.live


class OnCarddav(Stage):
    """People with a card in two books and a place in a group."""

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


class TestCarddav(CallsKit, OnCarddav, ListingKit, ConnectorKit):
    """Everything that a connector must keep to."""

    wire = (Http, "_follow_on")


def locked(path: str) -> Reply:
    """A 207 that says inside that nothing was done (RFC 4918, 9.6.1)."""
    body = (
        '<?xml version="1.0"?><multistatus xmlns="DAV:"><response>'
        f"<href>{path}</href><status>HTTP/1.1 423 Locked</status></response></multistatus>"
    )
    return Reply(207, raw=body.encode(), headers=XML)


TOLD = (
    "it is an error, and the next attempt looks first: see test_a_line_that_breaks_while_erasing_is_made_good"
)


class Gate(Relay):
    """Before the server."""

    writes = frozenset({"PUT", "DELETE"})
    half = Reply(207, raw=b'<?xml version="1.0"?><multistatus xmlns="DAV:"><resp', headers=XML)

    def ignores(self, asked: Asked) -> Reply | None:
        lies = {"ignored", "lying_delete"} if asked.method == "DELETE" else {"ignored"}
        return Reply(204) if self.quirks & lies else None

    def refusal(self) -> Reply:
        return locked(f"/ana/{WORK}/ana.vcf")

    def duplicate(self, person: Person) -> None:
        self.sent(
            Asked(
                "PUT", f"ana/{WORK}/twice.vcf", {}, {}, (), self.signing, card(person, uid="twice").encode()
            )
        )


class TestCarddavFaults(BehindRelay, OnCarddav, FaultMatrix):
    """Everything that may go wrong on the way to a real server."""

    server, relay = "radicale", Gate
    vendor: Gate
    root = "cards"
    changes = (Action.RECTIFY, Action.RESTRICT)
    left_out: ClassVar[Mapping[str, str]] = {
        PATIENCE_403: STATUS_ALONE,
        BUDGET: OWN_SERVER,
        LOST: TOLD,
        LATE: TOLD,
        UNTIL: OWN_SERVER,
        STALE: "listings are of the folder itself, not of an index",
        ENDLESS: NO_PAGES,
        SHIFTING: NO_PAGES,
        STRANGERS: EVERYBODY,
        OTHERS: EVERYBODY,
    }

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.vendor.signing = {**basic(place.user, place.password), "Content-Type": "text/vcard"}
        return super().make(place)
