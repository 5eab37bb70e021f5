"""Salesforce: the traps of this vendor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.rest import connector
from dsr.contract import (
    Action,
    Change,
    Connector,
    ConnectorError,
    Outcome,
    Record,
    State,
    Step,
    Verb,
)
from dsr.testing import ANA, EVA, NOW, Person
from vendors.kit import BOOKS, OnFake, calls_of_a_case
from vendors.salesforce import MARK, NUMBER, Salesforce

PATTERNS = ("x') OR Email != ('y@z.example", "%@correo.example", "_na.garcia@correo.example")
BINNED = 28
"""Planned rows of hers that lie in the bin; her privacy preferences hang on the contact and on the lead."""
FINAL = date(2026, 6, 16)
"""Fifteen days after the day of the kit."""


class OnSalesforce(OnFake):
    """What the tests of the traps share."""

    fake = Salesforce
    kept = frozenset({"deals"})
    correction = Change("user.job_title", "Directora Corregida")
    vendor: Salesforce

    def setting(self, **more: str) -> None:
        """Settings besides the usual ones."""
        self.settings = {**self.settings, **more}

    def erased(self) -> tuple[tuple[Step, ...], Outcome]:
        """Ana's erasure, planned and carried out."""
        steps = self.plan([ANA], Action.ERASE)
        return steps, self.act(steps)[steps[0].intent.key]

    def found(self, person: Person = ANA) -> dict[str, Record]:
        """Her certain records by collection."""
        with self.opened() as opened:
            return {one.collection: one for one in self.hers(opened, [person])[person.key]}

    def row(self, object: str, root: str = "contacts") -> dict[str, Any]:
        """Ana's contact or lead as stored."""
        return self.vendor.table(object)[self.vendor.id_of(ANA, root)[0]]


class TestSalesforceFinding(OnSalesforce):
    """SOQL, describe, and where a person may be."""

    def test_she_is_found_as_contact_lead_and_writer_of_a_web_case(self) -> None:
        assert {"contacts", "leads", "web_cases"} <= set(self.found())

    def test_quotes_and_backslashes_in_an_address_stay_inside_their_quotes(self) -> None:
        odd = replace(ANA, key="odd", email="o'brien\\@correo.example")
        self.vendor.seed(odd)
        assert {"contacts", "leads", "web_cases"} <= set(self.found(odd))

    @pytest.mark.parametrize("address", PATTERNS)
    def test_an_address_is_never_a_condition_or_a_pattern(self, address: str) -> None:
        assert self.found(replace(ANA, key="odd", email=address)) == {}

    def test_a_customer_number_is_looked_for_in_the_field_that_the_settings_name(self) -> None:
        self.setting(customer_field=NUMBER)
        with self.opened() as opened:
            records, _ = self.locate(opened, [ANA.subject(("customer_number",))])
        assert {one.collection for one in records if not one.path} == {"contacts", "leads"}

    def test_without_a_field_for_it_no_customer_number_is_looked_for(self) -> None:
        with self.opened() as opened:
            records, _ = self.locate(opened, [ANA.subject(("customer_number",))])
        assert records == []

    def test_fields_that_the_customer_made_are_read_and_what_tells_nothing_of_her_is_not(self) -> None:
        with self.opened() as opened:
            rows = [row for _, row in self.read(opened, tuple(self.found().values()))]
        contact = next(one for one in rows if one.collection == "contacts")
        assert contact.values["Shoe_Size__c"] == "38"
        assert [one for one in rows if "attributes" in one.values] == []

    def test_an_archived_task_is_hers_as_an_open_one(self) -> None:
        with self.opened() as opened:
            rows = [row.values for _, row in self.read(opened, [self.found()["tasks"]])]
        assert sorted((one["Subject"], one["IsArchived"]) for one in rows) == [
            ("a call", False),
            ("an old call", True),
        ]

    def test_what_lies_in_the_bin_is_not_found_again(self) -> None:
        self.erased()
        assert {name for name in self.found() if name not in self.kept} == set()

    def test_a_converted_lead_is_found(self) -> None:
        self.row("Lead", "leads")["IsConverted"] = True
        assert "leads" in self.found()

    def test_an_organisation_without_privacy_preferences_is_searched_when_they_are_left_out(self) -> None:
        del self.vendor.schema["Individual"]
        for object in ("Contact", "Lead"):
            self.vendor.schema[object].remove("IndividualId")
        with pytest.raises(ConnectorError) as caught:
            self.found()
        self.setting(leave_out="Individual, CampaignMember")
        found = self.found()
        assert caught.value.permanent
        assert {"contacts", "leads", "tasks"} <= set(found)
        assert [one for one in found if "individuals" in one or "memberships" in one] == []

    def test_what_hangs_on_what_is_left_out_is_left_out_too(self) -> None:
        self.setting(leave_out="Case")
        with self.opened() as opened:
            told = [one.name for one in opened.describe().collections]
        assert [one for one in told if "case" in one] == []

    def test_the_person_account_is_found_when_the_organisation_has_them(self) -> None:
        account = self.vendor.add("Account", IsPersonAccount=True, PersonEmail=ANA.email, LastName="García")
        self.vendor.add("Account", IsPersonAccount=False, Name="Acme", PersonEmail=None)
        self.setting(person_accounts="yes")
        assert self.found()["accounts"].anchor[1] == (account,)


