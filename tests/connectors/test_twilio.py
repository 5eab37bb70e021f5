"""Twilio: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.rest import Rest, locating
from connectors.rest.loading import vendor
from dsr.contract import Action, ConnectorError, State, Support
from dsr.testing import ANA, ConnectorKit
from vendors.faults import order
from vendors.kit import OnFake, VendorKit, calls_of_a_case
from vendors.matrix import FaultMatrix
from vendors.server import Asked, Reply
from vendors.twilio import OURS, Twilio

ABLE = frozenset({Action.EXPORT, Action.ERASE})


class TestTwilio(VendorKit, ConnectorKit):
    """Messages and calls are found by number and deleted; nothing in them can be changed."""

    fake = Twilio
    kinds = ("phone",)
    actions = ABLE


class TestTwilioFaults(FaultMatrix):
    """Every fault, one after the other."""

    fake = Twilio
    kinds = ("phone",)
    actions = ABLE
    changes = ()


class TestTwilioTraps(OnFake):
    """What this vendor does otherwise than others."""

    fake = Twilio
    kinds = ("phone",)
    actions = ABLE
    vendor: Twilio

    def test_a_whatsapp_message_of_the_number_is_hers_in_both_directions(self) -> None:
        ids = {
            self.vendor.message(f"whatsapp:{OURS}", f"whatsapp:{ANA.phone}"),
            self.vendor.message(f"whatsapp:{ANA.phone}", f"whatsapp:{OURS}", status="received"),
        }
        with self.opened() as connector:
            found = {one.anchor[1][0] for one in self.hers(connector, [ANA])[ANA.key]}
        assert ids <= {str(one) for one in found}
        self.act(self.plan([ANA], Action.ERASE))
        assert self.left(ANA) == {}

    def test_a_number_that_only_begins_like_hers_is_another_one(self) -> None:
        id = self.vendor.message(OURS, f"{ANA.phone}9")
        self.act(self.plan([ANA], Action.ERASE))
        assert id in self.vendor.table("messages")

    def test_a_message_under_way_is_not_done_and_goes_once_it_arrived(self) -> None:
        (id,) = self.vendor.id_of(ANA)
        self.vendor.table("messages")[id]["status"] = "sending"
        [outcome] = self.act(self.plan([ANA], Action.ERASE)).values()
        assert (outcome.state, id in self.vendor.table("messages")) == (State.FAILED, True)
        self.vendor.table("messages")[id]["status"] = "delivered"
        [outcome] = self.act(self.plan([ANA], Action.ERASE)).values()
        assert (outcome.state, self.left(ANA)) == (State.DONE, {})

    def test_an_erasure_deletes_and_never_only_blanks(self) -> None:
        self.act(self.plan([ANA], Action.ERASE))
        assert {one.asked.method for one in self.vendor.exchanges} == {"GET", "DELETE"}

    def test_a_recording_goes_before_its_call_and_its_text_before_it(self) -> None:
        self.act(self.plan([ANA], Action.ERASE))
        sent = [one.asked.route for one in self.vendor.exchanges if one.asked.method == "DELETE"]
        assert sent == [
            "DELETE Transcriptions/{id}.json",
            "DELETE Recordings/{id}.json",
            "DELETE Calls/{id}.json",
            "DELETE Messages/{message}/Media/{id}.json",
            "DELETE Messages/{message}/Media/{id}.json",
            "DELETE Messages/{id}.json",
        ]

    def test_a_recording_outlives_a_call_that_somebody_deletes_meanwhile_and_goes_all_the_same(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.table("calls").pop(self.vendor.id_of(ANA, "calls")[0])
        [outcome] = self.act(steps).values()
        assert (outcome.state, len(self.vendor.table("recordings"))) == (State.DONE, len(self.everyone) - 1)

    def test_numbers_and_texts_of_the_other_side_wait_for_the_officer(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        told = {row.collection: set(row.withheld) for _, row in rows}
        assert told["messages"] == {"to", "from", "body"}
        assert told["transcriptions"] == {"transcription_text"}

    def test_everything_but_access_and_erasure_is_for_a_person(self) -> None:
        with self.opened() as connector:
            told = {one.action: one.support for one in connector.describe().capabilities}
        by_hand = {one for one, support in told.items() if support is Support.MANUAL}
        assert by_hand == set(Action) - ABLE

    def test_a_page_at_another_place_is_not_followed(self) -> None:
        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            reply = right()
            return replace(reply, data={**reply.data, "next_page_uri": "https://evil.example/Messages.json"})

        order(self.vendor, how)
        with self.opened() as connector, pytest.raises(ConnectorError, match="goes on at another place"):
            connector.locate([self.subject(ANA)])

    def test_a_number_with_more_messages_than_a_person_has_is_no_answer(self) -> None:
        few = replace(vendor("twilio"), hits=1)
        self.vendor.message(OURS, ANA.phone)
        with self.opened() as connector:
            assert isinstance(connector, Rest)
            source = replace(connector._opened.source(), api=replace(connector._opened.api, vendor=few))
            with pytest.raises(ConnectorError, match="far too many"):
                locating.locate(source, [self.subject(ANA)], None, 10)

    def test_the_number_of_the_other_side_is_no_identifier_of_hers(self) -> None:
        with self.opened() as connector:
            records = self.hers(connector, [ANA])[ANA.key]
        assert {one.seen for one in records} == {(("phone", ANA.phone),)}

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS


CALLS = {"locate": 11, "read": 5, "plan": 5, "erase": 22, "verify": 10}
"""For one person with a message with two files and a call with a recording and its text; docs/connectors.md says
the same."""
