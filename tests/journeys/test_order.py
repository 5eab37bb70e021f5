"""Systems in their order: what suppresses, sources, what is fed by them; and what comes of a source that is late."""

from datetime import timedelta

from sqlalchemy import select

from dsr import store
from dsr.domain.audit import Kind
from dsr.services import clock, rechecking, review
from dsr.services.intake import Wanted
from dsr.services.ledger import RESURRECTION_DAYS
from dsr.store.models import Work
from dsr.store.operations import AuditEntry
from stage import NOW, OLGA, work

ANA = "ana.garcia@correo.example"
LATE = NOW + timedelta(days=RESURRECTION_DAYS + 3)
BACK = "INSERT INTO messages (recipient, subject, sent_at, status, link_token) VALUES (?, 'x', '2026-03-01', 'y', 't')"
"""What a synchronisation with a source that still knows her does."""


def works():
    """When each system was done, and when it is read again."""
    with store.reading() as session:
        return {
            one.system: (one.state, one.done_at, one.check_after) for one in session.scalars(select(Work))
        }


def kinds(reference):
    with store.reading() as session:
        return session.scalars(select(AuditEntry.kind).where(AuditEntry.reference == reference)).all()


def late(place, *wanted):
    """The source is away while the sink is done; it is back ten days later, and its work is done."""
    reference = place.submit(*wanted).cases[0]
    place.reject_proposals(reference)
    away = place.crm.with_suffix(".away")
    place.crm.rename(away)
    place.approve(reference)
    assert {name: state for name, (state, _, _) in works().items()} == {"crm": "failed", "tracking": "done"}
    away.rename(place.crm)

    review.retry(reference, by=OLGA, now=LATE)
    work(LATE)
    return reference


def test_a_source_is_done_before_what_is_fed_by_it(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)

    with store.reading() as session:
        acted = select(AuditEntry.data).where(
            AuditEntry.kind == Kind.ACTED, AuditEntry.reference == reference
        )
        order = [data["system"] for data in session.scalars(acted.order_by(AuditEntry.seq))]

    assert order == ["crm", "tracking"]


def test_what_is_fed_by_a_source_that_was_late_is_read_once_more_and_she_is_found_there(place):
    reference = late(place, "erasure")
    again = LATE + timedelta(days=RESURRECTION_DAYS)
    assert works() == {"crm": ("done", LATE, again), "tracking": ("done", NOW, again)}
    rechecking.recheck(now=LATE)
    place.change("tracking", BACK, ANA)

    rechecking.recheck(now=again)

    assert Kind.RESURRECTED in kinds(reference)


def test_a_source_that_could_only_be_searched_after_the_answer_has_its_sink_read_once_more(place):
    away = place.crm.with_suffix(".away")
    place.crm.rename(away)
    reference = place.submit("erasure").cases[0]
    place.approve(reference)
    rechecking.recheck(now=NOW + timedelta(days=RESURRECTION_DAYS))
    assert works() == {"tracking": ("done", NOW + timedelta(days=RESURRECTION_DAYS), None)}
    away.rename(place.crm)

    clock.tick(now=LATE)
    work(LATE)
    place.approve(reference, now=LATE)

    again = LATE + timedelta(days=RESURRECTION_DAYS)
    assert {name: (state, check) for name, (state, _, check) in works().items()} == {
        "crm": ("done", again), "tracking": ("done", again),
    }  # fmt: skip


def test_a_sink_that_is_late_has_nothing_read_again_before_it(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    away = place.tracking.with_suffix(".away")
    place.tracking.rename(away)
    place.approve(reference)
    away.rename(place.tracking)

    review.retry(reference, by=OLGA, now=LATE)
    work(LATE)

    assert works()["crm"] == ("done", NOW, NOW + timedelta(days=RESURRECTION_DAYS))


def test_other_rights_are_read_once_more_too(place):
    late(place, Wanted("restriction", ground="accuracy"))

    assert works()["tracking"][2] == LATE + timedelta(days=RESURRECTION_DAYS)