class TestSalesforceErasing(OnSalesforce):
    """The bin, bulk jobs, rows of several people, rows that somebody holds."""

    def test_what_is_deleted_lies_in_the_bin_and_is_final_after_fifteen_days(self) -> None:
        steps, outcome = self.erased()
        binned = [object for object, _ in self.vendor.bin.values()]
        assert (outcome.state, outcome.final_on) == (State.DONE, FINAL)
        assert (binned.count("Contact"), binned.count("Lead"), self.left(ANA)) == (1, 1, {})
        assert self.residuals(steps, {outcome.key: outcome}) == ()

    def test_a_bin_that_is_still_full_on_that_day_is_told(self) -> None:
        steps, outcome = self.erased()
        pair = [(steps[0], outcome)]
        with self.later(14) as opened:
            assert opened.verify(pair) == ()
        with self.later(15) as opened:
            full = opened.verify(pair)
        self.vendor.bin.clear()
        with self.later(15) as opened:
            emptied = opened.verify(pair)
        assert {one.key for one in full} == {outcome.key}
        assert (sum(one.count for one in full), emptied) == (BINNED, ())

    @contextmanager
    def later(self, days: int) -> Iterator[Connector]:
        """A connector so many days after the day of the kit."""
        opened = self.factory()
        opened.open(replace(self.context(), now=NOW + timedelta(days=days), read_only=True))
        yield opened
        opened.close()

    def test_with_hard_delete_nothing_of_hers_reaches_the_bin(self) -> None:
        self.setting(hard_delete="yes")
        _, outcome = self.erased()
        assert (outcome.state, self.left(ANA), self.vendor.bin) == (State.DONE, {}, {})

    def test_a_job_that_takes_its_time_is_waited_for_and_never_done_before(self) -> None:
        self.setting(hard_delete="yes")
        self.vendor.quirks = {"slow_jobs"}
        steps, outcome = self.erased()
        told = (outcome.state, outcome.check_after, bool(self.left(ANA)))
        self.vendor.work()
        again = self.act(steps)[outcome.key]
        assert told == (State.PENDING, NOW + timedelta(minutes=10), True)
        assert (again.state, self.left(ANA)) == (State.ALREADY, {})

    def test_a_user_without_the_right_to_hard_delete_leaves_everything_as_it_was(self) -> None:
        self.setting(hard_delete="yes")
        self.vendor.denied = {("", "hardDelete")}
        before = self.content()
        _, outcome = self.erased()
        assert (outcome.state, self.content()) == (State.FAILED, before)

    def test_a_row_that_was_deleted_meanwhile_is_no_failure(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        (lead,) = self.vendor.id_of(ANA, "leads")
        self.vendor.deleted(lead, binned=True)
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, self.left(ANA)) == (State.DONE, {})

    def test_a_row_that_is_locked_for_a_moment_is_tried_again(self) -> None:
        (contact,) = self.vendor.id_of(ANA)
        self.vendor.locked = {contact: 1}
        _, outcome = self.erased()
        assert (outcome.state, self.left(ANA)) == (State.DONE, {})

    def test_a_row_that_stays_locked_is_work_for_later(self) -> None:
        (contact,) = self.vendor.id_of(ANA)
        self.vendor.locked = {contact: 99}
        steps = self.plan([ANA], Action.ERASE)
        with pytest.raises(ConnectorError) as caught:
            self.act(steps)
        assert (caught.value.permanent, self.vendor.id_of(ANA)) == (False, [contact])

    def test_a_row_that_may_not_be_deleted_is_not_done(self) -> None:
        self.vendor.denied = {("Contact", "deletable")}
        _, outcome = self.erased()
        assert (outcome.state, len(self.vendor.id_of(ANA))) == (State.FAILED, 1)

    def test_the_privacy_preferences_of_her_contact_and_lead_are_hers_alone(self) -> None:
        found = self.found()
        assert (found["individuals"].others, found["lead_individuals"].others) == (0, 0)
        self.erased()
        assert self.vendor.raw(ANA)["individuals"] == 0

    def test_privacy_preferences_that_another_person_has_too_are_kept(self) -> None:
        individual = self.row("Contact")["IndividualId"]
        self.vendor.table("Lead")[self.vendor.id_of(EVA, "leads")[0]]["IndividualId"] = individual
        self.erased()
        assert individual in self.vendor.table("Individual")

    def test_a_mail_to_two_people_and_an_event_of_two_people_stay(self) -> None:
        (contact,), (eva,) = self.vendor.id_of(ANA), self.vendor.id_of(EVA)
        mail = self.vendor.mail(contact, "Contact")
        self.vendor.relate(mail, eva, "Contact")
        event = self.vendor.add("Event", WhoId=contact, WhoCount=2, IsArchived=False)
        self.erased()
        assert (mail in self.vendor.table("EmailMessage"), event in self.vendor.table("Event")) == (
            True,
            True,
        )

    def test_the_contact_of_a_person_account_is_left_to_the_account_and_a_person(self) -> None:
        self.vendor.schema["Contact"].append("IsPersonAccount")
        self.row("Contact")["IsPersonAccount"] = True
        self.vendor.add("Account", IsPersonAccount=True, PersonEmail=ANA.email, LastName="García")
        self.setting(person_accounts="yes")
        steps, outcome = self.erased()
        kept = {one.collection for one in steps[0].items if one.verb is Verb.KEEP and not one.citation}
        assert (outcome.state, kept) == (State.DONE, {"contacts", "accounts"})
        assert (self.left(ANA), len(self.vendor.id_of(ANA))) == ({"contacts": 1}, 1)

    def test_opportunities_of_closed_books_go_and_the_others_are_kept_until_their_day(self) -> None:
        steps, _ = self.erased()
        kept = [one for one in steps[0].items if one.verb is Verb.KEEP]
        assert [(one.collection, one.count, one.until, one.citation) for one in kept] == [
            ("deals", 1, date(2032, 3, 1), BOOKS.citation)
        ]
        left = [row["CloseDate"] for row in self.vendor.table("Opportunity").values()]
        assert (left.count("2026-03-01"), left.count("2015-01-02")) == (
            len(self.everyone),
            len(self.everyone) - 1,
        )

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS

    def test_many_people_are_looked_for_together(self) -> None:
        with self.opened() as opened:
            self.locate(opened, [self.subject(one) for one in self.everyone])
        together = len(self.vendor.exchanges)
        assert (together, len(self.everyone)) == (CALLS["locate"], 6)


