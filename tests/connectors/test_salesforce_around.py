"""Salesforce: what stands around a person's records: files, activities of several people, texts that mention her."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsr.contract import Action, Change, Intent, Match, Outcome, Record, State, Step, Verb
from dsr.testing import ANA, EVA, Person
from vendors.kit import OnFake
from vendors.salesforce import Salesforce


class OnSalesforce(OnFake):
    """What these tests share."""

    fake = Salesforce
    correction = Change("user.job_title", "Directora Corregida")
    vendor: Salesforce

    def setting(self, **more: str) -> None:
        """Settings besides the usual ones."""
        self.settings = {**self.settings, **more}

    def erased(self) -> Outcome:
        """Ana's certain records are erased, and nothing is left of them."""
        steps: tuple[Step, ...] = self.plan([ANA], Action.ERASE)
        outcomes = self.act(steps)
        assert (outcomes[steps[0].intent.key].state, self.residuals(steps, outcomes)) == (State.DONE, ())
        return outcomes[steps[0].intent.key]

    def records(self) -> list[Record]:
        """Everything that is found for Ana."""
        with self.opened() as opened:
            return list(self.locate(opened, [self.subject(ANA)])[0])

    def shared(self) -> list[tuple[str, int, int]]:
        """What is not hers alone: collection, rows, other people."""
        return [(r.collection, r.count, r.others) for r in self.records() if r.match is Match.SHARED]

    def kept(self, id: str, object: str) -> tuple[list[tuple[str, int, int]], bool]:
        """What is shared, and whether a row is still there after the erasure."""
        found = self.shared()
        self.erased()
        return found, id in self.vendor.table(object)


class TestSalesforceFiles(OnSalesforce):
    """Files hang on nothing: they are shown at records, and outlive them."""

    def test_a_file_is_given_with_title_size_and_link(self) -> None:
        with self.opened() as opened:
            ((_, row),) = self.read(opened, [one for one in self.records() if one.collection == "files"])
        told = {name: row.values[name] for name in ("Title", "FileType", "ContentSize", "Link")}
        link = f"{self.settings['domain']}/lightning/r/ContentDocument/{row.key[0]}/view"
        assert told == {"Title": "contract", "FileType": "PDF", "ContentSize": 4711, "Link": link}
        assert set(row.withheld) >= {"Title", "Description", "OwnerId"}

    def test_files_of_hers_alone_go_and_their_owner_is_no_other_person(self) -> None:
        before = len(self.vendor.table("ContentDocument"))
        self.erased()
        assert len(self.vendor.table("ContentDocument")) == before - 4

    @pytest.mark.parametrize("other", ["Contact", "Account"])
    def test_a_file_that_is_shown_elsewhere_too_stays_and_is_told(self, other: str) -> None:
        hers, evas = self.vendor.id_of(ANA)[0], self.vendor.id_of(EVA)[0]
        there = evas if other == "Contact" else self.vendor.add("Account", Name="Acme")
        file = self.vendor.file(hers, there)
        found = self.shared()
        self.erased()
        assert (found, file in self.vendor.table("ContentDocument")) == ([("files", 1, 1)], True)

    def test_a_file_at_her_contact_and_her_lead_is_hers_alone_and_counted_for_both(self) -> None:
        file = self.vendor.file(self.vendor.id_of(ANA)[0], self.vendor.id_of(ANA, "leads")[0])
        assert self.kept(file, "ContentDocument") == ([], False)


