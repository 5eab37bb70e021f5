"""What grows: one person with a million events, many requests a second, 100 000 open cases, a process at rest."""

from __future__ import annotations

import os
import queue
import secrets
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import make_transient

from bench import labour, populace, report
from bench.ground import PEOPLE, Ground, release
from bench.measure import Labour, percentile, pss, scaled
from dsr import store
from dsr.domain.workflow import Status
from dsr.services import clock, staff
from dsr.store import bulk
from dsr.store.models import Case, Submission
from dsr.store.queries import desk, timing
from dsr.store.queries.desk import Wanted
from servers import postgres

pytestmark = pytest.mark.bench

CASES = scaled(100_000, 1000)
EVENTS = scaled(1_000_000, 10_000)
RATE, SECONDS, THREADS = 50, 10, 8
PASSWORD = "a calm sentence for the desk"
WAITING = [
    one.value for one in Status if one not in (Status.ANSWERED, Status.CLOSED, Status.READY, Status.APPROVED)
]


def test_a_million_events_are_exported(ground: Ground) -> None:
    number = PEOPLE + 1
    _one_with_events(ground, number)
    process = Labour(ground.job("alone", "access", people=[number], warm=0))
    assert process.hear() == {"warm": True}
    resting = pss(process.process.pid)
    said = process.hear()
    process.end()
    row = [f"{EVENTS} events, one person", f"{said['seconds']:.1f}", f"{said['cpu']:.1f}"]
    columns = ["export", "seconds (target 40)", "CPU s", "PSS MB before", "peak PSS MB (target 150)"]
    report.show(
        f"a very large person, {ground.kind}", columns, [[*row, f"{resting:.0f}", f"{process.peak:.0f}"]]
    )
    report.CONSOLE.print(report.machine())


def _one_with_events(ground: Ground, number: int) -> None:
    """A person of the tracking store with very many opens and nothing elsewhere."""
    address, first = populace.address(number), number * 1000
    who = f"insert into profiles values ({number}, '{address}', 'since')"
    values = f"{first} + n, {number}, '2026-01-01 10:00:' || n, 'device ' || n, '192.0.2.1'"
    url = ground.stores["tracking"]
    if ground.kind == "postgresql":
        with postgres.connect(url) as connection:
            connection.execute(who)
            connection.execute(f"insert into opens select {values} from generate_series(1, {EVENTS}) n")
            connection.execute("vacuum analyze")
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(who)
        numbers = f"with recursive c(n) as (select 1 union all select n + 1 from c where n < {EVENTS})"
        connection.execute(f"insert into opens {numbers} select {values} from c")


def test_requests_are_taken(ground: Ground) -> None:
    more = {"api_per_minute": 1_000_000, "submissions_overall": 1_000_000, "mails_per_recipient": 1_000_000}
    process = Labour(ground.job("serve", "access", role="desk", settings=more))
    at = process.hear()
    _fire(at, [time.perf_counter()] * 20)
    began = time.perf_counter()
    paced = _fire(at, [began + n / RATE for n in range(RATE * SECONDS)])
    took = time.perf_counter() - began
    start = time.perf_counter()
    flat = _fire(at, [start] * scaled(500, 50))
    most = len(flat) / (time.perf_counter() - start)
    process.tell()
    process.hear()
    process.end()
    rows = [
        [f"{RATE} a second for {SECONDS} s", f"{len(paced) / took:.0f}", *_times(paced)],
        [f"{THREADS} clients at once, without pause", f"{most:.0f}", *_times(flat)],
    ]
    columns = [
        "submissions (POST /api/v1/cases)",
        "a second (target 50)",
        "p50 ms",
        "p95 ms (target 250)",
        "max ms",
    ]
    report.show(f"submissions, {ground.kind}", columns, rows)
    report.CONSOLE.print(report.machine(), f"(the clients share them); peak PSS {process.peak:.0f} MB")


def _times(times: list[float]) -> list[str]:
    return [f"{1000 * one:.0f}" for one in (percentile(times, 0.5), percentile(times, 0.95), max(times))]


