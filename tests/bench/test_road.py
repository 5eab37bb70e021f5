"""Access and erasure: the raw script, ours alone, ours under a backlog; on PostgreSQL and on SQLite."""

from __future__ import annotations

import json
import time

import pytest

from bench import labour, populace, report
from bench.ground import PEOPLE, Ground, release
from bench.measure import Labour, percentile, scaled, server_cpu

pytestmark = pytest.mark.bench

RAW, ALONE, WARM, BACKLOG = scaled(500, 20), scaled(30, 5), 5, scaled(500, 20)
PDFS = scaled(100, 20)
"""Cases of the line with PDFs: each takes so long that fewer tell as much."""
TRIES = 2 if PEOPLE >= 20_000 else 1


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
    """One case at a time, after a few that warm up."""
    process = Labour(ground.job("alone", right, people=ground.people(ALONE + WARM), warm=WARM))
    assert process.hear() == {"warm": True}
    used = server_cpu(ground.pid)
    said = process.hear()
    used = server_cpu(ground.pid) - used
    process.end()
    return said | {"peak": process.peak, "server": used, "cases": ALONE}


def backlog(ground: Ground, right: str, *, workers: int = 1, pdf: bool = False, tries: int = TRIES) -> dict:
    """A worker comes to ``BACKLOG`` cases whose identity is proved: from its first batch to the last answer."""
    found = [_backlog(ground, right, workers, pdf) for _ in range(tries)]
    return min(found, key=lambda one: one["seconds"])


def _backlog(ground: Ground, right: str, workers: int, pdf: bool) -> dict:
    cases = PDFS if pdf else BACKLOG
    job = ground.job("backlog", right, pdf=pdf)
    app = labour.application_of(job)
    labour.opened(app, 0)
    with app.app_context():
        labour.file_many(job, ground.people(cases))
    release(app)
    crew = [Labour(job) for _ in range(workers)]
    for process in crew:
        assert process.hear() == {"ready": True}
    used, began = server_cpu(ground.pid), time.perf_counter()
    for process in crew:
        process.tell()
    watcher = labour.Watcher(job["database"])
    until_answered(watcher, cases)
    seconds, used = time.perf_counter() - began, server_cpu(ground.pid) - used
    for process in crew:
        process.tell()
    said = [process.hear() for process in crew]
    for process in crew:
        process.end()
    sums = {name: sum(one.get(name, 0) for one in said) for name in ("cpu", "statements", "sent", "commits")}
    peak = max(process.peak for process in crew)
    return sums | {
        "seconds": seconds,
        "peak": peak,
        "server": used,
        "cases": cases,
        "kinds": said[0]["kinds"],
    }


def until_answered(watcher: labour.Watcher, cases: int) -> None:
    """Wait for the last answer; anything else is an error."""
    until = time.perf_counter() + 120
    query = "select count(*) from \"case\" where status = 'answered'"
    while time.perf_counter() < until:
        if watcher.connection.execute(query).fetchone()[0] == cases:
            return
        time.sleep(0.02)
    left = watcher.connection.execute('select status, count(*) from "case" group by status').fetchall()
    raise AssertionError(f"the backlog was not worked off: {left}")


def line(name: str, one: dict, base: dict) -> list[object]:
    """A row of the table: rate, milliseconds a case, processor time and its ratio, statements, memory."""
    cases = one["cases"]
    cpu, plain = 1000 * one["cpu"] / cases, 1000 * base["cpu"] / base["cases"]
    server, beside = 1000 * one["server"] / cases, 1000 * base["server"] / base["cases"]
    times = one.get("times")
    return [
        name,
        f"{cases / one['seconds']:.0f}",
        f"{1000 * percentile(times, 0.5):.1f}" if times else "-",
        f"{1000 * percentile(times, 0.95):.1f}" if times else "-",
        f"{cpu:.2f}",
        f"{cpu / plain:.1f}",
        f"{server:.2f}" if one["server"] else "-",
        f"{(cpu + server) / (plain + beside):.1f}",
        f"{one['statements'] / cases:.1f}" if "statements" in one else "-",
        f"{one['commits'] / cases:.2f}" if "commits" in one else "-",
        f"{one['peak']:.0f}",
    ]


COLUMNS = ["", "cases/s", "p50 ms", "p95 ms", "CPU ms/case", "x raw", "server CPU ms/case"]
COLUMNS += ["x raw, with server", "own statements/case", "commits/case", "peak PSS MB"]


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_the_road_of_a_case_is_measured(ground: Ground, right: str) -> None:
    base = raw(ground, right)
    rows = [line("raw script", base, base)]
    single = alone(ground, right)
    rows.append(line("ours, alone", single, base))
    many = backlog(ground, right)
    rows.append(line(f"ours, backlog of {BACKLOG}, 1 worker", many, base))
    if ground.kind == "postgresql":
        rows.append(
            line(f"ours, backlog of {BACKLOG}, 2 workers", backlog(ground, right, workers=2, tries=1), base)
        )
    if right == "access":
        rows.append(
            line("ours, backlog, PDF in the package", backlog(ground, right, pdf=True, tries=1), base)
        )
    title = f"{right}, {ground.kind}: 3 stores, {PEOPLE} people, {populace.ROWS_EACH} rows each"
    report.show(title, COLUMNS, rows)
    report.CONSOLE.print(ground.durability())
    report.CONSOLE.print(report.machine())
    report.CONSOLE.print("statements of the backlog:", json.dumps(many["kinds"]), soft_wrap=True)
    assert many["cases"] == BACKLOG
