"""A backup brings erased people back: they are erased again by replay, or noticed and proposed to an officer."""

import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import clock, intake, rechecking, retention, returning, review
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Case, VaultSeal
from dsr.store.operations import AuditEntry
from dsr.store.queries import returns
from dsr.store.queries import work as queries
from stage import NOW, OLGA, controller, installation, post, work

ALL = tuple(right.value for right in Right)
PEOPLE, ERASED = 120, 100
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


class SqliteSource:
    """A CRM in a file; its backup is a copy of the file."""

    def __init__(self, folder):
        folder.mkdir()
        self.path, self.copy = folder / "crm.sqlite3", folder / "backup.sqlite3"
        self.url = f"sqlite:///{self.path}"
        self.run("create table contacts (id integer primary key, email text unique, name text)")
        self.run("create table notes (id integer primary key, contact_id integer, body text)")

    def run(self, sql, *values):
        with closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(sql, values).fetchall()

    def add(self, number):
        self.run(
            "insert into contacts values (?, ?, ?)", number, f"p{number}@example.org", f"Persona {number}"
        )
        self.run("insert into notes values (?, ?, ?)", number, number, "llamó")

    def back_up(self):
        shutil.copy(self.path, self.copy)

    def restore(self):
        shutil.copy(self.copy, self.path)


class PostgresSource(SqliteSource):
    """The same CRM on PostgreSQL; its backup is a template database."""

    def __init__(self, url):
        self.url = url
        self.plain = url.replace("+psycopg", "")
        self.run("create table contacts (id integer primary key, email text unique, name text)")
        self.run("create table notes (id integer primary key, contact_id integer, body text)")

    def run(self, sql, *values):
        with psycopg.connect(self.plain, autocommit=True) as connection:
            made = connection.execute(sql.replace("?", "%s"), values)
            return made.fetchall() if made.description else []

    def back_up(self):
        self.run("create schema backup")
        self.run("create table backup.contacts as table contacts")
        self.run("create table backup.notes as table notes")

    def restore(self):
        self.run("truncate contacts, notes")
        self.run("insert into contacts select * from backup.contacts")
        self.run("insert into notes select * from backup.notes")


@pytest.fixture(params=["sqlite", "postgresql"])
def source(request, tmp_path):
    if request.param == "sqlite":
        return SqliteSource(tmp_path / "data")
    return PostgresSource(request.getfixturevalue("make_database")())


@contextmanager
def acme(source, tmp_path, **more):
    """An installation on that source that erases without an officer."""
    system = SystemConfig(
        key="crm", kind="sql", title="CRM", controllers=("acme",), acting=ALL,
        settings={"url": source.url, "map": MAP, "map_name": "crm.yaml"},
    )  # fmt: skip
    house = controller(systems=("crm",), auto_approve=frozenset(("erasure",)))
    with installation(tmp_path / "instance", [system], controllers=[house], four_eyes=False, **more):
        yield source


@pytest.fixture
def office(source, tmp_path):
    """The source, with an installation on it."""
    with acme(source, tmp_path):
        yield source


def erase(*numbers):
    """These people ask to be erased and are; their cases."""
    cases = []
    for number in numbers:
        filing = Filing(
            "acme", "es", "ES", (Wanted("erasure"),), (("email", f"p{number}@example.org"),),
            channel="post", verified_reason="en persona",
        )  # fmt: skip
        cases += intake.submit(filing, by="staff:1", now=NOW).cases
    work(rounds=60)
    return cases


def entries(kind):
    with store.reading() as session:
        return session.scalars(
            select(AuditEntry).where(AuditEntry.kind == kind).order_by(AuditEntry.seq)
        ).all()


def left(source):
    return {row[0] for row in source.run("select id from contacts")}, {
        row[0] for row in source.run("select contact_id from notes")
    }


def follower(reference):
    with store.reading() as session:
        return session.scalars(select(Case).where(Case.follows == reference)).one_or_none()


def forget(moment):
    """The cases are closed and their keys destroyed: only keyed hashes are left."""
    clock.close_answered(now=NOW + timedelta(days=20))
    retention.run(now=moment)


LATER = NOW.replace(year=2029, month=6, day=1)


def test_a_hundred_erased_people_are_gone_again_after_a_restore(office):
    for number in range(1, PEOPLE + 1):
        office.add(number)
    office.back_up()
    erase(*range(1, ERASED + 1))
    others = set(range(ERASED + 1, PEOPLE + 1))
    assert left(office) == (others, others)
    office.restore()
    assert len(left(office)[0]) == PEOPLE
    with store.reading() as session:
        seals = set(session.scalars(select(VaultSeal.id)))

    done = returning.replay("acme", since=NOW - timedelta(hours=1), by="cli", now=NOW + timedelta(hours=2))

    assert left(office) == (others, others)
    assert (done.again, done.rows, done.gone, done.failed) == (ERASED, 2 * ERASED, 0, {})
    said = entries(Kind.REPLAYED)
    assert len({one.reference for one in said}) == ERASED
    assert {(one.data["state"], one.data["rows"], one.data["left"], one.actor) for one in said} == {
        ("done", 2, 0, "cli")
    }
    with store.reading() as session:
        assert set(session.scalars(select(VaultSeal.id))) == seals
    assert store.audit.verify_chain("acme").holds


