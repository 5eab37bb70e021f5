"""listmonk: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from dsr.contract import Action, State
from dsr.testing import ANA, ConnectorKit
from vendors.ground import ONE_ANSWER, SHIFTING
from vendors.kit import OnFake, VendorKit, calls_of_a_case
from vendors.listmonk import Listmonk
from vendors.matrix import FaultMatrix

CALLS = {"locate": 5, "read": 4, "rectify": 4, "stop": 4, "plan": 4, "erase": 13, "verify": 5}


class TestListmonk(VendorKit, ConnectorKit):
    """A subscriber goes with everything that hangs on it."""

    fake = Listmonk


class TestListmonkFaults(FaultMatrix):
    """Every fault, one after the other."""

    fake = Listmonk
    several_writes = False
    left_out: ClassVar[Mapping[str, str]] = {SHIFTING: ONE_ANSWER}


class TestListmonkTraps(OnFake):
    """What this vendor does otherwise than others."""

    fake = Listmonk

    def test_a_quote_in_an_address_is_searched_for_and_nothing_else(self) -> None:
        self.vendor.new("subscribers", {**self.row(), "email": "o'hara@correo.example"})
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
        asked = [one.asked.query.get("query", "") for one in self.vendor.exchanges]
        assert {record.subject for record in records} == {ANA.key}
        assert all(query.count("'") % 2 == 0 for query in asked)

    def test_a_correction_keeps_the_lists(self) -> None:
        [outcome] = self.act(self.plan([ANA], Action.RECTIFY)).values()
        assert (outcome.state, [one["id"] for one in self.row()["lists"]]) == (State.DONE, [3])

    def test_an_objection_blocklists_and_leaves_every_list(self) -> None:
        self.act(self.plan([ANA], Action.STOP))
        row = self.row()
        assert (row["status"], [one["subscription_status"] for one in row["lists"]]) == (
            "blocklisted", ["unsubscribed"],
        )  # fmt: skip

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS

    def row(self) -> dict[str, object]:
        """Ana as stored."""
        vendor: Listmonk = self.vendor  # type: ignore[assignment]
        return vendor.table("subscribers")[str(vendor.id_of(ANA)[0])]
