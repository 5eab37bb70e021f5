"""Workers are killed and frozen in the middle of everything; nothing is lost, nothing is done twice."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

import evidence
from dsr import store
from dsr.domain.organisation import SystemConfig
from dsr.services import intake, review
from dsr.services.intake import Filing, Wanted
from dsr.store import legal
from dsr.store.models import Batch, Case, VaultSeal
from dsr.store.operations import AuditEntry, Letter, Package
from dsr.store.vault import open_for
from servers import postgres, process
from stage import OLGA, controller, installation, mails

pytestmark = pytest.mark.chaos

NAMED = (
    "after_intent",
    "after_note",
    "after_seal",
    "after_remote_commit",
    "inside_package",
    "inside_audit",
    "inside_mail",
)
KILLS = int(os.environ.get("DSR_TEST_KILLS", "20"))
NOTES = 4
RECEIPT = "Hemos recibido su solicitud"
"""Whoever waits for more than a minute, on a slow machine, is told that her request came."""
MAP = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: contacts
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
      - name: notes
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - name: contact_id
            fides_meta: {references: [{dataset: crm, field: contacts.id, direction: from}]}
          - {name: body}
dsr:
  title: CRM
  collections:
    contacts: {owner: subject, basis: contract, erase: delete, origin: provided, restrict: set_aside}
    notes: {owner: subject, basis: contract, erase: delete, origin: observed, restrict: set_aside}
"""


class Office:
    """One installation under fire."""

    def __init__(self, folder, database, engine):
        self.folder = folder
        self.stores = {key: folder / f"{key}.sqlite3" for key in ("crm", "shop")}
        self.people = 0
        folder.mkdir(parents=True)
        self.systems = [self._laid(key, path) for key, path in self.stores.items()]
        self.job = {"folder": str(folder), "database": database, "engine": engine, "systems": self.systems}

    def _laid(self, key, path):
        """A store without people, as a connected system."""
        with sqlite3.connect(path) as connection:
            connection.execute("pragma journal_mode = wal")
            connection.execute("create table contacts (id integer primary key, email text unique, name text)")
            connection.execute(
                "create table notes (id integer primary key autoincrement, contact_id integer, body text)"
            )
            connection.execute("create index notes_contact on notes (contact_id)")
        settings = {"url": f"sqlite:///{path}", "map": MAP.replace("crm", key), "map_name": f"{key}.yaml"}
        system = {"key": key, "kind": "sql", "title": key, "controllers": ("acme",)}
        return system | {"settings": settings, "acting": ("access", "erasure")}

    def add(self, right):
        """A new person with notes in both stores asks for something."""
        self.people += 1
        number = self.people
        rows = [(number, f"note {number}-{n}") for n in range(NOTES)]
        for path in self.stores.values():
            with sqlite3.connect(path, timeout=30) as connection:
                connection.execute(
                    "insert into contacts values (?, ?, ?)", (number, f"p{number}@example.org", "Ana")
                )
                connection.executemany("insert into notes (contact_id, body) values (?, ?)", rows)
        filing = Filing(
            "acme",
            "es",
            "ES",
            (Wanted(right),),
            (("email", f"p{number}@example.org"),),
            verified_reason="en persona",
        )
        intake.submit(filing, by="staff:1", now=datetime_now())


def datetime_now():
    from datetime import UTC, datetime

    return datetime.now(UTC)


@pytest.fixture(scope="module")
def nursery():
    script = Path(__file__).with_name("nursery.py")
    tests = script.parent.parent
    path = os.pathsep.join([str(tests), str(tests.parent)])
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    assert process.stdout.readline().strip() == "ready"

    def start(job):
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    yield start
    process.stdin.close()
    process.wait(timeout=20)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request, tmp_path):
    folder = tmp_path / "instance"
    if request.param == "sqlite":
        urls = f"sqlite:///{folder}/dsr.sqlite3", f"sqlite:///{folder}/engine.sqlite3"
    else:
        url = request.getfixturevalue("make_database")()
        urls = url, url
    with office_on(folder, *urls) as made:
        made.name = request.param
        yield made


