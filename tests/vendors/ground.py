"""The ground of the fault matrix: how a vendor is told of, what may come of a fault, what is left out and why."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from connectors.rest import connector
from dsr.contract import Action, ConnectorError, Context, Limits, Outcome, Row, State, Step
from dsr.testing import ANA, MemoryKeeper

from .faults import BROKEN, LATER
from .kit import OnFake

FINISHED = frozenset({State.DONE, State.ALREADY})
SECONDS, REQUESTS = 40.0, 1500
"""No test of one person takes longer, and none asks more often, whatever is wrong."""
CHANGES = (Action.RECTIFY, Action.RESTRICT, Action.STOP)
ROUNDS = 12
PATIENCE = 6.0
"""Seconds a call may take."""
PATIENCE_403, BUDGET = "403 as throttle", "daily budget"
UNTIL = "test_a_daily_budget_parks_until_the_day_is_over"
HANDED_OVER = "test_a_record_handed_over_in_the_middle_of_the_work_is_not_deleted"
IGNORED = "test_a_change_that_is_ignored_is_not_done"
STRANGERS = "test_other_peoples_records_in_an_answer_are_dropped_and_counted"
OTHERS = "test_other_peoples_records_in_an_answer_are_never_erased"
ENDLESS = "test_a_listing_without_an_end_ends"
SHIFTING = "test_a_listing_that_shifts_loses_nobodys_rows"
STALE = "test_a_search_that_still_shows_what_is_gone_is_not_believed"
DUPLICATE = "test_a_duplicate_of_her_goes_too"
LOST = "test_a_change_that_was_made_before_the_line_broke_is_not_made_again"
LATE = "test_a_change_whose_answer_comes_too_late_is_not_made_again"
REFUSED = "test_a_refused_change_is_not_done"
OWN_SERVER = "the server is the company's own: there is no budget"
STATUS_ALONE = "it asks for patience with a status alone (429, 503)"
OWN_DATABASE = "it answers from its own database, not from an index"
ONE_ANSWER = "what hangs on a person comes in one answer, without pages"
NO_PAGES = "listings come whole, without pages"
ONE_KEY = "there can be none: the address is the key"
SHARED = "it is refused by the client that all connectors share: see test_http.py"
EVERYBODY = "every listing is of everybody and compared here; no search is asked for"


class Ground(OnFake):
    """Subclass and name the fake. ``changes``: the actions besides erasure that this vendor does by itself.

    ``left_out``: tests, or ways to say "later", that mean nothing for this vendor, each with the reason, which
    ``docs/connectors.md`` prints. Such a test is not there: one that is skipped would hide others, and one that cannot
    fail would be believed.
    """

    changes: ClassVar[tuple[Action, ...]] = CHANGES
    looks = True
    """Without: only what changes something is tried, for a second way of doing it."""
    several_writes = True
    """Whether erasing a person takes more than one change. Without, nothing can go wrong in the middle."""
    accepted: ClassVar[frozenset[Action]] = frozenset()
    """Actions that this vendor only accepts and does later: what it does not do is waited for, and is never done."""
    broken: ClassVar[tuple[str, ...]] = tuple(BROKEN)
    left_out: ClassVar[Mapping[str, str]] = {}
    only_looks: ClassVar[tuple[str, ...]] = ()
    """Tests that only look."""
    reasons: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **facts: Any) -> None:
        super().__init_subclass__(**facts)
        reasons = dict(cls.left_out)
        if not cls.several_writes:
            reasons[HANDED_OVER] = "one change erases everything: there is no middle"
        if not cls.changes:
            reasons[IGNORED] = "nothing is changed there but by erasure"
        if not cls.looks:
            reasons |= dict.fromkeys(cls.only_looks, "tried with the usual way to erase")
        reasons |= {one: SHARED for one in BROKEN if one not in cls.broken}
        for name in reasons.keys() - LATER.keys() - BROKEN.keys():
            if not hasattr(cls, name):
                raise TypeError(f"{cls.__name__} leaves out {name}, which is no test")
            setattr(cls, name, None)
        cls.reasons = reasons

    @property
    def root(self) -> str:
        """The collection whose rows carry the identifier."""
        return str(connector(self.vendor.kind)().vendor.roots[0].name)

    def come_back(self) -> None:
        """Somebody brings back what was erased."""
        self.vendor.bring_back()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """``change``: actions that change something; ``wait``: ways to say later; ``wrong``: what is no answer."""
        if "change" in metafunc.fixturenames:
            metafunc.parametrize("change", self.changes)
        if "wrong" in metafunc.fixturenames:
            metafunc.parametrize("wrong", self.broken)
        if "wait" in metafunc.fixturenames:
            metafunc.parametrize("wait", [one for one in LATER if one not in self.left_out])

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


def strings(value: object) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from strings(one)


def keys(rows: Sequence[tuple[str, Row]]) -> list[str]:
    """Which rows were read."""
    return sorted(f"{row.collection} {row.key}" for _, row in rows)
