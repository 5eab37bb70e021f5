"""Twenty systems, one of them dead or out of budget: it is asked once, the others never wait for it."""

import json
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import EntryPoint
from threading import Lock

import pytest
from flask import current_app

from dsr import store
from dsr.contract import ConnectorError
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.registry import Registry
from dsr.services import clock, intake, parking, review
from dsr.services.house import house
from dsr.services.intake import Filing, Wanted
from dsr.store.operations import SystemState
from dsr.store.queries import people
from dsr.store.queries import work as queries
from fakes import Notebook
from stage import NOW, OLGA, controller, installation, work

ALL = tuple(right.value for right in Right)
SYSTEMS = [f"book{n:02}" for n in range(20)]
DEAD = SYSTEMS[3]
SOON = NOW + timedelta(minutes=5)


class Watched(Notebook):
    """Notes every call; fails as it was told to, by system."""

    calls: list = []
    fails: dict = {}
    lock = Lock()

    def _note(self, what):
        with self.lock:
            self.calls.append((self.context.system, what))
        error = self.fails.get((self.context.system, what)) or self.fails.get((self.context.system, "*"))
        if error is not None:
            raise error

    def locate(self, subjects, after=None):
        self._note("locate")
        return super().locate(subjects, after)

    def act(self, steps, keeper):
        self._note("act")
        yield from super().act(steps, keeper)

    def verify(self, pairs):
        self._note("verify")
        return super().verify(pairs)


@pytest.fixture
def books(tmp_path):
    """An installation over twenty notebooks in which the same ten people stand."""
    cards = [
        {"id": n, "email": f"p{n}@example.org", "name": "Ana", "news": True, "restricted": False}
        for n in range(10)
    ]
    notes = [{"id": n, "card": n, "text": "x"} for n in range(10)]
    systems = []
    for key in SYSTEMS:
        path = tmp_path / f"{key}.json"
        path.write_text(json.dumps({"cards": cards, "notes": notes}))
        systems.append(
            SystemConfig(
                key=key,
                kind="watched",
                title=key,
                controllers=("acme",),
                settings={"path": str(path)},
                acting=ALL,
            )
        )
    Watched.calls, Watched.fails, Watched.kind = [], {}, "watched"
    chosen = controller(systems=tuple(SYSTEMS), auto_approve=frozenset(("access", "erasure")))
    with installation(tmp_path / "instance", systems, controllers=(chosen,), four_eyes=False, batch_cases=1):
        point = EntryPoint("watched", f"{__name__}:Watched", "dsr.connectors")
        registry = Registry(systems, points=[point])
        registry._factories["watched"] = Watched
        store.attach(current_app, "house", replace(house(), registry=registry))
        yield tmp_path


def ask(number, right="erasure"):
    filing = Filing(
        "acme",
        "es",
        "ES",
        (Wanted(right),),
        (("email", f"p{number}@example.org"),),
        verified_reason="en persona",
    )
    return intake.submit(filing, by="staff:1", now=NOW).cases[0]


def counted(what):
    return {key: sum(one == (key, what) for one in Watched.calls) for key in SYSTEMS}


def left(folder, key):
    return {card["email"] for card in json.loads((folder / f"{key}.json").read_text())["cards"]}


def case(reference):
    with store.reading() as session:
        return people.case(session, reference)


def approve(reference, now=NOW):
    with store.reading() as session:
        found = people.case(session, reference)
        shown = queries.latest_plans(session, [found.id])[found.id].hash
    review.approve(reference, shown, by=OLGA, now=now)


def state(key):
    with store.reading() as session:
        return session.get(SystemState, ("acme", key))


def test_a_dead_system_is_asked_once_and_the_others_as_often_as_without_it(books):
    Watched.fails[DEAD, "*"] = ConnectorError("cannot be reached", permanent=False)
    references = [ask(number) for number in range(5)]
    work(NOW)

    calls = counted("locate")
    assert calls.pop(DEAD) == 1
    assert set(calls.values()) == {5}
    assert {case(one).status for one in references} == {"review"}
    assert (state(DEAD).last_error, state(DEAD).retry_at) == ("cannot be reached", NOW + parking.PAUSE)
    assert [key for key in SYSTEMS if state(key).last_error] == [DEAD]


