"""The kit passes a correct connector and fails each that breaks one rule of the contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dsr.contract import (
    Action,
    Connector,
    ConnectorError,
    Context,
    Intent,
    Item,
    Keeper,
    Located,
    Outcome,
    Purpose,
    Record,
    Residual,
    Row,
    RowPage,
    Seal,
    State,
    Step,
    Subject,
)
from dsr.testing import ANA, EVA, ConnectorKit, Disturbance, KeeperDied, MemoryKeeper, Person
from fakes import Data, Notebook


class NotebookKit(ConnectorKit):
    """The notebook as its author tells it to the kit; ``connector`` is what the tests below break."""

    actions = frozenset(Action)
    many = 200
    connector: Callable[[], Connector] = Notebook

    def make(self, place: Path) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.path = place / "notebook.json"
        self.write({"cards": [], "notes": []})
        return type(self).connector, {"path": str(self.path)}

    def load(self) -> Data:
        data: Data = json.loads(self.path.read_text())
        return data

    def write(self, data: Data) -> None:
        self.path.write_text(json.dumps(data))

    def seed(self, people: Sequence[Person]) -> None:
        data = self.load()
        for one in people:
            number = max([card["id"] for card in data["cards"]], default=0) + 1
            card = {"id": number, "email": one.email, "name": one.name, "news": True, "restricted": False}
            data["cards"].append(card)
            for text in ("called", "wrote"):
                data["notes"].append({"id": len(data["notes"]) + 1, "card": number, "text": text})
        self.write(data)

    def raw(self, person: Person) -> Mapping[str, int]:
        data = self.load()
        cards = [card["id"] for card in data["cards"] if card["email"] == person.email]
        notes = [note for note in data["notes"] if note["card"] in cards]
        return {name: n for name, n in (("cards", len(cards)), ("notes", len(notes))) if n}

    def content(self) -> str:
        data = self.load()
        rows = [(name, sorted(row.items())) for name, rows in data.items() for row in rows]
        return "\n".join(sorted(map(repr, rows)))

    def disturb(self, kind: Disturbance, person: Person) -> None:
        if kind is Disturbance.BREAK:
            self.path.write_text(f"{person.email} is no JSON")
            return
        data = self.load()
        number = {card["email"]: card["id"] for card in data["cards"]}
        note = next(note for note in data["notes"] if note["card"] == number[person.email])
        if kind is Disturbance.ADD:
            data["notes"].append(note | {"id": 9_999})
        elif kind is Disturbance.MOVE:
            note["card"] = number[EVA.email]
        elif kind is Disturbance.REMOVE:
            data["notes"].remove(note)
        else:
            next(c for c in data["cards"] if c["email"] == person.email)["email"] = EVA.email
        self.write(data)


class TestNotebook(NotebookKit):
    """A correct connector passes everything."""


class NeverChecksAgain(Notebook):
    def _differs(self, *_: Any) -> bool:
        return False


class ForgetsAnswers(Notebook):
    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        found = super().locate(subjects, after)
        return replace(found, searched=found.searched[1:])


class DoesItTwice(Notebook):
    def _act(self, step: Step, keeper: Keeper) -> Outcome:
        return replace(super()._act(step, keeper), state=State.DONE)


class IgnoresTheCursor(Notebook):
    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        return super().read(records, None)


class SkipsRows(Notebook):
    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        page = super().read(records, after)
        return replace(page, cursor=page.cursor and str(int(page.cursor) + 1))


class BelievesWhatIsClaimed(Notebook):
    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        return super().locate([replace(one, proved=one.proved + one.claimed) for one in subjects], after)


class MatchesPatterns(Notebook):
    def _same(self, stored: str, wanted: str) -> bool:
        return fnmatch(stored, wanted.replace("%", "*").replace("_", "?"))


class TakesStoredPatterns(Notebook):
    def _same(self, stored: str, wanted: str) -> bool:
        return fnmatch(wanted, stored)


class FindsTheFamily(Notebook):
    def _same(self, stored: str, wanted: str) -> bool:
        return stored[3:] == wanted[3:]


class FindsOnlyCards(Notebook):
    def _record(self, data: Data, subject: Subject, number: int, *rest: Any) -> Iterator[Record]:
        if rest[0] == "cards":
            yield from super()._record(data, subject, number, *rest)


class ActsWhilePlanning(Notebook):
    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        steps = super().plan(intents)
        self._save(self._load() | {"notes": []})
        return steps


class RemovesBeforeSealing(Notebook):
    def _seal(self, step: Step, work: list[tuple[Item, Any]], keeper: Keeper) -> tuple[Seal, ...]:
        data = self._load()
        for item, rows in work:
            self._carry_out(data, item, rows)
        self._save(data)
        return super()._seal(step, work, keeper)


class NeverSeals(Notebook):
    def _seal(self, *_: Any) -> tuple[Seal, ...]:
        return ()


class SwallowsADeath(Notebook):
    def _seal(self, step: Step, work: list[tuple[Item, Any]], keeper: Keeper) -> tuple[Seal, ...]:
        try:
            return super()._seal(step, work, keeper)
        except KeeperDied:
            return ()


class SealsUnderANewNameEachTime(Notebook):
    numbers = count()

    def _seal(self, step: Step, work: list[tuple[Item, Any]], keeper: Keeper) -> tuple[Seal, ...]:
        renamed = replace(step, intent=replace(step.intent, key=f"{step.intent.key}:{next(self.numbers)}"))
        return super()._seal(renamed, work, keeper)


class SaysSoBeforeItIsTrue(Notebook):
    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        for step in steps:
            yield Outcome(step.intent.key, State.DONE)
            super()._act(step, keeper)


class StopsAtAConflict(Notebook):
    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        for outcome in super().act(steps, keeper):
            if outcome.state is State.CONFLICT:
                raise ConnectorError("a conflict", permanent=True)
            yield outcome


class WritesInAReadOnlyContext(Notebook):
    def open(self, context: Context) -> None:
        super().open(replace(context, read_only=False))


class SeesNothingAfterwards(Notebook):
    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        return ()


class LooksOnlyByKey(Notebook):
    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        data = self._load()
        counts = [(step, sum(len(self._now(data, step, item)) for item in step.items)) for step, _ in pairs]
        return tuple(Residual(step.intent.key, "", n, "cards") for step, n in counts if n)


class GivesBackHalf(Notebook):
    def _carry_out(self, data: Data, item: Any, rows: list[dict[str, Any]]) -> int:
        for row in rows:
            row.pop("text", None)
        return super()._carry_out(data, item, rows)

    def _give_back(self, data: Data, seal: str, keeper: Keeper) -> Any:
        found = super()._give_back(data, seal, keeper)
        data["notes"][-1]["text"] = ""
        return found


class TellsWhoItWas(Notebook):
    def _load(self) -> Data:
        try:
            data: Data = json.loads(self.path.read_text())
        except ValueError as error:
            raise ConnectorError(f"not JSON: {self.path.read_text()}", permanent=False) from error
        return data


class LogsWhoItWas(Notebook):
    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        self.context.log("locate", first=subjects[0].proved[0].value)
        return super().locate(subjects, after)


class IsSilentAboutLifting(Notebook):
    def describe(self) -> Any:
        told = super().describe()
        return replace(told, capabilities=tuple(c for c in told.capabilities if c.action is not Action.LIFT))


class MixesUpItsRecords(Notebook):
    def _record(self, data: Data, subject: Subject, *rest: Any) -> Iterator[Record]:
        return (replace(one, id=one.collection) for one in super()._record(data, subject, *rest))


BROKEN: list[tuple[type[Notebook], str, tuple[Any, ...]]] = [
    (NeverChecksAgain, "test_a_row_that_became_evas_is_a_conflict", (Disturbance.MOVE,)),
    (NeverChecksAgain, "test_a_row_that_became_evas_is_a_conflict", (Disturbance.HAND_OVER,)),
    (NeverChecksAgain, "test_a_conflict_in_the_middle_stops_nobody_else", (Disturbance.MOVE,)),
    (ForgetsAnswers, "test_everyone_gets_exactly_one_answer", (2,)),
    (DoesItTwice, "test_what_is_done_is_done_once", (Action.ERASE,)),
    (IgnoresTheCursor, "test_tiny_pages_give_the_same_rows", ()),
    (SkipsRows, "test_tiny_pages_give_the_same_rows", ()),
    (BelievesWhatIsClaimed, "test_a_claimed_identifier_only_proposes", ()),
    (BelievesWhatIsClaimed, "test_only_a_claimed_identifier_leads_nowhere_certain", ()),
    (MatchesPatterns, "test_a_wanted_pattern_matches_nobody", ()),
    (TakesStoredPatterns, "test_a_stored_pattern_matches_nobody_else", ()),
    (FindsTheFamily, "test_every_row_of_hers_is_found_and_no_other", ()),
    (FindsTheFamily, "test_eva_is_not_in_what_ana_gets", ()),
    (FindsTheFamily, "test_a_record_shows_the_identity_as_it_is_stored", ()),
    (FindsOnlyCards, "test_every_row_of_hers_is_found_and_no_other", ()),
    (ActsWhilePlanning, "test_a_plan_changes_nothing_and_is_the_same_twice", (Action.ERASE,)),
    (RemovesBeforeSealing, "test_a_keeper_that_dies_before_leaves_the_rows", ()),
    (RemovesBeforeSealing, "test_a_keeper_that_dies_after_leaves_the_rows_and_keeps_them_once", ()),
    (NeverSeals, "test_blocked_rows_are_sealed_as_they_were", ()),
    (SwallowsADeath, "test_a_keeper_that_dies_before_leaves_the_rows", ()),
    (SealsUnderANewNameEachTime, "test_a_keeper_that_dies_after_leaves_the_rows_and_keeps_them_once", ()),
    (SaysSoBeforeItIsTrue, "test_a_yielded_outcome_is_true_at_once", (2,)),
    (SaysSoBeforeItIsTrue, "test_an_outcome_accounts_for_every_item", (Action.STOP,)),
    (WritesInAReadOnlyContext, "test_a_read_only_context_refuses", (Action.ERASE,)),
    (SeesNothingAfterwards, "test_verify_notices_that_nothing_was_done", ()),
    (LooksOnlyByKey, "test_verify_finds_rows_that_came_back", ()),
    (GivesBackHalf, "test_lifting_gives_back_what_was_there", ()),
    (TellsWhoItWas, "test_trouble_is_told_without_personal_data", ()),
    (IsSilentAboutLifting, "test_every_action_has_its_sentence", ()),
    (MixesUpItsRecords, "test_records_are_the_same_at_every_search_and_belong_to_one_person", ()),
]


def staged(broken: type[Notebook], place: Path) -> ConnectorKit:
    class Kit(NotebookKit):
        connector = broken

    kit = Kit()
    kit.begin(place)
    return kit


@pytest.mark.parametrize(("broken", "test", "values"), BROKEN)
def test_the_kit_fails_a_broken_connector(
    broken: type[Notebook], test: str, values: tuple[Any, ...], tmp_path: Path
) -> None:
    kit = staged(broken, tmp_path)

    # An error that pytest.raises inside the kit waits for in vain is reported with pytest's own exception.
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(kit, test)(*values)


def test_the_kit_lets_an_error_of_a_batch_through(tmp_path: Path) -> None:
    kit = staged(StopsAtAConflict, tmp_path)

    with pytest.raises(ConnectorError):
        kit.test_a_conflict_in_the_middle_stops_nobody_else(Disturbance.MOVE)


def test_the_kit_reads_the_log(tmp_path: Path) -> None:
    kit = staged(LogsWhoItWas, tmp_path)
    kit.test_every_row_of_hers_is_found_and_no_other()

    with pytest.raises(AssertionError):
        kit.check_log()


ROW = Row("notes", (1,), {"id": 1, "text": "called"})


def test_the_keeper_gives_the_same_seal_for_the_same_rows() -> None:
    keeper = MemoryKeeper()

    first = keeper.seal("k", Purpose.BLOCKED, [ROW])

    assert keeper.seal_all([("k", Purpose.BLOCKED, [ROW])]) == [first]
    assert keeper.seals == (first,)


@pytest.mark.parametrize(
    ("key", "purpose", "row"),
    [
        ("l", Purpose.BLOCKED, ROW),
        ("k", Purpose.SET_ASIDE, ROW),
        ("k", Purpose.BLOCKED, replace(ROW, values={"id": 1, "text": "wrote"})),
        ("k", Purpose.BLOCKED, replace(ROW, values={"id": True, "text": "called"})),
    ],
)
def test_the_keeper_tells_other_rows_apart(key: str, purpose: Purpose, row: Row) -> None:
    keeper = MemoryKeeper()

    assert keeper.seal("k", Purpose.BLOCKED, [ROW]).id != keeper.seal(key, purpose, [row]).id


def test_the_keeper_gives_back_copies_in_order() -> None:
    keeper, values = MemoryKeeper(), {"id": 2, "tags": ["a"]}
    seal = keeper.seal("k", Purpose.BLOCKED, [Row("notes", (2,), values), ROW])

    values["tags"] = []

    assert list(keeper.rows(seal.id)) == [Row("notes", (2,), {"id": 2, "tags": ["a"]}), ROW]


@pytest.mark.parametrize(("die", "kept"), [("before", 0), ("after", 1)])
def test_the_keeper_dies_once(die: Any, kept: int) -> None:
    keeper = MemoryKeeper(die=die)

    with pytest.raises(KeeperDied):
        keeper.seal("k", Purpose.BLOCKED, [ROW])

    assert len(keeper.seals) == kept
    assert keeper.seal("k", Purpose.BLOCKED, [ROW]).rows == 1


def test_the_keeper_refuses_what_a_vault_would_lose() -> None:
    with pytest.raises(TypeError, match=r"text: object cannot be kept without loss"):
        MemoryKeeper().seal("k", Purpose.BLOCKED, [replace(ROW, values={"text": object()})])


def test_the_cast_is_told_apart() -> None:
    assert not set(ANA.words()) & set(EVA.words())
