"""The fault matrix while a connector changes something and looks at what it did."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dsr.contract import Action, ConnectorError, Found, Outcome, State
from dsr.testing import ANA, EVA, Disturbance

from .faults import BROKEN, LATER, PASSING, after, instead, order, reading, writing
from .ground import FINISHED, PATIENCE, Ground
from .server import Asked, Reply

CUT = Reply(cut=True)


class FaultsWhileChanging(Ground):
    """Planning, acting and verifying."""

    @pytest.mark.parametrize("fault", PASSING)
    def test_a_passing_fault_while_changing_ends_well(self, fault: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        order(self.vendor, PASSING[fault], times=1, when=writing(self.vendor))
        self.tried(steps)
        self.finished()

    def test_come_back_later_between_two_changes_claims_nothing(self, wait: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        writes = iter(range(100))

        def second(asked: object) -> bool:
            return writing(self.vendor)(asked) and next(writes) >= 1  # type: ignore[arg-type]

        order(self.vendor, instead(LATER[wait](self.vendor)), when=second)
        result = self.tried(steps)
        assert isinstance(result, ConnectorError) or result.state in FINISHED
        self.finished()

    def test_no_answer_to_a_change_is_never_done(self, wrong: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        order(self.vendor, BROKEN[wrong](self.vendor), when=writing(self.vendor))
        result = self.tried(steps)
        assert isinstance(result, ConnectorError) or result.state in (
            State.FAILED,
            self.undone(Action.ERASE, wrong),
        )
        self.finished()

    def test_what_cannot_be_read_back_is_never_done(self, wrong: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        first = writing(self.vendor)
        begun = [False]

        def afterwards(asked: object) -> bool:
            begun[0] = begun[0] or first(asked)  # type: ignore[arg-type]
            return begun[0] and not first(asked)  # type: ignore[arg-type]

        order(self.vendor, BROKEN[wrong](self.vendor), when=afterwards)
        assert isinstance(self.tried(steps), ConnectorError)
        self.finished()

    def test_verify_does_not_take_no_answer_for_gone(self, wrong: str) -> None:
        steps = self.plan([ANA], Action.ERASE)
        outcomes = self.act(steps)
        order(self.vendor, BROKEN[wrong](self.vendor), when=reading(self.vendor))
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
        assert self.vendor.quirks.met == {quirk}, "nothing went wrong"
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
        assert self.vendor.quirks.met == {quirk}, "nothing went wrong"
        assert isinstance(result, Outcome)
        assert (result.state, self.content()) == (self.undone(change, quirk), before)

    def test_a_delete_that_comes_back_is_noticed(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        outcomes = self.act(steps)
        self.come_back()
        assert self.residuals(steps, outcomes) == (steps[0].intent.key,)

    def test_a_search_that_still_shows_what_is_gone_is_not_believed(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        outcomes = self.act(steps)
        self.vendor.quirks = {"stale_search"}
        with self.opened() as connector:
            records, searched = self.locate(connector, [self.subject(ANA)])
        assert "stale_search" in self.vendor.quirks.met, "nothing was shown that is gone"
        gone = [one for one in records if one.collection not in self.kept]
        told = Found.FOUND if records else Found.NOTHING
        assert (gone, [one.found for one in searched]) == ([], [told])
        assert self.residuals(steps, outcomes) == ()

    def test_other_peoples_records_in_an_answer_are_never_erased(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.vendor.quirks = {"strangers"}
        result = self.tried(steps)
        assert isinstance(result, Outcome)
        assert result.state is State.DONE

    def test_a_record_handed_over_in_the_middle_of_the_work_is_not_deleted(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        evas = self.raw(EVA)[self.root]

        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            reply = right()
            self.disturb(Disturbance.HAND_OVER, ANA)
            return reply

        order(self.vendor, how, times=1, when=writing(self.vendor))
        outcome = self.act(steps)[steps[0].intent.key]
        # What is left is told as such, and a repeat says why.
        again = self.act(steps)[outcome.key] if outcome.state is State.FAILED else outcome
        assert again.state is State.CONFLICT, (outcome.state, again.state, self.raw(EVA), self.raw(ANA))
        assert any(one.changed for one in outcome.items), "what was done is not told"
        assert self.raw(EVA)[self.root] == evas + 1

    def test_a_duplicate_of_her_goes_too(self) -> None:
        self.vendor.duplicate(ANA)
        result = self.tried(self.plan([ANA], Action.ERASE))
        assert isinstance(result, Outcome)
        assert result.state is State.DONE
