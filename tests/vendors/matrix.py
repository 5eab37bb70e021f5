"""The fault matrix: every vendor, every fault. Never a wrong person touched, never "done" while readable,
every call bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from connectors.rest import connector
from dsr.contract import Action, ConnectorError, Context, Found, Limits, Outcome, Row, State, Step
from dsr.testing import ANA, EVA, NOW, Disturbance, MemoryKeeper

from .faults import BROKEN, HUGE, LATER, PASSING, after, instead, order, reading, writing
from .kit import OnFake
from .server import Asked, Reply

FINISHED = frozenset({State.DONE, State.ALREADY})
SECONDS, REQUESTS = 40.0, 1500
"""No test of one person takes longer, and none asks more often, whatever is wrong."""
CHANGES = (Action.RECTIFY, Action.RESTRICT, Action.STOP)
ROUNDS = 12
PATIENCE = 6.0
"""Seconds a call may take."""
CUT = Reply(cut=True)


LOOKING = (
    "test_a_passing_fault_while_looking_is_got_over_or_told",
    "test_come_back_later_parks_the_work",
    "test_retry_after_is_kept",
    "test_a_daily_budget_parks_until_the_day_is_over",
    "test_no_answer_of_the_vendor_is_never_nothing_found",
    "test_other_peoples_records_in_an_answer_are_dropped_and_counted",
    "test_a_listing_without_an_end_ends",
    "test_a_listing_that_shifts_loses_nobodys_rows",
    "test_ten_megabytes_that_nobody_asked_for_do_no_harm",
)
"""Tests that only look."""


class FaultMatrix(OnFake):
    """Subclass and name the fake. ``changes``: the actions besides erasure that this vendor does by itself."""

    changes: ClassVar[tuple[Action, ...]] = CHANGES
    looks = True
    """Without: only what changes something is tried, for a second way of doing it."""
    several_writes = True
    """Without: one change erases everything, so that there is no middle in which something may go wrong."""

    def __init_subclass__(cls, **facts: Any) -> None:
        """A test that means nothing for a vendor is not there; one that is skipped would hide others."""
        super().__init_subclass__(**facts)
        if not cls.several_writes:
            cls.test_a_record_handed_over_in_the_middle_of_the_work_is_not_deleted = None  # type: ignore[assignment]
        for name in LOOKING if not cls.looks else ():
            setattr(cls, name, None)
        if not cls.changes:
            cls.test_a_change_that_is_ignored_is_not_done = None  # type: ignore[assignment]

    """Whether erasing a person takes more than one change."""
    accepted: ClassVar[frozenset[Action]] = frozenset()
    """Actions that this vendor only accepts and does later: what it does not do is waited for, and is never done."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Tests with ``change`` run for every action that changes something."""
        if "change" in metafunc.fixturenames:
            metafunc.parametrize("change", self.changes)

    @pytest.fixture(autouse=True)
    def bounded(self, stage: None) -> Iterator[None]:
        """Every test ends in time and with few requests."""
        start = time.monotonic()
        yield
        assert time.monotonic() - start < SECONDS, "takes too long"
        assert len(self.vendor.exchanges) < REQUESTS, "asks too often"

    def context(self, *, page: int = 1000, read_only: bool = False) -> Context:
        """Patience is short, so that tests are."""
        return replace(super().context(page=page, read_only=read_only), limits=Limits(page, PATIENCE))

    def tried(self, steps: Sequence[Step], keeper: MemoryKeeper | None = None) -> Outcome | ConnectorError:
        """What comes of it: an outcome, or the system is in trouble. Nobody else is touched, nothing is made up."""
        before = self.of_others()
        try:
            result: Outcome | ConnectorError = self.act(steps, keeper)[steps[0].intent.key]
        except ConnectorError as error:
            self.check_words(f"{error} {error.args}", "an error")
            result = error
        assert self.of_others() == before, "somebody else's rows changed"
        if isinstance(result, Outcome) and result.state in FINISHED:
            assert self.left(ANA) == {} or steps[0].intent.action is not Action.ERASE, (
                "done, but it can be read"
            )
        return result

    def of_others(self) -> dict[str, dict[str, int]]:
        """Rows of everybody but Ana."""
        return {one.key: dict(self.raw(one)) for one in self.everyone if one is not ANA}

    def undone(self, action: Action, quirk: str) -> State:
        """What comes of a change that was not made: refused or ignored, or accepted and still to come."""
        return State.PENDING if action in self.accepted and quirk != "refused" else State.FAILED

    def finished(self) -> None:
        """Taken up again as the service does, planned anew: it comes to an end once the fault is over."""
        self.vendor.faults.clear()
        for _ in range(ROUNDS):
            if self.left(ANA) == {}:
                return
            self.tried(self.plan([ANA], Action.ERASE))
        assert self.left(ANA) == {}, "never finished"

    def trouble(self) -> ConnectorError:
        """A search that must fail: no answer is never 'nothing found'."""
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            connector.locate([self.subject(ANA)])
        self.check_words(f"{caught.value} {caught.value.args}", "an error")
        return caught.value

    def asked(self) -> int:
        """Requests so far."""
        return len(self.vendor.exchanges)

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

    @pytest.mark.parametrize("fault", PASSING)
    def test_a_passing_fault_while_changing_ends_well(self, fault: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        order(self.vendor, PASSING[fault], times=1, when=writing(self.vendor))
        self.tried(steps)
        self.finished()

    @pytest.mark.parametrize("wait", LATER)
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

    @pytest.mark.parametrize("wait", LATER)
    def test_come_back_later_between_two_changes_claims_nothing(self, wait: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        writes = iter(range(100))

        def second(asked: object) -> bool:
            return writing(self.vendor)(asked) and next(writes) >= 1  # type: ignore[arg-type]

        order(self.vendor, instead(LATER[wait](self.vendor)), when=second)
        result = self.tried(steps)
        assert isinstance(result, ConnectorError) or result.state in FINISHED
        self.finished()

    @pytest.mark.parametrize("fault", BROKEN)
    def test_no_answer_of_the_vendor_is_never_nothing_found(self, fault: str) -> None:
        order(self.vendor, BROKEN[fault])
        assert self.trouble().retry_at is None

    @pytest.mark.parametrize("fault", BROKEN)
    def test_no_answer_to_a_change_is_never_done(self, fault: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        order(self.vendor, BROKEN[fault], when=writing(self.vendor))
        result = self.tried(steps)
        assert isinstance(result, ConnectorError) or result.state in (
            State.FAILED,
            self.undone(Action.ERASE, fault),
        )
        self.finished()

    @pytest.mark.parametrize("fault", BROKEN)
    def test_what_cannot_be_read_back_is_never_done(self, fault: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        first = writing(self.vendor)
        begun = [False]

        def afterwards(asked: object) -> bool:
            begun[0] = begun[0] or first(asked)  # type: ignore[arg-type]
            return begun[0] and not first(asked)  # type: ignore[arg-type]

        order(self.vendor, BROKEN[fault], when=afterwards)
        assert isinstance(self.tried(steps), ConnectorError)
        self.finished()

    @pytest.mark.parametrize("fault", BROKEN)
    def test_verify_does_not_take_no_answer_for_gone(self, fault: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        outcomes = self.act(steps)
        order(self.vendor, BROKEN[fault], when=reading(self.vendor))
        with pytest.raises(ConnectorError):
            self.residuals(steps, outcomes)

    def test_a_change_that_was_made_before_the_line_broke_is_not_made_again(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        order(self.vendor, after(CUT), when=writing(self.vendor))
        before = self.asked()
        result = self.tried(steps)
        sent = [
            (one.asked.path, repr(one.asked.all_query), repr(one.asked.body))
            for one in self.vendor.exchanges[before:]
            if one.asked.route in self.vendor.writes
        ]
        assert isinstance(result, Outcome)
        assert result.state is State.DONE
        assert len(set(sent)) == len(sent), "a change was sent twice"

    def test_a_change_whose_answer_comes_too_late_is_not_made_again(self) -> None:
        steps = self.plan([ANA], Action.ERASE)

        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            reply = right()
            time.sleep(PATIENCE + 1)
            return reply

        order(self.vendor, how, times=1, when=writing(self.vendor))
        before = self.asked()
        result = self.tried(steps)
        sent = [one.asked for one in self.vendor.exchanges[before:] if one.asked.route in self.vendor.writes]
        assert isinstance(result, Outcome)
        assert result.state is State.DONE
        assert len({(one.path, repr(one.all_query), repr(one.body)) for one in sent}) == len(sent), (
            "a change was sent twice"
        )

    @pytest.mark.parametrize("status", [404, 405])
    def test_a_repeat_that_is_refused_is_already_done(self, status: int) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.act(steps)
        order(self.vendor, instead(Reply(status, {"message": "gone"})), when=writing(self.vendor))
        result = self.tried(steps)
        assert isinstance(result, Outcome)
        assert result.state is State.ALREADY

    @pytest.mark.parametrize("status", [400, 404, 405, 410, 422])
    def test_a_refused_change_is_not_done(self, status: int) -> None:
        steps = self.plan([ANA], Action.ERASE)
        order(self.vendor, instead(Reply(status, {"message": "no"})), when=writing(self.vendor))
        result = self.tried(steps)
        assert isinstance(result, Outcome)
        assert result.state is State.FAILED
        self.finished()

    @pytest.mark.parametrize("quirk", ["lying_delete", "refused"])
    def test_a_delete_that_does_nothing_is_not_done(self, quirk: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.quirks = {quirk}
        result = self.tried(steps)
        assert isinstance(result, Outcome)
        assert result.state is self.undone(Action.ERASE, quirk)
        self.vendor.quirks = set()
        self.finished()

    @pytest.mark.parametrize("quirk", ["ignored", "refused"])
    def test_a_change_that_is_ignored_is_not_done(self, change: Action, quirk: str) -> None:
        steps = self.plan([ANA], change)
        self.vendor.quirks = {quirk}
        before = self.content()
        result = self.tried(steps)
        assert isinstance(result, Outcome)
        assert (result.state, self.content()) == (self.undone(change, quirk), before)

    def test_a_delete_that_comes_back_is_noticed(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        outcomes = self.act(steps)
        for name, rows in self.vendor.removed.items():
            self.vendor.table(name).update(rows)
        assert self.residuals(steps, outcomes) == (steps[0].intent.key,)

    def test_a_search_that_still_shows_what_is_gone_is_not_believed(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        outcomes = self.act(steps)
        self.vendor.quirks = {"stale_search"}
        with self.opened() as connector:
            records, searched = self.locate(connector, [self.subject(ANA)])
        gone = [one for one in records if one.collection not in self.kept]
        told = Found.FOUND if records else Found.NOTHING
        assert (gone, [one.found for one in searched]) == ([], [told])
        assert self.residuals(steps, outcomes) == ()

    def test_other_peoples_records_in_an_answer_are_dropped_and_counted(self) -> None:
        asked = [self.subject(ANA)]
        with self.opened() as connector:
            whole, _ = self.locate(connector, asked)
        self.vendor.quirks = {"strangers"}
        with self.opened() as connector:
            found, _ = self.locate(connector, asked)
        assert found == whole, "not even proposed"
        assert [one for one in self.logged if one.startswith("answers_of_others")] != []

    def test_other_peoples_records_in_an_answer_are_never_erased(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.quirks = {"strangers"}
        result = self.tried(steps)
        assert isinstance(result, Outcome)
        assert result.state is State.DONE

    def test_a_record_handed_over_in_the_middle_of_the_work_is_not_deleted(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        root = connector(self.vendor.kind)().vendor.roots[0].name

        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            reply = right()
            self.vendor.disturb(Disturbance.HAND_OVER, ANA, EVA)
            return reply

        order(self.vendor, how, times=1, when=writing(self.vendor))
        outcome = self.act(steps)[steps[0].intent.key]
        assert outcome.state is State.CONFLICT
        assert any(one.changed for one in outcome.items), "what was done is not told"
        assert self.raw(EVA)[root] == 2

    def test_a_duplicate_of_her_goes_too(self) -> None:
        self.vendor.duplicate(ANA)
        result = self.tried(self.plan([ANA], Action.ERASE))
        assert isinstance(result, Outcome)
        assert result.state is State.DONE

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


def keys(rows: Sequence[tuple[str, Row]]) -> list[str]:
    """Which rows were read."""
    return sorted(f"{row.collection} {row.key}" for _, row in rows)
