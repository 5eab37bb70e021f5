"""Infobip: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from dsr.contract import Action, Change, Identifier, State, Subject
from dsr.testing import ANA, EVA, NOW, ConnectorKit
from vendors.ground import DUPLICATE, ONE_KEY
from vendors.infobip import PHONE_CHANNELS, Infobip
from vendors.kit import OnFake, VendorKit, calls_of_a_case
from vendors.matrix import FaultMatrix


class TestInfobip(VendorKit, ConnectorKit):
    """A profile goes with its addresses and numbers; logs of sendings stay."""

    fake = Infobip
    kinds = ("email", "phone")
    kept = frozenset({"email_logs", "sms_logs"})
    correction = Change("user.contact.address.city", "Cusco")


class TestInfobipFaults(FaultMatrix):
    """Every fault, one after the other. An order to the blocklist is accepted first and made later."""

    fake = Infobip
    kinds = TestInfobip.kinds
    kept = TestInfobip.kept
    correction = TestInfobip.correction
    several_writes = False
    accepted = frozenset({Action.STOP})
    left_out: ClassVar[Mapping[str, str]] = {DUPLICATE: ONE_KEY}


class TestInfobipTraps(OnFake):
    """What this vendor does otherwise than others."""

    fake = Infobip
    kinds = TestInfobip.kinds
    kept = TestInfobip.kept
    correction = TestInfobip.correction
    vendor: Infobip

    def test_a_number_is_found_with_its_plus_although_it_is_stored_without(self) -> None:
        with self.opened() as connector:
            records, _ = self.locate(connector, [ANA.subject(("phone",))])
        (root,) = [one for one in records if one.collection == "persons"]
        assert ("phone", ANA.phone) in root.seen

    def test_an_sms_is_found_by_the_number_alone_although_nobody_has_a_profile_with_it(self) -> None:
        self.vendor.sms("+34600999777")
        with self.opened() as connector:
            found = connector.locate(
                [Subject("x", (Identifier("phone", "+34600999777", ("+34600999777",)),))]
            )
            rows = self.read(connector, found.records)
        assert [(row.collection, row.values["content"]) for _, row in rows] == [
            ("sms_logs", {"text": "Offers"})
        ]
        asked = [
            one.asked.query.get("destination") for one in self.vendor.exchanges if "sms" in one.asked.path
        ]
        assert [one for one in asked if one] == ["34600999777"]

    def test_the_number_of_a_profile_leads_on_to_the_sms_sent_to_it(self) -> None:
        with self.opened() as connector:
            records, _ = self.locate(connector, [ANA.subject(("email",))])
        (root,) = [one for one in records if one.collection == "persons"]
        assert [(one.kind, one.value) for one in root.reveals] == [("phone", ANA.phone)]

    def test_a_person_is_found_by_the_number_of_the_company(self) -> None:
        with self.opened() as connector:
            records, _ = self.locate(connector, [ANA.subject(("customer_number",))])
        assert {one.collection for one in records} == {"persons", "emails", "phones", "email_logs"}

    def test_an_objection_blocks_every_address_and_number_on_every_channel(self) -> None:
        [outcome] = self.act(self.plan([ANA], Action.STOP)).values()
        assert (outcome.state, self.blocked()) == (
            State.DONE,
            sorted([(ANA.email, "EMAIL"), *((ANA.phone[1:], one) for one in PHONE_CHANNELS)]),
        )

    def test_an_order_that_takes_time_is_pending_until_the_blocklist_shows_it(self) -> None:
        self.vendor.slow = True
        steps = self.plan([ANA], Action.STOP)
        [outcome] = self.act(steps).values()
        assert (outcome.state, outcome.check_after) == (State.PENDING, NOW + timedelta(minutes=15))
        assert self.residuals(steps, {steps[0].intent.key: outcome}) == (steps[0].intent.key,)
        self.vendor.settle()
        assert self.act(steps)[steps[0].intent.key].state is State.ALREADY
        assert self.residuals(steps, {steps[0].intent.key: outcome}) == ()

    def test_an_order_that_is_ignored_is_never_done(self) -> None:
        steps = self.plan([ANA], Action.STOP)
        self.vendor.quirks = {"ignored"}
        [outcome] = self.act(steps).values()
        assert (outcome.state, self.blocked()) == (State.PENDING, [])
        assert self.residuals(steps, {steps[0].intent.key: outcome}) == (steps[0].intent.key,)

    def test_an_entry_for_one_sender_or_some_channels_does_not_stop_the_others(self) -> None:
        self.vendor.block(ANA.email, "EMAIL", sender="news@acme.example")
        self.vendor.block(ANA.phone[1:], "SMS")
        (step,) = self.plan([ANA], Action.STOP)
        assert {one.collection: one.count for one in step.items} == {"emails": 1, "phones": 1}

    def test_a_stop_of_somebody_else_in_the_answer_is_not_hers(self) -> None:
        self.vendor.block(EVA.email, "EMAIL")
        for channel in PHONE_CHANNELS:
            self.vendor.block(EVA.phone[1:], channel)
        self.vendor.quirks = {"strangers"}
        (step,) = self.plan([ANA], Action.STOP)
        assert {one.collection: one.count for one in step.items} == {"emails": 1, "phones": 1}

    def test_a_corrected_address_replaces_the_old_one_and_leaves_the_number(self) -> None:
        known = self.vendor.contacts(ANA)["phone"]
        self.correction = Change("user.contact.email", "ana.nueva@correo.example", ANA.email)  # type: ignore[misc]
        (id,) = self.vendor.id_of(ANA)
        [outcome] = self.act(self.plan([ANA], Action.RECTIFY)).values()
        row = self.vendor.table("persons")[id]
        assert outcome.state is State.DONE
        assert row["contactInformation"] == {
            "email": [{"address": "ana.nueva@correo.example"}], "phone": known,
        }  # fmt: skip

    def test_it_is_said_that_logs_reach_back_two_days_and_that_older_ones_are_asked_of_infobip(self) -> None:
        with self.opened() as connector:
            told: dict[Action, Any] = {one.action: one.sentence for one in connector.describe().capabilities}
        (step,) = self.plan([ANA], Action.ERASE)
        kept: list[Any] = [
            one.reason for one in step.items if one.verb == "keep" and "log" in str(one.reason)
        ]
        assert "Logs reach back 48 hours only" in told[Action.EXPORT]["en"]
        assert [("48 hours only" in one["en"], "Ask Infobip" in one["en"]) for one in kept] == [
            (True, True)
        ] * 2

    def test_an_erased_person_stays_on_the_blocklist(self) -> None:
        self.act(self.plan([ANA], Action.STOP))
        before = self.blocked()
        self.act(self.plan([ANA], Action.ERASE))
        assert (self.left(ANA), self.blocked()) == ({}, before)

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS

    def blocked(self) -> list[tuple[str, str]]:
        """The blocklist."""
        rows = self.vendor.table("blocklist").values()
        return sorted((row["destination"], row["channel"]) for row in rows)


CALLS = {"locate": 10, "read": 7, "rectify": 5, "stop": 13, "plan": 7, "erase": 12, "verify": 5}
"""For one person with an address, a number, two e-mails and an SMS of the last two days, asked for by both;
docs/connectors.md says the same."""
