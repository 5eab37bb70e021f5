"""A restriction, an objection and a withdrawal hold for rows that come later: the sweep finds them, a case follows."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import clock, intake, rechecking, retention, review, sealing
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Case
from dsr.store.operations import AuditEntry
from dsr.store.queries import work as queries
from stage import NOW, OLGA, begin_lift, controller, installation, work

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
          - {name: news}
      - name: orders
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - name: contact_id
            fides_meta: {references: [{dataset: crm, field: contacts.id, direction: from}]}
          - {name: what}
dsr:
  title: CRM
  collections:
    contacts: {owner: subject, basis: consent, erase: delete, origin: provided, restrict: set_aside,
               stop: {marketing: {news: 0}}}
    orders: {owner: subject, basis: contract, erase: delete, origin: observed, restrict: set_aside}
"""
RESTRICTION = Wanted("restriction", ground="accuracy", reason="no es exacto")
OBJECTION = Wanted("objection", channels=("marketing",))
WITHDRAWAL = Wanted("withdrawal", channels=("marketing",))
WEEK = NOW + timedelta(days=7)


class Office:
    """An organisation with one CRM in a file."""

    def __init__(self, path):
        self.path = path
        self.run("create table contacts (id integer primary key, email text, name text, news integer)")
        self.run("create table orders (id integer primary key, contact_id integer, what text)")
        self.run(
            "insert into contacts values (1, 'ana@example.org', 'Ana', 1), (2, 'eva@example.org', 'Eva', 1)"
        )
        self.run("insert into orders values (1, 1, 'silla'), (2, 2, 'mesa')")

    def run(self, sql, *values):
        with closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(sql, values).fetchall()

    @property
    def news(self):
        return dict(self.run("select id, news from contacts order by id"))

    def ask(self, wanted, now=NOW, **more):
        filing = Filing(
            "acme", "es", "ES", (wanted,), (("email", "ana@example.org"),),
            channel="post", verified_reason="en persona", **more,
        )  # fmt: skip
        (reference,) = intake.submit(filing, by="staff:1", now=now).cases
        work(now)
        if case_of(reference).status == "review":
            approve(reference, now)
        return reference


@pytest.fixture
def office(tmp_path):
    place = Office(tmp_path / "crm.sqlite3")
    system = SystemConfig(
        key="crm", kind="sql", title="CRM", controllers=("acme",), acting=tuple(one.value for one in Right),
        settings={"url": f"sqlite:///{place.path}", "map": MAP, "map_name": "crm.yaml"},
    )  # fmt: skip
    with installation(
        tmp_path / "instance", [system], controllers=[controller(systems=("crm",))], four_eyes=False
    ):
        yield place


def case_of(reference):
    with store.reading() as session:
        return session.scalars(select(Case).where(Case.reference == reference)).one()


def followers(reference):
    with store.reading() as session:
        return session.scalars(select(Case).where(Case.follows == reference).order_by(Case.id)).all()


def approve(reference, now=NOW):
    with store.reading() as session:
        shown = queries.latest_plans(session, [case_of(reference).id])
    review.approve(reference, shown[case_of(reference).id].hash, by=OLGA, now=now)
    work(now)


def lift(reference, now=NOW):
    begin_lift(reference, "se comprobó", now)
    approve(reference, now)


def sweep(now=WEEK):
    (swept,) = rechecking.sweep("acme", now=now)
    work(now)
    return swept


@pytest.mark.parametrize("wanted", [OBJECTION, WITHDRAWAL])
def test_what_was_stopped_while_rows_were_set_aside_is_stopped_when_they_come_back(office, wanted):
    restriction = office.ask(RESTRICTION)
    objection = office.ask(wanted)
    assert office.news == {2: 1}

    lift(restriction)

    assert office.news == {1: 0, 2: 1}
    (follower,) = followers(objection)
    assert (follower.right, follower.status, follower.submission.channel) == (
        wanted.right,
        "answered",
        "lift",
    )
    assert {one.how for one in follower.submission.identifiers if one.provenance == "typed"} == {"earlier"}


def test_a_second_restriction_goes_on_when_the_first_one_is_lifted(office):
    first = office.ask(RESTRICTION)
    second = office.ask(Wanted("restriction", ground="needed_by_person"))

    lift(first)

    (follower,) = followers(second)
    assert (follower.right, follower.status) == ("restriction", "review")


