"""A row changed hands between plan and act: that system is planned anew, and what the others did is not forgotten."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.services import rechecking, results, returning
from dsr.store.models import Work
from journeys.test_rights import letter
from stage import NOW

WEEK = NOW + timedelta(days=8)


def works():
    with store.reading() as session:
        rows = session.scalars(select(Work).order_by(Work.id))
        return [(row.generation, row.system, row.state, row.verified) for row in rows]


@pytest.fixture
def answered(place):
    """An erasure whose CRM was done by one plan and whose tracking store by the next."""
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    place.change(
        "tracking",
        "update visitors set email = 'otra@correo.example', customer_no = 'C-000099' where email = ?",
        "ana.garcia@correo.example",
    )
    assert place.approve(reference).status == "review"

    case = place.approve(reference)

    assert case.status == "answered"
    before, after = works()[0][0], works()[-1][0]
    assert works() == [
        (before, "crm", "done", "clean"),
        (before, "tracking", "conflict", ""),
        (after, "tracking", "done", "clean"),
    ]
    assert before < after
    return case


def test_what_was_done_and_kept_before_the_conflict_stands_in_the_answer(answered):
    kind, text = letter(answered)

    assert (answered.ending, kind) == ("partly", "erased")
    plain = " ".join(re.sub("<[^>]+>", "", text).split())
    for told in (
        "Se anonimizaron 5 registros de «Pedidos»",
        "3 registros de «Facturas»",
        "11 registros de «Aperturas»",
    ):
        assert told in plain
    assert "Agencia Tributaria, se le comunica ahora" in plain


def test_the_page_of_the_person_tells_all_of_it_too(answered):
    (told,) = results.of_submission(answered.submission.reference, "es", now=NOW).values()

    kept = [(one.collection, one.count) for one in told if one.verb == "keep"]
    assert kept == [("Facturas", 3)]
    assert {one.system for one in told} == {"CRM comercial", "Seguimiento de correos y de la web"}


def test_work_of_the_former_plan_is_read_again(place, answered):
    place.change(
        "crm",
        "update contacts set email = 'ana.garcia@correo.example', customer_no = 'C-000001' where id = 1",
    )

    rechecking.recheck(now=WEEK)

    assert ("crm", "left") in {(system, verified) for _, system, _, verified in works()}
    assert place.case(answered.reference).failed is True
    with store.reading() as session:
        assert set(session.scalars(select(Work.check_after))) == {None}


def test_work_of_the_former_plan_is_repeated_after_a_restore(place, answered):
    done = returning.replay("acme", "crm", by="system", now=WEEK)

    assert (done.gone, done.again, done.failed) == (1, 0, {})
