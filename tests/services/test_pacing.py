"""What a system bears is kept to by all threads and processes together; nothing is measured with time."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from flask import Flask

from dsr import store
from dsr.contract import ConnectorError, Description
from dsr.domain.organisation import SystemConfig
from dsr.registry import Registry
from dsr.services import workers
from dsr.services.pacing import BUSY_FOR, Pacing
from dsr.store.operations import Allowance, Worker

NOW = datetime(2026, 3, 2, 9, 0, 3, tzinfo=UTC)
TESTS = Path(__file__).parents[1]
OTHER = """
import sys
from datetime import datetime
from flask import Flask
from dsr import store
from dsr.contract import ConnectorError
from dsr.services.pacing import Pacing
app = Flask("dsr", instance_path=sys.argv[1])
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[2]
store.init_app(app)
moment = datetime.fromisoformat(sys.argv[3])
pacing, held = Pacing("other", lambda: moment), []
with app.app_context():
    for line in sys.stdin:
        try:
            if line.strip() == "call":
                pacing.call("crm", 5)
            else:
                held.append(pacing.place("crm", 1, seconds=0))
                held[-1].__enter__()
            print("yes", flush=True)
        except ConnectorError as error:
            print(error.retry_at.isoformat(), flush=True)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'dsr.db'}"
    return str(request.getfixturevalue("make_database")())


@pytest.fixture
def app(database, tmp_path):
    app = Flask("dsr", instance_path=str(tmp_path / "instance"))
    app.config["SQLALCHEMY_DATABASE_URI"] = database
    store.init_app(app)
    with app.app_context():
        store.db.create_all()
        yield app
        store.db.engine.dispose()


