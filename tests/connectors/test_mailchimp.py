"""Mailchimp: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dsr.contract import Action, Change, State
from dsr.testing import ANA, ConnectorKit
from vendors.ground import DUPLICATE, ONE_KEY
from vendors.kit import OnFake, VendorKit, calls_of_a_case
from vendors.mailchimp import Mailchimp
from vendors.matrix import FaultMatrix

CALLS = {"locate": 5, "read": 4, "rectify": 4, "stop": 4, "plan": 4, "erase": 13, "verify": 5}


class TestMailchimp(VendorKit, ConnectorKit):
    """A member goes with everything that hangs on it."""

    fake = Mailchimp
    correction = Change("user.demographic.language", "pt_PT")


class TestMailchimpFaults(FaultMatrix):
    """Every fault, one after the other."""

    fake = Mailchimp
    several_writes = False
    correction = TestMailchimp.correction
    left_out: ClassVar[Mapping[str, str]] = {DUPLICATE: ONE_KEY}


class TestMailchimpTraps(OnFake):
    """What this vendor does otherwise than others."""

    fake = Mailchimp

    def test_an_erasure_deletes_for_good_and_never_archives(self) -> None:
        [outcome] = self.act(self.plan([ANA], Action.ERASE)).values()
        sent = {one.asked.route for one in self.vendor.exchanges if one.asked.method != "GET"}
        assert outcome.state is State.DONE
        assert sent == {"POST lists/{list}/members/{id}/actions/delete-permanent"}

    def test_it_is_said_that_a_deletion_is_for_good_and_the_address_can_never_be_imported_again(self) -> None:
        with self.opened() as connector:
            (told,) = [one for one in connector.describe().capabilities if one.action is Action.ERASE]
        words: Any = told.sentence
        assert ("cannot be undone" in words["en"], "never be imported again" in words["en"]) == (True, True)

    def test_more_than_the_ten_connections_that_it_bears_are_never_opened(self) -> None:
        with self.opened() as connector:
            assert 1 < connector.describe().parallel <= 10

    def test_an_archived_member_is_still_found(self) -> None:
        self.row()["status"] = "archived"
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
        assert {record.collection for record in records} == {"members", "activity", "notes", "events"}

    def test_an_unsubscribed_member_has_nothing_to_be_stopped(self) -> None:
        self.row()["status"] = "cleaned"
        [step] = self.plan([ANA], Action.STOP)
        assert [item.count for item in step.items if item.verb == "stop"] in ([], [0])

    def test_a_surname_is_corrected_where_it_stands(self) -> None:
        first = str(ANA.name).partition(" ")[0]
        self.correction = Change("user.name", f"{first} Corregida")  # type: ignore[misc]
        self.act(self.plan([ANA], Action.RECTIFY))
        assert self.row()["full_name"] == f"{first} Corregida"

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS

    def row(self) -> dict[str, object]:
        """Ana as stored."""
        vendor: Mailchimp = self.vendor  # type: ignore[assignment]
        return vendor.table("members")[vendor.id_of(ANA)[0]]