def _fire(at: dict, moments: list[float]) -> list[float]:
    """Send a request at each moment; its time counts from that moment, so a queue before us counts as well."""
    waiting: queue.Queue[float] = queue.Queue()
    for moment in moments:
        waiting.put(moment)
    times: list[float] = []
    threads = [threading.Thread(target=_client, args=(at, waiting, times)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == len(moments)
    return times


def _client(at: dict, waiting: queue.Queue[float], times: list[float]) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{at['port']}", timeout=30) as client:
        while True:
            try:
                moment = waiting.get_nowait()
            except queue.Empty:
                return
            time.sleep(max(0.0, moment - time.perf_counter()))
            body = {
                "rights": [{"right": "access"}],
                "country": "ES",
                "language": "es",
                "identifiers": [{"kind": "email", "value": f"{secrets.token_hex(6)}@example.org"}],
            }
            headers = {"Authorization": f"Bearer {at['token']}", "Idempotency-Key": secrets.token_hex(8)}
            answer = client.post("/api/v1/cases", json=body, headers=headers)
            assert answer.status_code == 202, answer.text
            times.append(time.perf_counter() - moment)


def test_a_hundred_thousand_open_cases(ground: Ground) -> None:
    job = ground.job("queue", "access", role="all")
    app = labour.application_of(job)
    labour.opened(app, 0)
    with app.app_context():
        labour.file_one(job, 1)
        _multiply()
        staff.add(
            "olga@acme.example", {"acme": ("dpo",)}, password=PASSWORD, by="system", now=datetime.now(UTC)
        )
    client = app.test_client()
    _sign_in(client)
    pages = {"/desk/queue": [], "/desk/queue?view=late": [], "/desk/": []}
    for path, times in pages.items():
        for _ in range(11):
            start = time.perf_counter()
            assert client.get(path, headers={"Accept": "text/html"}).status_code == 200, path
            times.append(1000 * (time.perf_counter() - start))
    rows = [
        [path, f"{percentile(times[1:], 0.5):.0f}", f"{max(times[1:]):.0f}", "200"]
        for path, times in pages.items()
    ]
    with app.app_context():
        plans = _plans(ground.kind)
        now, sweeps = datetime.now(UTC), []
        start = time.perf_counter()
        clock.tick(now=now)
        first = 1000 * (time.perf_counter() - start)
        for n in range(5):
            start = time.perf_counter()
            clock.tick(now=now + timedelta(seconds=30 * (n + 1)))
            sweeps.append(1000 * (time.perf_counter() - start))
    rows.append(["due sweep, all that is due is new", f"{first:.0f}", "-", "1000"])
    rows.append(
        [
            "due sweep, everything was said before",
            f"{percentile(sweeps, 0.5):.0f}",
            f"{max(sweeps):.0f}",
            "1000",
        ]
    )
    release(app)
    report.show(f"{CASES} open cases, {ground.kind}", ["", "p50 ms", "max ms", "target ms"], rows)
    report.CONSOLE.print(*plans, sep="\n", soft_wrap=True)
    report.CONSOLE.print(report.machine())


def _multiply() -> None:
    """Open cases in every state that waits, due over the coming 60 days (1 in 500 within a week or late)."""
    with store.reading() as session:
        case, submission = session.query(Case).one(), session.query(Submission).one()
        session.expunge_all()
    made = _columns(submission), _columns(case)
    today = date.today()
    for start in range(0, CASES, 5000):
        numbers = range(start, min(start + 5000, CASES))
        people = [
            made[0]
            | {
                "reference": f"S{n:06}",
                "token_hash": secrets.token_bytes(32),
                "verified_at": datetime.now(UTC),
            }
            for n in numbers
        ]
        with store.transaction() as tx:
            ids = bulk.insert_returning(tx.session, Submission, people)
            bulk.insert(tx.session, Case, [_case(made[1], n, ids[n - start], today) for n in numbers])
    with store.transaction() as tx:
        tx.session.execute(text("analyze"))


def _case(like: dict, number: int, submission: int, today: date) -> dict:
    due = today + timedelta(days=number % 9 - 2 if number % 500 == 0 else 20 + number % 60)
    return like | {
        "reference": f"C{number:06}",
        "submission_id": submission,
        "status": WAITING[number % len(WAITING)],
        "due_on": due,
        "sort_on": due,
        "internal_on": due,
        "wake_at": None,
    }


def _columns(one: object) -> dict:
    """The row of an object without its id."""
    make_transient(one)
    return {name: getattr(one, name) for name in (column.name for column in one.__table__.c) if name != "id"}


def _sign_in(client) -> None:
    page = client.get("/desk/sign-in", headers={"Accept": "text/html"}).text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    form = {"csrf_token": token, "email": "olga@acme.example", "password": PASSWORD}
    assert client.post("/desk/sign-in", data=form, headers={"Accept": "text/html"}).status_code == 302


def _plans(kind: str) -> list[str]:
    """How the database reads the page of the queue and the sweep; a full scan of the cases is an error."""
    from sqlalchemy import event

    seen: list[tuple[str, object]] = []

    def keep(connection, cursor, statement, parameters, context, many) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(store.db.engine, "before_cursor_execute", keep)
    with store.reading() as session:
        desk.review_queue(session, Wanted(("acme",)), None, 51)
        timing.nearly_due(session, "acme", date.today() + timedelta(days=14))
    event.remove(store.db.engine, "before_cursor_execute", keep)
    lines = []
    with store.reading() as session:
        for statement, parameters in seen:
            word = "explain" if kind == "postgresql" else "explain query plan"
            found = session.connection().exec_driver_sql(f"{word} {statement}", parameters)
            plan = [str(row[-1]).strip() for row in found]
            scans = [one for one in plan if "Seq Scan" in one or one.startswith("SCAN case")]
            used = sorted({name for one in plan for name in ("ix_case_queue", "ix_case_due") if name in one})
            assert kind == "sqlite" or CASES < 100_000 or not scans, scans
            lines.append(f"plan: {' '.join(statement.split()[:3])} ... uses {used}, full scans {len(scans)}")
    return lines


def test_a_process_at_rest(tmp_path) -> None:
    environ = os.environ | {"DSR_INSTANCE": str(tmp_path / "instance")}
    rows = []
    for name in ("first start (makes the demo systems)", "second start"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        start = time.perf_counter()
        command = [
            str(Path(sys.executable).with_name("dsr")),
            "serve",
            "--demo",
            "--role",
            "all",
            "--port",
            str(port),
        ]
        process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _until_healthy(port, process)
            took = time.perf_counter() - start
            fresh = pss(process.pid)
            time.sleep(6)
            rows.append([name, f"{took:.1f}", f"{fresh:.0f}", f"{pss(process.pid):.0f}"])
        finally:
            process.terminate()
            process.wait(30)
    columns = [
        "dsr serve --role all on SQLite",
        "seconds to /healthz (target 3)",
        "PSS MB",
        "after 6 s (target 150)",
    ]
    report.show("at rest", columns, rows)
    report.CONSOLE.print(report.machine())


def _until_healthy(port: int, process: subprocess.Popen) -> None:
    until = time.perf_counter() + 90
    while time.perf_counter() < until:
        assert process.poll() is None, "dsr serve ended"
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError("dsr serve did not become healthy")
