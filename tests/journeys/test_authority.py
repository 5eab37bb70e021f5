"""A complaint that the AEPD forwards (LOPDGDD 37.2, 65.4): its arrival starts a clock of one month on the case."""

from datetime import date, timedelta

import pytest

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import authority, clock, clocks, intake, retention, review, viewing
from dsr.services.authority import Forwarded
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import Officer
from dsr.store.queries import people
from stage import NOW, OLGA, controller, installation, post, text_of, work

LETTER = Forwarded(date(2026, 3, 5), "EXP202602345", "que la copia estaba incompleta")
ARRIVED = NOW + timedelta(days=4)


@pytest.fixture
def office(tmp_path):
    house = controller(escalation="direccion@acme.example")
    with installation(tmp_path / "instance", controllers=(house,)):
        yield tmp_path


def filed(jurisdiction="ES", right="access", local_right=""):
    filing = Filing(
        controller="acme",
        language="es",
        jurisdiction=jurisdiction,
        country=jurisdiction,
        rights=(Wanted(right, local_right=local_right, reason="ante la AEPD" if local_right else ""),),
        identifiers=(("email", "ana@correo.example"),),
        verified_reason="vino en persona",
    )
    (reference,) = intake.submit(filing, by="staff:1", now=NOW).cases
    work()
    return reference


def case(reference):
    with store.reading() as session:
        found = people.case(session, reference)
        assert found.submission.created_at and found.events is not None
        return found


def refused(reference, came=LETTER, now=ARRIVED):
    with pytest.raises(Refusal) as caught:
        authority.received(reference, came, by=OLGA, now=now)
    return caught.value.code


def page(reference, now=ARRIVED):
    return viewing.view(reference, by=Officer(1, OLGA.roles, ("acme",)), language="es", now=now)


def mails(office, now):
    return [(one["To"], " ".join(text_of(one).split())) for one in post(office / "instance", now)]


@pytest.mark.parametrize("local_right", ["", "dpo_complaint"])
def test_the_day_of_arrival_starts_one_month_and_the_clock_of_the_request_stays(office, local_right):
    reference = filed(local_right=local_right)
    before = case(reference).due_on

    due_on = authority.received(reference, LETTER, by=OLGA, now=ARRIVED)

    seen = page(reference)
    (told,) = [one for one in seen.clock.others if one.deadline == "dpo_answer"]
    assert (due_on, told.due_on, seen.facts.authority_due_on) == (date(2026, 4, 6),) * 3
    assert "LOPDGDD 37.2" in told.source
    assert ("forwarded_by_authority", LETTER.on) in [(one.kind, one.on) for one in seen.clock.happened]
    assert seen.clock.clock.due_on == before


def test_it_is_answered_by_a_person_and_may_come_again(office):
    reference = filed()
    authority.received(reference, LETTER, by=OLGA, now=ARRIVED)
    assert {"answer_authority", "file_authority"} & page(reference).allowed == {"answer_authority"}

    authority.answered(reference, "por la sede electrónica, justificante 4711", by=OLGA, now=ARRIVED)

    assert {"answer_authority", "file_authority"} & page(reference).allowed == {"file_authority"}
    assert authority.waiting(["acme"]) == ()
    again = Forwarded(date(2026, 3, 20), "EXP202602345-2", "otra vez")
    assert authority.received(reference, again, by=OLGA, now=NOW + timedelta(days=20)) == date(2026, 4, 20)
    assert clocks.others_of(case(reference))["dpo_answer"].due_on == date(2026, 4, 20)


def test_a_closed_case_takes_it_too_and_its_file_is_not_destroyed_meanwhile(office):
    reference = filed()
    review.cancel(reference, "se presentó dos veces", by=OLGA, now=NOW)
    kept = case(reference).retain_until
    late = NOW.replace(year=kept.year, month=2, day=20)
    came = Forwarded(late.date(), "EXP9", "no le contestamos")
    due_on = authority.received(reference, came, by=OLGA, now=late)

    retention.daily(now=late + timedelta(days=60))
    assert case(reference).submission.wrapped_key is not None
    authority.answered(reference, "por la sede", by=OLGA, now=late + timedelta(days=61))

    assert due_on == came.on.replace(month=3)
    assert case(reference).retain_until == (late + timedelta(days=61)).date().replace(year=kept.year + 3)


def test_what_does_not_fit_is_refused_with_its_reason(office):
    reference, mexican = filed(), filed("MX")

    assert refused(mexican) == "authority.law"
    assert "file_authority" not in page(mexican).allowed
    assert refused(reference, Forwarded(date(2026, 3, 1), "E", "x")) == "authority.day"
    assert refused(reference, Forwarded(date(2026, 3, 7), "E", "x")) == "authority.day"
    assert refused(reference, Forwarded(LETTER.on, " ", "x")) == "authority.number"
    assert refused(reference, Forwarded(LETTER.on, "E", " ")) == "reason.missing"
    authority.received(reference, LETTER, by=OLGA, now=ARRIVED)
    assert refused(reference) == "authority.open"
    with pytest.raises(Refusal, match="No authority waits"):
        authority.answered(mexican, "x", by=OLGA, now=ARRIVED)


def test_officers_are_reminded_of_it_once_a_stage_and_the_chief_when_it_is_late(office):
    reference = filed()
    authority.received(reference, LETTER, by=OLGA, now=ARRIVED)
    review.cancel(reference, "se presentó dos veces", by=OLGA, now=ARRIVED)
    last = ARRIVED + timedelta(days=37)

    for days in (14, 21, 21, 37):
        clock.tick(now=ARRIVED + timedelta(days=days))
        work()

    told = [(to, text) for to, text in mails(office, last) if "remitió una reclamación" in text]
    assert sorted(to for to, _ in told) == [
        "direccion@acme.example",
        "privacidad@acme.example",
        "privacidad@acme.example",
    ]
    assert all(reference in text for _, text in told)
