"""What the author of a connector tells the kit, and how the kit drives the connector."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest

from dsr.contract import (
    Action,
    Change,
    Connector,
    ConnectorError,
    Context,
    Intent,
    KeepRule,
    Limits,
    Match,
    Outcome,
    Record,
    Row,
    Searched,
    State,
    Step,
    Subject,
)

from .keeper import KeeperDied, MemoryKeeper
from .people import ANA, EVA, Disturbance, Person, crowd

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
MOST_PAGES = 20_000
DEEDS = frozenset(Action) - {Action.EXPORT}
"""An export is read, not acted on."""
CHANGES_OF_OWNER = frozenset({Disturbance.MOVE, Disturbance.HAND_OVER})


LOST = "lost"
"""What ``lost_after`` does: a word for ``needs``."""

Test = TypeVar("Test", bound=Callable[..., None])


def needs(
    *every: Action | Disturbance | str, one_of: frozenset[Action | Disturbance] = frozenset()
) -> Callable[[Test], Test]:
    """Mark a test of the kit that means nothing where these, or all of ``one_of``, cannot be done."""

    def mark(test: Test) -> Test:
        test.__dict__["applies"] = lambda can: can >= set(every) and (not one_of or bool(can & one_of))
        return test

    return mark


class Stage(ABC):
    """The author's part. Every test gets a fresh object, a fresh source and the same people."""

    kinds: ClassVar[tuple[str, ...]] = ("email",)
    """Identifier kinds by which the source can find the people (of Person.value)."""
    actions: ClassVar[frozenset[Action]] = frozenset({Action.EXPORT, Action.ERASE})
    """What the connector does by itself (native or emulated)."""
    disturbances: ClassVar[frozenset[Disturbance]] = frozenset(Disturbance)
    """What ``disturb`` can do to this source."""
    kept: ClassVar[frozenset[str]] = frozenset()
    """Collections of which rows rightly stay after an erasure."""
    keep_rules: ClassVar[tuple[KeepRule, ...]] = ()
    """Retention rules that the seeded collections name."""
    correction: ClassVar[Change] = Change("user.name", "Ana Corregida")
    """A rectification of Ana that the source can carry out; the new value is a text."""
    channels: ClassVar[tuple[str, ...]] = ("marketing",)
    """Channels of a STOP that the source knows."""
    many: ClassVar[int] = 500
    """The largest batch. Lower it only where seeding takes too long."""
    secrets: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        """Prepare an empty source at ``place`` (see the fixture of this name); give factory and settings."""

    @abstractmethod
    def seed(self, people: Sequence[Person]) -> None:
        """Store these people, more than once if called again. At least one row each, better three in two
        collections; her identifiers as ``kinds`` say, her name where there is one."""

    @abstractmethod
    def raw(self, person: Person) -> Mapping[str, int]:
        """Rows that are hers per collection, read with another client than the connector's."""

    @abstractmethod
    def content(self) -> str:
        """Everything stored, read with another client; the same rows in another order give the same text."""

    def disturb(self, kind: Disturbance, person: Person) -> None:
        """Do what ``kind`` says to the rows of ``person`` with another client; only for ``disturbances``."""
        raise NotImplementedError(f"{type(self).__name__} does not tell how to {kind}")

    @contextmanager
    def lost_after(self, changes: int) -> Iterator[None]:
        """The source is lost after so many changing requests: nothing more is carried out or answered. Where an
        author tells how, the kit stops work in every place in which it can stop."""
        raise NotImplementedError(f"{type(self).__name__} does not tell how it is lost")
        yield

    @pytest.fixture
    def place(self, tmp_path: Path) -> Any:
        """Where the source lives: a fresh folder; override it to give the address of a server."""
        return tmp_path

    @pytest.fixture(autouse=True)
    def stage(self, place: Any) -> Iterator[None]:
        """A source with Ana, Eva and four others; afterwards nothing personal was logged."""
        self.begin(place)
        yield
        self.check_log()

    def begin(self, place: Any) -> None:
        """Build the source and seed it."""
        self.logged: list[str] = []
        self.factory, self.settings = self.make(place)
        self.others = crowd(4)
        self.everyone: list[Person] = []
        self.add((ANA, EVA, *self.others))

    def add(self, people: Sequence[Person]) -> None:
        """Seed more people and remember them."""
        self.seed(people)
        self.everyone += people

    def check_log(self) -> None:
        """No log line carries anything of anybody."""
        self.check_words(" ".join(self.logged), "a log line")

    def check_words(self, text: str, where: str) -> None:
        """Nothing of anybody stands in ``text``."""
        found = [one.key for one in self.everyone for word in one.words() if word.lower() in text.lower()]
        assert found == [], f"{where} carries personal data of {found}"

    def context(self, *, page: int = 1000, read_only: bool = False) -> Context:
        """The context the connector is opened with."""
        return Context(
            system="kit",
            controller="kit",
            settings=self.settings,
            secret=lambda name: self.secrets[name],
            now=NOW,
            limits=Limits(page=page),
            read_only=read_only,
            log=self._log,
        )

    def _log(self, event: str, **counts: object) -> None:
        self.logged.append(f"{event} {counts}")

    @contextmanager
    def opened(self, *, page: int = 1000, read_only: bool = False) -> Iterator[Connector]:
        """A new connector, opened; closed afterwards."""
        connector = self.factory()
        connector.open(self.context(page=page, read_only=read_only))
        try:
            yield connector
        finally:
            connector.close()

    def subject(self, person: Person) -> Subject:
        """The person with all the identifiers this source knows."""
        return person.subject(self.kinds)

    def locate(
        self, connector: Connector, subjects: Sequence[Subject]
    ) -> tuple[list[Record], list[Searched]]:
        """All pages of a search."""
        records: list[Record] = []
        searched: list[Searched] = []
        for page in _pages(lambda after: connector.locate(subjects, after)):
            records += page.records
            searched += page.searched
        return records, searched

    def hers(self, connector: Connector, people: Iterable[Person]) -> dict[str, tuple[Record, ...]]:
        """The certain records of each person, by her key."""
        people = tuple(people)
        records, _ = self.locate(connector, [self.subject(one) for one in people])
        return {
            one.key: tuple(r for r in records if r.subject == one.key and r.match is Match.EXACT)
            for one in people
        }

    def read(self, connector: Connector, records: Sequence[Record]) -> list[tuple[str, Row]]:
        """All pages of the rows of these records."""
        found: list[tuple[str, Row]] = []
        for page in _pages(lambda after: connector.read(records, after)):
            found += page.rows
        return found

    def intents(self, connector: Connector, people: Sequence[Person], action: Action) -> tuple[Intent, ...]:
        """One intent per person on her certain records."""
        plain = {
            Action.RECTIFY: {"changes": (self.correction,)},
            Action.STOP: {"channels": self.channels},
        }
        hers = self.hers(connector, people)
        return tuple(
            Intent(
                key=f"{one.key}:kit:{action}:1",
                subject=self.subject(one),
                action=action,
                records=hers[one.key],
                keep=self.keep_rules,
                on=date(2026, 6, 1),
                **plain.get(action, {}),  # type: ignore[arg-type]
            )
            for one in people
        )

    def plan(
        self, people: Sequence[Person], action: Action, *, block: bool = False, seals: tuple[str, ...] = ()
    ) -> tuple[Step, ...]:
        """Search and plan with a connector of its own; every step can be carried out."""
        with self.opened() as connector:
            intents = self.intents(connector, people, action)
            steps = connector.plan([replace(one, block=block, seals=seals) for one in intents])
        assert [step.intent.key for step in steps] == [one.key for one in intents]
        assert [step.conflicts for step in steps] == [() for _ in intents], "conflicts for nothing"
        return steps

    def act(self, steps: Sequence[Step], keeper: MemoryKeeper | None = None) -> dict[str, Outcome]:
        """Carry out with a connector of its own; exactly one outcome per step, by intent key."""
        with self.opened() as connector:
            outcomes = list(connector.act(steps, keeper if keeper is not None else MemoryKeeper()))
        counted = Counter(outcome.key for outcome in outcomes)
        assert counted == Counter(step.intent.key for step in steps), "one outcome per step"
        for outcome in outcomes:
            self.check_words(repr(outcome), "an outcome")
        return {outcome.key: outcome for outcome in outcomes}

    def act_until_death(self, steps: Sequence[Step], keeper: MemoryKeeper) -> None:
        """Carry out with a keeper that dies; what happens to the process afterwards does not matter."""
        with self.opened() as connector:
            try:
                states = {outcome.state for outcome in connector.act(steps, keeper)}
            except (KeeperDied, ConnectorError):
                return
            assert State.DONE not in states, "claims to be done although the keeper died"

    def residuals(self, steps: Sequence[Step], outcomes: Mapping[str, Outcome]) -> tuple[str, ...]:
        """The intent keys for which a fresh connector still finds something."""
        with self.opened(read_only=True) as connector:
            found = connector.verify([(step, outcomes[step.intent.key]) for step in steps])
        assert {one.key for one in found} <= set(outcomes), "a residual for nobody"
        return tuple(sorted({one.key for one in found}))

    def left(self, person: Person) -> dict[str, int]:
        """Rows of hers that should not be there after an erasure."""
        return {name: n for name, n in self.raw(person).items() if n and name not in self.kept}


def _pages(call: Callable[[str | None], Any]) -> Iterator[Any]:
    """Page after page. A cursor that comes back would never end."""
    seen: set[str] = set()
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = call(cursor)
        yield page
        cursor = page.cursor
        if cursor is None:
            return
        assert cursor not in seen, "the same cursor came twice"
        seen.add(cursor)
    raise AssertionError(f"no end after {MOST_PAGES} pages")
