"""Zoho CRM: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dsr.contract import Action, Change, ConnectorError, State, Verb
from dsr.testing import ANA, EVA, NOW, ConnectorKit, crowd
from vendors.faults import instead, order
from vendors.kit import BOOKS, OnFake, TestRuns, VendorKit, calls_of_a_case
from vendors.matrix import FaultMatrix
from vendors.server import Reply
from vendors.zoho import MARK, Zoho, error


class TestZoho(VendorKit, ConnectorKit):
    """Deals stay while the law keeps the books."""

    fake = Zoho
    kept = frozenset({"deals", "emails", "lead_emails"})
    correction = Change("user.job_title", "Directora Corregida")
    many = 30


class TestZohoFaults(FaultMatrix):
    """Every fault, one after the other."""

    fake = Zoho
    kept = TestZoho.kept
    correction = TestZoho.correction


class TestZohoRuns(TestRuns):
    """What the account is for."""

    fake = Zoho
    live, sandbox = "production", "sandbox"
    vendor: Zoho

    def test_an_app_that_may_not_see_the_account_changes_nothing_in_a_test_run(self) -> None:
        steps, before = self.plan([ANA], Action.ERASE), self.content()
        self.vendor.scopes, self.rehearsal = {"modules", "recycle_bin"}, True
        with pytest.raises(ConnectorError):
            self.act(steps)
        assert self.content() == before
        self.rehearsal = False
        with self.opened(read_only=True) as connector:
            assert [(one.level, one.code) for one in connector.check()][1:] == [("ok", "account_unknown")]


class TestZohoTraps(OnFake):
    """What is peculiar to Zoho CRM."""

    fake = Zoho
    vendor: Zoho

    def test_the_token_is_fetched_at_the_regions_own_sign_in_and_has_its_own_prefix(self) -> None:
        with self.opened() as connector:
            self.locate(connector, [self.subject(ANA)])
        assert self.vendor.accounts.grants == [
            {
                "grant_type": "refresh_token",
                "refresh_token": "zoho-refresh",
                "client_id": "app",
                "client_secret": "zoho-secret",
            }
        ]
        assert {one.asked.headers["authorization"] for one in self.vendor.exchanges} == {"Zoho-oauthtoken t1"}

    def test_a_refresh_token_that_is_refused_inside_a_200_is_an_error_for_good(self) -> None:
        self.secrets = {**self.secrets, "refresh_token": "another"}  # type: ignore[misc]
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            connector.locate([self.subject(ANA)])
        assert caught.value.permanent

    def test_an_erasure_leaves_nothing_of_hers_in_the_recycle_bin(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, outcome.final_on) == (State.DONE, date(2026, 7, 31))
        assert self.vendor.table("bin") == {}

    def test_what_an_interrupted_erasure_left_in_the_bin_is_purged(self) -> None:
        first, *others = crowd(7, 10)
        self.add([first, *others])
        before = len(self.vendor.exchanges)
        self.act(self.plan([first], Action.ERASE))
        whole = sum(one.asked.route in self.vendor.writes for one in self.vendor.exchanges[before:])
        thrown: list[int] = []
        for person, changes in zip(others, (1, 2, 3, whole - 3, whole - 2, whole - 1), strict=True):
            steps = self.plan([person], Action.ERASE)
            with self.lost_after(changes), pytest.raises(ConnectorError):
                self.act(steps)
            thrown.append(len(self.vendor.table("bin")))
            assert self.act(steps)[steps[0].intent.key].state is State.DONE
            assert (changes, self.vendor.table("bin")) == (changes, {})
        assert thrown[-1] == 1, "the root was not in the bin"

    def test_a_purge_that_leaves_the_bin_as_it_was_is_not_done(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.quirks = {"full_bin"}
        outcome = self.act(steps)[steps[0].intent.key]
        assert outcome.state is State.FAILED
        assert self.vendor.table("bin") != {}

    def test_what_another_person_threw_into_the_bin_stays_there(self) -> None:
        self.vendor.table("bin")["77"] = {"module": "Contacts", "row": {}}
        self.act(self.plan([ANA], Action.ERASE))
        assert set(self.vendor.table("bin")) == {"77"}

    def test_an_error_inside_a_400_that_is_not_about_the_record_is_not_nothing_found(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        outcomes = self.act(steps)
        by_id = "GET crm/v8/{module}/{id}"
        order(
            self.vendor,
            instead(Reply(400, error("INVALID_MODULE"))),
            when=lambda asked: asked.route == by_id,
        )
        with pytest.raises(ConnectorError):
            self.residuals(steps, outcomes)

    def test_an_app_that_may_not_open_the_bin_is_told_before_anything_is_deleted(self) -> None:
        self.vendor.scopes = {"modules"}
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            connector.check()
        assert caught.value.permanent

    def test_a_contact_that_the_search_does_not_know_yet_is_read_by_its_id(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.lagging = set(self.vendor.table("Contacts")) | set(self.vendor.table("Leads"))
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, self.vendor.id_of(ANA)) == (State.DONE, [])

    def test_a_lead_that_was_converted_is_found(self) -> None:
        (lead,) = self.vendor.id_of(ANA, "Leads")
        self.vendor.table("Leads")[lead]["Converted__s"] = True
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
        assert [one.anchor[1] for one in records if one.collection == "leads"] == [(lead,)]

    def test_fields_that_the_customer_made_are_read_too(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        contact = next(row for _, row in rows if row.collection == "contacts")
        assert contact.values["Shoe_Size"] == "38"

    def test_a_task_that_is_done_is_hers_as_an_open_one(self) -> None:
        with self.opened() as connector:
            records = self.hers(connector, [ANA])[ANA.key]
        assert [one.count for one in records if one.collection == "tasks"] == [2]

    def test_a_change_starts_no_workflow(self) -> None:
        self.correction = TestZoho.correction  # type: ignore[misc]
        self.act(self.plan([ANA], Action.RECTIFY))
        sent = [one.asked.body for one in self.vendor.exchanges if one.asked.method == "PUT"]
        assert sorted(sent, key=repr) == [
            {"data": [{"Designation": "Directora Corregida"}], "trigger": []},
            {"data": [{"Title": "Directora Corregida"}], "trigger": []},
        ]

    def test_an_objection_opts_out_the_contact_and_the_lead_and_nobody_else(self) -> None:
        outcome = self.act(self.plan([ANA], Action.STOP))["ana:kit:stop:1"]
        rows = [row for name in ("Contacts", "Leads") for row in self.vendor.table(name).values()]
        assert outcome.state is State.DONE
        assert {row["Email"] for row in rows if row["Email_Opt_Out"]} == {ANA.email}
        assert sum(row["Email_Opt_Out"] for row in rows) == 2

    def test_a_restriction_marks_her_records_alone(self) -> None:
        self.act(self.plan([ANA], Action.RESTRICT))
        rows = [row for name in ("Contacts", "Leads") for row in self.vendor.table(name).values()]
        assert [row["Email"] for row in rows if row[MARK]] == [ANA.email, ANA.email]

    def test_deals_of_closed_books_go_and_the_others_are_kept_until_their_day(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        kept = [one for one in steps[0].items if one.verb is Verb.KEEP]
        assert [(one.collection, one.count, one.until, one.citation) for one in kept if one.citation] == [
            ("deals", 1, date(2032, 3, 1), BOOKS.citation)
        ]
        self.act(steps)
        contacts = set(self.vendor.id_of(EVA))
        left = [row["Deal_Name"] for row in self.vendor.table("Deals").values()]
        assert (left.count("deal of this year"), len(contacts)) == (len(self.everyone), 1)
        assert left.count("Deals one") == len(self.everyone) - 1

    def test_mails_at_a_record_are_read_ten_at_a_time_and_only_hers(self) -> None:
        (contact,) = self.vendor.id_of(ANA)
        for _ in range(24):
            self.vendor.mail(ANA, contact)
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        mails = [row for _, row in rows if row.collection == "emails"]
        assert (len(mails), {row.values["to"][0]["email"] for row in mails}) == (25, {ANA.email})
        assert {tuple(row.withheld) for row in mails} == {("subject", "summary", "from", "to", "cc", "owner")}

    def test_the_plan_of_an_erasure_says_that_mails_stay_in_the_mailboxes(self) -> None:
        (step,) = self.plan([ANA], Action.ERASE)
        told = {
            one.collection: str(one.reason["en"])
            for one in step.items
            if one.verb is Verb.KEEP and one.reason
        }  # type: ignore[call-overload,index]
        assert [name for name, why in told.items() if "stays in the mailboxes of users" in why] == [
            "emails", "lead_emails",
        ]  # fmt: skip

    def test_no_credits_left_parks_for_hours(self) -> None:
        order(self.vendor, instead(self.vendor.budget()))
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            connector.locate([self.subject(ANA)])
        assert caught.value.retry_at == NOW + timedelta(hours=6)

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS


CALLS = {"locate": 34, "read": 32, "rectify": 8, "stop": 8, "plan": 32, "erase": 94, "verify": 21}
"""For one person with one row of each kind, two of some; docs/connectors.md says the same."""
