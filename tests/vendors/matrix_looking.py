"""The fault matrix while a connector only looks."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pytest

from dsr.contract import ConnectorError
from dsr.testing import ANA, NOW

from .faults import BIG, BROKEN, HUGE, LATER, PASSING, instead, order, stretched
from .ground import Ground, keys, strings


class FaultsWhileLooking(Ground):
    """Searching and reading."""

    only_looks: ClassVar[tuple[str, ...]] = (
        "test_a_passing_fault_while_looking_is_got_over_or_told",
        "test_come_back_later_parks_the_work",
        "test_retry_after_is_kept",
        "test_a_daily_budget_parks_until_the_day_is_over",
        "test_no_answer_of_the_vendor_is_never_nothing_found",
        "test_other_peoples_records_in_an_answer_are_dropped_and_counted",
        "test_a_listing_without_an_end_ends",
        "test_a_listing_that_shifts_loses_nobodys_rows",
        "test_ten_megabytes_that_nobody_asked_for_do_no_harm",
        "test_a_field_of_ten_megabytes_is_given_whole_or_told",
    )

    @pytest.mark.parametrize("fault", PASSING)
    def test_a_passing_fault_while_looking_is_got_over_or_told(self, fault: str) -> None:
        with self.opened() as connector:
            whole, _ = self.locate(connector, [self.subject(ANA)])
        order(self.vendor, PASSING[fault], times=1)
        try:
            with self.opened() as connector:
                found, _ = self.locate(connector, [self.subject(ANA)])
        except ConnectorError as error:
            self.check_words(f"{error} {error.args}", "an error")
            found = whole
        assert found == whole

    def test_come_back_later_parks_the_work(self, wait: str) -> None:
        order(self.vendor, instead(LATER[wait](self.vendor)))
        before = self.asked()
        error = self.trouble()
        assert not error.permanent
        assert error.retry_at is not None
        assert NOW < error.retry_at <= NOW + timedelta(days=2)
        assert self.asked() == before + 1, "asks again although it was asked to wait"

    def test_retry_after_is_kept(self) -> None:
        order(self.vendor, instead(LATER["429 with Retry-After"](self.vendor)))
        assert self.trouble().retry_at == NOW + timedelta(seconds=120)

    def test_a_daily_budget_parks_until_the_day_is_over(self) -> None:
        order(self.vendor, instead(self.vendor.budget()))
        at = self.trouble().retry_at
        assert at is not None
        assert at >= NOW + timedelta(hours=1)

    def test_no_answer_of_the_vendor_is_never_nothing_found(self, wrong: str) -> None:
        order(self.vendor, BROKEN[wrong](self.vendor))
        assert self.trouble().retry_at is None

    def test_other_peoples_records_in_an_answer_are_dropped_and_counted(self) -> None:
        asked = [self.subject(ANA)]
        with self.opened() as connector:
            whole, _ = self.locate(connector, asked)
        self.vendor.quirks = {"strangers"}
        with self.opened() as connector:
            found, _ = self.locate(connector, asked)
        assert self.vendor.quirks.met == {"strangers"}, "nobody else was shown"
        assert found == whole, "not even proposed"
        assert [one for one in self.logged if one.startswith("answers_of_others")] != []

    @pytest.mark.parametrize("quirk", ["loop", "repeat"])
    def test_a_listing_without_an_end_ends(self, quirk: str) -> None:
        with self.opened() as connector:
            whole = self.hers(connector, [ANA])[ANA.key]
        self.vendor.quirks = {quirk}
        try:
            with self.opened() as connector:
                found = self.hers(connector, [ANA])[ANA.key]
        except ConnectorError as error:
            assert not error.permanent
            found = whole
        assert self.vendor.quirks.met == {quirk}, "nothing is listed in pages"
        assert found == whole

    def test_a_listing_that_shifts_loses_nobodys_rows(self) -> None:
        self.vendor.grow(ANA, 230)
        with self.opened() as connector:
            records = self.hers(connector, [ANA])[ANA.key]
        self.vendor.quirks = {"shift"}
        try:
            with self.opened() as connector:
                found = self.read(connector, records)
        except ConnectorError as error:
            assert not error.permanent
            found = []
        assert self.vendor.quirks.met == {"shift"}, "nothing shifts between two pages"
        if not found:
            return
        self.vendor.quirks = set()
        with self.opened() as connector:
            there = self.read(connector, records)
        assert keys(found) == keys(there)

    def test_ten_megabytes_that_nobody_asked_for_do_no_harm(self) -> None:
        with self.opened() as connector:
            whole = self.hers(connector, [ANA])[ANA.key]
        order(self.vendor, HUGE, times=3)
        with self.opened() as connector:
            assert self.hers(connector, [ANA])[ANA.key] == whole

    def test_a_field_of_ten_megabytes_is_given_whole_or_told(self) -> None:
        with self.opened() as connector:
            records = self.hers(connector, [ANA])[ANA.key]
            there = self.read(connector, records)
        texts = {one for _, row in there for one in strings(row.values) if one.isascii()}
        word = max(
            (one for one in texts if not set(one) & set("@0123456789")), key=lambda one: (len(one), one)
        )
        longer = stretched(word)
        order(self.vendor, longer)
        try:
            with self.opened() as connector:
                given = self.read(connector, records)
        except ConnectorError as error:
            self.check_words(f"{error} {error.args}", "an error")
            given = there
        assert longer.met, "no field was longer"
        found = [one for _, row in given for one in strings(row.values) if one.startswith(word)]
        assert {len(str(one)) - len(word) for one in found if set(str(one)[len(word) :]) <= {"x"}} <= {0, BIG}
