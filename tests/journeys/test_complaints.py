"""A complaint to the organisation itself (ES: to its data protection officer) is a case that a person answers."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.domain.letters import ComplaintFacts
from dsr.services import (
    acknowledging,
    clocks,
    country,
    following,
    letters,
    previewing,
    refusing,
    review,
    viewing,
)
from dsr.services.intake import Wanted
from dsr.services.officers import Officer
from dsr.store.models import Search, Work
from dsr.store.operations import Letter
from dsr.store.queries import people
from stage import NOW, OLGA, controller, work

COMPLAINT = Wanted("access", local_right="dpo_complaint", reason="me escriben aunque me di de baja")
ANSWER = ComplaintFacts(
    "que le escribimos tras la baja", "el registro de envíos", "tenía razón", "se corrigió"
)


def refused(act, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        act(*args, **kwargs)
    return caught.value.code


def seen(reference):
    by = Officer(1, OLGA.roles, ("acme",))
    return viewing.view(reference, by=by, language="es", now=NOW)


def last_letter(place, reference):
    case = place.case(reference)
    with store.reading() as session:
        rows = session.scalars(select(Letter).where(Letter.case_id == case.id).order_by(Letter.id)).all()
        return rows[-1].kind, letters.text(rows[-1], people.case(session, reference).submission)


def test_nothing_is_searched_or_planned_and_the_clock_is_that_of_complaints(place):
    reference = place.submit(COMPLAINT).cases[0]

    case = place.case(reference)
    with store.reading() as session:
        touched = [session.scalars(select(one)).all() for one in (Search, Work)]
    assert (case.status, case.due_on, touched) == ("review", date(2026, 5, 4), [[], []])
    assert clocks.others_of(case)["dpo_decision"].due_on == date(2026, 5, 4)
    assert "answer_complaint" in seen(reference).allowed
    assert not {"approve", "first_approve", "withhold"} & seen(reference).allowed


def test_its_receipt_is_acknowledged_without_promising_a_search(place):
    reference = place.submit(COMPLAINT).cases[0]

    acknowledging.tick(now=NOW + acknowledging.GRACE)

    kind, text = last_letter(place, reference)

    assert kind == "acknowledgement"
    assert "Una persona examina lo que nos cuenta" in text and "lunes 4 de mayo de 2026" in text


def test_no_system_is_even_asked(place):
    place.tracking.rename(place.tracking.with_suffix(".away"))

    reference = place.submit(COMPLAINT).cases[0]

    case = place.case(reference)
    assert (case.status, case.failed, case.wake_at) == ("review", False, None)


def test_its_plan_cannot_be_approved(place):
    reference = place.submit(COMPLAINT).cases[0]

    assert refused(review.approve, reference, place.plan_hash(reference), by=OLGA, now=NOW) == "duty.letter"
    by = Officer(1, OLGA.roles, ("acme",))
    assert refused(previewing.answer, reference, by=by, now=NOW) == "plan.none"
    assert place.case(reference).answered_at is None


def test_a_person_answers_with_what_was_looked_into_and_both_remedies(place):
    reference = place.submit(COMPLAINT).cases[0]
    assert refused(refusing.answer_complaint, reference, ComplaintFacts("a", " ", "c"), by=OLGA, now=NOW) == (
        "complaint.words"
    )

    refusing.answer_complaint(reference, ANSWER, by=OLGA, now=NOW + timedelta(days=3))

    kind, html = last_letter(place, reference)
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    case = place.case(reference)
    assert (kind, case.status, case.ending) == ("complaint", "answered", "done")
    assert "Qué hemos examinado: el registro de envíos." in text
    assert "A qué conclusión hemos llegado: tenía razón." in text
    assert "Agencia Española de Protección de Datos" in text
    assert 'data-element="court"' in html
    assert "Antes puede dirigirse al delegado" not in text


def test_the_person_sees_that_somebody_looks_into_it_and_nothing_is_searched(place):
    receipt = place.submit(COMPLAINT, "access")

    by_right = {
        one.local_right: one for one in following.see(receipt.reference, "acme", proved=True, now=NOW).cases
    }

    assert {key: one.by_letter for key, one in by_right.items()} == {"dpo_complaint": True, "": False}


def test_no_other_case_is_answered_as_a_complaint(place):
    reference = place.submit("access").cases[0]

    assert refused(refusing.answer_complaint, reference, ANSWER, by=OLGA, now=NOW) == "complaint.none"
    assert "answer_complaint" not in seen(reference).allowed


def test_an_erasure_beside_a_complaint_waits_for_no_copy(place):
    receipt = place.submit(COMPLAINT, "erasure")
    erasure = next(one for one in receipt.cases if place.case(one).right == "erasure")

    place.approve(erasure)

    assert place.case(erasure).status == "answered"


def test_in_the_united_kingdom_the_first_day_counts_and_the_right_begins_in_june(place):
    acme = controller(jurisdiction="UK", zone="Europe/London")
    offered = {
        day: [one.key for one in country.beyond("UK", acme, "en", now=NOW.replace(month=6, day=day))]
        for day in (18, 19)
    }
    assert {day: "complaint" in keys for day, keys in offered.items()} == {18: False, 19: True}

    wanted = Wanted("access", local_right="complaint", reason="letters after I left")
    reference = place.submit(wanted, jurisdiction="UK", country="GB", language="en").cases[0]
    work()

    case = place.case(reference)
    assert (case.due_on, clocks.others_of(case)["ack"].due_on) == (date(2026, 3, 31), date(2026, 3, 31))
