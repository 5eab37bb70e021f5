"""The engine on a real SQLite database, with processes that are really killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.orm import Session

from dsr.engine import Engine, Job
from servers.process import free_port

RUNNER = Path(__file__).with_name("runner.py")
SECONDS = 60.0


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


class Seen:
    """A handler that remembers the batches it got and fails those whose name says so."""

    def __init__(self) -> None:
        self.batches: list[str] = []
        self.go = threading.Event()
        self.go.set()

    def __call__(self, batch: str) -> None:
        self.batches.append(batch)
        assert self.go.wait(SECONDS)
        if batch.startswith("bad"):
            raise LookupError("ana@example.org was not found")


both = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path / 'engine.sqlite3'}"
    address = str(request.getfixturevalue("make_database")())
    return address.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def engine(url: str, seen: Seen) -> Iterator[Engine]:
    engine = Engine(url, concurrency=2)
    engine.start({"collect": seen, "send": seen})
    yield engine
    seen.go.set()
    engine.stop(seconds=5)


@both
def test_a_batch_starts_in_a_process_that_works_without_waiting_for_the_queue(
    url: str, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsr.engine.POLL_SECONDS", 600.0)
    engine = Engine(url, concurrency=2)
    engine.start({"collect": seen})
    engine.submit("one", "collect")
    assert until(lambda: seen.batches == ["one"] and not engine.unfinished())
    engine.stop(seconds=5)


@both
def test_a_batch_submitted_twice_runs_once(engine: Engine, seen: Seen) -> None:
    engine.submit("one", "collect")
    assert until(lambda: not engine.unfinished())
    engine.submit("one", "collect")
    engine.submit("two", "collect")
    assert until(lambda: "two" in seen.batches)
    assert seen.batches == ["one", "two"]


def test_a_new_generation_of_a_failed_batch_runs_again(engine: Engine, seen: Seen) -> None:
    engine.submit("bad", "collect")
    assert until(lambda: seen.batches == ["bad"] and not engine.unfinished())
    engine.submit("bad", "collect", generation=1)
    assert until(lambda: seen.batches == ["bad", "bad"])


@both
def test_the_words_of_an_error_do_not_reach_the_database(engine: Engine, seen: Seen, url: str) -> None:
    engine.submit("bad", "collect")
    assert until(lambda: seen.batches == ["bad"] and not engine.unfinished())
    engine.stop(seconds=5)
    with closing(create_engine(url).connect()) as connection:
        tables = inspect(connection).get_table_names(schema=None if "sqlite" in url else "dbos")
        place = "" if "sqlite" in url else "dbos."
        stored = "".join(
            str(connection.execute(text(f"SELECT * FROM {place}{name}")).all()) for name in tables
        )
    assert ("LookupError" in stored, "ana@example.org" in stored) == (True, False)


def test_a_poisoned_batch_does_not_stop_the_others(engine: Engine, seen: Seen) -> None:
    for batch in ("bad1", "bad2", "bad3", "good"):
        engine.submit(batch, "collect")
    assert until(lambda: not engine.unfinished())
    assert sorted(seen.batches) == ["bad1", "bad2", "bad3", "good"]


def test_more_batches_than_threads_wait_for_a_thread(engine: Engine, seen: Seen) -> None:
    seen.go.clear()
    names = [f"b{n}" for n in range(9)]
    for batch in names:
        engine.submit(batch, "collect")
    assert sorted(job.batch for job in engine.unfinished()) == names
    seen.go.set()
    assert until(lambda: not engine.unfinished())
    assert sorted(seen.batches) == names


def test_a_batch_that_makes_another_hands_its_thread_over(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsr.engine.POLL_SECONDS", 600.0)
    begun: list[str] = []

    def chain(batch: str) -> None:
        begun.append(batch)
        if len(begun) < 6:
            engine.submit(f"link{len(begun)}", "collect")

    engine = Engine(url, concurrency=1)
    engine.start({"collect": chain})
    engine.submit("link0", "collect")
    assert until(lambda: len(begun) == 6)
    engine.stop(seconds=5)
    assert begun == [f"link{n}" for n in range(6)]


def test_a_process_that_only_connects_hands_work_to_one_that_works(
    engine: Engine, seen: Seen, url: str
) -> None:
    portal = Engine(url)
    portal.connect()
    portal.submit("from-portal", "send")
    assert until(lambda: seen.batches == ["from-portal"])
    portal.stop()


@pytest.mark.parametrize("kept", [True, False])
def test_work_enqueued_in_a_transaction_shares_its_fate(request: pytest.FixtureRequest, kept: bool) -> None:
    url = str(request.getfixturevalue("make_database")()).replace("postgresql://", "postgresql+psycopg://")
    portal = Engine(url, shares=True)
    portal.connect()
    with Session(create_engine(url)) as session:
        assert portal.enqueue_in(session, "one", "collect") is True
        (session.commit if kept else session.rollback)()
    assert [job.batch for job in portal.unfinished()] == ["one"] * kept
    portal.stop()


def test_work_is_not_enqueued_in_a_transaction_of_another_database(engine: Engine) -> None:
    assert engine.enqueue_in(None, "one", "collect") is False


def test_cancelled_work_is_not_started(url: str) -> None:
    portal = Engine(url)
    portal.connect()
    portal.submit("never", "collect")
    portal.cancel(portal.unfinished())
    assert portal.unfinished() == ()
    portal.stop()


@both
def test_finished_work_is_purged_and_running_work_is_not(engine: Engine, seen: Seen) -> None:
    engine.submit("old", "collect")
    assert until(lambda: seen.batches == ["old"] and not engine.unfinished())
    seen.go.clear()
    engine.submit("new", "collect")
    purged: list[int] = []

    def gone() -> bool:
        purged.append(engine.purge(older_than_seconds=0))
        return sum(purged) > 0

    assert until(gone)
    assert sum(purged) == 1
    assert [job.batch for job in engine.unfinished()] == ["new"]


def test_a_batch_that_cannot_be_handed_over_is_left_to_the_sweep() -> None:
    nobody = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none"

    assert Engine(nobody).submit("one", "collect") is False


def start_runner(url: str, folder: Path, seconds: float) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, str(RUNNER), url, str(folder), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


@both
def test_work_of_a_killed_process_is_adopted_and_finished_by_another(url: str, tmp_path: Path) -> None:
    first, dead = start_runner(url, tmp_path, seconds=60)
    assert first.stdin is not None
    first.stdin.write("one\ntwo\nthree\n")
    first.stdin.flush()
    assert until(lambda: len(list(tmp_path.glob("*.begun"))) == 3)
    second, alive = start_runner(url, tmp_path, seconds=0)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    watcher = Engine(url)
    watcher.connect()
    held = [job for job in watcher.unfinished() if job.executor == dead]
    watcher.adopt(held)
    assert until(lambda: not watcher.unfinished())
    watcher.stop()
    done = {file.stem: int(file.read_text()) for file in tmp_path.glob("*.done")}
    second.communicate(timeout=30)
    assert sorted(job.batch for job in held) == ["one", "three", "two"]
    assert done == dict.fromkeys(("one", "two", "three"), second.pid)
    assert alive != dead


def test_a_job_knows_its_batch_whatever_its_generation(engine: Engine, seen: Seen) -> None:
    seen.go.clear()
    engine.submit("case", "collect", generation=3)
    assert until(lambda: engine.unfinished() == (Job("case", "case.3", engine.executor),))
