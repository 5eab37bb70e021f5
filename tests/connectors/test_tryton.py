"""The conformance kit and every fault against the stateful Tryton; test_tryton_live.py holds it to the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import pytest

from connectors.tryton import Tryton
from dsr.cli.systems_reference import EVIDENCE
from dsr.contract import Action, Connector, ConnectorError, Outcome, State
from dsr.testing import ANA, EVA, ConnectorKit, Disturbance, MemoryKeeper
from listingkit import ListingKit
from vendors.faults import after, instead, order, writing
from vendors.kit import OnFake, calls_of_a_case
from vendors.matrix import FaultMatrix
from vendors.server import Asked, Reply
from vendors.tryton import TrytonFake


class OnTryton(OnFake):
    """People with contacts, a postal address and a note; papers are in the tests of traps."""

    fake = TrytonFake
    kinds = ("email", "phone")
    disturbances = frozenset(Disturbance) - {Disturbance.MOVE}
    many: ClassVar[int] = 20

    @pytest.fixture
    def place(self) -> Iterator[Any]:
        fake = self.fake()
        yield fake
        fake.close()

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.vendor = place
        self.secrets = dict(place.secrets)  # type: ignore[misc]
        return Tryton, dict(place.settings)


class TestTryton(OnTryton, ListingKit, ConnectorKit):
    """Everything that a connector must keep to."""

    actions = frozenset(Action)


class TestTrytonFaults(OnTryton, FaultMatrix):
    """Everything that may go wrong on the way. Left out is what Tryton cannot do: it reads its own database, so that
    no search is stale; records are listed by number, so that nothing shifts; it refuses inside a 200; and a
    line that breaks after a change is an error, after which the service verifies (see the tests below)."""

    test_a_change_that_was_made_before_the_line_broke_is_not_made_again = None  # type: ignore[assignment]
    test_a_change_whose_answer_comes_too_late_is_not_made_again = None  # type: ignore[assignment]
    test_a_refused_change_is_not_done = None  # type: ignore[assignment]
    test_a_search_that_still_shows_what_is_gone_is_not_believed = None  # type: ignore[assignment]
    test_a_record_handed_over_in_the_middle_of_the_work_is_not_deleted = None  # type: ignore[assignment]
    test_a_listing_that_shifts_loses_nobodys_rows = None  # type: ignore[assignment]

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

    def test_a_session_that_ran_out_is_opened_once_more(self) -> None:
        order(self.vendor, instead(Reply(401, raw=b"")), times=1, when=reads_modules)
        with self.opened() as connector:
            found = self.hers(connector, [ANA])[ANA.key]
        logins = [one for one in self.vendor.exchanges if one.asked.route == "common.db.login"]
        assert (bool(found), len(logins)) == (True, 2)

    def test_an_error_that_quotes_a_record_is_not_repeated_to_anybody(self) -> None:
        self.vendor.forbidden = {"model.ir.note.search_read"}
        with self.opened() as connector, pytest.raises(ConnectorError, match="read ir.note") as caught:
            connector.locate([self.subject(ANA)])
        assert (caught.value.permanent, "Ana" in str(caught.value)) == (True, False)

    def test_a_listing_that_does_not_go_on_ends(self) -> None:
        page = [{"id": 1, "type": "email"}] * 1000
        order(self.vendor, instead(Reply(200, {"id": 1, "result": page})), when=reads_contacts)
        assert not self.trouble().permanent

    def test_a_party_handed_over_before_the_erasure_itself_is_as_it_was(self) -> None:
        steps = self.plan([ANA], Action.ERASE)

        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            reply = right()
            self.vendor.disturb(Disturbance.HAND_OVER, ANA, EVA)
            return reply

        order(self.vendor, how, times=1, when=writing(self.vendor))
        outcome = self.act(steps)[steps[0].intent.key]
        party = self.vendor.table("party.party")[str(self.vendor.party(ANA))]
        assert (outcome.state, party["active"], self.vendor.raw(ANA)["notes"]) == (State.CONFLICT, True, 1)


def reads_modules(asked: Asked) -> bool:
    return asked.route == "model.ir.module.search_read"


def reads_contacts(asked: Asked) -> bool:
    return asked.route == "model.party.contact_mechanism.search_read"


def test_the_calls_of_a_case_are_those_that_are_told() -> None:
    stage = TestTryton()
    fake = TrytonFake()
    try:
        stage.begin(fake)
        counted = calls_of_a_case(stage, ANA)
    finally:
        fake.close()
    told = ", ".join(f"{name} {counted[name]}" for name in ("locate", "read", "erase", "verify"))
    assert told == EVIDENCE["tryton"].calls