@pytest.fixture
def other(app, database, tmp_path):
    """Another process: a word on its input, what came of it on its output."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path / "instance"), database, NOW.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(word):
        process.stdin.write(word + "\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    yield ask
    process.stdin.close()
    process.wait(timeout=60)


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pacing(app, clock):
    return Pacing("ours", clock, threads=20)


def alive(executor, seen_at=NOW):
    with store.transaction() as tx:
        tx.session.merge(Worker(id=executor, host="here", pid=1, started_at=seen_at, seen_at=seen_at))


def calls(pacing, many, most=5):
    """How many of so many calls were allowed, and when the next may be made."""
    for number in range(many):
        try:
            pacing.call("crm", most)
        except ConnectorError as error:
            return number, error.retry_at
    return many, None


def opened():
    with store.reading() as session:
        row = session.get(Allowance, "crm")
        return sorted(row.open.values()) if row else []


def test_a_budget_is_spent_and_comes_back_when_its_calls_are_a_minute_old(pacing, clock):
    spent = calls(pacing, 9)
    clock.now = spent[1] - timedelta(seconds=1)
    too_early = calls(pacing, 1)
    clock.now = spent[1]

    assert spent == (5, datetime(2026, 3, 2, 9, 1, 10, tzinfo=UTC))
    assert (too_early[0], calls(pacing, 9)[0]) == (0, 5)


def test_no_span_of_a_minute_holds_more_than_the_budget_wherever_it_begins(pacing, clock):
    made = []
    for second in range(0, 400, 3):
        clock.now = NOW + timedelta(seconds=second)
        made += [clock.now] * calls(pacing, 2)[0]
    spans = [sum(at <= one < at + timedelta(seconds=60) for one in made) for at in made]

    assert max(spans) == 5
    assert len(made) >= 5 * 400 // 70


def test_two_processes_share_one_budget(pacing, other):
    ours = calls(pacing, 3)
    theirs = [other("call") for _ in range(3)]

    assert (ours, theirs[:2]) == ((3, None), ["yes", "yes"])
    assert calls(pacing, 1) == (0, datetime.fromisoformat(theirs[2]))


def test_a_place_that_another_living_process_holds_is_not_given_twice(pacing, other):
    alive("other")
    theirs = other("place")

    with pytest.raises(ConnectorError, match="busy") as caught, pacing.place("crm", 1, seconds=0):
        pytest.fail("two at once")
    with pacing.place("crm", 2, seconds=0):
        together = opened()

    assert (theirs, caught.value.retry_at, caught.value.permanent) == ("yes", NOW + BUSY_FOR, False)
    assert (together, opened()) == (["other", "ours"], ["other"])


def test_the_place_of_a_dead_process_is_free(pacing, other):
    alive("other", NOW - workers.LIMIT)
    other("place")

    with pacing.place("crm", 1, seconds=0):
        assert opened() == ["ours"]


def test_a_place_of_ours_whose_end_could_not_be_written_is_forgotten(pacing):
    alive("ours")
    with store.transaction() as tx:
        tx.session.add(Allowance(system="crm", open={"lost": "ours"}, taken=[]))

    with pacing.place("crm", 1, seconds=0):
        assert opened() == ["ours"]


def test_threads_wait_for_a_place_and_never_stand_in_it_together(app, pacing):
    inside, most, done = [], [], []

    def work():
        with app.app_context():
            for _ in range(5):
                with pacing.place("crm", 2, seconds=600):
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()
            done.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert (len(done), max(most) <= 2, opened()) == (4, True, [])


def test_who_waits_for_a_system_that_falls_silent_does_not_wait_for_it_again(app, clock):
    tried, told = threading.Event(), []

    def moment():
        if threading.current_thread() is waiting:
            tried.set()
        return clock()

    def wait():
        with app.app_context():
            try:
                with pacing.place("crm", 1, seconds=600):
                    told.append("asked")
            except ConnectorError as error:
                told.append((error.permanent, error.retry_at))

    pacing, waiting = Pacing("ours", moment, threads=20), threading.Thread(target=wait)
    with pytest.raises(ConnectorError, match="no answer"), pacing.place("crm", 1, seconds=0):
        waiting.start()
        assert tried.wait(60)
        raise ConnectorError("no answer", permanent=False)
    waiting.join()
    with pacing.place("crm", 1, seconds=0):
        told.append("later")

    assert told == [(False, None), "later"]


def test_a_system_without_limits_costs_nothing(pacing):
    with pacing.place("crm", None, seconds=0):
        pacing.call("crm", None)

    assert opened() == []


def test_one_thread_of_a_process_stays_out_of_a_system_that_keeps_the_others(clock):
    pacing, inside, over = Pacing("ours", clock, threads=3), threading.Semaphore(0), threading.Event()

    def stand():
        with pacing.place("dead", None, seconds=600):
            inside.release()
            over.wait(60)

    others = [threading.Thread(target=stand) for _ in range(2)]
    for one in others:
        one.start()
        assert inside.acquire(timeout=60)
    with pytest.raises(ConnectorError) as refused, pacing.place("dead", None, seconds=600):
        pytest.fail("the last thread went in as well")
    with pacing.place("crm", None, seconds=0):
        over.set()
    for one in others:
        one.join()
    with pacing.place("dead", None, seconds=0):
        again = True

    assert (refused.value.permanent, refused.value.retry_at, again) == (False, NOW + BUSY_FOR, True)


def test_nothing_is_counted_inside_a_transaction(pacing):
    with pytest.raises(RuntimeError), store.transaction():
        pacing.call("crm", 5)


class Caller:
    """A connector that calls its system twice for each check."""

    kind = "caller"
    settings = ()

    def open(self, context):
        self.context = context

    def describe(self):
        return Description(title="x", collections=(), capabilities=(), parallel=1, per_minute=3)

    def check(self):
        self.context.calling()
        self.context.calling()
        return ()

    def close(self):
        """Nothing is held."""


def registry(pacing, **more):
    config = SystemConfig(key="crm", kind="caller", title="CRM", controllers=("acme",), **more)
    found = Registry([config], points=[EntryPoint("caller", "x:y", "dsr.connectors")], pace=pacing)
    found._factories["caller"] = Caller
    return found


def test_a_connector_is_stopped_by_the_budget_it_describes(pacing):
    house = registry(pacing)
    with house.open("acme", "crm", now=NOW) as connector:
        connector.check()
        with pytest.raises(ConnectorError, match="3 calls a minute"):
            connector.check()


class Part(Caller):
    """A connector of which one part bears two calls a minute."""

    def check(self):
        self.context.calling("search", 2)
        self.context.calling()
        return ()


@pytest.mark.parametrize("key", ["crm", "c" * 63])
def test_a_part_of_a_system_is_stopped_by_its_own_budget_and_nothing_else_is(pacing, key):
    config = SystemConfig(key=key, kind="caller", title="CRM", controllers=("acme",), per_minute=9)
    house = Registry([config], points=[EntryPoint("caller", "x:y", "dsr.connectors")], pace=pacing)
    house._factories["caller"] = Part
    with house.open("acme", key, now=NOW) as connector:
        connector.check()
        connector.check()
        with pytest.raises(ConnectorError, match="2 calls a minute") as caught:
            connector.check()
        for _ in range(7):
            connector.context.calling()
        with pytest.raises(ConnectorError, match="9 calls a minute"):
            connector.context.calling()
    assert caught.value.retry_at == datetime(2026, 3, 2, 9, 1, 10, tzinfo=UTC)


def test_the_configuration_knows_better_than_the_connector_what_its_system_bears(pacing):
    house = registry(pacing, per_minute=5, parallel=2)
    with house.open("acme", "crm", now=NOW) as one, house.open("acme", "crm", now=NOW) as two:
        one.check()
        two.check()
        with pytest.raises(ConnectorError, match="5 calls a minute"):
            one.check()


def test_describing_takes_no_place(pacing):
    house = registry(pacing)
    with house.open("acme", "crm", now=NOW):
        assert house.describe("acme", "crm", now=NOW + timedelta(minutes=2)).parallel == 1