def test_a_second_replay_finds_nothing_to_do(office):
    office.add(1)
    erase(1)

    done = returning.replay("acme", by="cli", now=NOW)

    assert (done.again, done.gone, done.failed) == (0, 1, {})


def test_a_replay_since_the_backup_leaves_earlier_erasures_alone(office):
    office.add(1)
    erase(1)

    done = returning.replay("acme", since=NOW + timedelta(minutes=1), by="cli", now=NOW + timedelta(hours=1))

    assert (done.again, done.gone) == (0, 0)


def test_a_row_that_belongs_to_somebody_else_now_is_not_touched_by_a_replay(office):
    office.add(1)
    erase(1)
    office.run("insert into contacts values (1, 'eva@example.org', 'Eva')")

    returning.replay("acme", by="cli", now=NOW + timedelta(hours=1))

    assert office.run("select email from contacts") == [("eva@example.org",)]


def test_who_is_back_with_other_rows_is_proposed_to_an_officer(office):
    office.add(1)
    (case,) = erase(1)
    office.run("insert into contacts values (77, 'p1@example.org', 'Persona 1')")

    done = returning.replay("acme", by="cli", now=NOW + timedelta(hours=1))
    work()

    assert (list(done.failed.values()), follower(case).status) == ([1], "review")
    assert left(office)[0] == {77}


def test_a_read_back_that_finds_erased_data_again_proposes_a_new_case_once(office):
    office.add(1)
    office.back_up()
    (case,) = erase(1)
    office.restore()

    rechecking.recheck(now=NOW + timedelta(days=8))
    work(NOW + timedelta(days=8))

    new = follower(case)
    assert (new.status, new.right, new.submission.channel) == ("review", "erasure", "return")
    assert [(one.reference, one.data["proposed"]) for one in entries(Kind.RESURRECTED)] == [
        (case, new.reference)
    ]
    assert left(office)[0] == {1}


def test_people_known_only_by_hashes_are_noticed_and_erased_again_after_a_decision(office):
    for number in (1, 2, 3):
        office.add(number)
    office.back_up()
    first, second = erase(1, 2)
    forget(LATER)
    office.restore()

    (swept,) = returning.sweep("acme", now=LATER)
    work(LATER)

    assert (swept.seen, swept.back, swept.ended) == (3, 2, True)
    new = follower(first)
    assert (new.status, follower(second).status) == ("review", "review")
    with store.reading() as session:
        shown = queries.latest_plans(session, [new.id])[new.id].hash
    review.approve(new.reference, shown, by=OLGA, now=LATER)
    work(LATER)
    assert left(office)[0] == {2, 3}


def test_a_proposal_that_was_turned_down_is_not_made_again(office):
    office.add(1)
    office.back_up()
    (case,) = erase(1)
    forget(LATER)
    office.restore()
    returning.sweep("acme", now=LATER)
    work(LATER)
    review.cancel(follower(case).reference, "es cliente de nuevo", by=OLGA, now=LATER)

    (again,) = returning.sweep("acme", now=LATER + timedelta(days=1))

    assert (again.back, left(office)[0]) == (0, {1})


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_the_clock_sweeps_once_a_week_a_few_pages_at_a_time(source, tmp_path, monkeypatch):
    for number in range(1, 8):
        source.add(number)
    monkeypatch.setattr(returning, "PAGES", 2)
    moments = [NOW + timedelta(minutes=n) for n in range(4)] + [
        NOW + timedelta(days=8, minutes=n) for n in range(2)
    ]

    counts = []
    with acme(source, tmp_path, page_rows=3):
        for moment in moments:
            returning.tick(now=moment)
            counts.append(len(entries(Kind.SWEPT)))
        (last,) = {one.data["seen"] for one in entries(Kind.SWEPT)}

    assert (counts, last) == ([0, 1, 1, 1, 1, 2], 7)


def test_the_person_sees_nothing_of_a_return_until_it_is_decided(office, tmp_path):
    office.add(1)
    office.back_up()
    erase(1)
    before = len(post(tmp_path / "instance"))
    office.restore()
    rechecking.recheck(now=NOW + timedelta(days=8))
    work(NOW + timedelta(days=8))

    assert len(post(tmp_path / "instance", NOW + timedelta(days=8))) == before


def test_of_two_processes_that_begin_a_sweep_one_has_it_and_neither_breaks_off(place):
    began = {"cursor": {}, "began_at": NOW, "ended_at": None, "seen": 0, "back": 0, "why": ""}
    with store.transaction() as tx:
        first = returns.opened(tx.session, "acme", "crm", began)
        second = returns.opened(tx.session, "acme", "crm", began)

    assert (first is not None, second) == (True, None)
