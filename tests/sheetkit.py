"""The conformance kit on one file with rows of people; what a kind of file changes is overridden."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.tabular import Tabular
from dsr.contract import Action, Connector
from dsr.testing import EVA, ConnectorKit, Disturbance, Person

CONTACTS = """
dataset:
  - fides_key: kit
    collections:
      - name: contacts
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
          - {name: news}
          - {name: restricted}
dsr:
  title: Kit
  collections:
    contacts:
      title: {es: Contactos, en: Contacts, pt: Contactos}
      owner: subject
      erase: delete
      restrict: RESTRICT
      stop: {marketing: {news: false}}
      origin: provided
      rectifiable: [name]
"""
HEADER = ("id", "email", "name", "news", "restricted")


class CsvKit(ConnectorKit):
    """One file; people have one row, and a second one by hand where the kit wants one more."""

    actions = frozenset(Action)
    disturbances = frozenset(Disturbance) - {Disturbance.MOVE}
    restrict = "set_aside"

    def make(self, place: Path) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.path = place / "contacts.csv"
        self.save([])
        text = CONTACTS.replace("RESTRICT", self.restrict)
        return Tabular, {"path": str(self.path), "map": text, "map_name": "kit.yaml"}

    def load(self) -> list[dict[str, str]]:
        with self.path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))

    def save(self, rows: Sequence[Mapping[str, str]]) -> None:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HEADER, delimiter=";")
            writer.writeheader()
            writer.writerows(rows)

    def seed(self, people: Sequence[Person]) -> None:
        rows = self.load()
        for one in people:
            number = str(max((int(row["id"]) for row in rows[-1:]), default=0) + 1)
            values = (number, one.email, one.name, "yes", "")
            rows.append(dict(zip(HEADER, values, strict=True)))
        self.save(rows)

    def raw(self, person: Person) -> Mapping[str, int]:
        count = sum(row["email"] == person.email for row in self.load())
        return {"contacts": count} if count else {}

    def content(self) -> str:
        return "\n".join(sorted(repr(sorted(row.items())) for row in self.load()))

    def disturb(self, kind: Disturbance, person: Person) -> None:
        if kind is Disturbance.BREAK:
            self.path.write_bytes(f"{person.email}\n".encode())
            return
        rows = self.load()
        hers = next(row for row in rows if row["email"] == person.email)
        if kind is Disturbance.ADD:
            rows.append(hers | {"id": "9999"})
        elif kind is Disturbance.REMOVE:
            rows.remove(hers)
        else:
            hers["email"] = EVA.email
        self.save(rows)
