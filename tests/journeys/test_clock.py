"""What happens by itself: exactly once, catching up, with several processes looking."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.services import clock, intake, rechecking, review
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Case, Work
from dsr.store.operations import AuditEntry
from dsr.store.queries import people
from stage import NOW, OLGA, controller, installation, post, text_of, work

DUE = datetime(2026, 4, 2, 7, tzinfo=UTC)


@pytest.fixture
def office(tmp_path):
    folder = tmp_path / "instance"
    with installation(folder, controllers=(controller(escalation="direccion@acme.example"),)):
        yield folder


def filed(**more):
    known = {
        "controller": "acme",
        "language": "es",
        "jurisdiction": "ES",
        "rights": (Wanted("access"),),
        "identifiers": (("email", "ana@correo.example"),),
        "verified_reason": "vino en persona",
    }
    return intake.submit(Filing(**(known | more)), by="staff:1", now=NOW)


def to(folder, address, now):
    return [mail for mail in post(folder, now) if mail["To"] == address]


def test_an_officer_hears_once_of_each_stage(office):
    receipt = filed()
    for days in (14, 14, 10, 7, 3, 1, 0):
        clock.tick(now=DUE - timedelta(days=days))
        clock.tick(now=DUE - timedelta(days=days))

    sent = to(office, "privacidad@acme.example", DUE)

    with store.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.kind == "clock.reminded")).all()
    about = [mail for mail in sent if receipt.cases[0] in mail["Subject"]]
    assert (len(entries), len(about)) == (4, 4)


def test_a_late_case_is_told_every_day_and_to_the_escalation_address(office):
    filed()
    for days in (1, 2, 2, 3):
        clock.tick(now=DUE + timedelta(days=days))

    told = to(office, "direccion@acme.example", DUE + timedelta(days=4))

    assert len(told) == 3


def test_after_an_outage_only_the_present_stage_is_told(office):
    filed()

    clock.tick(now=DUE - timedelta(days=2))

    with store.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.kind == "clock.reminded")).all()
    assert len(entries) == 1


def test_the_morning_digest_carries_the_audit_checkpoint_once(office):
    filed()
    morning = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)

    first = clock.digest(controller(), now=morning)
    second = clock.digest(controller(), now=morning)

    digests = [m for m in to(office, "privacidad@acme.example", morning) if "dsr/acme" in text_of(m)]
    assert (first, second, len(digests)) == (True, False, 1)


def test_a_digest_that_broke_off_is_sent_by_the_next_look(office, monkeypatch):
    morning = datetime(2026, 3, 30, 7, tzinfo=UTC)
    monkeypatch.setattr(clock.store.audit, "checkpoint", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        clock.digest(controller(), now=morning)
    monkeypatch.undo()

    sent = [clock.digest(controller(), now=morning) for _ in range(2)]

    digests = [m for m in to(office, "privacidad@acme.example", morning) if "dsr/acme" in text_of(m)]
    with store.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.kind == "audit.checkpoint")).all()
    days = [one.data["day"] for one in entries if "day" in one.data]
    assert (sent, len(digests), days) == ([True, False], 1, ["2026-03-30"])


def test_before_eight_there_is_no_digest(office):
    assert clock.digest(controller(), now=datetime(2026, 3, 30, 4, tzinfo=UTC)) is False


def test_a_person_is_reminded_twice_and_then_the_request_is_closed(office):
    filed(verified_reason="")
    for days in (2, 3, 4, 10, 11, 29):
        clock.tick(now=NOW + timedelta(days=days))
    sent = len(to(office, "ana@correo.example", NOW + timedelta(days=29)))

    clock.tick(now=NOW + timedelta(days=30))

    with store.reading() as session:
        case = session.scalars(select(Case)).one()
    assert sent == 3
    assert (case.status, case.ending) == ("closed", "unverified")
    assert len(to(office, "ana@correo.example", NOW + timedelta(days=30))) == 4


def test_an_erasure_that_waits_for_its_copy_goes_to_an_officer_before_its_date(place):
    receipt = place.submit("access", "erasure")
    copy, erasure = receipt.cases
    place.approve(erasure)
    assert place.case(erasure).status == "approved"

    clock.unblock_erasures(now=DUE - timedelta(days=3))
    assert place.case(erasure).status == "approved"
    clock.unblock_erasures(now=DUE - timedelta(days=2))

    assert place.case(erasure).status == "attention"
    assert place.case(copy).status == "review"


def test_a_system_that_comes_back_is_searched_again_by_itself(place):
    away = place.tracking.with_suffix(".away")
    place.tracking.rename(away)
    reference = place.submit("access").cases[0]
    away.rename(place.tracking)

    review.retry(reference, by=OLGA, now=NOW)
    work()

    assert place.case(reference).failed is False


def test_a_person_that_comes_back_after_an_erasure_is_noticed(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)
    place.change(
        "crm",
        "update contacts set email = 'ana.garcia@correo.example', customer_no = 'C-000001' where id = 1",
    )

    looked = rechecking.recheck(now=NOW + timedelta(days=8))

    with store.reading() as session:
        kinds = session.scalars(select(AuditEntry.kind).where(AuditEntry.reference == reference)).all()
        states = {w.system: w.verified for w in session.scalars(select(Work))}
    assert looked == 1
    assert "case.resurrected" in kinds
    assert states["crm"] == "left"
    assert place.case(reference).failed is True


def test_nothing_came_back_is_written_down_too(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)

    rechecking.recheck(now=NOW + timedelta(days=8))

    with store.reading() as session:
        assert {(w.state, w.check_after) for w in session.scalars(select(Work))} == {("done", None)}
    assert place.case(reference).failed is False


def test_a_system_that_cannot_be_opened_stops_no_other_from_being_read_again(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)
    place.tracking.rename(place.tracking.with_suffix(".away"))

    looked = rechecking.recheck(now=NOW + timedelta(days=8))

    later = NOW + timedelta(days=8, hours=1)
    with store.reading() as session:
        works = {w.system: (w.state, w.check_after) for w in session.scalars(select(Work))}
    assert looked == 1
    assert works == {"crm": ("done", None), "tracking": ("done", later)}


def test_a_system_that_was_taken_out_stops_no_other_from_being_read_again(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)
    place.take_out("tracking")

    rechecking.recheck(now=NOW + timedelta(days=8))

    with store.reading() as session:
        works = {w.system: (w.state, w.check_after) for w in session.scalars(select(Work))}
    assert works == {"crm": ("done", None), "tracking": ("done", NOW + timedelta(days=9))}


def test_work_whose_key_is_gone_stands_in_nobodys_way(place):
    first, second = (place.submit("erasure", who=who).cases[0] for who in ("ana", "eva"))
    for reference in (first, second):
        place.approve(reference)
    with store.transaction() as tx:
        people.case(tx.session, first).submission.wrapped_key = None

    looked = rechecking.recheck(now=NOW + timedelta(days=8), limit=1)

    with store.reading() as session:
        mine = people.case(session, second).id
        left = session.scalars(select(Work.check_after).where(Work.case_id == mine)).all()
    assert (looked, set(left)) == (1, {None})
