"""The conformance kit for a vendor's connector, against its fake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from connectors.rest import connector
from dsr.contract import Action, Connector, ConnectorError, Context, KeepRule, State
from dsr.testing import ANA, EVA, ConnectorKit, Disturbance, Person
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


class TestRuns(OnFake):
    """For a vendor that tells sandboxes apart: name the words for a live account and for a ``sandbox``."""

    __test__ = False
    live: ClassVar[str]
    sandbox: ClassVar[str]
    rehearsal = False

    def __init_subclass__(cls, **facts: Any) -> None:
        super().__init_subclass__(**facts)
        cls.__test__ = True

    def context(self, *, page: int = 1000, read_only: bool = False) -> Context:
        """A test run or not."""
        return replace(super().context(page=page, read_only=read_only), rehearsal=self.rehearsal)

    @pytest.mark.parametrize("live", [True, False])
    @pytest.mark.parametrize("how", ["production", "rehearsal", "setting"])
    def test_a_test_run_changes_nothing_in_a_live_account(self, live: bool, how: str) -> None:
        self.vendor.account = self.live if live else self.sandbox
        steps, before = self.plan([ANA], Action.ERASE), self.content()
        self.rehearsal = how == "rehearsal"
        self.settings = {**self.settings, "sandbox": how == "setting"}
        if not live or how == "production":
            assert self.act(steps)[steps[0].intent.key].state is State.DONE
            return
        with pytest.raises(ConnectorError) as caught:
            self.act(steps)
        assert (caught.value.permanent, self.content()) == (True, before)

    @pytest.mark.parametrize(("live", "rehearsal"), [(True, False), (True, True), (False, True)])
    def test_the_check_tells_what_the_account_is_for(self, live: bool, rehearsal: bool) -> None:
        self.vendor.account, self.rehearsal = self.live if live else self.sandbox, rehearsal
        with self.opened(read_only=True) as connector:
            found = {(one.level, one.code) for one in connector.check()}
        level, code = "error" if live and rehearsal else "ok", "account_live" if live else "account_sandbox"
        assert found == {("ok", "reached"), (level, code)}


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
