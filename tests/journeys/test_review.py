"""What an officer decides, and what the rules refuse."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import clock, letters, refusing, review, systems
from dsr.services.officers import Officer, RefusalReasons, Withheld
from dsr.store.models import Case, Event
from dsr.store.operations import Letter, Package
from stage import NOW, OLGA, PAULA, mails, post, work


def kinds(case):
    with store.reading() as session:
        rows = session.scalars(select(Letter).where(Letter.case_id == case.id).order_by(Letter.id))
        return [row.kind for row in rows]


def refused(call, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value.code


def test_an_extension_is_told_with_reasons_and_moves_the_date(place):
    reference = place.submit("access").cases[0]

    due_on = review.extend(reference, "muchas solicitudes", by=OLGA, now=NOW)

    assert due_on == date(2026, 6, 2)
    assert kinds(place.case(reference)) == ["extension"]
    assert refused(review.extend, reference, "otra vez", by=OLGA, now=NOW) == "extend.twice"


def test_an_extension_after_the_first_period_is_refused(place):
    reference = place.submit("access").cases[0]

    late = NOW + timedelta(days=60)

    assert refused(review.extend, reference, "tarde", by=OLGA, now=late) == "extend.late"


def test_a_reasoned_doubt_pauses_the_clock_until_the_answer(place):
    reference = place.submit("access").cases[0]
    review.pause(reference, "dos personas usan esta dirección", ask="identity", by=OLGA, now=NOW)
    assert (place.case(reference).due_on, place.case(reference).status) == (None, "waiting")

    review.resume(reference, by=OLGA, now=NOW + timedelta(days=5))

    assert place.case(reference).due_on == date(2026, 4, 7)
    assert place.case(reference).status == "review"


def test_a_refusal_names_article_and_facts_and_both_remedies(place):
    reference = place.submit("access").cases[0]

    refusing.refuse(reference, RefusalReasons("12.5", "tercera solicitud igual en un mes"), by=OLGA, now=NOW)

    case = place.case(reference)
    with store.reading() as session:
        row = session.scalars(select(Letter).where(Letter.case_id == case.id)).one()
        text = letters.text(row, case.submission)
    assert (case.status, case.ending, row.kind) == ("answered", "refused", "refused")
    assert "Agencia Española de Protección de Datos" in text
    assert "tercera solicitud igual en un mes" in text


def test_a_refusal_without_facts_is_refused(place):
    reference = place.submit("access").cases[0]

    assert (
        refused(refusing.refuse, reference, RefusalReasons("12.5", " "), by=OLGA, now=NOW) == "refuse.reasons"
    )


def test_a_stale_plan_cannot_be_approved(place):
    reference = place.submit("erasure").cases[0]
    shown = place.plan_hash(reference)
    place.reject_proposals(reference)

    assert refused(review.approve, reference, shown, by=OLGA, now=NOW) == "plan.stale"


def test_proposals_must_be_decided_first(place):
    reference = place.submit("erasure").cases[0]

    assert (
        refused(review.approve, reference, place.plan_hash(reference), by=OLGA, now=NOW) == "plan.proposals"
    )


def test_the_second_approval_comes_from_somebody_else(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)

    hashed = place.plan_hash(reference)

    assert refused(review.second_approve, reference, hashed, by=OLGA, now=NOW) == "approve.same"


def test_the_second_officer_may_send_it_back(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)

    review.send_back(reference, "faltan las facturas", by=PAULA, now=NOW)

    assert place.case(reference).status == "review"


def test_nobody_decides_a_case_of_her_own(place):
    reference = place.submit("access").cases[0]
    herself = Officer(3, ("dpo",), address=place.demo.cast["ana"].email)

    assert refused(review.extend, reference, "mías", by=herself, now=NOW) == "case.own"


def test_an_agent_may_not_approve(place):
    reference = place.submit("access").cases[0]
    place.reject_proposals(reference)
    agent = Officer(4, ("agent",))

    assert (
        refused(review.approve, reference, place.plan_hash(reference), by=agent, now=NOW) == "workflow.role"
    )


def test_a_withheld_record_is_neither_shown_nor_acted_on(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    record = place.record(reference, "crm", "deals")

    review.withhold(
        reference, "crm", record, Withheld("pleito abierto", article="art. 17.3.e"), by=OLGA, now=NOW
    )
    work()
    place.approve(reference)

    assert place.rows("crm", "select count(*) from deals where contact_id = 1") == [(1,)]
    assert place.rows("crm", "select count(*) from notes where contact_id = 1") == [(0,)]


def test_a_case_can_be_cancelled_before_anything_was_done(place):
    reference = place.submit("erasure").cases[0]

    review.cancel(reference, "enviada dos veces", by=OLGA, now=NOW)

    case = place.case(reference)
    assert (case.status, case.ending) == ("closed", "cancelled")
    assert case.retain_until == date(2029, 3, 2)


def test_the_person_may_withdraw(place):
    reference = place.submit("erasure").cases[0]

    review.withdraw(reference, actor="person", roles=["person"], now=NOW)

    assert place.case(reference).ending == "withdrawn"


def test_messages_go_both_ways_and_the_mail_says_only_that_there_is_one(place):
    reference = place.submit("access").cases[0]
    review.message(reference, "¿Busca también datos de 2012?", by=OLGA, now=NOW)
    review.message_from_person(reference, "Sí", now=NOW)

    sent = post(place.folder)[-1]

    with store.reading() as session:
        wrote = session.scalars(select(Event).where(Event.kind == "case.message").order_by(Event.id)).all()
        assert [row.actor for row in wrote] == ["staff:1", "person"]
    assert "2012" not in sent.as_string()


def test_an_empty_note_asks_for_the_note_and_for_no_reason(place):
    reference = place.submit("access").cases[0]

    assert refused(review.note, reference, " ", by=OLGA, now=NOW) == "note.missing"


def test_a_held_system_is_not_acted_on_and_a_retry_finishes(place):
    reference = place.submit("erasure").cases[0]
    systems.hold("acme", "*", True, by="staff:1", now=NOW)
    case = place.approve(reference)
    assert (case.status, place.rows("crm", "select count(*) from notes where contact_id = 1")[0][0] > 0) == (
        "attention",
        True,
    )

    systems.hold("acme", "*", False, by="staff:1", now=NOW)
    review.retry(reference, by=OLGA, now=NOW)
    work()

    assert place.case(reference).status == "answered"


def test_a_system_in_observe_mode_is_not_acted_on(place):
    systems.set_mode("acme", "crm", [], by="staff:1", now=NOW)
    reference = place.submit("erasure").cases[0]

    case = place.approve(reference)

    assert case.status == "attention"
    assert place.rows(
        "crm", "select count(*) from contacts where email = ?", "ana.garcia@correo.example"
    ) == [(1,)]


def test_acting_is_switched_on_only_after_a_check(place):
    systems.set_mode("acme", "crm", [], by="staff:1", now=NOW)
    assert refused(systems.set_mode, "acme", "crm", ["access"], by="staff:1", now=NOW) == "system.unchecked"

    # Of what is configured, less needs no check.
    systems.set_mode("acme", "tracking", ["access"], by="staff:1", now=NOW)
    systems.check("acme", "crm", by="staff:1", now=NOW)
    systems.set_mode("acme", "crm", ["access"], by="staff:1", now=NOW)

    acting = {v.config.key: v.acting for v in systems.views("acme", now=NOW)}
    assert (acting["crm"], acting["tracking"]) == (("access",), ("access",))


def test_a_notice_goes_out_before_a_restriction_is_lifted(place):
    from dsr.services.intake import Wanted

    reference = place.submit(Wanted("restriction", ground="accuracy")).cases[0]
    place.approve(reference)

    review.lift(reference, "los datos son exactos", by=OLGA, now=NOW)

    assert kinds(place.case(reference)) == ["restricted", "lifting"]
    assert refused(review.lift, reference, "otra vez", by=OLGA, now=NOW) == "lift.twice"


def test_a_package_is_destroyed_when_nobody_renewed_it_and_the_case_closed(place):
    from dsr.services import retention

    reference = place.submit("access").cases[0]
    place.approve(reference)
    ended, later = NOW + timedelta(days=15), NOW + timedelta(days=44)

    clock.close_answered(now=ended)
    counts = retention.destroy_packages(now=ended), retention.destroy_packages(now=later)

    assert counts == (0, 1)

    with store.reading() as session:
        assert session.scalars(select(Package)).one().destroyed_at == later
    assert place.case(reference).status == "closed"
    assert list((place.folder / "packages").glob("*")) == []


def test_until_its_retention_ends_the_file_of_a_case_is_kept(place):
    from dsr.services import retention

    reference = place.submit("access").cases[0]
    place.approve(reference)
    clock.close_answered(now=NOW + timedelta(days=15))
    until = place.case(reference).retain_until

    kept = retention.run(now=datetime.combine(until, time(12), UTC))
    gone = retention.run(now=datetime.combine(until, time(12), UTC) + timedelta(days=1))

    assert (kept.submissions, gone.submissions) == (0, 1)


def test_after_the_retention_period_nothing_of_the_case_can_be_read(place):
    from dsr.services import retention

    reference = place.submit("access").cases[0]
    place.approve(reference)
    clock.close_answered(now=NOW + timedelta(days=15))

    gone = retention.run(now=NOW + timedelta(days=15 + 3 * 366))

    assert gone.submissions == 1
    with store.reading() as session:
        case = session.scalars(select(Case)).one()
        assert (case.sealed, case.submission.wrapped_key, case.submission.sealed) == (None, None, None)
    assert mails(place.folder)
