"""The conformance kit and every fault against the stateful Tryton; test_tryton_live.py holds it to the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import pytest

from connectors.tryton import Tryton
from dsr.cli.systems_reference import EVIDENCE
from dsr.contract import Action, Connector, ConnectorError, State
from dsr.testing import ANA, EVA, ConnectorKit, Disturbance
from listingkit import ListingKit
from vendors.behind import LostAnswers
from vendors.faults import instead, order, writing
from vendors.ground import ENDLESS, HANDED_OVER, LATE, LOST, OWN_DATABASE, REFUSED, SHIFTING, STALE
from vendors.kit import OnFake, calls_of_a_case
from vendors.matrix import FaultMatrix
from vendors.server import Asked, Reply
from vendors.tryton import TrytonFake

TOLD = "it is an error, after which the service verifies: see test_a_lost_answer_is_made_good_by_a_repeat"


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


class TestTrytonFaults(OnTryton, LostAnswers, FaultMatrix):
    """Everything that may go wrong on the way."""

    left_out: ClassVar[Mapping[str, str]] = {
        LOST: TOLD,
        LATE: TOLD,
        REFUSED: "it refuses inside a 200",
        ENDLESS: "pages are asked for by number: see test_a_listing_that_does_not_go_on_ends",
        STALE: OWN_DATABASE,
        HANDED_OVER: "see test_a_party_handed_over_before_the_erasure_itself_is_as_it_was",
        SHIFTING: "records are listed by number, so that nothing shifts",
    }

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
