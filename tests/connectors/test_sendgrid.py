"""SendGrid: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from dsr.contract import Action, Change, ConnectorError, Context, State, Verb
from dsr.testing import ANA, EVA, NOW, ConnectorKit, Disturbance
from pixel import tracker
from vendors.ground import DUPLICATE, ENDLESS, ONE_ANSWER, ONE_KEY, SHIFTING
from vendors.kit import OnFake, VendorKit, calls_of_a_case
from vendors.matrix import FaultMatrix
from vendors.sendgrid import LISTS, SendGrid

BY_ITSELF = frozenset({Action.EXPORT, Action.RECTIFY, Action.ERASE, Action.STOP})
STAYS = frozenset({"subscription", "groups", "messages", "events", "unsubscribes"})
CORRECTION = Change("user.contact.address.city", "Ciudad Corregida")
BEHIND_ITS_BACK = frozenset({Disturbance.REMOVE, Disturbance.HAND_OVER, Disturbance.BREAK})


class TestSendGrid(VendorKit, ConnectorKit):
    """Unsubscribes stay, so that nobody writes; the activity of mails goes by itself."""

    fake = SendGrid
    actions = BY_ITSELF
    kept = STAYS
    disturbances = BEHIND_ITS_BACK
    correction = CORRECTION


class TestSendGridFaults(FaultMatrix):
    """Every fault, one after the other."""

    fake = SendGrid
    actions = BY_ITSELF
    kept = STAYS
    changes = (Action.RECTIFY, Action.STOP)
    correction = CORRECTION
    accepted = frozenset({Action.RECTIFY, Action.ERASE})
    left_out: ClassVar[Mapping[str, str]] = {
        DUPLICATE: ONE_KEY,
        ENDLESS: ONE_ANSWER,
        SHIFTING: ONE_ANSWER,
    }


class TestSendGridTraps(OnFake):
    """What is peculiar to SendGrid."""

    fake = SendGrid
    vendor: SendGrid
    actions = BY_ITSELF
    kept = STAYS
    correction = CORRECTION

    def test_a_deletion_that_is_only_accepted_is_looked_at_again_and_then_done(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.quirks = {"slow"}
        waiting = self.act(steps)[steps[0].intent.key]
        self.vendor.quirks = set()
        self.vendor.jobs_end()
        ended = self.act(steps)[steps[0].intent.key]
        assert (waiting.state, waiting.check_after) == (State.PENDING, NOW + timedelta(minutes=60))
        assert (ended.state, self.vendor.id_of(ANA)) == (State.ALREADY, [])

    def test_an_address_without_a_contact_is_found_in_every_list_and_erased_there(self) -> None:
        (id,) = self.vendor.id_of(ANA)
        del self.vendor.table("contacts")[id]
        steps = self.plan([ANA], Action.ERASE)
        outcome = self.act(steps)[steps[0].intent.key]
        assert outcome.state is State.DONE
        assert [self.vendor.raw(ANA)[name] for name in LISTS] == [0, 0, 0, 0]
        assert [self.vendor.raw(EVA)[name] for name in LISTS] == [1, 1, 1, 1]

    def test_an_objection_puts_her_address_alone_on_the_global_list(self) -> None:
        steps = self.plan([ANA], Action.STOP)
        outcomes = [self.act(steps)[steps[0].intent.key] for _ in range(2)]
        assert [one.state for one in outcomes] == [State.DONE, State.ALREADY]
        assert set(self.vendor.table("global")) == {ANA.email.lower()}

    def test_an_erasure_keeps_the_unsubscribes_and_says_why(self) -> None:
        self.vendor.table("global")[ANA.email.lower()] = {}
        steps = self.plan([ANA], Action.ERASE)
        kept = {
            one.collection: (one.count, "nobody" in str(one.reason["en"]))
            for one in steps[0].items
            if one.verb is Verb.KEEP and not isinstance(one.reason, str)
        }
        self.act(steps)
        assert kept == {
            "subscription": (1, True),
            "groups": (1, True),
            "unsubscribes": (1, True),
            "messages": (1, False),
            "events": (3, False),
        }
        assert set(self.vendor.table("global")) == {ANA.email.lower()}

    def test_a_group_that_she_did_not_leave_tells_nothing_of_her(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        assert [row.values["id"] for _, row in rows if row.collection == "groups"] == [7]

    def test_without_the_add_on_the_activity_is_neither_told_nor_asked_for(self) -> None:
        self.settings = {**self.settings, "activity": ""}
        with self.opened() as connector:
            names = [one.name for one in connector.describe().collections]
            self.hers(connector, [ANA])
        assert {"messages", "events"} & set(names) == set()
        assert [one for one in self.vendor.exchanges if one.asked.path.startswith("v3/messages")] == []

    def test_the_activity_of_a_person_is_asked_for_with_two_requests(self) -> None:
        self.settings = {**self.settings, "events": ""}
        for _ in range(40):
            self.vendor.mail(ANA)
        with self.opened() as connector:
            records = self.hers(connector, [ANA])[ANA.key]
        asked = [one for one in self.vendor.exchanges if one.asked.path.startswith("v3/messages")]
        assert (sum(one.count for one in records if one.collection == "messages"), len(asked)) == (41, 2)

    def test_opens_and_clicks_are_given_one_by_one_with_time_and_program(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        told = [row.values for _, row in rows if row.collection == "events"]
        seen = [(one["event_name"], one["http_user_agent"], one.get("url", "")) for one in told]
        program = "Mail/1.0 (phone)"
        assert sorted(seen) == [
            ("clicked", program, "https://example.com/spring"), ("delivered", program, ""), ("opened", program, ""),
        ]  # fmt: skip

    @pytest.mark.parametrize(("setting", "most"), [("", 6), ("60", 60)])
    def test_every_request_about_activity_counts_in_a_budget_of_its_own(
        self, setting: str, most: int
    ) -> None:
        self.settings = {**self.settings, "activity_per_minute": setting}
        with self.opened() as connector:
            self.hers(connector, [ANA])
        asked = [one for one in self.vendor.exchanges if one.asked.path.startswith("v3/messages")]
        assert [one for one in self.counted if one] == [("activity", most)] * len(asked)
        assert len(self.counted) == len(self.vendor.exchanges) + len(asked)

    @pytest.mark.parametrize("wrong", ["many", "0", "-6", "6.5"])
    def test_a_pace_that_is_no_number_is_refused(self, wrong: str) -> None:
        self.settings = {**self.settings, "activity_per_minute": wrong}
        with pytest.raises(ConnectorError, match="'activity_per_minute' must be a whole number above zero"):
            self.factory().open(self.context())

    def test_four_mails_fit_into_what_a_minute_bears_at_every_step(self) -> None:
        for _ in range(3):
            self.vendor.mail(ANA)
        used: list[int] = []

        def asked() -> int:
            return sum(one.asked.path.startswith("v3/messages") for one in self.vendor.exchanges) - sum(used)

        with self.opened() as connector:
            records = self.hers(connector, [ANA])[ANA.key]
        used.append(asked())
        with self.opened() as connector:
            self.read(connector, records)
        used.append(asked())
        with self.opened() as connector:
            intents = self.intents(connector, [ANA], Action.ERASE)
        used.append(asked())
        with self.opened() as connector:
            steps = connector.plan(intents)
        used.append(asked())
        outcomes = self.act(steps)
        used.append(asked())
        assert self.residuals(steps, outcomes) == ()
        used.append(asked())
        assert used == [6, 5, 6, 5, 0, 0]

    def context(self, *, page: int = 1000, read_only: bool = False) -> Context:
        """One that notes what is counted."""
        self.counted: list[tuple[Any, ...]] = []
        return replace(
            super().context(page=page, read_only=read_only), calling=lambda *part: self.counted.append(part)
        )

    def test_an_old_mail_that_is_opened_afterwards_brings_no_record_back_and_what_is_kept_was_said(
        self,
    ) -> None:
        (mail,) = [id for id, row in self.vendor.table("messages").items() if row["to_email"] == ANA.email]
        steps = self.plan([ANA], Action.ERASE)
        outcomes = self.act(steps)
        said = {one.collection: one.count for one in steps[0].items if one.verb is Verb.KEEP}
        before = self.vendor.raw(ANA)
        with tracker(self.vendor.opened) as open_mail:
            open_mail(mail)
        assert self.vendor.table("messages")[mail]["opens_count"] == 3
        assert (self.vendor.raw(ANA), self.vendor.id_of(ANA), self.residuals(steps, outcomes)) == (
            before,
            [],
            (),
        )
        assert said["messages"] == before["messages"] == 1

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS


CALLS = {"locate": 16, "read": 9, "rectify": 9, "stop": 5, "plan": 10, "erase": 20, "verify": 10}
"""For one person with one row of each kind; docs/connectors.md says the same."""
