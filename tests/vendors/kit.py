"""The conformance kit for a vendor's connector, against its fake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from connectors.rest import connector
from dsr.contract import Action, Connector, KeepRule
from dsr.testing import EVA, ConnectorKit, Disturbance, Person
from dsr.testing.stage import Stage

from . import contracts
from .server import Asked, Fake, Fault, Reply

BOOKS = KeepRule("commercial_books", "Código de Comercio, 30", (6, 0, 0))


class OnFake(Stage):
    """How the kit's stage is set up with a fake. Every exchange is checked against the contract at the end."""

    fake: ClassVar[type[Fake]]
    actions = frozenset(Action)
    many: ClassVar[int] = 60
    keep_rules = (BOOKS,)
    checked: ClassVar[bool] = True

    @pytest.fixture
    def place(self) -> Iterator[Any]:
        vendor = self.fake()
        yield vendor
        vendor.close()
        contracts.check(vendor)

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.vendor: Fake = place
        self.secrets = dict(place.secrets)  # type: ignore[misc]
        return self.connector_of(place.kind), dict(place.settings)

    def connector_of(self, kind: str) -> Callable[[], Connector]:
        """The class of a kind; those that are not described by a YAML file say theirs."""
        return connector(kind)

    def seed(self, people: Sequence[Person]) -> None:
        for one in people:
            self.vendor.seed(one)

    def raw(self, person: Person) -> Mapping[str, int]:
        return self.vendor.raw(person)

    def content(self) -> str:
        return self.vendor.content()

    @contextmanager
    def lost_after(self, changes: int) -> Iterator[None]:
        writes = 0

        def gone(asked: Asked) -> bool:
            nonlocal writes
            writes += asked.route in self.vendor.writes
            return writes > changes

        self.vendor.faults.append(Fault(gone, lambda asked, right: Reply(401, {"message": "revoked"}), 10**6))
        try:
            yield
        finally:
            self.vendor.faults.clear()

    def disturb(self, kind: Disturbance, person: Person) -> None:
        if kind is Disturbance.BREAK:
            self.settings = {**self.settings, "url": "http://127.0.0.1:9"}
        else:
            self.vendor.disturb(kind, person, EVA)


class VendorKit(OnFake, ConnectorKit):
    """Subclass, name the fake, and say what stays (``kept``)."""


def calls_of_a_case(stage: OnFake, person: Person) -> dict[str, int]:
    """Requests for one person: found, read, planned, and each right carried out and verified."""
    counted: dict[str, int] = {}

    def count(name: str, before: int) -> None:
        counted[name] = len(stage.vendor.exchanges) - before

    def now() -> int:
        return len(stage.vendor.exchanges)

    start = now()
    with stage.opened() as connector:
        records = stage.hers(connector, [person])[person.key]
        count("locate", start)
    start = now()
    with stage.opened() as connector:
        stage.read(connector, records)
    count("read", start)
    for action in (Action.RECTIFY, Action.STOP, Action.ERASE):
        if action not in stage.actions:
            continue
        with stage.opened() as connector:
            intents = stage.intents(connector, [person], action)
        start = now()
        with stage.opened() as connector:
            steps = connector.plan(intents)
        if action is Action.ERASE:
            count("plan", start)
        start = now()
        outcomes = stage.act(steps)
        count(str(action), start)
        start = now()
        assert stage.residuals(steps, outcomes) == ()
        if action is Action.ERASE:
            count("verify", start)
    return counted
