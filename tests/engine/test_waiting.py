"""Processes that start before their database: pages are a 503, a worker waits, both serve when it answers."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from dsr.store import StorageError
from dsr.web.door import Door
from dsr.worker import _await
from servers import postgres, process

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
START = "from dsr.cli import main; main()"
AWAY = StorageError("storage.away", "The database does not answer.")


class Waits(threading.Event):
    """An event whose waits take no time; notes how long they would have been."""

    def __init__(self, stop_after: int = 10_000) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self._stop_after = stop_after

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        return len(self.pauses) >= self._stop_after


def away(times: int, error: Exception = AWAY) -> Callable[[], str]:
    """Something that cannot begin so many times."""
    left = [error] * times

    def begin() -> str:
        if left:
            raise left.pop()
        return "begun"

    return begin


def test_a_worker_waits_longer_and_longer_until_its_database_answers() -> None:
    stopped = Waits()

    assert _await(away(7), stopped, 600.0) == "begun"
    assert stopped.pauses == [1, 2, 4, 8, 10, 10, 10]


def test_a_worker_does_not_wait_for_ever() -> None:
    stopped = Waits()

    with pytest.raises(StorageError, match="does not answer"):
        _await(away(1000), stopped, 60.0)
    assert sum(stopped.pauses) == 65


def test_a_worker_that_is_told_to_stop_waits_no_longer() -> None:
    with pytest.raises(KeyboardInterrupt):
        _await(away(1000), Waits(stop_after=2), 600.0)


def test_what_waiting_cannot_mend_ends_a_worker_at_once() -> None:
    stopped = Waits()

    with pytest.raises(StorageError, match="no room"):
        _await(away(1, StorageError("storage.full", "There is no room.")), stopped, 600.0)
    assert stopped.pauses == []


@pytest.mark.parametrize(("languages", "title"), [("pt-BR,en;q=0.5", "Voltamos em breve"), ("", "Volvemos")])
def test_a_page_that_comes_too_early_is_told_in_the_language_of_its_reader(
    languages: str, title: str
) -> None:
    visitor = Client(Door(away(1)))
    answer = visitor.get("/es/start", headers={"Accept-Language": languages})

    assert (answer.status_code, title in answer.text, answer.headers["Retry-After"]) == (503, True, "60")


def test_a_program_that_comes_too_early_gets_problem_details() -> None:
    answer = Client(Door(away(1))).get("/api/v1/cases")

    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert json.loads(answer.text)["status"] == 503


def test_behind_a_server_that_forks_a_visit_opens_the_door() -> None:
    def application(environ, start_response):  # type: ignore[no-untyped-def]
        start_response("200 OK", [])
        return [b"open"]

    door = Door(lambda: application, by_visit=True)

    assert Client(door).get("/").text == "open"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Starts ``dsr serve`` on a database; returns the file that its log goes to."""
    (tmp_path / "controllers.toml").write_text(CONTROLLER)
    started: list[subprocess.Popen[bytes]] = []

    def begin(role: str, url: str, port: int, **more_known: str) -> Path:
        known = {"DSR_INSTANCE": str(tmp_path), "DSR_DEMO": "on", "DSR_DATABASE_URL": url} | more_known
        log = tmp_path / f"{role}.log"
        with log.open("wb") as stream:
            command = [
                sys.executable,
                "-c",
                START,
                "serve",
                "--role",
                role,
                "--port",
                str(port),
            ]
            more = os.environ | known | {"PYTHONPATH": str(ROOT)}
            started.append(subprocess.Popen(command, stdout=stream, stderr=stream, cwd=ROOT, env=more))
        return log

    yield begin
    for one in started:
        one.terminate()
    for one in started:
        one.wait(timeout=60)


def page(port: int, path: str) -> int:
    """The status of a page; 0 while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def until(condition: Callable[[], bool], seconds: float = 120.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def test_portal_and_worker_started_before_postgresql_serve_as_soon_as_it_is_there(
    serve: Callable[..., Path],
) -> None:
    try:
        with postgres.own() as server:
            port = process.free_port()
            serve("portal", server.url, port)
            log = serve("worker", server.url, process.free_port())
            closed = until(lambda: page(port, "/") == 503)
            waits = until(lambda: "database.away" in log.read_text())
            health = page(port, "/healthz")

            server.start()

            assert (closed, waits, health) == (True, True, 503)
            assert until(lambda: page(port, "/healthz") == 200)
            assert "Traceback" not in log.read_text()
    except process.Missing as error:
        pytest.skip(str(error))


def test_a_separate_database_of_the_engine_is_waited_for_as_well(
    serve: Callable[..., Path], tmp_path: Path
) -> None:
    try:
        with postgres.own() as server:
            port = process.free_port()
            log = serve("all", f"sqlite:///{tmp_path / 'dsr.sqlite3'}", port, DSR_ENGINE_URL=server.url)
            closed = until(lambda: page(port, "/") == 503)
            waits = until(lambda: "engine.away" in log.read_text())
            health = page(port, "/healthz")

            server.start()

            assert (closed, waits, health) == (True, True, 503)
            assert until(lambda: page(port, "/healthz") == 200)
            assert "Traceback" not in log.read_text()
            assert "DSR_ENGINE_URL" in log.read_text()
    except process.Missing as error:
        pytest.skip(str(error))


def test_the_door_says_what_does_not_answer() -> None:
    door = Door(away(1, StorageError("storage.engine", "The database of the engine does not answer.")))

    assert (door.opened(), Client(door).get("/healthz").json) == (
        False,
        {"status": "failing", "engine": "does not answer"},
    )
