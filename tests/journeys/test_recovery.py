"""A process dies after the rows are gone and before that was written down."""

import os

import pytest
from sqlalchemy import select

from dsr import store
from dsr.services import action, collection, delivery, ledger, letters, parking, review
from dsr.services.house import house
from dsr.services.jobs import jobs_of
from dsr.store.models import Batch, Case, Plan, VaultSeal, Work
from dsr.store.operations import AuditEntry, Letter, Package
from dsr.store.queries import work as queries
from stage import NOW, OLGA, PAULA, work


@pytest.fixture
def interrupted(place):
    """An erasure whose rows are gone from every system; no outcome was written."""
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)
    review.second_approve(reference, place.plan_hash(reference), by=PAULA, now=NOW)
    with store.reading() as session:
        batch = session.scalars(select(Batch).where(Batch.ended_at.is_(None))).one()
        jobs = jobs_of(session, queries.cases_of(session, batch.id, "acting"))
        session.expunge_all()
    known = parking.known("acme")
    with store.transaction() as tx:
        action.intend(tx, jobs, known, NOW)
    for system in ("crm", "tracking"):
        with house().registry.open("acme", system, now=NOW) as connector:
            ledger.begin(system, jobs, jobs)
            action.act(connector, system, jobs, NOW)
    return place, reference


def test_what_was_begun_is_found_done_and_not_done_twice(interrupted):
    place, reference = interrupted
    with store.reading() as session:
        before = session.scalars(select(VaultSeal.id).order_by(VaultSeal.id)).all()

    work()

    with store.reading() as session:
        after = session.scalars(select(VaultSeal.id).order_by(VaultSeal.id)).all()
    assert place.case(reference).status == "answered"
    assert after == before


def test_what_was_noted_of_one_system_survives_a_death_in_the_next(place, monkeypatch):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)
    review.second_approve(reference, place.plan_hash(reference), by=PAULA, now=NOW)
    whole, called = action.act, []

    def dies_in_the_second(connector, system, jobs, *more):
        called.append(system)
        if len(called) == 2:
            os._exit(0)
        whole(connector, system, jobs, *more)

    monkeypatch.setattr(action, "act", dies_in_the_second)
    pid = os.fork()
    if pid == 0:
        work()
    os.waitpid(pid, 0)
    store.db.engine.dispose()
    with store.reading() as session:
        unsaid = lines(session, reference)
        first = session.scalars(select(Work).where(Work.state == "intended", Work.outcome != {})).one()
        name, seals, digests = first.system, first.outcome["seals"], first.outcome["noted"]
    monkeypatch.setattr(action, "act", whole)

    work()

    with store.reading() as session:
        said = lines(session, reference)
        states = {(one.state, one.verified, "noted" in one.outcome) for one in session.scalars(select(Work))}
    assert (unsaid, place.case(reference).status, states) == ({}, "answered", {("done", "clean", False)})
    assert said[name] == [[number, rows, digests[number]] for number, _, rows, _ in seals]
    assert seals and store.audit.verify_chain("acme").holds


def lines(session, reference):
    """By system, the seals that the audit log names as acted."""
    found = select(AuditEntry).where(AuditEntry.kind == "case.acted", AuditEntry.reference == reference)
    return {one.data["system"]: one.data["seals"] for one in session.scalars(found)}


def test_the_letter_still_says_until_when_the_rows_are_blocked(interrupted):
    place, reference = interrupted

    work()

    with store.reading() as session:
        case = session.scalars(select(Case).where(Case.reference == reference)).one()
        row = session.scalars(select(Letter).where(Letter.case_id == case.id)).one()
        text = letters.text(row, case.submission)
    assert "2 de marzo de 2029" in text


def test_a_process_that_slept_while_its_work_was_adopted_answers_nobody_again(place, monkeypatch):
    reference = place.submit("access").cases[0]
    place.reject_proposals(reference)
    review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)
    with store.reading() as session:
        batch = session.scalars(select(Batch).where(Batch.ended_at.is_(None))).one().id
    conclude, slept = delivery.conclude, []

    def late(*args, **more):
        if not slept:
            slept.append(True)
            action.run(batch, now=NOW)
        conclude(*args, **more)

    monkeypatch.setattr(delivery, "conclude", late)
    action.run(batch, now=NOW)

    with store.reading() as session:
        letters = session.scalars(select(Letter)).all()
        packages = session.scalars(select(Package)).all()
    kept = [path.name for path in (place.folder / "packages").rglob("*") if path.is_file()]
    assert (place.case(reference).status, len(letters), len(packages)) == ("answered", 1, 1)
    assert kept == [packages[0].file]


def test_a_process_that_slept_while_its_search_was_adopted_plans_nothing_again(place, monkeypatch):
    whole, slept = collection.search, []

    def late(*args, **more):
        found = whole(*args, **more)
        if not slept:
            slept.append(True)
            with store.reading() as session:
                batch = session.scalars(select(Batch).where(Batch.ended_at.is_(None))).one().id
            collection.run(batch, now=NOW)
        return found

    monkeypatch.setattr(collection, "search", late)
    reference = place.submit("access").cases[0]

    with store.reading() as session:
        plans = session.scalars(select(Plan)).all()
    assert (place.case(reference).status, place.case(reference).generation, len(plans)) == ("review", 1, 1)