def test_who_was_passed_by_is_searched_again_when_the_system_may_be_asked(books):
    Watched.fails[DEAD, "*"] = ConnectorError("out of budget", permanent=False, retry_at=SOON)
    references = [ask(number) for number in range(3)]
    work(NOW)
    waiting = {case(one).wake_at for one in references}
    clock.wake(now=SOON - timedelta(seconds=1))
    work(SOON - timedelta(seconds=1))
    before = counted("locate")[DEAD]
    Watched.fails.clear()

    clock.wake(now=SOON)
    work(SOON)

    assert (waiting, before, counted("locate")[DEAD]) == ({SOON}, 1, 4)
    assert {case(one).status for one in references} == {"answered"}
    assert [left(books, key) for key in SYSTEMS] == [{f"p{n}@example.org" for n in range(3, 10)}] * 20
    assert state(DEAD).last_error == ""


def test_while_one_system_rests_the_work_in_the_others_is_done_and_never_repeated(books):
    Watched.fails[DEAD, "act"] = ConnectorError("too many requests", permanent=False, retry_at=SOON)
    references = [ask(number) for number in range(3)]
    work(NOW)
    waiting = {(case(one).status, case(one).wake_at) for one in references}
    asked_at_once = counted("act")
    Watched.fails.clear()

    clock.wake(now=SOON)
    work(SOON)

    assert waiting == {("attention", SOON)}
    assert asked_at_once == dict.fromkeys(SYSTEMS, 3) | {DEAD: 1}
    assert counted("act") == dict.fromkeys(SYSTEMS, 3) | {DEAD: 4}
    assert {case(one).status for one in references} == {"answered"}
    assert left(books, DEAD) == {f"p{n}@example.org" for n in range(3, 10)}


def test_what_could_not_be_read_back_is_not_called_done_and_is_never_done_twice(books):
    Watched.fails[DEAD, "verify"] = ConnectorError("too many requests", permanent=False, retry_at=SOON)
    reference = ask(1)
    work(NOW)
    found = case(reference)
    waiting = (found.status, found.wake_at, left(books, DEAD))
    Watched.fails.clear()

    clock.wake(now=SOON)
    work(SOON)

    assert waiting == ("attention", SOON, {f"p{n}@example.org" for n in range(10)} - {"p1@example.org"})
    assert (case(reference).status, counted("act")[DEAD]) == ("answered", 1)


def test_a_budget_that_lasts_for_days_is_not_a_failure(books):
    moments = [NOW + timedelta(days=n) for n in range(8)]
    Watched.fails[DEAD, "act"] = ConnectorError("out of budget", permanent=False, retry_at=moments[1])
    reference = ask(1)
    work(NOW)
    for today, tomorrow in zip(moments[1:], moments[2:], strict=False):
        Watched.fails[DEAD, "act"] = ConnectorError("out of budget", permanent=False, retry_at=tomorrow)
        clock.wake(now=today)
        work(today)

    found = case(reference)
    assert (found.status, found.wake_at) == ("attention", moments[-1])


def test_an_officer_who_retries_wakes_the_system_at_once(books):
    Watched.fails[DEAD, "act"] = ConnectorError("too many requests", permanent=False, retry_at=SOON)
    reference = ask(1)
    work(NOW)
    Watched.fails.clear()

    review.retry(reference, by=OLGA, now=NOW)
    work(NOW)

    assert (case(reference).status, state(DEAD).retry_at, state(DEAD).last_error) == ("answered", None, "")


def test_a_lasting_fault_is_shown_and_does_not_rest(books):
    Watched.fails[DEAD, "locate"] = ConnectorError("wrong password", permanent=True)
    ask(1)
    work(NOW)

    assert (state(DEAD).last_error, state(DEAD).retry_at) == ("wrong password", None)
