"""A place that is worked by hand: what it describes and plans, and what it never claims."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.manual import Manual
from dsr.contract import (
    Action,
    Change,
    Connector,
    ConnectorError,
    Found,
    Intent,
    Match,
    Outcome,
    Record,
    State,
    Step,
    Support,
    Verb,
)
from dsr.testing import ANA, ConnectorKit, MemoryKeeper, Person

SETTINGS: Mapping[str, Any] = {
    "title": {"es": "Archivo en papel", "en": "Paper archive", "pt": "Arquivo em papel"},
    "owner": "Administración",
    "categories": ["user.name", "user.contact"],
    "checklist": {"all": ["Contratos"]},
}


class TestManual(ConnectorKit):
    """The kit, as far as it reaches: nothing can be read, so nothing is found and nothing is done here.

    What the kit expects of a place that can be read says ``None`` below; ``TestByHand`` says what holds
    instead.
    """

    actions = frozenset()
    disturbances = frozenset()
    many = 20

    test_everyone_gets_exactly_one_answer = None  # type: ignore[assignment]
    test_every_row_of_hers_is_found_and_no_other = None  # type: ignore[assignment]
    test_eva_is_not_in_what_ana_gets = None  # type: ignore[assignment]
    test_a_wanted_pattern_matches_nobody = None  # type: ignore[assignment]
    test_a_plan_changes_nothing_and_is_the_same_twice = None  # type: ignore[assignment]
    test_a_plan_says_how_many_rows_and_which = None  # type: ignore[assignment]

    def make(self, place: Path) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        return Manual, SETTINGS

    def seed(self, people: Sequence[Person]) -> None:
        """Paper: nothing of it is on this machine."""

    def raw(self, person: Person) -> Mapping[str, int]:
        return {}

    def content(self) -> str:
        return ""


def record(number: int, count: int = 2) -> Record:
    """What the service makes of a holder's answer."""
    return Record(
        id=f"task:{number}",
        subject=ANA.key,
        collection="documents",
        anchor=("documents", (number,)),
        path=(),
        count=count,
        seen=(("email", ANA.email),),
        match=Match.EXACT,
        why="a person said so",
    )


class TestByHand:
    """What holds for a place that no program can read."""

    @pytest.fixture(autouse=True)
    def opened(self) -> None:
        self.kit = TestManual()
        self.kit.begin(None)
        self.place = Manual()
        self.place.open(self.kit.context())

    def step(self, action: Action, **more: Any) -> Step:
        subject = ANA.subject(("email",))
        intent = Intent(f"ana:kit:{action}:1", subject, action, (record(7),), on=date(2026, 6, 1), **more)
        (step,) = self.place.plan([intent])
        return step

    @pytest.mark.parametrize("size", [1, 2, 500])
    def test_nobody_has_answered_yet(self, size: int) -> None:
        subjects = [replace(ANA.subject(("email",)), key=f"s{n}") for n in range(size)]

        found = self.place.locate(subjects)

        assert [(one.subject, one.found, one.count) for one in found.searched] == [
            (one.key, Found.NOT_ANSWERED, 0) for one in subjects
        ]
        assert (found.records, found.cursor) == ((), None)

    def test_people_do_every_action(self) -> None:
        told = self.place.describe()

        assert {told.support(action) for action in Action} == {Support.MANUAL}

    @pytest.mark.parametrize(
        ("action", "block", "verb"),
        [
            (Action.EXPORT, False, Verb.EXPORT),
            (Action.ERASE, False, Verb.DELETE),
            (Action.ERASE, True, Verb.SEAL_THEN_DELETE),
            (Action.RESTRICT, False, Verb.RESTRICT),
            (Action.LIFT, False, Verb.LIFT),
            (Action.STOP, False, Verb.STOP),
        ],
    )
    def test_a_plan_names_what_a_holder_found(self, action: Action, block: bool, verb: Verb) -> None:
        step = self.step(action, block=block)

        assert [(i.id, i.verb, i.records, i.count) for i in step.items] == [("task:7", verb, ("task:7",), 2)]
        assert set(step.items[0].sentence) == {"es", "en", "pt"}

    def test_only_what_is_kept_here_is_corrected(self) -> None:
        wanted = (Change("user.contact.email", "nueva@correo.example"), Change("user.job_title", "Jefa"))

        step = self.step(Action.RECTIFY, changes=wanted)

        assert [item.changes for item in step.items] == [wanted[:1]]

    def test_a_correction_of_what_is_not_kept_here_needs_nobody(self) -> None:
        step = self.step(Action.RECTIFY, changes=(Change("user.job_title", "Jefa"),))

        (outcome,) = self.place.act([step], MemoryKeeper())

        assert (step.items, outcome.state) == ((), State.ALREADY)

    def test_work_waits_for_its_holders_however_often_it_is_sent(self) -> None:
        step = self.step(Action.ERASE)

        outcomes = [one for _ in range(2) for one in self.place.act([step], MemoryKeeper())]

        assert [(o.state, [(i.before, i.changed) for i in o.items]) for o in outcomes] == [
            (State.WAITING, [(2, 0)])
        ] * 2

    def test_everything_is_still_there_until_a_holder_stated_it(self) -> None:
        step = self.step(Action.ERASE)
        claimed = Outcome(step.intent.key, State.ALREADY, receipt="found done by a fresh read")

        left = self.place.verify([(step, claimed)])

        assert [(one.item, one.count) for one in left] == [("task:7", 2)]

    def test_a_stated_outcome_leaves_nothing_to_read(self) -> None:
        step = self.step(Action.ERASE)

        assert self.place.verify([(step, Outcome(step.intent.key, State.DONE, receipt="stated"))]) == ()

    def test_a_read_only_place_refuses_to_act(self) -> None:
        self.place.open(self.kit.context(read_only=True))

        with pytest.raises(ConnectorError) as caught:
            list(self.place.act([self.step(Action.ERASE)], MemoryKeeper()))
        assert caught.value.permanent

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("title", {"es": "Archivo"}),
            ("owner", " "),
            ("categories", []),
            ("categories", "user.name"),
            ("checklist", {"deletion": ["Contratos"]}),
            ("checklist", {"all": "Contratos"}),
            ("instructions", "Mire bien"),
            ("basis", "because"),
        ],
    )
    def test_a_wrong_setting_is_named(self, name: str, value: object) -> None:
        context = replace(self.kit.context(), settings=dict(SETTINGS) | {name: value})

        with pytest.raises(ConnectorError) as caught:
            Manual().open(context)

        assert caught.value.permanent
        assert f"'{name}'" in str(caught.value)

    def test_a_place_without_a_list_is_warned_about(self) -> None:
        settings = {name: value for name, value in SETTINGS.items() if name != "checklist"}
        self.place.open(replace(self.kit.context(), settings=settings))

        assert [(one.level, one.code) for one in self.place.check()] == [
            ("ok", "by_hand"),
            ("warning", "checklist"),
        ]