@contextmanager
def office_on(folder, database, engine):
    made = Office(folder, database, engine)
    systems = [SystemConfig(**one) for one in made.systems]
    chosen = controller(systems=tuple(made.stores), auto_approve=frozenset(("access", "erasure")))
    more = {"database_url": database, "engine_url": engine, "four_eyes": False, "open_batches": 0}
    with installation(folder, systems, controllers=(chosen,), **more):
        yield made


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def end(pid, number):
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def wait_for_death(pid, seconds):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


def one_kill(nursery, office, place, draw, workers, every=False):
    """Start workers, let one burn at a named place or at a random moment; which place was hit.

    With `every` all of them burn there, so that none can take the work away from the one that is watched.
    """
    began = time.monotonic()
    armed = nursery(office.job | {"place": place, "after": 1})
    beside = office.job | ({"place": place, "after": 1} if every else {})
    others = [nursery(beside) for _ in range(workers - 1)]
    burnt = wait_for_death(armed, 20 if every else 4) or (every and not all(alive(pid) for pid in others))
    hit = place if burnt else "random_moment"
    if hit == "random_moment":
        time.sleep(draw.random() / 2)
        end(armed, signal.SIGKILL)
    for pid in others:
        if draw.random() < 0.5:
            end(pid, signal.SIGSTOP)
            time.sleep(draw.random())
            end(pid, signal.SIGCONT)
        time.sleep(draw.random() / 3)
        end(pid, signal.SIGKILL)
    for pid in (armed, *others):
        assert wait_for_death(pid, 10)
    print(place, hit, round(time.monotonic() - began, 1))
    return hit


def settled():
    with store.reading() as session:
        counted = session.execute(select(Case.status, func.count()).group_by(Case.status))
        return dict(tuple(row) for row in counted)


def open_batches():
    """What is still under way, to see why."""
    with store.reading() as session:
        rows = session.scalars(select(Batch).where(Batch.state != "done"))
        return [(row.phase, row.state, row.size, row.adoptions, str(row.wake_at), row.why) for row in rows]


@pytest.mark.parametrize("workers", [1, 2])
def test_kills_lose_nothing_and_do_nothing_twice(nursery, office, workers, seed):
    draw = random.Random(f"{seed}-{office.name}-{workers}")
    office.add("access")
    hits = Counter()
    for number in range(KILLS):
        office.add("erasure")
        office.add("access" if number % 2 else "erasure")
        hits[one_kill(nursery, office, NAMED[number % len(NAMED)], draw, workers)] += 1

    for place in [one for one in NAMED if one not in hits] * 4:
        if place not in hits and len(NAMED) <= KILLS:
            office.add("access")
            office.add("erasure")
            hits[one_kill(nursery, office, place, draw, workers, every=True)] += 1

    began = time.monotonic()
    pid = nursery(office.job)
    try:
        while settled() != {"answered": office.people} and time.monotonic() < began + 60:
            try_again()
            time.sleep(0.5)
        took = time.monotonic() - began
        assert settled() == {"answered": office.people}, open_batches()
        wait_for_mails(office, began + 60)
    finally:
        end(pid, signal.SIGTERM)
        assert wait_for_death(pid, 30)

    assert_all_true(office)
    evidence.record(
        "kills", {"database": office.name, "workers": workers, "seed": seed, "places": dict(hits)}
    )
    evidence.record("finished", {"cases": office.people, "seconds_after_restart": round(took, 1)})
    print(
        f"{office.name} x {workers}: {dict(hits)}, {office.people} cases, settled {took:.1f} s after restart"
    )
    assert len(NAMED) > KILLS or [place for place in NAMED if place not in hits] == []


