"""One process of ours, measured from inside: JSON on stdin says what to do, JSON lines on stdout what it took.

Modes: ``alone`` files one case at a time in the process that works, as ``--role all`` does; ``backlog``
works off what is there until its stdin is closed; ``raw`` is the script without our software.
Statements are counted on the engines of our own database, those of the job engine included.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import sqlite3

from bench import raw
from bench.populace import address


def cpu() -> float:
    """Seconds of processor time of this process."""
    used = os.times()
    return used.user + used.system


def say(**facts: object) -> None:
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
        if self._mine(connection):
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
        Path(job["folder"]), systems, [chosen],
        database_url=job["database"], engine_url=job["engine"], four_eyes=False, **job.get("settings", {}),
    )
    return app.create_app(settings, "worker")


def file_one(job: dict, number: int) -> str:
    """A case of a person whose identity an officer proved; its number."""
    from dsr.services import intake
    from dsr.services.intake import Filing, Wanted

    filing = Filing(
        "acme", "es", "ES", (Wanted(job["right"]),), (("email", address(number)),), verified_reason="en persona"
    )
    return intake.submit(filing, by="staff:1", now=datetime.now(UTC)).cases[0]


class Watcher:
    """Looks at our database on a connection of its own, so that looking is not counted."""

    def __init__(self, url: str) -> None:
        self.mark = "?" if url.startswith("sqlite") else "%s"
        if url.startswith("sqlite"):
            self.connection = sqlite3.connect(url.removeprefix("sqlite:///"), autocommit=True)
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
            used, began = cpu(), time.perf_counter()
        start = time.perf_counter()
        with app.app_context():
            reference = file_one(job, number)
        until = start + 60
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
    """A worker that finds a full desk; says what it took when its stdin is closed."""
    from dsr.worker import Worker

    tally = Tally(set(job["own"]))
    app = application_of(job)
    gc.collect()
    say(ready=True)
    sys.stdin.readline()
    tally.counted.clear()
    used = cpu()
    profile = None
    if os.environ.get("DSR_TEST_BENCH_PROFILE"):
        import yappi

        yappi.set_clock_type("cpu")
        yappi.start()
        profile = yappi
    worker = Worker(app)
    worker.start()
    sys.stdin.read()
    say(cpu=cpu() - used, kinds=tally.kinds.most_common(12), **tally.counted)
    if profile:
        profile.stop()
        with open(os.environ["DSR_TEST_BENCH_PROFILE"], "w") as out:
            stats = profile.get_func_stats()
            stats.sort("ttot")
            for one in list(stats)[:60]:
                print(f"{one.ttot:8.3f} {one.tsub:8.3f} {one.ncall:8} {one.full_name[-90:]}", file=out)
            stats.sort("tsub")
            for one in list(stats)[:60]:
                print(f"{one.ttot:8.3f} {one.tsub:8.3f} {one.ncall:8} {one.full_name[-90:]}", file=out)
    worker.stop()


if __name__ == "__main__":
    given = json.loads(sys.stdin.readline())
    {"raw": plainly, "alone": alone, "backlog": backlog}[given["mode"]](given)
