"""HubSpot: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dsr.contract import Action, Change, Match, Outcome, State, Verb
from dsr.testing import ANA, EVA, ConnectorKit, crowd
from pixel import tracker
from vendors.hubspot import KINDS, HubSpot
from vendors.kit import BOOKS, OnFake, TestRuns, VendorKit, calls_of_a_case
from vendors.matrix import FaultMatrix


class TestHubSpot(VendorKit, ConnectorKit):
    """Deals stay while the law keeps the books; the opt-out of an address stays as well."""

    fake = HubSpot
    kept = frozenset({"deals", "subscriptions"})
    correction = Change("user.job_title", "Directora Corregida")


class TestHubSpotFaults(FaultMatrix):
    """Every fault, one after the other."""

    fake = HubSpot
    kept = TestHubSpot.kept
    correction = TestHubSpot.correction


class TestHubSpotRuns(TestRuns):
    """What the account is for."""

    fake = HubSpot
    live, sandbox = "STANDARD", "DEVELOPER_TEST"


class TestHubSpotOldMail(OnFake):
    """An old mail is opened when its reader is gone."""

    fake = HubSpot
    kept = frozenset({"deals", "subscriptions"})
    vendor: HubSpot

    def test_an_old_mail_that_is_opened_after_the_erasure_brings_nobody_back(self) -> None:
        (mail,) = self.vendor.linked("emails", self.vendor.id_of(ANA))
        (evas,) = self.vendor.linked("emails", self.vendor.id_of(EVA))
        with tracker(self.vendor.opened) as open_mail:
            open_mail(mail)
            before = self.vendor.table("emails")[mail]["hs_email_open_count"]
            steps = self.plan([ANA], Action.ERASE)
            outcomes = self.act(steps)
            for one in (mail, evas):
                open_mail(one)
        assert (before, self.left(ANA), self.residuals(steps, outcomes)) == (1, {}, ())
        assert {id: row.get("hs_email_open_count") for id, row in self.vendor.table("emails").items()}[
            evas
        ] == 1
        assert mail not in self.vendor.table("emails")


class TestHubSpotTraps(OnFake):
    """What is peculiar to HubSpot."""

    fake = HubSpot
    vendor: HubSpot

    def test_a_contact_that_went_in_between_does_not_get_its_address_blocked(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.table("contacts").clear()
        self.act(steps)
        sent = [one.asked for one in self.vendor.exchanges if one.asked.path.endswith("gdpr-delete")]
        assert (self.vendor.blocked, sent) == ([], [])

    def test_the_id_is_sent_to_be_deleted_and_never_an_address(self) -> None:
        (id,) = self.vendor.id_of(ANA)
        self.act(self.plan([ANA], Action.ERASE))
        sent = [one.asked.body for one in self.vendor.exchanges if one.asked.path.endswith("gdpr-delete")]
        assert sent == [{"objectId": id}]

    def test_properties_that_the_customer_made_are_read_too(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        contact = next(row for _, row in rows if row.collection == "contacts")
        assert contact.values["shoe_size"] == "38"

    def test_a_contact_that_the_search_does_not_know_yet_is_found(self) -> None:
        self.vendor.lagging = set(self.vendor.table("contacts"))
        with self.opened() as connector:
            assert len(self.hers(connector, [ANA])[ANA.key]) == len(KINDS) + 2

    def test_another_address_of_hers_leads_to_her(self) -> None:
        (id,) = self.vendor.id_of(ANA)
        self.vendor.table("contacts")[id] |= {
            "email": "ana@otra.example",
            "hs_additional_emails": f"x@y.example;{ANA.email}",
        }
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
        root = next(one for one in records if one.collection == "contacts")
        assert root.match is Match.EXACT
        assert sorted(one.value for one in root.reveals) == ["ana@otra.example", "x@y.example"]

    def test_what_she_shares_with_others_stays_and_is_told(self) -> None:
        shared = self.vendor.link("meetings", self.vendor.id_of(ANA)[0], self.vendor.id_of(EVA)[0], "both")
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
        (record,) = [one for one in records if one.match is Match.SHARED]
        assert (record.collection, record.count, record.others) == ("meetings", 1, 1)
        outcome = self.act(self.plan([ANA], Action.ERASE))["ana:kit:erase:1"]
        assert outcome.state is State.DONE
        assert self.vendor.linked("meetings", self.vendor.id_of(EVA)).count(shared) == 1

    def test_deals_of_closed_books_go_and_the_others_are_kept_until_their_day(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        kept = [one for one in steps[0].items if one.verb is Verb.KEEP and one.collection == "deals"]
        assert [(one.count, one.until, one.citation) for one in kept] == [
            (1, date(2032, 3, 1), BOOKS.citation)
        ]
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, outcome.final_on) == (State.DONE, date(2026, 8, 30))
        assert [row["dealname"] for row in self.vendor.table("deals").values()].count(
            "deal of this year"
        ) == 6
        assert sum(row["dealname"] == "deals one" for row in self.vendor.table("deals").values()) == 5

    def test_an_objection_ends_every_subscription_of_her_address_alone(self) -> None:
        outcome = self.act(self.plan([ANA], Action.STOP))["ana:kit:stop:1"]
        assert outcome.state is State.DONE
        states = {key: row["status"] for key, row in self.vendor.table("subscriptions").items()}
        hers = {key: state for key, state in states.items() if key.endswith(ANA.email)}
        assert set(hers.values()) == {"NOT_SUBSCRIBED"}
        assert len(hers) == 2
        assert {state for key, state in states.items() if key not in hers} == {"SUBSCRIBED"}

    def test_a_name_in_two_fields_is_corrected_where_it_changed(self) -> None:
        self.correction = Change("user.name", "Ana Corregida", ANA.name)  # type: ignore[misc]
        self.act(self.plan([ANA], Action.RECTIFY))
        row = self.vendor.table("contacts")[self.vendor.id_of(ANA)[0]]
        assert (row["firstname"], row["lastname"]) == ("Ana", "Corregida")

    def test_a_name_that_changed_altogether_goes_to_a_person(self) -> None:
        with self.opened() as connector:
            (intent,) = self.intents(connector, [ANA], Action.RECTIFY)
            changed = replace(intent, changes=(Change("user.name", "Lucía Pérez", ANA.name),))
            (step,) = connector.plan([changed])
        assert [one.kind for one in step.conflicts] == ["unknown"]

    def test_a_corrected_address_is_done_once(self) -> None:
        self.correction = Change("user.contact.email", "ana.nueva@correo.example", ANA.email)  # type: ignore[misc]
        steps = self.plan([ANA], Action.RECTIFY)
        states = [self.act(steps)[steps[0].intent.key].state for _ in range(2)]
        assert states == [State.DONE, State.ALREADY]
        assert self.residuals(steps, {steps[0].intent.key: Outcome(steps[0].intent.key, State.DONE)}) == ()

    def test_a_phone_alone_with_another_address_beside_it_only_proposes(self) -> None:
        subject = replace(self.subject(ANA), proved=(ANA.identifier("email"), EVA.identifier("phone")))
        with self.opened() as connector:
            records, _ = self.locate(connector, [subject])
        roots = {one.seen[0][1]: one.match for one in records if one.collection == "contacts"}
        assert roots == {ANA.email: Match.EXACT, EVA.email: Match.PROPOSED}

    def test_more_links_than_one_answer_holds_are_all_followed(self) -> None:
        self.vendor.grow(ANA, 230)
        with self.opened() as connector:
            records = self.hers(connector, [ANA])[ANA.key]
        assert [one.count for one in records if one.collection == "notes"] == [232]

    def test_calls_to_locate_fifty_people(self) -> None:
        people = crowd(50, start=100)
        self.add(people)
        before = len(self.vendor.exchanges)
        with self.opened() as connector:
            found = self.hers(connector, people)
        assert len([one for one in found.values() if one]) == 50
        assert len(self.vendor.exchanges) - before == 95

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS


CALLS = {"locate": 37, "read": 35, "rectify": 5, "stop": 7, "plan": 35, "erase": 61, "verify": 20}
"""For one person with one row of each kind, two of some; docs/connectors.md says the same."""
