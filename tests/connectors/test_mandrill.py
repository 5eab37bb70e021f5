"""Mailchimp Transactional: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

import pytest

from connectors.rest.filling import TRANSFORMS
from dsr.contract import Action, ConnectorError, Found, Identifier, State, Subject, Support, Verb
from dsr.testing import ANA, EVA, ConnectorKit, Disturbance
from vendors.faults import instead, order
from vendors.ground import DUPLICATE, ENDLESS, ONE_ANSWER, ONE_KEY, SHIFTING, STALE
from vendors.kit import OnFake, VendorKit, calls_of_a_case
from vendors.mandrill import Mandrill, error
from vendors.matrix import FaultMatrix
from vendors.server import Reply

BY_ITSELF = frozenset({Action.EXPORT, Action.ERASE, Action.STOP})
STAYS = frozenset({"messages", "content", "denylist"})
CALLS = {"locate": 9, "read": 6, "stop": 8, "plan": 6, "erase": 4, "verify": 2}
"""For one person with one mail and an entry in each list; docs/connectors.md says the same."""


class TestMandrill(VendorKit, ConnectorKit):
    """Nothing that was sent can be deleted or changed."""

    fake = Mandrill
    actions = BY_ITSELF
    kept = STAYS
    disturbances = frozenset({Disturbance.REMOVE, Disturbance.BREAK})
    many = 20


class TestMandrillFaults(FaultMatrix):
    """Every fault, one after the other."""

    fake = Mandrill
    actions = BY_ITSELF
    kept = STAYS
    changes = (Action.STOP,)
    several_writes = False
    left_out: ClassVar[Mapping[str, str]] = {
        DUPLICATE: ONE_KEY,
        ENDLESS: ONE_ANSWER,
        SHIFTING: ONE_ANSWER,
        STALE: "the list itself is asked, not an index",
    }


class TestMandrillTraps(OnFake):
    """What is peculiar to Mailchimp Transactional."""

    fake = Mandrill
    vendor: Mandrill
    actions = BY_ITSELF
    kept = STAYS

    def test_a_key_that_is_refused_with_status_500_is_refused_for_good_at_the_first_time(self) -> None:
        self.secrets = {"api_key": "another"}  # type: ignore[misc]
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            connector.locate([self.subject(ANA)])
        assert (str(caught.value), caught.value.permanent, len(self.vendor.exchanges)) == (
            "Mailchimp Transactional refuses the credentials", True, 1,
        )  # fmt: skip

    def test_an_error_of_another_kind_with_status_500_is_not_nothing_found(self) -> None:
        by_id = "POST messages/info"
        order(self.vendor, instead(error("GeneralError", -99)), when=lambda asked: asked.route == by_id)
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            connector.locate([self.subject(ANA)])
        assert not caught.value.permanent

    def test_the_key_stands_in_the_body_of_every_request_and_nowhere_else(self) -> None:
        with self.opened() as connector:
            self.locate(connector, [self.subject(ANA)])
        told = {
            (one.asked.body["key"], "md-key" in one.asked.path + repr(one.asked.headers))
            for one in self.vendor.exchanges
        }
        assert told == {("md-key", False)}

    @pytest.mark.parametrize(
        "pattern", ["*@example.com", "a*", '" OR email:"*', "x) OR (state:sent", "?na@*", "\\"]
    )
    def test_a_value_is_a_phrase_and_never_a_pattern_or_an_operator(self, pattern: str) -> None:
        value = pattern if "@" in pattern else f"{pattern}@nowhere.example"
        who = Subject("x", (Identifier("email", value, (value,)),))
        with self.opened() as connector:
            found = connector.locate([who])
        (asked,) = [
            one.asked.body["query"] for one in self.vendor.exchanges if one.asked.path == "messages/search"
        ]
        spelled = dict.fromkeys([value, value.lower()])
        assert asked == f"full_email:({' OR '.join(json.dumps(one) for one in spelled)})"
        assert (found.records, [one.found for one in found.searched]) == ((), [Found.NOTHING])

    def test_a_mail_of_eighty_days_ago_is_found_although_a_search_goes_back_seven_by_itself(self) -> None:
        old = self.vendor.mail(ANA, days=80, state="bounced")
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        assert old in [row.key[0] for _, row in rows if row.collection == "messages"]

    def test_a_search_that_may_be_cut_off_is_asked_for_each_alone_and_then_is_no_answer(self) -> None:
        row = dict(self.vendor.table("messages")[self.vendor.id_of(ANA)[0]])
        full = instead(Reply(200, [{"_id": f"m{n}", **row} for n in range(1000)]))
        order(
            self.vendor,
            full,
            when=lambda asked: asked.path == "messages/search" and ANA.email in repr(asked.body),
        )
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            connector.locate([self.subject(EVA), self.subject(ANA)])
        asked = [
            one.asked.body["query"] for one in self.vendor.exchanges if one.asked.path == "messages/search"
        ]
        assert (caught.value.permanent, len(asked)) == (True, 3)

    def test_the_allowlist_is_asked_by_a_prefix_and_only_her_entry_goes(self) -> None:
        self.vendor.table("allowlist")[f"{ANA.email}.mx"] = {
            "detail": "",
            "created_at": "2026-05-02 10:00:00",
        }
        self.act(self.plan([ANA], Action.ERASE))
        assert f"{ANA.email}.mx" in self.vendor.table("allowlist")
        assert ANA.email not in self.vendor.table("allowlist")

    def test_an_objection_takes_the_address_off_the_allowlist_because_the_denylist_does_not_count_there(
        self,
    ) -> None:
        self.vendor.mail(ANA)
        outcomes = [self.act(steps)[steps[0].intent.key] for steps in [self.plan([ANA], Action.STOP)] * 2]
        added = [one for one in self.vendor.exchanges if one.asked.path == "rejects/add"]
        assert [one.state for one in outcomes] == [State.DONE, State.ALREADY]
        assert (len(added), self.in_force()) == (1, [(ANA.email, "custom")])
        assert self.vendor.raw(EVA)["allowlist"] == 1

    def test_an_entry_for_a_subaccount_or_of_a_bounce_does_not_stop_the_others(self) -> None:
        self.vendor.deny(ANA.email, "custom", subaccount="shop")
        self.vendor.deny(ANA.email, "hard-bounce")
        (step,) = self.plan([ANA], Action.STOP)
        assert [(one.verb, one.count) for one in step.items] == [(Verb.STOP, 1)]

    def test_an_address_on_the_denylist_has_one_row_with_all_its_entries(self) -> None:
        self.vendor.deny(ANA.email, "unsub")
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        (row,) = [row.values for _, row in rows if row.collection == "denylist"]
        assert (row["email"], [one["reason"] for one in row["entries"]]) == (
            ANA.email,
            ["soft-bounce", "unsub"],
        )
        assert set(row) == {"email", "entries"}

    def test_without_the_setting_an_objection_is_for_a_person_because_it_would_stop_every_mail(self) -> None:
        self.settings = {**self.settings, "advertising": ""}
        with self.opened() as connector:
            told = connector.describe().support(Action.STOP)
            self.hers(connector, [ANA])
        (step,) = self.plan([ANA], Action.STOP)
        in_force = [one for one in self.vendor.exchanges if "include_expired" not in one.asked.body]
        assert (told, step.items) == (Support.MANUAL, ())
        assert [one for one in in_force if one.asked.path == "rejects/list"] == []

    def test_opens_with_place_and_address_are_given_and_attached_files_are_named_only(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        about = {row.collection: row.values for _, row in rows}
        assert about["messages"]["opens_detail"][0]["ip"] == "192.0.2.7"
        assert about["content"]["attachments"] == [{"name": "invoice.pdf", "type": "application/pdf"}]

    def test_a_mail_whose_content_is_gone_is_given_without_it(self) -> None:
        self.vendor.table("content").clear()
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        assert sorted(row.collection for _, row in rows) == ["allowlist", "denylist", "messages"]

    def test_calls_of_a_case(self) -> None:
        """An objection takes the entry away that an erasure deletes, so each is counted with a person of its own."""
        objecting = calls_of_a_case(self, EVA)["stop"]
        self.actions = BY_ITSELF - {Action.STOP}  # type: ignore[misc]
        assert {**calls_of_a_case(self, ANA), "stop": objecting} == CALLS

    def in_force(self) -> list[tuple[str, str]]:
        """The denylist without what has expired."""
        rows = self.vendor.table("denylist").values()
        return [(row["email"], row["reason"]) for row in rows if not row["expired"]]


def test_phrases_keep_quotes_and_backslashes_inside() -> None:
    assert TRANSFORMS["phrases"](['A"b\\', "c"]) == '"A\\"b\\\\" OR "a\\"b\\\\" OR "c"'