def test_a_database_that_dies_under_a_worker_and_comes_back_loses_nothing(nursery, tmp_path, seed):
    draw = random.Random(f"{seed}-database")
    with server_of_our_own() as server:
        url = postgres.create_database(server.url)
        with office_on(tmp_path / "instance", url, url) as office:
            for number in range(9):
                office.add("access" if number % 3 else "erasure")
            pid = nursery(office.job)
            until = time.monotonic() + 60
            while settled() == {"ready": office.people} and time.monotonic() < until:
                time.sleep(0.1)
            for _ in range(3):
                time.sleep(draw.random() / 2)
                server.die()
                time.sleep(0.5 + draw.random())
                server.start(signal.SIGQUIT)
                store.db.engine.dispose()
                office.add("erasure")
            assert alive(pid)
            began = time.monotonic()
            try:
                while settled() != {"answered": office.people} and time.monotonic() < began + 60:
                    try_again()
                    time.sleep(0.5)
                assert settled() == {"answered": office.people}, open_batches()
                wait_for_mails(office, began + 60)
                assert alive(pid)
            finally:
                end(pid, signal.SIGTERM)
                assert wait_for_death(pid, 30)
            print(f"settled {time.monotonic() - began:.1f} s after the last start")
            assert_all_true(office)


@contextmanager
def server_of_our_own():
    try:
        with postgres.own() as server:
            server.start(signal.SIGQUIT)
            yield server
    except process.Missing as error:
        pytest.skip(str(error))


def try_again():
    """Olga retries what was handed to a person after its worker died five times."""
    with store.reading() as session:
        handed = session.scalars(select(Case.reference).where(Case.status == "attention")).all()
    for reference in handed:
        review.retry(reference, by=OLGA, now=datetime_now())


def wait_for_mails(office, until):
    while len(answers(office)) < office.people and time.monotonic() < until:
        time.sleep(0.2)


def answers(office):
    """Answer mails by Message-ID: one that a killed process sent again carries the same."""
    mine = [mail for mail in mails(office.folder) if mail["To"].endswith("@example.org")]
    return {mail["Message-ID"] for mail in mine if mail["Subject"] != RECEIPT}


def assert_all_true(office):
    """Raw reads: erased people are gone and sealed exactly once, the others are whole, the log verifies and
    says of every erasure what was done in each store.
    """
    with store.reading() as session:
        cases = session.scalars(select(Case).order_by(Case.id)).all()
        answer = select(Letter.case_id, func.count()).where(Letter.kind != "acknowledgement")
        letters = dict(session.execute(answer.group_by(Letter.case_id)).all())
        packages = dict(
            session.execute(select(Package.case_id, func.count()).group_by(Package.case_id)).all()
        )
        seals = session.scalars(select(VaultSeal)).all()
        acted = session.scalars(select(AuditEntry).where(AuditEntry.kind == "case.acted")).all()
    erased = {case.id for case in cases if case.right == "erasure"}
    for path in office.stores.values():
        with sqlite3.connect(path) as connection:
            left = {row[0] for row in connection.execute("select id from contacts")}
            notes = dict(connection.execute("select contact_id, count(*) from notes group by contact_id"))
        assert left == {case.id for case in cases} - erased
        assert notes == dict.fromkeys(left, NOTES)
    said = {(one.reference, one.data["system"]) for one in acted if one.data["verified"] == "clean"}
    assert said == {(case.reference, key) for case in cases if case.id in erased for key in office.stores}
    assert letters == {case.id: 1 for case in cases}
    assert packages == {case.id: 1 for case in cases if case.right == "access"}
    assert len(answers(office)) == len(cases)
    sealed = Counter()
    private = legal.read(office.folder / "legal.key")
    for seal in seals:
        for row in open_for(seal.id, controller="acme", roles=["legal"], private=private):
            sealed[seal.system, row.collection, row.key] += 1

    assert set(sealed.values()) == {1}
    assert len(sealed) == len(erased) * (1 + NOTES) * len(office.stores)
    assert store.audit.verify_chain("acme").holds
