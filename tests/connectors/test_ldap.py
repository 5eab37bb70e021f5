"""The conformance kit against a real OpenLDAP; what was done is looked at with slapcat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest
from ldap3.strategy.base import BaseStrategy

from callskit import CallsKit
from connectors.ldap import Ldap
from directory import CLUB, KEEPER, Office, dn
from dsr.contract import Action, Change, Connector
from dsr.testing import EVA, ConnectorKit, Disturbance, Person
from listingkit import ListingKit
from servers.slapd import Slapd

pytestmark = pytest.mark.live


class TestLdap(CallsKit, ListingKit, ConnectorKit):
    """People with something below their entry, in two groups by name and one by user name."""

    wire = (BaseStrategy, "send")

    actions = frozenset(Action) - {Action.STOP}
    correction = Change("user.name", "Ana Corregida")
    many: ClassVar[int] = 40

    @pytest.fixture
    def place(self, slapd: Slapd) -> Any:
        return slapd

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.office = Office(place)
        self.office.empty()
        self.secrets = {"password": place.password}  # type: ignore[misc]
        return Ldap, self.office.settings()

    def seed(self, people: Sequence[Person]) -> None:
        self.office.people(people)

    def raw(self, person: Person) -> Mapping[str, int]:
        return self.office.hers(person)

    def content(self) -> str:
        return self.office.content()

    def disturb(self, kind: Disturbance, person: Person) -> None:
        mine = dn(person)
        if kind is Disturbance.ADD:
            self.office.modify(f"dn: {KEEPER}\nchangetype: modify\nadd: seeAlso\nseeAlso: {mine}")
        elif kind is Disturbance.REMOVE:
            self.office.modify(f"dn: {CLUB}\nchangetype: modify\ndelete: uniqueMember\nuniqueMember: {mine}")
        elif kind is Disturbance.BREAK:
            self.settings = {**self.settings, "url": "ldap://127.0.0.1:9"}
        elif kind is Disturbance.HAND_OVER:
            self.office.modify(f"dn: {mine}\nchangetype: modify\nreplace: mail\nmail: {EVA.email}")
        else:
            self.office.server.client("ldapdelete", f"cn=laptop,{dn(EVA)}")
            where = f"newrdn: cn=laptop\ndeleteoldrdn: 0\nnewsuperior: {dn(EVA)}"
            self.office.modify(f"dn: cn=laptop,{mine}\nchangetype: modrdn\n{where}")
