"""One process of ours, measured from inside: JSON on stdin says what to do, JSON lines on stdout what it took.

Modes: ``alone`` files one case at a time in the process that works, as ``--role all`` does; ``backlog``
works off what is there; ``serve`` takes requests by HTTP; ``raw`` is the script without our software.
Statements are counted on the engines of our own database, those of the job engine included.
"""

from __future__ import annotations

import functools
import gc
import json
import logging
import secrets
import sqlite3
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg

from bench import raw
from bench.populace import address


def cpu() -> float:
    """Seconds of processor time of this process and of those that set PDFs for it."""
    children = (child.cpu_times() for child in psutil.Process().children())
    return time.process_time() + sum(one.user + one.system for one in children)


def say(**facts: object) -> None:
    """One line to the process that measures."""
    print(json.dumps(facts), flush=True)


def plainly(job: dict) -> None:
    """The raw script: each person's time, and all processor time."""
    script = raw.Raw(job["stores"])
    work, folder = script.road(job["right"]), Path(job["folder"])
    began, used, times = time.perf_counter(), cpu(), []
    for number in job["people"]:
        start = time.perf_counter()
        work(folder, number)
        times.append(time.perf_counter() - start)
    say(seconds=time.perf_counter() - began, cpu=cpu() - used, times=times)
    script.close()


class Tally:
    """Statements and commits on our own database; an executemany counts as one and by its rows."""

    def __init__(self, ours: set[str]) -> None:
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        self.ours, self.counted, self.kinds = ours, Counter(), Counter()
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)

    def _mine(self, connection) -> bool:
        return str(connection.engine.url.database) in self.ours

    def _statement(self, connection, _cursor, statement, parameters, _context, many) -> None:
        if self._mine(connection) and not statement.startswith("BEGIN"):
            self.counted["statements"] += 1
            self.counted["sent"] += len(parameters) if many else 1
            self.kinds[" ".join(statement.split()[:6])] += 1

    def _commit(self, connection) -> None:
        if self._mine(connection):
            self.counted["commits"] += 1


def application_of(job: dict):
    """Our application on the three stores, the rights of the bench approved by themselves."""
    import stage
    from bench.populace import system
    from dsr import app, documents

    if job.get("pdf"):
        documents.PackageWriter = functools.partial(documents.PackageWriter, pdf=True)
    systems = [system(key, url) for key, url in job["stores"].items()]
    names = tuple(one.key for one in systems)
    chosen = stage.controller(systems=names, auto_approve=frozenset(("access", "erasure")))
    settings = stage.settings(
        Path(job["folder"]),
        systems,
        [chosen],
        database_url=job["database"],
        engine_url=job["engine"],
        four_eyes=False,
        **job.get("settings", {}),
    )
    return app.create_app(settings, job.get("role", "worker"))


def file_one(job: dict, number: int) -> str:
    """A case of a person whose identity an officer proved; its number."""
    from dsr.services import intake

    return intake.submit(filing(job, number), by="staff:1", now=datetime.now(UTC)).cases[0]


def file_many(job: dict, people: list[int]) -> None:
    """As ``file_one`` for many, a hundred in a transaction; it is not measured."""
    from dsr import store
    from dsr.services import intake

    for start in range(0, len(people), 100):
        with store.transaction() as tx:
            now = datetime.now(UTC)
            for number in people[start : start + 100]:
                asked = filing(job, number)
                identifiers = intake.checked(asked, now=now)
                token = secrets.token_urlsafe(32)
                intake.file_in(tx, asked, identifiers, token=token, by="staff:1", now=now)


def filing(job: dict, number: int):
    """What the person asks for, with an officer's word for who she is."""
    from dsr.services.intake import Filing, Wanted

    right, found = Wanted(job["right"]), (("email", address(number)),)
    return Filing("acme", "es", "ES", (right,), found, verified_reason="en persona")


class Watcher:
    """Looks at our database on a connection of its own, so that looking is not counted."""

    def __init__(self, url: str) -> None:
        self.mark = "?" if url.startswith("sqlite") else "%s"
        if url.startswith("sqlite"):
            self.connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        else:
            self.connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def status(self, reference: str) -> str:
        query = f'select status from "case" where reference = {self.mark}'
        return self.connection.execute(query, [reference]).fetchone()[0]


def alone(job: dict) -> None:
    """Case after case: from identity proved to answered, in the process that works."""
    from dsr.worker import Worker

    tally = Tally(set(job["own"]))
    app = application_of(job)
    worker = Worker(app)
    worker.start()
    watcher, times = Watcher(job["database"]), []
    for position, number in enumerate(job["people"]):
        if position == job["warm"]:
            time.sleep(1)
            tally.counted.clear()
            tally.kinds.clear()
            say(warm=True)
            used, began = cpu(), time.perf_counter()
        start = time.perf_counter()
        with app.app_context():
            reference = file_one(job, number)
        until = start + 300
        while (status := watcher.status(reference)) != "answered" and time.perf_counter() < until:
            time.sleep(0.002)
        if status != "answered":
            raise SystemExit(f"a case of the bench stayed {status}")
        times.append(time.perf_counter() - start)
    took = {"seconds": time.perf_counter() - began, "cpu": cpu() - used}
    say(times=times[job["warm"] :], **took, **tally.counted)
    sys.stdin.read()
    worker.stop()


def backlog(job: dict) -> None:
    """A worker that is told to begin; says what it took when it is told that everything is answered."""
    from dsr.worker import Worker

    tally = Tally(set(job["own"]))
    app = application_of(job)
    whole = opened(app, 0)
    worker = Worker(app)
    worker.start()
    time.sleep(1)
    gc.collect()
    say(ready=True)
    sys.stdin.readline()
    tally.counted.clear()
    tally.kinds.clear()
    used = cpu()
    opened(app, whole)
    worker._sweep()
    sys.stdin.readline()
    say(cpu=cpu() - used, kinds=tally.kinds.most_common(12), **tally.counted)
    sys.stdin.read()
    worker.stop()


def serve(job: dict) -> None:
    """Desk and API behind waitress, as ``dsr serve --role desk`` does; says its port and a token."""
    import waitress

    from dsr.services import tokens

    app = application_of(job)
    with app.app_context():
        made = tokens.make(
            "acme", "bench", ["cases:write"], expires_at=None, by="system", now=datetime.now(UTC)
        )
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    say(port=server.effective_port, token=made.secret)
    threading.Thread(target=server.run, daemon=True).start()
    sys.stdin.readline()
    say(cpu=cpu())


def opened(app, batches: int) -> int:
    """Let so many batches be under way at once; how many it was before. None: the desk fills up."""
    from dsr import store

    with app.app_context():
        house = store.attached("house")
    policy = replace(house.policy, open_batches=batches)
    store.attach(app, "house", replace(house, policy=policy))
    return house.policy.open_batches


if __name__ == "__main__":
    given = json.loads(sys.stdin.readline())
    {"raw": plainly, "alone": alone, "backlog": backlog, "serve": serve}[given["mode"]](given)
