"""Twenty systems, one of which takes every call and never answers: what that costs everybody else."""

import socket
import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bench import report
from dsr import store
from dsr.app import create_app
from dsr.domain.organisation import SystemConfig
from dsr.services import intake
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Case
from dsr.worker import Worker
from stage import controller, settings

pytestmark = pytest.mark.bench

SYSTEMS, CASES, EVERY, PATIENCE = 20, 160, 0.25, 6.0
MAP = """
dataset:
  - fides_key: crm
    collections:
      - name: contacts
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
dsr:
  title: CRM
  collections:
    contacts: {owner: subject, basis: contract, erase: delete, origin: provided}
"""


@contextmanager
def silence():
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        kept = []

        def take():
            with suppress(OSError):
                while True:
                    kept.append(listener.accept())

        threading.Thread(target=take, daemon=True).start()
        yield listener.getsockname()[1]
        for connection, _ in kept:
            connection.close()


def systems(folder, port):
    """The last one is dead when there is a port, else like the others."""
    found = []
    for number in range(SYSTEMS):
        path = folder / f"crm{number}.sqlite3"
        with sqlite3.connect(path) as database:
            database.execute("create table contacts (id integer primary key, email text)")
            database.executemany(
                "insert into contacts values (?, ?)", [(n, f"p{n}@example.org") for n in range(CASES)]
            )
            database.execute("create index by_email on contacts (email)")
        chosen = {"url": f"sqlite:///{path}", "map": MAP, "map_name": "crm.yaml"}
        found.append(SystemConfig(f"s{number}", "sql", "CRM", ("acme",), chosen))
    if port:
        dead = {"url": f"http://127.0.0.1:{port}/3.1", "user": "a", "password": "b", "allow_private": True}
        found[-1] = SystemConfig("s19", "mailman", "Dead", ("acme",), dead)
    return found


def waits(folder, port):
    """Seconds from each submission until its search was over, in the order of submission."""
    folder.mkdir()
    configured = systems(folder, port)
    chosen = controller(systems=tuple(one.key for one in configured))
    app = create_app(settings(folder / "i", configured, (chosen,), statement_seconds=PATIENCE), "worker")
    worker = Worker(app)
    worker.start()
    sent, ended, over = {}, {}, threading.Event()

    def watch():
        with app.app_context():
            while not over.wait(0.02):
                with store.reading() as session:
                    done = session.scalars(select(Case.reference).where(Case.status == "review")).all()
                for reference in done:
                    ended.setdefault(reference, time.perf_counter())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with app.app_context():
            for number in range(CASES):
                began = time.perf_counter()
                filing = Filing(
                    "acme", "es", "ES", (Wanted("access"),), (("email", f"p{number}@example.org"),),
                    verified_reason="en persona",
                )  # fmt: skip
                (reference,) = intake.submit(filing, by="staff:1", now=datetime.now(UTC)).cases
                sent[reference] = began
                time.sleep(max(EVERY - (time.perf_counter() - began), 0))
        until = time.perf_counter() + 120
        while len(ended) < CASES and time.perf_counter() < until:
            time.sleep(0.1)
    finally:
        over.set()
        watcher.join()
        worker.stop()
    assert set(ended) >= set(sent)
    return [ended[one] - sent[one] for one in sent]


def p95(found):
    return sorted(found)[int(len(found) * 0.95)]


def test_one_dead_system_of_twenty(tmp_path):
    healthy = waits(tmp_path / "healthy", 0)
    with silence() as port:
        ill = waits(tmp_path / "ill", port)
    first = round(2 * PATIENCE / EVERY)
    rows = [
        [name, f"{p95(found[:first]):.2f}", f"{p95(found[first:]):.2f}", f"{max(found):.2f}"]
        for name, found in (("all answer", healthy), ("one never answers", ill))
    ]
    columns = [
        f"{CASES} cases, one every {EVERY} s, {SYSTEMS} systems, time-out {PATIENCE} s",
        f"p95 s, first {first}",
        "p95 s, all others (within 20 %)",
        "longest s",
    ]
    report.show("a dead system", columns, rows)
    report.CONSOLE.print(report.machine())
