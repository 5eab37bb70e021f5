"""Pipedrive: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dsr.contract import Action, Change, Match, State, Step, Verb
from dsr.testing import ANA, EVA, ConnectorKit, MemoryKeeper, crowd
from vendors.kit import OnFake, VendorKit, calls_of_a_case
from vendors.matrix import FaultMatrix
from vendors.pipedrive import MARK, Pipedrive


class TestPipedrive(VendorKit, ConnectorKit):
    """Deals stay while the law keeps the books; mails and the changelog are said to stay."""

    fake = Pipedrive
    kept = frozenset({"deals", "mail_messages", "changelog"})


class TestPipedriveFaults(FaultMatrix):
    """Every fault, one after the other."""

    fake = Pipedrive
    kept = TestPipedrive.kept


class TestPipedriveTraps(OnFake):
    """What is peculiar to Pipedrive."""

    fake = Pipedrive
    vendor: Pipedrive

    def test_archived_deals_and_leads_are_found_too(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        titles = sorted(row.values["title"] for _, row in rows if row.collection in ("deals", "leads"))
        assert titles == ["deal", "lead", "old deal", "old lead"]

    def test_an_erasure_is_final_after_thirty_days(self) -> None:
        outcome = self.act(self.plan([ANA], Action.ERASE))["ana:kit:erase:1"]
        assert (outcome.state, outcome.final_on) == (State.DONE, date(2026, 7, 1))

    def test_a_person_in_the_bin_is_not_readable(self) -> None:
        (id,) = self.vendor.id_of(ANA)
        self.vendor.table("persons")[str(id)]["is_deleted"] = True
        with self.opened() as connector:
            assert self.hers(connector, [ANA])[ANA.key] == ()

    def test_a_marketing_status_that_may_not_change_any_more_is_not_done(self) -> None:
        self.vendor.fixed_status = {str(self.vendor.id_of(ANA)[0])}
        outcome = self.act(self.plan([ANA], Action.STOP))["ana:kit:stop:1"]
        assert outcome.state is State.FAILED
        assert (
            self.vendor.table("persons")[str(self.vendor.id_of(ANA)[0])]["marketing_status"] == "subscribed"
        )

    def test_without_campaigns_there_is_nothing_to_stop(self) -> None:
        self.vendor.campaigns = False
        (step,) = self.plan([ANA], Action.STOP)
        assert step.items == ()

    def test_the_changelog_and_mails_are_given_and_said_to_stay(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        told = {row.collection: row for _, row in rows}
        assert told["changelog"].values["old_value"] == "old"
        assert told["mail_messages"].values["mail_tracking_status"] == "opened"
        (step,) = self.plan([ANA], Action.ERASE)
        stay = {one.collection for one in step.items if one.verb is Verb.KEEP}
        assert stay == {"changelog", "deals", "mail_messages"}

    def test_an_activity_with_somebody_else_stays(self) -> None:
        hers, evas = self.vendor.id_of(ANA)[0], self.vendor.id_of(EVA)[0]
        id = self.vendor.add("activities", hers, "lunch")
        self.vendor.table("activities")[id]["participants"].append({"person_id": evas, "primary": False})
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
        assert [(one.count, one.others) for one in records if one.match is Match.SHARED] == [(1, 1)]
        self.act(self.plan([ANA], Action.ERASE))
        assert id in self.vendor.table("activities")

    def test_one_address_of_several_is_corrected_and_the_others_stay(self) -> None:
        row = self.vendor.table("persons")[str(self.vendor.id_of(ANA)[0])]
        row["emails"].append({"value": "ana@casa.example", "primary": False, "label": "home"})
        self.correction = Change("user.contact.email", "ana.nueva@correo.example", ANA.email)  # type: ignore[misc]
        steps = self.plan([ANA], Action.RECTIFY)
        states = [self.act(steps)[steps[0].intent.key].state for _ in range(2)]
        assert states == [State.DONE, State.ALREADY]
        assert [one["value"] for one in row["emails"]] == ["ana.nueva@correo.example", "ana@casa.example"]

    def test_the_mark_of_a_restriction_gives_way_to_what_was_there(self) -> None:
        row = self.vendor.table("persons")[str(self.vendor.id_of(ANA)[0])]
        row["custom_fields"] = {MARK: "vip", "other": "kept"}
        keeper = MemoryKeeper()
        (outcome,) = self.act(self.plan([ANA], Action.RESTRICT), keeper).values()
        assert row["custom_fields"] == {MARK: "restricted", "other": "kept"}
        seals = tuple(one.id for one in outcome.seals)
        self.act(self.plan([ANA], Action.LIFT, seals=seals), keeper)
        assert row["custom_fields"] == {MARK: "vip", "other": "kept"}

    def test_a_value_set_by_somebody_else_since_then_stays_when_lifted(self) -> None:
        row = self.vendor.table("persons")[str(self.vendor.id_of(ANA)[0])]
        keeper = MemoryKeeper()
        (outcome,) = self.act(self.plan([ANA], Action.RESTRICT), keeper).values()
        row["custom_fields"][MARK] = "by hand"
        steps = self.plan([ANA], Action.LIFT, seals=tuple(one.id for one in outcome.seals))
        (lifted,) = self.act(steps, keeper).values()
        assert (lifted.state, row["custom_fields"][MARK]) == (State.ALREADY, "by hand")

    def test_a_claimed_address_alone_finds_only_a_proposal(self) -> None:
        nobody = replace(
            self.subject(ANA), key="n", proved=(EVA.identifier("email"),), claimed=(ANA.identifier("email"),)
        )
        with self.opened() as connector:
            records, _ = self.locate(connector, [nobody])
        found = {one.seen[0][1]: one.match for one in records if one.collection == "persons"}
        assert found == {EVA.email: Match.EXACT, ANA.email: Match.PROPOSED}

    def test_fields_of_unknown_origin_are_a_question_until_a_setting_answers(self) -> None:
        step = self.portable({})
        assert {(one.kind, one.collection) for one in step.conflicts} == {
            ("unknown", "persons"),
            ("unknown", "deals"),
        }
        step = self.portable({"origin": "provided"})
        assert step.conflicts == ()
        fields = {one.collection: one.fields for one in step.items}
        assert "custom_fields" in fields["persons"]
        assert "content" not in fields["notes"]

    def portable(self, more: dict[str, str]) -> Step:
        """The plan of a portability with these settings besides."""
        self.settings = {**self.settings, **more}
        with self.opened() as connector:
            (intent,) = self.intents(connector, [ANA], Action.EXPORT)
            (step,) = connector.plan([replace(intent, scope="portable")])
        return step

    def test_calls_to_locate_fifty_people(self) -> None:
        people = crowd(50, start=100)
        self.add(people)
        before = len(self.vendor.exchanges)
        with self.opened() as connector:
            found = self.hers(connector, people)
        assert len([one for one in found.values() if one]) == 50
        assert len(self.vendor.exchanges) - before == 503

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS


CALLS = {"locate": 11, "read": 10, "rectify": 4, "stop": 4, "plan": 10, "erase": 32, "verify": 9}
"""For one person with one row of each kind, two of some; docs/connectors.md says the same."""
