"""Access and erasure: the raw script, ours alone, ours under a backlog; on PostgreSQL and on SQLite."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from bench import labour, populace, report
from bench.measure import Labour, percentile, scaled, server_cpu
from servers import postgres

pytestmark = pytest.mark.bench

PEOPLE = scaled(20_000, 200)
RAW, ALONE, WARM, BACKLOG = scaled(500, 20), scaled(40, 5), 5, scaled(500, 20)
TRIES = 3 if PEOPLE >= 20_000 else 1
TARGET = 150.0


class Ground:
    """The three stores of one kind of database, the server behind them, and people nobody asked about yet."""

    def __init__(self, kind: str, folder: Path, stack: ExitStack) -> None:
        self.kind, self.folder, self.number = kind, folder, itertools.count()
        self.fresh = iter(range(1, PEOPLE + 1))
        self.pid = 0
        if kind == "postgresql":
            server = stack.enter_context(postgres.running())
            self.admin, self.pid = server.url, server.pid
            self.stores = {key: postgres.create_database(server.url) for key in populace.STORES}
            for key, tables in populace.STORES.items():
                populace.fill_postgres(self.stores[key], tables, PEOPLE)
        else:
            self.stores = {key: f"sqlite:///{folder}/{key}.sqlite3" for key in populace.STORES}
            for key, tables in populace.STORES.items():
                populace.fill_sqlite(folder / f"{key}.sqlite3", tables, PEOPLE)

    def people(self, count: int) -> list[int]:
        return list(itertools.islice(self.fresh, count))

    def job(self, mode: str, right: str, **more: object) -> dict:
        """A new installation on these stores."""
        folder = self.folder / f"instance{next(self.number)}"
        folder.mkdir()
        if self.kind == "postgresql":
            url = postgres.create_database(self.admin)
            urls, own = (url, url), [url.rpartition("/")[2]]
        else:
            own = [f"{folder}/dsr.sqlite3", f"{folder}/engine.sqlite3"]
            urls = (f"sqlite:///{own[0]}", f"sqlite:///{own[1]}")
        known = {"folder": str(folder), "stores": self.stores, "database": urls[0], "engine": urls[1]}
        return known | {"own": own, "mode": mode, "right": right} | more

    def durability(self) -> str:
        """Version, and what the server does to be sure that a commit is on the disk."""
        if self.kind == "sqlite":
            return f"SQLite {sqlite3.sqlite_version}, WAL; synchronous as the application sets it"
        with postgres.connect(self.admin) as connection:
            names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
            said = [(name, connection.execute(f"show {name}").fetchone()[0]) for name in names]
        return "PostgreSQL " + ", ".join(f"{name} {value}" for name, value in said)


@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def ground(request, tmp_path_factory):
    with ExitStack() as stack:
        yield Ground(request.param, tmp_path_factory.mktemp(request.param), stack)


def raw(ground: Ground, right: str) -> dict:
    """The best of the tries of the raw script."""
    found = []
    for _ in range(TRIES):
        used = server_cpu(ground.pid)
        process = Labour(ground.job("raw", right, people=ground.people(RAW)))
        said = process.hear()
        process.end()
        found.append(said | {"peak": process.peak, "server": server_cpu(ground.pid) - used, "cases": RAW})
    return min(found, key=lambda one: one["seconds"])


def alone(ground: Ground, right: str) -> dict:
    """One case at a time."""
    found = []
    for _ in range(min(TRIES, 2)):
        used = server_cpu(ground.pid)
        process = Labour(ground.job("alone", right, people=ground.people(ALONE + WARM), warm=WARM))
        said = process.hear()
        process.end()
        found.append(said | {"peak": process.peak, "server": server_cpu(ground.pid) - used, "cases": ALONE})
    return min(found, key=lambda one: percentile(one["times"], 0.95))


def backlog(ground: Ground, right: str, *, workers: int = 1, pdf: bool = False) -> dict:
    """A worker comes to ``BACKLOG`` cases whose identity is proved: from its first batch to the last answer."""
    found = [_backlog(ground, right, workers, pdf) for _ in range(TRIES)]
    return min(found, key=lambda one: one["seconds"])


def _backlog(ground: Ground, right: str, workers: int, pdf: bool) -> dict:
    job = ground.job("backlog", right, pdf=pdf)
    app = labour.application_of(job | {"settings": {"open_batches": 0}})
    with app.app_context():
        for number in ground.people(BACKLOG):
            labour.file_one(job, number)
        from dsr import store

        store.db.engine.dispose()
    crew = [Labour(job) for _ in range(workers)]
    for process in crew:
        assert process.hear() == {"ready": True}
    used = server_cpu(ground.pid)
    for process in crew:
        process.tell()
    watcher = labour.Watcher(job["database"])
    ended = until_answered(watcher)
    used = server_cpu(ground.pid) - used
    for process in crew:
        process.close()
    said = [process.hear() for process in crew]
    for process in crew:
        process.end()
    seconds = ended - began_at(watcher)
    kept = {"cpu", "statements", "sent", "commits"}
    sums = {name: sum(one.get(name, 0) for one in said) for name in kept}
    peak = max(process.peak for process in crew)
    return sums | {"seconds": seconds, "peak": peak, "server": used, "cases": BACKLOG, "kinds": said[0]["kinds"]}


def until_answered(watcher: labour.Watcher) -> float:
    """The moment the last case was answered; everything else is an error."""
    until = time.time() + 120
    query = "select count(*) from \"case\" where status = 'answered'"
    while time.time() < until:
        if watcher.connection.execute(query).fetchone()[0] == BACKLOG:
            return time.time()
        time.sleep(0.02)
    left = watcher.connection.execute('select status, count(*) from "case" group by status').fetchall()
    raise AssertionError(f"the backlog was not worked off: {left}")


def began_at(watcher: labour.Watcher) -> float:
    """The moment the worker made its first batch."""
    from datetime import UTC, datetime

    (first,) = watcher.connection.execute("select min(made_at) from batch").fetchone()
    if isinstance(first, str):
        first = datetime.fromisoformat(first)
    return (first if first.tzinfo else first.replace(tzinfo=UTC)).timestamp()


def line(name: str, one: dict, base: dict) -> list[object]:
    """A row of the table: rate, milliseconds a case, processor time and its ratio, statements, memory."""
    cases = one["cases"]
    cpu, plain = 1000 * one["cpu"] / cases, 1000 * base["cpu"] / base["cases"]
    times = one.get("times")
    return [
        name,
        f"{cases / one['seconds']:.0f}",
        f"{1000 * percentile(times, 0.5):.1f}" if times else "-",
        f"{1000 * percentile(times, 0.95):.1f}" if times else "-",
        f"{cpu:.2f}",
        f"{cpu / plain:.1f}",
        f"{1000 * one['server'] / cases:.2f}" if one["server"] else "-",
        f"{one['statements'] / cases:.1f}" if "statements" in one else "-",
        f"{one['commits'] / cases:.2f}" if "commits" in one else "-",
        f"{one['peak']:.0f}",
    ]


COLUMNS = ["", "cases/s", "p50 ms", "p95 ms", "CPU ms/case", "x raw", "server CPU ms/case"]
COLUMNS += ["own statements/case", "commits/case", "peak PSS MB"]


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_the_road_of_a_case_is_measured(ground: Ground, right: str) -> None:
    base = raw(ground, right)
    rows = [line("raw script", base, base)]
    single = alone(ground, right)
    rows.append(line("ours, alone", single, base))
    many = backlog(ground, right)
    rows.append(line(f"ours, backlog of {BACKLOG}, 1 worker", many, base))
    if ground.kind == "postgresql":
        rows.append(line(f"ours, backlog of {BACKLOG}, 2 workers", backlog(ground, right, workers=2), base))
    if right == "access":
        rows.append(line("ours, backlog, PDF in the package", backlog(ground, right, pdf=True), base))
    title = f"{right}, {ground.kind}: 3 stores, {PEOPLE} people, {populace.ROWS_EACH} rows each"
    report.show(title, COLUMNS, rows)
    report.CONSOLE.print(ground.durability())
    report.CONSOLE.print(report.machine())
    report.CONSOLE.print("statements of the backlog:", json.dumps(many["kinds"]), soft_wrap=True)
    assert many["cases"] == BACKLOG