class TestSalesforceTogether(OnSalesforce):
    """Tasks and events of several people."""

    def shared_task(self) -> str:
        """Eva is the first of two; Ana stands in TaskRelation alone."""
        task = self.vendor.add(
            "Task", WhoId=self.vendor.id_of(EVA)[0], WhoCount=2, Subject="with Ana", IsArchived=False
        )
        for one in (EVA, ANA):
            self.vendor.add("TaskRelation", TaskId=task, RelationId=self.vendor.id_of(one)[0])
        return task

    def event(self, first: Person | None, *invited: Person) -> str:
        """An event of one person, to which others are invited."""
        who = self.vendor.id_of(first)[0] if first else None
        event = self.vendor.add(
            "Event", WhoId=who, WhoCount=1 if first else 0, Subject="fair", IsArchived=False
        )
        for one in invited:
            self.vendor.add("EventRelation", EventId=event, RelationId=self.vendor.id_of(one)[0])
        return event

    def test_a_task_of_which_she_is_the_second_person_is_found_and_stays(self) -> None:
        self.setting(shared_activities="yes")
        task = self.shared_task()
        assert self.kept(task, "Task") == ([("tasks", 1, 1)], True)

    def test_without_shared_activities_their_relations_are_not_asked_for(self) -> None:
        del self.vendor.schema["TaskRelation"]
        assert "tasks" in [one.collection for one in self.records()]

    def test_an_event_to_which_she_is_only_invited_stays_with_whose_it_is(self) -> None:
        event = self.event(EVA, ANA)
        assert self.kept(event, "Event") == ([("events", 1, 1)], True)

    def test_her_event_to_which_another_is_invited_stays(self) -> None:
        event = self.event(ANA, EVA)
        assert self.kept(event, "Event") == ([("events", 1, 1)], True)

    def test_an_event_to_which_nobody_but_she_is_invited_is_hers(self) -> None:
        event = self.event(None, ANA)
        assert self.kept(event, "Event") == ([], False)


class TestSalesforceMentions(OnSalesforce):
    """Texts that only mention her."""

    def mentions(self) -> list[Record]:
        """What is shown to a person."""
        return [one for one in self.records() if one.match is Match.MENTIONED]

    def test_texts_of_others_that_name_her_are_shown_and_nothing_of_them_is_given_at_once(self) -> None:
        eva = self.vendor.id_of(EVA)[0]
        self.vendor.add("Task", WhoId=eva, Description=f"Ask <{ANA.email.upper()}>.", IsArchived=False)
        self.vendor.table("Contact")[eva]["Description"] = f"works with {ANA.email}"
        self.vendor.add("Note", ParentId=eva, Body=f"x{ANA.email}", Title="another address")
        found = self.mentions()
        with self.opened() as opened:
            rows = [row for _, row in self.read(opened, found)]
        assert sorted((one.collection, one.seen) for one in found) == [
            ("contacts", (("email", ANA.email),)), ("tasks", (("email", ANA.email.upper()),)),
        ]  # fmt: skip
        assert [set(row.values) - set(row.withheld) for row in rows] == [set(), set()]

    def test_her_own_texts_are_no_mention(self) -> None:
        self.vendor.table("Contact")[self.vendor.id_of(ANA)[0]]["Description"] = f"write to {ANA.email}"
        self.vendor.add("Task", WhoId=self.vendor.id_of(ANA)[0], Subject=ANA.email, IsArchived=False)
        assert self.mentions() == []

    def test_a_mention_that_was_accepted_is_kept_for_a_person_and_corrects_nothing(self) -> None:
        eva = self.vendor.id_of(EVA)[0]
        self.vendor.table("Contact")[eva]["Description"] = f"works with {ANA.email}"
        found, before = self.mentions(), dict(self.vendor.table("Contact")[eva])
        with self.opened() as opened:
            told = {
                action: opened.plan(
                    [Intent("k", self.subject(ANA), action, tuple(found), changes=(self.correction,))]
                )[0]
                for action in (Action.ERASE, Action.RECTIFY, Action.STOP)
            }
        assert [(one.verb, one.count) for one in told[Action.ERASE].items] == [(Verb.KEEP, 1)]
        assert [(told[one].items, told[one].conflicts) for one in (Action.RECTIFY, Action.STOP)] == [
            ((), ())
        ] * 2
        self.erased()
        assert self.vendor.table("Contact")[eva] == before

    @pytest.mark.parametrize(
        "address", ["o'brien+x@correo.example", 'a"} OR {b@correo.example', "a\\-b!@correo.example"]
    )
    def test_what_sosl_reserves_stays_inside_its_quotes(self, address: str) -> None:
        odd = replace(ANA, key="odd", email=address)
        self.vendor.add("Case", Description=f"about ({address})", ContactId=self.vendor.id_of(EVA)[0])
        with self.opened() as opened:
            self.locate(opened, [self.subject(odd)])
        asked = [one for one in self.vendor.exchanges if one.asked.route == "GET search"]
        assert [one.reply.status for one in asked] == [200]
