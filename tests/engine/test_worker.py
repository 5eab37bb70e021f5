"""Whole working processes on one SQLite database: killed, restarted, joined."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dsr import worker
from dsr.services import workers

PROCESS = Path(__file__).with_name("work_process.py")
ROOT = Path(__file__).parents[2]
CONTROLLER = """
[[controller]]
key = "acme"
name = "Acme SL"
address = "Calle Mayor 1, Madrid"
zone = "Europe/Madrid"
jurisdiction = "ES"
[controller.contact]
email = "dpo@acme.example"
"""

Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    (tmp_path / "controllers.toml").write_text(CONTROLLER)
    return tmp_path


@pytest.fixture
def begin(instance: Path) -> Iterator[Begin]:
    """Starts a process; whatever still runs at the end is told to stop."""
    started: list[subprocess.Popen[str]] = []

    def begin(*, seconds: float, cases: int = 0, limit: float = 0.0) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, str(PROCESS), str(instance), str(seconds), str(cases), str(limit)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip()
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            try:
                process.communicate(timeout=40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def until(condition: Callable[[], bool], seconds: float = 90.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def done(instance: Path) -> list[tuple[int, int]]:
    """(process, case) of everything that was finished."""
    file = instance / "done.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(int(pid), int(case)) for pid, case in (line.split() for line in lines)]


def kill(process: "subprocess.Popen[str]") -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_process_finishes_its_cases_once_each(instance: Path, begin: Begin) -> None:
    process = begin(seconds=0, cases=30)
    assert until(lambda: len(done(instance)) == 30)
    assert sorted(done(instance)) == [(process.pid, case) for case in range(1, 31)]


def test_after_a_restart_the_work_of_the_killed_process_goes_on_at_once(instance: Path, begin: Begin) -> None:
    first = begin(seconds=300, cases=3)
    assert until(lambda: len(list(instance.glob("*.begun"))) == 3)
    kill(first)
    second = begin(seconds=0, limit=3600)
    assert until(lambda: len(done(instance)) == 3)
    assert sorted(done(instance)) == [(second.pid, case) for case in (1, 2, 3)]


def test_a_living_process_adopts_the_work_of_one_that_was_killed(instance: Path, begin: Begin) -> None:
    first = begin(seconds=300, cases=3)
    assert until(lambda: len(list(instance.glob("*.begun"))) == 3)
    second = begin(seconds=0, limit=5)
    kill(first)
    assert until(lambda: len(done(instance)) == 3)
    assert sorted(done(instance)) == [(second.pid, case) for case in (1, 2, 3)]


def test_work_of_a_living_process_is_left_to_it(instance: Path, begin: Begin) -> None:
    limit = 7.0
    one_sweep = worker.SWEEP_SECONDS * limit / workers.LIMIT.total_seconds()
    begin(seconds=0, limit=limit)
    # Long enough to be adopted: only its beats keep the work with its process.
    working = begin(seconds=limit + one_sweep + 4, cases=2, limit=limit)
    assert until(lambda: len(done(instance)) == 2)
    assert sorted(done(instance)) == [(working.pid, 1), (working.pid, 2)]
    assert [file.read_text() for file in instance.glob("*.begun")] == [f"{working.pid}\n"] * 2
