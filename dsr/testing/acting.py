"""The kit on acting: what is done is done once, for the right person, and said truly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dsr.contract import Action, ConnectorError, ItemOutcome, Outcome, State, Step, Verb

from .keeper import MemoryKeeper
from .people import ANA, EVA, Disturbance, Person, crowd
from .stage import CHANGES_OF_OWNER, DEEDS, LOST, Stage, needs

FINISHED = {State.DONE, State.ALREADY}
MOST_CHANGES = 40
"""No erasure of one person takes more requests in a test."""


class Acting(Stage):
    """Acts, looks with another client, acts again."""

    @needs(one_of=DEEDS)
    def test_what_is_done_is_done_once(self, deed: Action) -> None:
        steps, keeper = self.prepared(deed)
        first = self.act(steps, keeper)
        after, kept = self.content(), keeper.seals
        again = self.act(steps, keeper)
        assert {one.state for one in first.values()} == {State.DONE}
        assert {one.state for one in again.values()} == {State.ALREADY}
        assert (self.content(), keeper.seals) == (after, kept)
        assert self.residuals(steps, first) == ()

    def prepared(self, deed: Action) -> tuple[tuple[Step, ...], MemoryKeeper]:
        """Steps for Ana that have something to do: what is to be lifted is restricted before."""
        if deed is Action.LIFT:
            return self.restricted()
        return self.plan([ANA], deed), MemoryKeeper()

    def restricted(self) -> tuple[tuple[Step, ...], MemoryKeeper]:
        """Restrict Ana's data; give the steps that lift it, and the keeper of her rows."""
        keeper = MemoryKeeper()
        outcome = self.act(self.plan([ANA], Action.RESTRICT), keeper)[f"ana:kit:{Action.RESTRICT}:1"]
        assert outcome.state is State.DONE
        seals = tuple(seal.id for seal in outcome.seals)
        return self.plan([ANA], Action.LIFT, seals=seals), keeper

    @needs(one_of=DEEDS)
    def test_an_outcome_accounts_for_every_item(self, deed: Action) -> None:
        steps, keeper = self.prepared(deed)
        outcome = self.act(steps, keeper)[steps[0].intent.key]
        planned = {item.id: item.count for item in steps[0].items}
        assert {one.item: one.before for one in outcome.items} == planned

    @needs(one_of=DEEDS)
    def test_nothing_but_the_persons_rows_changes(self, deed: Action) -> None:
        before = {one.key: self._seen(one) for one in self.everyone if one is not ANA}
        steps, keeper = self.prepared(deed)
        self.act(steps, keeper)
        assert {one.key: self._seen(one) for one in self.everyone if one is not ANA} == before

    def _seen(self, person: Person) -> tuple[dict[str, int], list[str]]:
        with self.opened(read_only=True) as connector:
            rows = self.read(connector, self.hers(connector, [person])[person.key])
        return dict(self.raw(person)), sorted(repr((row.key, sorted(row.values.items()))) for _, row in rows)

    @needs(one_of=DEEDS)
    def test_a_read_only_context_refuses(self, deed: Action) -> None:
        steps, keeper = self.prepared(deed)
        before = self.content()
        with self.opened(read_only=True) as connector, pytest.raises(ConnectorError) as caught:
            list(connector.act(steps, keeper))
        assert caught.value.permanent
        assert self.content() == before

    @needs(Action.ERASE)
    def test_a_step_with_nothing_to_do_is_already_done(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        empty = (replace(steps[0], intent=replace(steps[0].intent, records=()), items=()),)
        before = self.content()
        assert {one.state for one in self.act(empty).values()} == {State.ALREADY}
        assert self.content() == before

    @needs(Action.ERASE)
    def test_erased_rows_are_gone_for_everyone_of_the_batch(self, size: int) -> None:
        self.add(crowd(max(size - 5, 0), start=100))
        people = [one for one in self.everyone if one is not EVA][:size]
        before = dict(self.raw(EVA))
        steps = self.plan(people, Action.ERASE)
        outcomes = self.act(steps)
        assert {one.state for one in outcomes.values()} == {State.DONE}
        assert {one.key: self.left(one) for one in people} == {one.key: {} for one in people}
        assert self.raw(EVA) == before
        assert self.residuals(steps, outcomes) == ()

    @needs(Action.ERASE)
    def test_blocked_rows_are_sealed_as_they_were(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        whole = {(row.collection, row.key): dict(row.values) for _, row in rows}
        steps, keeper = self.plan([ANA], Action.ERASE, block=True), MemoryKeeper()
        outcome = self.act(steps, keeper)[steps[0].intent.key]
        sealed = [row for seal in outcome.seals for row in keeper.rows(seal.id)]
        gone = self.changed(steps[0], outcome, Verb.SEAL_THEN_DELETE)
        assert [item.verb for item in steps[0].items if item.verb is Verb.DELETE] == []
        assert [row.key for row in sealed if dict(row.values) != whole[row.collection, row.key]] == []
        assert len({(row.collection, row.key) for row in sealed}) == len(sealed)
        assert len(sealed) >= gone

    def changed(self, step: Step, outcome: Outcome, verb: Verb) -> int:
        """Rows that the items with this verb changed."""
        wanted = {item.id for item in step.items if item.verb is verb}
        return sum(one.changed for one in outcome.items if one.item in wanted)

    @needs(Action.RECTIFY)
    def test_a_correction_stands_in_the_source(self) -> None:
        assert str(self.correction.new) not in self.content()
        self.act(self.plan([ANA], Action.RECTIFY))
        assert str(self.correction.new) in self.content()

    @needs(Action.RESTRICT, Action.LIFT)
    def test_lifting_gives_back_what_was_there(self) -> None:
        before = self.content()
        steps, keeper = self.restricted()
        assert self.content() != before, "nothing was restricted"
        outcomes = self.act(steps, keeper)
        assert {one.state for one in outcomes.values()} == {State.DONE}
        assert self.content() == before
        assert self.residuals(steps, outcomes) == ()

    @needs(one_of=DEEDS - {Action.LIFT})
    def test_verify_notices_that_nothing_was_done(self) -> None:
        for action in sorted(self.actions & DEEDS - {Action.LIFT}):
            steps = self.plan([ANA, self.others[0]], action)
            claims = {step.intent.key: claimed(step) for step in steps}
            assert self.residuals(steps, claims) == tuple(sorted(claims)), action

    @needs(Action.ERASE)
    def test_verify_finds_rows_that_came_back(self) -> None:
        steps = self.plan([ANA, self.others[0]], Action.ERASE)
        outcomes = self.act(steps)
        self.seed([ANA])
        assert self.residuals(steps, outcomes) == (steps[0].intent.key,)


class Disturbed(Stage):
    """Something happens between plan and act."""

    @needs(Action.ERASE, Disturbance.ADD)
    def test_new_rows_of_hers_go_too(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.disturb(Disturbance.ADD, ANA)
        outcome = self.act(steps)[steps[0].intent.key]
        assert outcome.state is State.DONE
        assert self.left(ANA) == {}
        assert sum(one.changed + one.kept for one in outcome.items) > sum(one.before for one in outcome.items)

    @needs(Action.ERASE, one_of=CHANGES_OF_OWNER)
    def test_a_row_that_became_evas_is_a_conflict(self, kind: Disturbance) -> None:
        steps = self.plan([ANA], Action.ERASE, block=True)
        self.disturb(kind, ANA)
        before = self.content()
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, self.content()) == (State.CONFLICT, before)

    @needs(Action.ERASE, Disturbance.REMOVE)
    def test_a_row_that_vanished_is_never_claimed(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        self.disturb(Disturbance.REMOVE, ANA)
        before = self.content()
        outcomes = self.act(steps)
        outcome = outcomes[steps[0].intent.key]
        if outcome.state is State.CONFLICT:
            assert self.content() == before
        else:
            assert outcome.state in FINISHED
            assert self.left(ANA) == {}
            assert self.residuals(steps, outcomes) == ()

    @needs(Action.ERASE, one_of=CHANGES_OF_OWNER)
    def test_a_conflict_in_the_middle_stops_nobody_else(self, kind: Disturbance) -> None:
        steps = self.plan(self.others[:3], Action.ERASE)
        self.disturb(kind, self.others[1])
        stays = dict(self.raw(self.others[1]))
        outcomes = self.act(steps)
        states = [outcomes[step.intent.key].state for step in steps]
        assert states == [State.DONE, State.CONFLICT, State.DONE]
        assert [self.left(one) for one in (self.others[0], self.others[2])] == [{}, {}]
        assert self.raw(self.others[1]) == stays


class Interrupted(Stage):
    """The process stops; what is repeated afterwards does no harm and is complete."""

    @needs(Action.ERASE)
    @pytest.mark.parametrize("stop", [0, 1, 2])
    def test_a_stop_after_a_yield_is_made_good(self, stop: int) -> None:
        steps, keeper = self.plan(self.others[:3], Action.ERASE, block=True), MemoryKeeper()
        first = self._stopped(steps, keeper, stop)
        outcomes = self.act(steps, keeper)
        assert {one.state for one in first} <= {State.DONE}
        assert {one.state for one in outcomes.values()} <= FINISHED
        assert [self.left(one) for one in self.others[:3]] == [{}, {}, {}]
        assert self.residuals(steps, outcomes) == ()
        assert twice_sealed(keeper) == []

    def _stopped(self, steps: Sequence[Step], keeper: MemoryKeeper, stop: int) -> list[Outcome]:
        with self.opened() as connector:
            running = iter(connector.act(steps, keeper))
            found = [next(running) for _ in range(stop)]
            close = getattr(running, "close", None)
            if close is not None:
                close()
        return found

    @needs(Action.ERASE, LOST)
    def test_work_that_was_lost_after_any_change_goes_on_under_the_same_key(self) -> None:
        for changes, person in enumerate(crowd(4 + MOST_CHANGES)[4:]):
            self.add([person])
            steps, keeper = self.plan([person], Action.ERASE, block=True), MemoryKeeper()
            key, rows = steps[0].intent.key, self.left(person)
            with self.lost_after(changes):
                whole = self._survived(steps, keeper)
            outcomes = self.act(steps, keeper)
            assert (changes, outcomes[key].state in FINISHED, self.left(person)) == (changes, True, {})
            sealed = {(row.collection, row.key) for s in keeper.seals for row in keeper.rows(s.id)}
            assert len(sealed) >= sum(rows.values()), "rows went without being sealed"
            if whole:
                assert self.residuals(steps, outcomes) == ()
                assert self.act(steps, keeper)[key].state is State.ALREADY
                return
        raise AssertionError("the work never came to an end")

    def _survived(self, steps: Sequence[Step], keeper: MemoryKeeper) -> bool:
        try:
            return {one.state for one in self.act(steps, keeper).values()} <= FINISHED
        except ConnectorError:
            return False

    @needs(Action.ERASE)
    @pytest.mark.parametrize("stop", [1, 2])
    def test_a_yielded_outcome_is_true_at_once(self, stop: int) -> None:
        steps = self.plan(self.others[:3], Action.ERASE)
        people = {step.intent.key: one for step, one in zip(steps, self.others[:3], strict=True)}
        first = self._stopped(steps, MemoryKeeper(), stop)
        assert {one.key: self.left(people[one.key]) for one in first} == {one.key: {} for one in first}

    @needs(Action.ERASE)
    def test_a_keeper_that_dies_before_leaves_the_rows(self) -> None:
        steps, keeper = self.plan([ANA], Action.ERASE, block=True), MemoryKeeper(die="before")
        before = self.content()
        self.act_until_death(steps, keeper)
        assert self.content() == before
        self._made_good(steps, keeper)

    @needs(Action.ERASE)
    def test_a_keeper_that_dies_after_leaves_the_rows_and_keeps_them_once(self) -> None:
        steps, keeper = self.plan([ANA], Action.ERASE, block=True), MemoryKeeper(die="after")
        before = self.content()
        self.act_until_death(steps, keeper)
        assert self.content() == before
        self._made_good(steps, keeper)

    def _made_good(self, steps: Sequence[Step], keeper: MemoryKeeper) -> None:
        outcomes = self.act(steps, keeper)
        assert {one.state for one in outcomes.values()} == {State.DONE}
        assert self.left(ANA) == {}
        assert twice_sealed(keeper) == []


def claimed(step: Step) -> Outcome:
    """An outcome that says everything was done."""
    items = tuple(ItemOutcome(item.id, item.count, item.count) for item in step.items)
    return Outcome(step.intent.key, State.DONE, items)


def twice_sealed(keeper: MemoryKeeper) -> list[tuple[str, str]]:
    """Collections and keys of rows that lie in the vault more than once."""
    rows = [(row.collection, repr(row.key)) for seal in keeper.seals for row in keeper.rows(seal.id)]
    return sorted({row for row in rows if rows.count(row) > 1})
