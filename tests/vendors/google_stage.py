"""The stages of the kit for Google's connectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from connectors.google_contacts import GoogleContacts
from connectors.tabular.google import GoogleSheets
from dsr.contract import Action, Connector
from dsr.testing import Disturbance
from sheetkit import CONTACTS

from .google_people import GooglePeople
from .google_sheets import GoogleSheets as Fake
from .kit import OnFake

DOES = frozenset(Action) - {Action.STOP}
VISITS = """
      - name: visits
        fields:
          - {name: number, fides_meta: {primary_key: true}}
          - {name: contact, fides_meta: {references: [{dataset: kit, field: contacts.id, direction: from}]}}
          - {name: place}
          - {name: seen_on}
"""
TOLD = """
    visits:
      title: {es: Visitas, en: Visits, pt: Visitas}
      owner: subject
      erase: delete
      restrict: set_aside
"""


class OnPeople(OnFake):
    """Contacts of one account."""

    fake = GooglePeople
    vendor: GooglePeople
    actions = DOES
    kinds = ("email", "phone")
    kept = frozenset({"other_contacts", "directory"})
    disturbances = frozenset({Disturbance.HAND_OVER, Disturbance.REMOVE, Disturbance.BREAK})

    def connector_of(self, kind: str) -> Callable[[], Connector]:
        return GoogleContacts


class OnSheets(OnFake):
    """Two sheets; the rows of the second hang on those of the first."""

    fake = Fake
    vendor: Fake
    restrict: ClassVar[str] = "set_aside"

    def connector_of(self, kind: str) -> Callable[[], Connector]:
        return GoogleSheets

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        place.map = CONTACTS.replace("RESTRICT", self.restrict).replace("\ndsr:", f"{VISITS}\ndsr:") + TOLD
        return super().make(place)
