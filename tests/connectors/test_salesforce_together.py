"""Salesforce: queries that go together in one request, and what happens when a part of it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dsr.contract import Action, ConnectorError
from dsr.testing import ANA, Person
from vendors.faults import instead, order
from vendors.kit import OnFake
from vendors.salesforce import Salesforce
from vendors.salesforce_asking import failed


class TestSalesforceOneRequest(OnFake):
    """Queries that do not wait for one another go in one request, five at a time."""

    fake = Salesforce

    def calls(self, people: Sequence[Person]) -> tuple[int, int]:
        """Requests to find these people and to plan their erasure."""
        before = len(self.vendor.exchanges)
        with self.opened() as opened:
            intents = self.intents(opened, people, Action.ERASE)
        found = len(self.vendor.exchanges)
        with self.opened() as opened:
            opened.plan(intents)
        return found - before, len(self.vendor.exchanges) - found

    def test_ten_people_are_found_and_planned_with_the_calls_of_one(self) -> None:
        more = [
            replace(ANA, key=f"p{n}", email=f"p{n}@correo.example", phone=f"+3460000010{n}", number=f"N{n}")
            for n in range(9)
        ]
        self.seed(more)
        assert self.calls([ANA, *more]) == self.calls([ANA])

    @pytest.mark.parametrize("status", [400, 403, 500])
    def test_a_part_that_fails_is_asked_again_by_itself_and_nothing_is_lost(self, status: int) -> None:
        with self.opened() as opened:
            whole = self.hers(opened, [ANA])[ANA.key]
        order(
            self.vendor, instead(failed(status, "UNKNOWN_EXCEPTION", "no")), times=1,
            when=lambda one: one.route == "GET query" and "CampaignMember" in one.query["q"],
        )  # fmt: skip
        with self.opened() as opened:
            assert self.hers(opened, [ANA])[ANA.key] == whole

    def test_a_part_that_fails_by_itself_too_is_no_empty_answer(self) -> None:
        order(
            self.vendor, instead(failed(400, "INVALID_FIELD", "no")),
            when=lambda one: one.route == "GET query" and "CampaignMember" in one.query["q"],
        )  # fmt: skip
        with self.opened() as opened, pytest.raises(ConnectorError):
            self.hers(opened, [ANA])