class TestSalesforceChanging(OnSalesforce):
    """Flags, and rows that nobody can change."""

    def stopped(self, channel: str) -> None:
        """Ana's objection in one channel."""
        self.channels = (channel,)  # type: ignore[misc]
        (step,) = self.plan([ANA], Action.STOP)
        assert self.act([step])[step.intent.key].state is State.DONE

    def flags(self, field: str) -> dict[str, int]:
        """How many rows of each object have a flag set."""
        tables = (
            (name, self.vendor.table(name).values()) for name in ("Contact", "Lead", "Individual", "Case")
        )
        return {name: n for name, rows in tables if (n := sum(row.get(field) is True for row in rows))}

    def test_an_objection_to_marketing_opts_out_everywhere_and_nobody_else(self) -> None:
        self.stopped("marketing")
        assert self.flags("HasOptedOutOfEmail") == self.flags("DoNotCall") == {"Contact": 1, "Lead": 1}
        assert self.flags("HasOptedOutSolicit") == {"Individual": 1}
        assert self.flags("HasOptedOutTracking") == {}

    def test_who_wants_no_mails_already_is_not_called_either(self) -> None:
        self.row("Contact")["HasOptedOutOfEmail"] = True
        self.stopped("marketing")
        assert self.row("Contact")["DoNotCall"] is True

    def test_an_objection_to_tracking_is_set_in_the_privacy_preferences(self) -> None:
        self.stopped("tracking")
        assert self.flags("HasOptedOutTracking") == {"Individual": 1}
        assert self.flags("HasOptedOutOfEmail") == {}

    def test_a_restriction_marks_records_and_privacy_preferences(self) -> None:
        self.act(self.plan([ANA], Action.RESTRICT))
        assert self.flags(MARK) == {"Contact": 1, "Lead": 1, "Case": 1}
        assert self.flags("HasOptedOutProcessing") == {"Individual": 1}

    def test_without_a_field_for_the_mark_a_person_restricts(self) -> None:
        self.setting(restriction_field="")
        with self.opened() as opened:
            told = {one.action: str(one.support) for one in opened.describe().capabilities}
        assert told[Action.RESTRICT] == told[Action.LIFT] == "manual"

    def test_a_converted_lead_stays_as_it_is_and_the_plan_says_so(self) -> None:
        self.row("Lead", "leads")["IsConverted"] = True
        (step,) = self.plan([ANA], Action.RECTIFY)
        told = [(one.verb, one.collection) for one in step.items]
        outcome = self.act([step])[step.intent.key]
        assert sorted(told) == [(Verb.CORRECT, "contacts"), (Verb.KEEP, "leads")]
        assert (outcome.state, self.row("Contact")["Title"], self.row("Lead", "leads")["Title"]) == (
            State.DONE, self.correction.new, None,
        )  # fmt: skip

    def test_a_correction_assigns_nothing_anew(self) -> None:
        self.act(self.plan([ANA], Action.RECTIFY))
        sent = [one.asked for one in self.vendor.exchanges if one.asked.method == "PATCH"]
        assert {one.headers["sforce-auto-assign"] for one in sent} == {"false"}

    def test_a_correction_of_a_row_that_is_locked_for_a_moment_is_tried_again(self) -> None:
        self.vendor.locked = dict.fromkeys(self.vendor.id_of(ANA), 1)
        self.act(self.plan([ANA], Action.RECTIFY))
        assert self.row("Contact")["Title"] == self.correction.new