def test_what_was_asked_before_the_restriction_is_not_asked_again(office):
    objection = office.ask(OBJECTION)
    restriction = office.ask(RESTRICTION, NOW + timedelta(hours=1))

    lift(restriction, NOW + timedelta(hours=2))

    assert (office.news, followers(objection)) == ({1: 0, 2: 1}, [])


def test_new_rows_of_a_restricted_person_are_found_and_go_before_an_officer(office):
    restriction = office.ask(RESTRICTION)
    office.run("insert into contacts values (7, 'ana@example.org', 'Ana', 1)")

    swept = sweep()

    (follower,) = followers(restriction)
    assert (swept.back, follower.right, follower.status) == (1, "restriction", "review")
    approve(follower.reference, WEEK)
    assert office.news == {2: 1}


def test_who_objected_and_is_there_again_goes_before_an_officer_as_she_may_have_agreed_since(office):
    objection = office.ask(OBJECTION)
    office.run("insert into contacts values (7, 'ana@example.org', 'Ana', 1)")

    sweep()

    (follower,) = followers(objection)
    assert (follower.status, office.news) == ("review", {1: 0, 2: 1, 7: 1})
    approve(follower.reference, WEEK)
    assert office.news == {1: 0, 2: 1, 7: 0}
    with store.reading() as session:
        said = session.scalars(select(AuditEntry).where(AuditEntry.kind == Kind.RESURRECTED)).all()
    assert [(one.reference, one.data["proposed"]) for one in said] == [(objection, follower.reference)]


def test_an_objection_that_was_undone_in_its_row_is_noticed(office):
    objection = office.ask(OBJECTION)
    office.run("update contacts set news = 1 where id = 1")

    sweep()

    (follower,) = followers(objection)
    approve(follower.reference, WEEK)
    assert office.news == {1: 0, 2: 1}


def test_where_nothing_is_left_to_stop_no_case_follows(office):
    objection = office.ask(OBJECTION)
    office.run("insert into contacts values (7, 'ana@example.org', 'Ana', 0)")
    office.run("insert into orders values (3, 1, 'mesa')")

    assert (sweep().back, followers(objection)) == (0, [])


def test_only_the_newest_of_a_row_of_cases_is_looked_at(office):
    objection = office.ask(OBJECTION)
    office.run("insert into contacts values (7, 'ana@example.org', 'Ana', 1)")
    sweep()
    approve(followers(objection)[0].reference, WEEK)
    office.run("insert into contacts values (8, 'ana@example.org', 'Ana', 1)")

    sweep(WEEK + timedelta(days=7))

    (second,) = followers(objection)
    assert (office.news, len(followers(second.reference))) == ({1: 0, 2: 1, 7: 0, 8: 1}, 1)


def test_a_proposal_that_was_turned_down_is_not_made_again(office):
    restriction = office.ask(RESTRICTION)
    office.run("insert into contacts values (7, 'ana@example.org', 'Ana', 1)")
    sweep()
    (follower,) = followers(restriction)
    review.cancel(follower.reference, "es un alta nueva", by=OLGA, now=WEEK)

    assert sweep(WEEK + timedelta(days=7)).back == 0
    assert len(followers(restriction)) == 1


def test_a_lifted_restriction_holds_no_longer(office):
    restriction = office.ask(RESTRICTION)
    lift(restriction)
    office.run("insert into contacts values (7, 'ana@example.org', 'Ana', 1)")

    assert (sweep().back, followers(restriction)) == (0, [])


def test_what_is_forgotten_is_not_looked_for(office):
    objection = office.ask(OBJECTION)
    clock.close_answered(now=NOW + timedelta(days=20))
    later = NOW.replace(year=2031)
    retention.run(now=later)
    office.run("update contacts set news = 1 where id = 1")

    assert (sweep(later).back, followers(objection)) == (0, [])


def test_the_answer_of_what_follows_goes_where_the_first_one_went(office):
    objection = office.ask(OBJECTION, name="Ana Ruiz", answer_by="post", postal_address="Calle Sol 3")
    office.run("insert into contacts values (7, 'ana@example.org', 'Ana', 1)")

    sweep()

    (follower,) = followers(objection)
    with store.reading() as session:
        case = session.get(Case, follower.id)
        words = sealing.unseal(sealing.key_of(case.submission), case.submission.sealed, dict, "submission")
    assert (words["name"], words["answer_by"], words["postal_address"]) == ("Ana Ruiz", "post", "Calle Sol 3")
