"""What several kinds before a real server, or before a database that answers at once, are tried with as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import pytest

from dsr.contract import Action, Connector, ConnectorError, Outcome, State
from dsr.testing import ANA, MemoryKeeper

from .faults import after, order, writing
from .ground import Ground
from .kit import OnFake
from .relay import Relay
from .server import Reply


class BehindRelay(OnFake):
    """Before the kind's own stage: its connector reaches the real server through a gate that goes wrong on order.

    ``server``: the fixture of the real one. ``relay``: its gate.
    """

    server: ClassVar[str]
    relay: ClassVar[type[Relay]]
    vendor: Relay

    @pytest.fixture
    def place(self, request: pytest.FixtureRequest) -> Iterator[Any]:
        real = request.getfixturevalue(self.server)
        self.vendor = self.relay(real.url)
        yield real
        self.vendor.close()

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        factory, settings = super().make(place)
        return factory, {**settings, "url": self.vendor.url}

    def come_back(self) -> None:
        self.seed([ANA])


class StrangersDropped(Ground):
    """For kinds that drop rows of others without counting them."""

    def test_what_an_answer_holds_of_others_is_dropped(self) -> None:
        with self.opened() as connector:
            whole = self.hers(connector, [ANA])
        self.vendor.quirks = {"strangers"}
        with self.opened() as connector:
            assert self.hers(connector, [ANA]) == whole
        assert self.vendor.quirks.met == {"strangers"}


class LostAnswers(Ground):
    """For kinds of which a lost answer is an error, after which the service verifies and repeats."""

    @pytest.mark.parametrize("nth", [1, 2, 3])
    def test_a_lost_answer_is_made_good_by_a_repeat(self, nth: int) -> None:
        steps, keeper = self.plan([ANA], Action.ERASE, block=True), MemoryKeeper()
        writes = iter(range(1, 100))
        order(
            self.vendor,
            after(Reply(cut=True)),
            times=1,
            when=lambda asked: writing(self.vendor)(asked) and next(writes) == nth,
        )
        first = self.tried(steps, keeper)
        again = self.tried(steps, keeper)
        assert isinstance(first, ConnectorError)
        assert isinstance(again, Outcome)
        assert (again.state in (State.DONE, State.ALREADY), self.left(ANA)) == (True, {})
