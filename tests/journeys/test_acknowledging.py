"""L1: the receipt of a request is acknowledged once, when whoever asks has proved who she is."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.services import acknowledging, intake, letters, review
from dsr.services.intake import Filing, Wanted
from dsr.services.takeover import Line, read, take_over
from dsr.store.operations import Letter
from stage import NOW, OLGA, post, work

SOON = NOW + acknowledging.GRACE


def receipts(place, reference):
    """The texts of the receipts of a case."""
    case = place.case(reference)
    with store.reading() as session:
        mine = select(Letter).where(Letter.case_id == case.id, Letter.kind == "acknowledgement")
        return [letters.text(row, case.submission) for row in session.scalars(mine)]


def test_each_case_is_acknowledged_once_with_its_date_and_one_mail(place):
    first, second = place.submit("access", "portability").cases
    before = {mail["Message-ID"] for mail in post(place.folder)}

    told = [acknowledging.tick(now=SOON) for _ in range(2)]

    (text,) = receipts(place, first)
    assert (told, len(receipts(place, second))) == ([2, 0], 1)
    assert "jueves 2 de abril de 2026" in text and "un mes desde la recepción" in text
    mails = [mail for mail in post(place.folder, SOON) if mail["Message-ID"] not in before]
    assert [(mail["To"], mail["Subject"]) for mail in mails] == [
        (place.demo.cast["ana"].email, "Hemos recibido su solicitud")
    ] * 2


@pytest.mark.parametrize("moment", [SOON - timedelta(seconds=1), SOON + acknowledging.LOOK_BACK])
def test_what_came_this_minute_or_long_ago_is_not_acknowledged(place, moment):
    reference = place.submit("access").cases[0]

    assert (acknowledging.tick(now=moment), receipts(place, reference)) == (0, [])


def test_what_is_answered_already_needs_no_receipt(place):
    reference = place.submit("access").cases[0]
    place.approve(reference)

    assert (acknowledging.tick(now=SOON), receipts(place, reference)) == (0, [])


def test_nobody_is_told_what_somebody_asked_before_it_is_proved(place):
    wanted = Filing(
        controller="acme", language="es", jurisdiction="ES", country="ES", rights=(Wanted("access"),),
        identifiers=(("email", place.demo.cast["ana"].email),),
    )  # fmt: skip
    (reference,) = intake.submit(wanted, by="person", now=NOW).cases

    assert (acknowledging.tick(now=SOON), receipts(place, reference)) == (0, [])


def test_a_case_taken_over_from_another_tool_was_acknowledged_there(place):
    cells = {
        "reference": "A-1", "received": "2026-02-20", "right": "access", "email": "ana@correo.example",
        "status": "verified", "verified_how": "en persona",
    }  # fmt: skip
    formers, problems = read([Line(2, cells)], tuple(cells), "acme", now=NOW)
    assert problems == []
    case = take_over(formers, by="staff:1", now=NOW)[0].case
    work()

    assert (acknowledging.tick(now=SOON), receipts(place, case)) == (0, [])


def test_a_paused_case_is_acknowledged_without_a_date(place):
    reference = place.submit("access").cases[0]
    review.pause(reference, "¿qué Ana?", ask="identity", by=OLGA, now=NOW)

    acknowledging.tick(now=SOON)

    (text,) = receipts(place, reference)
    assert 'data-element="due_on"' not in text
