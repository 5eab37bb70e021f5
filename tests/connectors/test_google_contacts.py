"""Google Contacts: the conformance kit, the fault matrix, and the traps of the People API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest

from dsr.contract import (
    Action,
    Change,
    ConnectorError,
    Found,
    Identifier,
    Match,
    State,
    Subject,
    Verb,
)
from dsr.testing import ANA, EVA, NOW, ConnectorKit, Disturbance, MemoryKeeper
from listingkit import ListingKit
from vendors.faults import order
from vendors.google_people import MARK
from vendors.google_stage import OnPeople
from vendors.ground import EVERYBODY, SHIFTING, STRANGERS
from vendors.kit import BOOKS, VendorKit, calls_of_a_case
from vendors.matrix import FaultMatrix
from vendors.server import Asked, Reply

LATER = NOW + timedelta(minutes=10)
LIST, BATCH = "GET v1/people/me/connections", "GET v1/people:batchGet"
UPDATE = "PATCH v1/people/{id}:updateContact"


class TestGoogleContacts(OnPeople, VendorKit, ListingKit, ConnectorKit):
    """Other contacts stay: no program can delete them."""


class TestGoogleContactsFaults(OnPeople, FaultMatrix):
    """One change erases all her contacts. What Google takes and does not show yet is waited for."""

    several_writes = False
    changes = (Action.RECTIFY, Action.RESTRICT)
    accepted = frozenset({Action.ERASE, Action.RECTIFY, Action.RESTRICT})
    left_out: ClassVar[Mapping[str, str]] = {
        STRANGERS: EVERYBODY,
        SHIFTING: "see test_a_listing_that_shifts_is_read_until_two_passes_agree",
    }


class TestGoogleContactsTraps(OnPeople):
    """What is peculiar to the People API."""

    def rectify(self, change: Change, keeper: MemoryKeeper | None = None) -> Any:
        """Her correction, planned and carried out."""
        self.correction = change  # type: ignore[misc]
        return self.act(self.plan([ANA], Action.RECTIFY), keeper)["ana:kit:rectify:1"]

    def sent(self, route: str) -> list[Asked]:
        """What was asked of a route."""
        return [one.asked for one in self.vendor.exchanges if one.asked.route == route]

    def test_a_deletion_that_is_not_shown_yet_is_pending_and_done_when_it_is(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.quirks = {"slow"}
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, outcome.check_after, outcome.final_on) == (
            State.PENDING,
            LATER,
            date(2026, 7, 1),
        )
        assert self.residuals(steps, {outcome.key: outcome}) == (outcome.key,)
        self.vendor.settle()
        assert self.residuals(steps, {outcome.key: outcome}) == ()
        assert self.act(steps)[outcome.key].state is State.ALREADY

    def test_a_correction_that_is_not_shown_yet_is_pending(self) -> None:
        steps = self.plan([ANA], Action.RECTIFY)
        self.vendor.quirks = {"slow"}
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, outcome.check_after, outcome.final_on) == (State.PENDING, LATER, None)
        self.vendor.settle()
        assert self.residuals(steps, {outcome.key: outcome}) == ()

    def test_a_deletion_is_final_when_the_trash_is_empty(self) -> None:
        outcome = self.act(self.plan([ANA], Action.ERASE))["ana:kit:erase:1"]
        assert (outcome.state, outcome.final_on) == (State.DONE, date(2026, 7, 1))

    def test_a_contact_that_changed_between_reading_and_writing_is_a_conflict_and_stays(self) -> None:
        steps = self.plan([ANA], Action.RECTIFY)

        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            id = asked.parts["id"]
            self.vendor.table("contacts")[id]["nicknames"] = [{"value": "Anita"}]
            self.vendor.versions[id] += 1
            return right()

        order(self.vendor, how, times=1, when=lambda asked: asked.route == UPDATE)
        outcome = self.act(steps)[steps[0].intent.key]
        rows = [self.vendor.table("contacts")[id] for id in self.vendor.id_of(ANA)]
        assert outcome.state is State.CONFLICT
        assert {one["names"][0]["displayName"] for one in rows} == {ANA.name}
        assert [one["nicknames"] for one in rows if "nicknames" in one] == [[{"value": "Anita"}]]

    def test_a_contact_handed_over_right_before_it_is_deleted_stays(self) -> None:
        steps = self.plan([ANA], Action.ERASE)

        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            reply = right()
            self.vendor.disturb(Disturbance.HAND_OVER, ANA, EVA)
            return reply

        order(self.vendor, how, times=1, when=lambda asked: asked.route == BATCH)
        before = len(self.vendor.table("contacts"))
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, len(self.vendor.table("contacts"))) == (State.CONFLICT, before)

    def test_an_update_names_the_version_and_sends_the_changed_field_alone(self) -> None:
        self.rectify(Change("user.job_title", "Gerente"))
        (asked,) = self.sent(UPDATE)
        assert asked.query["updatePersonFields"] == "organizations"
        assert asked.body["organizations"] == [{"name": "Acme", "title": "Gerente"}]
        assert [one["etag"] for one in asked.body["metadata"]["sources"]] == ["#1"]
        assert set(asked.body) == {"metadata", "organizations"}

    def test_of_two_addresses_the_one_that_is_meant_is_changed(self) -> None:
        hers = self.vendor.id_of(ANA)[0]
        self.vendor.table("contacts")[hers]["emailAddresses"].append({"value": "ana.dos@correo.example"})
        outcome = self.rectify(
            Change("user.contact.email", "ana.tres@correo.example", "ana.dos@correo.example")
        )
        values = [one["value"] for one in self.vendor.table("contacts")[hers]["emailAddresses"]]
        assert (outcome.state, values) == (State.DONE, [ANA.email, "ana.tres@correo.example"])

    def test_a_birthday_is_written_as_a_day(self) -> None:
        hers = self.vendor.id_of(ANA)[0]
        self.vendor.table("contacts")[hers]["birthdays"] = [{"date": {"year": 1980, "month": 2, "day": 1}}]
        outcome = self.rectify(Change("user.demographic.date_of_birth", "1980-01-02", "1980-02-01"))
        assert outcome.state is State.DONE
        assert self.vendor.table("contacts")[hers]["birthdays"] == [
            {"date": {"year": 1980, "month": 1, "day": 2}}
        ]

    @pytest.mark.parametrize("value", ["600200200", "", "+34\x00600", 7, "+3" * 900])
    def test_a_phone_that_google_would_read_in_its_own_way_is_a_conflict(self, value: object) -> None:
        with self.opened() as connector:
            (intent,) = self.intents(connector, [ANA], Action.RECTIFY)
            changes = (Change("user.contact.phone_number", value),)
            (step,) = connector.plan([replace(intent, changes=changes)])
        assert {one.kind for one in step.conflicts} == {"type"}

    def test_other_contacts_are_given_and_kept_with_what_a_person_does(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        steps = self.plan([ANA], Action.ERASE)
        outcome = self.act(steps)[steps[0].intent.key]
        kept = [one for one in steps[0].items if one.verb is Verb.KEEP]
        assert [row.collection for _, row in rows].count("other_contacts") == 1
        assert [(one.collection, one.count) for one in kept] == [("other_contacts", 1)]
        assert "contacts.google.com" in kept[0].reason["en"]  # type: ignore[index]
        assert [one.kept for one in outcome.items if one.item == kept[0].id] == [1]
        assert self.vendor.raw(ANA) == {"contacts": 0, "other_contacts": 1, "directory": 0}

    def test_a_person_of_the_directory_is_found_and_kept(self) -> None:
        about = {"names": [{"displayName": ANA.name}], "emailAddresses": [{"value": ANA.email}]}
        self.vendor.new("directory", about, "77")
        steps = self.plan([ANA], Action.ERASE)
        kept = {one.collection: one.reason for one in steps[0].items if one.verb is Verb.KEEP}
        assert set(kept) == {"other_contacts", "directory"}
        assert "admin console" in kept["directory"]["en"]  # type: ignore[index]
        assert self.act(steps)[steps[0].intent.key].state is State.DONE

    def test_without_the_setting_the_directory_is_not_asked(self) -> None:
        self.settings = {**self.settings, "directory": False, "other_contacts": False}
        with self.opened() as connector:
            self.hers(connector, [ANA])
            titles = [one.name for one in connector.describe().collections]
        assert titles == ["contacts"]
        assert {one.asked.route for one in self.vendor.exchanges} == {LIST, BATCH}

    def test_a_profile_that_stays_when_the_contact_is_gone_is_no_contact(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.quirks = {"profile"}
        outcome = self.act(steps)[steps[0].intent.key]
        assert outcome.state is State.DONE
        assert self.residuals(steps, {outcome.key: outcome}) == ()

    def test_a_contact_with_an_address_of_another_contact_is_shared_and_stays(self) -> None:
        both = self.vendor.contact(ANA)
        self.vendor.table("contacts")[both]["emailAddresses"].append({"value": EVA.email})
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
        shared = [one.anchor[1] for one in records if one.match is Match.SHARED]
        self.act(self.plan([ANA], Action.ERASE))
        assert shared == [(f"people/{both}",)]
        assert self.vendor.id_of(ANA) == [both]

    def test_a_company_is_only_proposed(self) -> None:
        acme = self.vendor.contact(ANA, organizations=[{"name": "Acme"}])
        del self.vendor.table("contacts")[acme]["names"]
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
        assert [one.anchor[1] for one in records if one.match is Match.PROPOSED] == [(f"people/{acme}",)]

    def test_a_note_that_mentions_her_is_shown_and_never_acted_on(self) -> None:
        evas = self.vendor.id_of(EVA)[0]
        self.vendor.table("contacts")[evas]["biographies"] = [{"value": f"Friend of {ANA.email}."}]
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
            mentioned = [one for one in records if one.match is Match.MENTIONED]
            rows = self.read(connector, mentioned)
            (intent,) = self.intents(connector, [ANA], Action.ERASE)
            (step,) = connector.plan([replace(intent, records=tuple(records))])
        self.act([step])
        assert [set(row.values) - set(row.withheld) for _, row in rows] == [set()]
        assert {one.verb for one in step.items if one.id == mentioned[0].id} == {Verb.KEEP}
        assert evas in self.vendor.id_of(EVA)

    def test_notes_relations_and_custom_fields_wait_for_somebody_to_look_at_them(self) -> None:
        hers = self.vendor.id_of(ANA)[0]
        self.vendor.table("contacts")[hers] |= {
            "relations": [{"person": EVA.name, "type": "friend"}],
            "userDefined": [{"key": "met with", "value": EVA.name}],
        }
        with self.opened() as connector:
            rows = {row.key[0]: row for _, row in self.read(connector, self.hers(connector, [ANA])[ANA.key])}
        assert set(rows[f"people/{hers}"].withheld) == {"relations", "userDefined"}

    def test_what_the_law_keeps_is_counted_from_the_event_of_the_contact(self) -> None:
        self.settings = {**self.settings, "keep": {"rule": BOOKS.id, "date": "events"}}
        first, second = self.vendor.id_of(ANA)
        self.vendor.table("contacts")[first]["events"] = [{"date": {"year": 2025, "month": 3, "day": 1}}]
        self.vendor.table("contacts")[second]["events"] = [{"date": {"year": 2015, "month": 3, "day": 1}}]
        steps = self.plan([ANA], Action.ERASE)
        kept = {one.collection: one.until for one in steps[0].items if one.verb is Verb.KEEP}
        assert kept == {"contacts": date(2031, 3, 1), "other_contacts": None}
        assert self.act(steps)[steps[0].intent.key].state is State.DONE
        assert self.vendor.id_of(ANA) == [first]

    def test_labels_are_told_by_their_names(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        assert {tuple(row.values["memberships"]) for _, row in rows if row.collection == "contacts"} == {
            ("My Contacts", "Friends")
        }

    def test_a_mark_leaves_other_custom_fields_as_they_are(self) -> None:
        hers = self.vendor.id_of(ANA)[0]
        self.vendor.table("contacts")[hers]["userDefined"] = [{"key": "shoe", "value": "38"}]
        keeper = MemoryKeeper()
        self.act(self.plan([ANA], Action.RESTRICT), keeper)
        assert self.vendor.table("contacts")[hers]["userDefined"] == [
            {"key": "shoe", "value": "38"},
            {"key": MARK, "value": "restricted"},
        ]

    def test_without_a_field_a_person_restricts(self) -> None:
        self.settings = {name: one for name, one in self.settings.items() if name != "restriction_field"}
        with self.opened() as connector:
            (intent,) = self.intents(connector, [ANA], Action.RESTRICT)
            (step,) = connector.plan([intent])
        assert ([one.kind for one in step.conflicts], step.items) == (["unsupported"], ())

    def test_a_listing_that_shifts_is_read_until_two_passes_agree(self) -> None:
        self.vendor.largest = 5
        lost = next(iter(self.vendor.table("contacts")))
        self.vendor.quirks = {"shift"}
        with self.opened() as connector:
            found = self.hers(connector, self.everyone)
        there = {f"people/{id}" for id in self.vendor.table("contacts")}
        names = {str(r.anchor[1][0]) for many in found.values() for r in many if r.collection == "contacts"}
        assert (names, f"people/{lost}" in names) == (there, False)

    def test_a_batch_that_leaves_somebody_out_is_no_answer(self) -> None:
        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            return Reply(200, {"responses": right().data["responses"][1:]})

        order(self.vendor, how, when=lambda asked: asked.route == BATCH)
        with self.opened() as connector, pytest.raises(ConnectorError, match="leaves somebody out"):
            connector.locate([self.subject(ANA)])

    def test_strange_values_of_fields_are_read_and_harm_nothing(self) -> None:
        hers = self.vendor.id_of(ANA)[0]
        strange: Any = [
            {"date": {"year": "x", "month": None}},
            {"date": 5, "text": "long ago"},
            {"date": {"month": 2, "day": 1}},
        ]
        self.vendor.table("contacts")[hers]["birthdays"] = strange
        order(self.vendor, lambda asked, right: right())
        outcome = self.rectify(Change("user.name", "Ana Corregida"))
        assert outcome.state is State.DONE

    def test_five_hundred_contacts_are_deleted_with_few_calls(self) -> None:
        self.vendor.largest = 1000
        self.vendor.grow(ANA, 600)
        steps = self.plan([ANA], Action.ERASE)
        before = len(self.vendor.exchanges)
        with self.opened() as connector:
            list(connector.plan([one.intent for one in steps]))
        assert len(self.vendor.exchanges) - before == 5

    def test_a_phone_that_google_knows_with_its_country_finds_her(self) -> None:
        hers = self.vendor.id_of(ANA)[0]
        self.vendor.table("contacts")[hers] |= {
            "phoneNumbers": [{"value": "600 100 101", "canonicalForm": ANA.phone}],
            "emailAddresses": [{"value": "otra@correo.example"}],
        }
        with self.opened() as connector:
            records, _ = self.locate(connector, [Subject("s", (ANA.identifier("phone"),))])
        assert (f"people/{hers}",) in [one.anchor[1] for one in records]

    def test_an_address_in_capitals_is_hers(self) -> None:
        self.vendor.contact(ANA, email=ANA.email.upper())
        with self.opened() as connector:
            found = self.hers(connector, [ANA])[ANA.key]
        assert sum(one.count for one in found if one.collection == "contacts") == 3

    def test_a_missing_scope_is_told_for_good(self) -> None:
        self.vendor.tokens.scopes = {"contacts"}
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            self.hers(connector, [ANA])
        assert (caught.value.permanent, caught.value.retry_at) == (True, None)

    def test_hostile_values_find_nobody(self) -> None:
        values = ["*", "ana.garcia", "correo.example", "\x00", "people/me", "x" * 1_000_000]
        subjects = [Subject(f"s{n}", (Identifier("email", v),)) for n, v in enumerate(values) if v.strip()]
        with self.opened() as connector:
            records, searched = self.locate(connector, subjects)
        assert (records, {one.found for one in searched}) == ([], {Found.NOTHING})

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS


CALLS = {"locate": 4, "read": 3, "rectify": 8, "plan": 2, "erase": 6, "verify": 5}
"""For one person with two contacts and one other contact; docs/connectors.md says the same."""