class TestSalesforceChecking(OnSalesforce):
    """What ``dsr systems check`` tells."""

    def told(self) -> list[tuple[str, str]]:
        """Level and code of every finding but the two that are always there."""
        return [(one.level, one.code) for one in self.findings() if one.code not in ("reached", "plain")]

    def findings(self) -> Any:
        with self.opened() as opened:
            return opened.check()

    def sentences(self) -> list[str]:
        """What is wrong, in English."""
        return [one.sentence["en"] for one in self.findings() if one.level != "ok"]

    def test_a_sandbox_is_told_from_the_production(self) -> None:
        before = self.told()
        self.vendor.table("Organization")["00D"]["IsSandbox"] = False
        assert (before, self.told()) == ([("ok", "account_sandbox")], [("ok", "account_live")])

    def test_rights_that_the_user_lacks_are_told_by_object_and_field(self) -> None:
        self.vendor.denied = {("Task", "deletable"), ("Contact", "DoNotCall")}
        assert self.sentences() == [
            "This user may not change in 'Contact': DoNotCall (objection).",
            "This user may not delete 'Task' (erasure).",
        ]

    def test_an_object_that_may_be_read_alone_is_told_with_every_right_that_writes_there(self) -> None:
        self.vendor.denied = {("Lead", "updateable")}
        (told,) = self.sentences()
        assert told.startswith("This user may not change in 'Lead': City (rectification), ")
        assert f"{MARK} (restriction, end of a restriction), DoNotCall (objection)" in told

    def test_an_object_that_may_not_be_queried_is_told(self) -> None:
        self.vendor.denied = {("Case", "queryable")}
        assert self.sentences() == ["This user may not query 'Case'; it is needed for: every right."]

    def test_a_hidden_field_by_which_people_are_found_is_an_error(self) -> None:
        self.vendor.schema["Lead"].remove("MobilePhone")
        assert [(one, code) for one, code in self.told() if code == "missing"] == [("error", "missing")]

    @pytest.mark.parametrize(("field", "level"), [("LeadSource", "warning"), (MARK, "error")])
    def test_a_field_that_is_not_there_is_told(self, field: str, level: str) -> None:
        self.vendor.schema["Contact"].remove(field)
        assert ("missing", level) in [(code, found) for found, code in self.told()]
        assert self.sentences() == [f"'Contact' does not have, or this user may not see: {field}."]

    def test_an_object_that_the_user_may_not_see_is_told(self) -> None:
        del self.vendor.schema["CampaignMember"]
        assert self.sentences() == ["There is no 'CampaignMember', or this user may not see it."]


def test_no_query_of_the_file_has_a_pattern() -> None:
    queries = [str(one.query.get("q", "")) for one in connector("salesforce")().vendor.calls.values()]
    assert [one for one in queries if "LIKE" in one.upper() or "%" in one] == []


CALLS = {"locate": 22, "read": 19, "rectify": 12, "stop": 16, "plan": 19, "erase": 79, "verify": 9}
"""For one person with one row of each kind, two of some; docs/connectors.md says the same."""
