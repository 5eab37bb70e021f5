"""A CSV or XLSX file with its map, driven through the tabular connector as the service would."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.tabular import Tabular
from dsr.contract import Action, Context, Identifier, Intent, Outcome, Record, Residual, Row, Step, Subject
from dsr.testing import MemoryKeeper

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
FIELDS = """
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
          - {name: news}
"""
TOLD = """
      owner: subject
      erase: delete
      restrict: set_aside
      stop: {marketing: {news: false}}
      origin: provided
      rectifiable: [name, email]
"""


def mapping(name: str = "list", fields: str = FIELDS, told: str = TOLD) -> str:
    """A map of one collection."""
    return (
        f"dataset:\n  - fides_key: test\n    collections:\n      - name: {name}\n        fields:{fields}"
        f"dsr:\n  title: Test\n  collections:\n    {name}:\n      title: List{told}"
    )


class Sheet:
    """One file; every call opens a connector of its own."""

    def __init__(self, path: Path, text: str, **settings: str) -> None:
        self.path = path
        self.settings: dict[str, Any] = {"path": str(path), "map": text, "map_name": "test.yaml", **settings}
        self.keeper = MemoryKeeper()

    @contextmanager
    def open(self, **rest: Any) -> Iterator[Tabular]:
        """An opened connector."""
        connector = Tabular()
        connector.open(Context("test", "test", self.settings, lambda name: "", NOW, **rest))
        try:
            yield connector
        finally:
            connector.close()

    def records(self, email: str, kind: str = "email") -> tuple[Record, ...]:
        """What a search for one proved identifier finds."""
        with self.open() as connector:
            return connector.locate([person(email, kind)]).records

    def rows(self, email: str) -> list[Row]:
        """The rows of these records."""
        with self.open() as connector:
            return [row for _, row in connector.read(self.records(email)).rows]

    def plan(self, action: Action, *emails: str, **rest: Any) -> tuple[Step, ...]:
        """One step per person."""
        intents = [
            Intent(f"{n}:{action}", person(one), action, self.records(one), **rest)
            for n, one in enumerate(emails)
        ]
        with self.open() as connector:
            return connector.plan(intents)

    def act(self, steps: Sequence[Step]) -> list[Outcome]:
        """Carry out; the keeper stays the same over calls."""
        with self.open() as connector:
            return list(connector.act(steps, self.keeper))

    def do(self, action: Action, *emails: str, **rest: Any) -> list[Outcome]:
        """Plan and carry out."""
        return self.act(self.plan(action, *emails, **rest))

    def lift(self, email: str, *seals: str) -> Outcome:
        """Give back what was set aside, as the service would: the records it finds now, and the seals."""
        intent = Intent("lift", person(email), Action.LIFT, self.records(email), seals=seals)
        with self.open() as connector:
            return next(iter(connector.act(connector.plan([intent]), self.keeper)))

    def verify(self, steps: Sequence[Step], outcomes: Sequence[Outcome]) -> tuple[Residual, ...]:
        """What is left."""
        with self.open() as connector:
            return connector.verify(list(zip(steps, outcomes, strict=True)))


def person(value: str, kind: str = "email") -> Subject:
    """Somebody with one proved identifier."""
    return Subject(value, (Identifier(kind, value),))
