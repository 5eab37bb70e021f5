"""The clock as the case page tells it: other time limits, doubts, what is kept when the law on file changes."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import acknowledging, clocks, following, intake, letters, review, viewing
from dsr.services.intake import Filing, Wanted
from dsr.services.viewing.summary import summary
from dsr.store.models import Case
from dsr.store.operations import Letter
from dsr.store.queries import people
from stage import NOW, OLGA, controller, installation, work


@pytest.fixture
def office(tmp_path):
    houses = (controller(), controller("wide", name="Wide, S. A.", countries=("MX", "UY"), path="wide"))
    with installation(tmp_path / "instance", controllers=houses):
        yield tmp_path


def filed(jurisdiction="ES", country="ES", right="access", house="acme", **more):
    wanted = (
        Wanted(right, changes=(("user.name", "Anna", "Ana"),)) if right == "rectification" else Wanted(right)
    )
    filing = Filing(
        controller=house,
        language="es",
        jurisdiction=jurisdiction,
        country=country,
        rights=(wanted,),
        identifiers=(("email", "ana@correo.example"),),
        verified_reason="vino en persona",
        **more,
    )
    (reference,) = intake.submit(filing, by="staff:1", now=NOW).cases
    work()
    return reference


def clock(reference, now=NOW, language="en"):
    from dataclasses import replace

    everywhere = replace(OLGA, controllers=("acme", "wide"))
    return viewing.view(reference, by=everywhere, language=language, now=now).clock


def letter(reference, kind):
    with store.reading() as session:
        case = people.case(session, reference)
        row = session.scalars(select(Letter).where(Letter.case_id == case.id, Letter.kind == kind)).one()
        return letters.text(row, case.submission)


def change(reference, **values):
    with store.transaction() as tx:
        tx.session.execute(update(Case).where(Case.reference == reference).values(**values))


def test_both_dates_stand_side_by_side_and_colours_follow_the_legal_one(office):
    seen = clock(filed(), NOW + timedelta(days=29))

    assert (seen.clock.due_on, seen.clock.internal_on) == (date(2026, 4, 2), date(2026, 3, 26))
    assert seen.traffic == "soon"


def test_what_an_extension_today_would_give_is_told_step_by_step(office):
    seen = clock(filed())

    assert (seen.extended, seen.why_not) == (date(2026, 6, 2), "")
    assert [step.code for step in seen.steps_if_extended] == ["started", "period", "extended"]


def test_the_other_time_limits_of_the_right_are_dated_or_say_what_begins_them(office):
    seen = clock(filed("CO", "CO", "rectification"))

    told = {one.deadline: (one.due_on, one.begins) for one in seen.others}
    assert told == {
        "notify_recipients": (date(2026, 3, 24), ""),
        "forward": (date(2026, 3, 4), ""),
        "mark_in_dispute": (date(2026, 3, 4), ""),
        "request_missing": (date(2026, 3, 9), ""),
        "person_answer": (None, "info_requested"),
    }


def test_a_rule_that_is_not_certain_says_so_with_its_other_reading(office):
    seen = clock(filed("EC", "EC"))

    assert seen.uncertain == "derived"
    assert [(one.option, one.due_on) for one in seen.readings] == [("rule=15_calendar", date(2026, 3, 17))]
    assert seen.clock.due_on == date(2026, 3, 16)


def test_counting_anew_shows_a_difference_and_overwrites_nothing(office):
    reference = filed()
    change(reference, due_on=date(2026, 3, 30), pack="ES@000000000000")

    seen = clock(reference)

    assert (seen.clock.due_on, seen.difference.due_on) == (date(2026, 3, 30), date(2026, 4, 2))
    assert (seen.difference.pack.startswith("ES@"), seen.difference.calendar) == (True, "")
    assert [(step.code, step.after) for step in seen.clock.steps] == [
        ("started", date(2026, 3, 2)), ("period", date(2026, 4, 2)), ("kept", date(2026, 3, 30))
    ]  # fmt: skip


def test_programs_and_the_person_are_told_the_date_that_the_case_keeps(office):
    reference = filed()
    change(reference, due_on=date(2026, 3, 30), first_due_on=date(2026, 3, 30), pack="ES@000000000000")

    told = summary(reference, ("acme",))

    assert (told.due_on, told.first_due_on) == (date(2026, 3, 30), date(2026, 3, 30))
    with store.reading() as session:
        submission = people.case(session, reference).submission.reference
    (seen,) = following.see(submission, "acme", proved=True, now=NOW).cases
    assert (seen.deadline.due_on, seen.deadline.first_due_on) == (date(2026, 3, 30), date(2026, 3, 30))


def test_while_the_clock_stands_still_it_names_the_rule_and_nothing_is_extended(office):
    reference = filed()
    review.pause(reference, "¿quién es?", ask="identity", by=OLGA, now=NOW)

    seen = clock(reference)
    with pytest.raises(Refusal) as caught:
        review.extend(reference, "muchos sistemas", by=OLGA, now=NOW)

    assert (seen.extended, seen.why_not, caught.value.code) == (None, "waiting", "extend.waiting")
    assert [step.source.partition(":")[0] for step in seen.clock.steps] == [
        "GDPR 12(3); Reg. 1182/71 3(2)(c), 3(4)", "EDPB Guidelines 01/2022 159"
    ]  # fmt: skip


def test_a_reading_that_gives_the_same_date_is_not_told(office):
    # 17 March 2026 is a Tuesday: rolled or not, it is the same day.
    seen = clock(filed("BR", "BR"))

    assert [(one.option, one.due_on) for one in seen.readings] == [("small_agent=yes", date(2026, 4, 1))]


def test_only_what_is_owed_is_late(office):
    later = NOW + timedelta(days=20)
    colombian_one, californian_one = filed("CO", "CO", "rectification"), filed("US-CA", "US")
    acknowledging.tick(now=NOW + acknowledging.GRACE)
    colombian = {one.deadline: one.state for one in clock(colombian_one, later).others}
    californian = {one.deadline: one.state for one in clock(californian_one, later).others}

    assert colombian == {
        "notify_recipients": "",
        "forward": "past",
        "mark_in_dispute": "met",
        "request_missing": "past",
        "person_answer": "",
    }
    assert californian == {"ack": "met"}


def test_receipt_that_nobody_acknowledged_in_time_is_late(office):
    filing = Filing(
        controller="acme", language="es", jurisdiction="US-CA", country="US", rights=(Wanted("access"),),
        identifiers=(("email", "ana@correo.example"),),
    )  # fmt: skip
    (reference,) = intake.submit(filing, by="person", now=NOW).cases

    assert [one.state for one in clock(reference, NOW + timedelta(days=14)).others] == [""]
    assert [one.state for one in clock(reference, NOW + timedelta(days=15)).others] == ["late"]


def test_of_two_periods_the_letter_names_both_and_the_person_sees_the_one_that_counts(office):
    reference = filed("EC", "EC")
    acknowledging.tick(now=NOW + acknowledging.GRACE)

    assert "15 días o 10 días hábiles, lo que termine antes, desde la recepción" in letter(
        reference, "acknowledgement"
    )
    with store.reading() as session:
        submission = people.case(session, reference).submission.reference
    (seen,) = following.see(submission, "acme", proved=True, now=NOW).cases
    assert seen.deadline.period.text == "10BD"


def test_the_same_law_shows_no_difference(office):
    assert clock(filed()).difference is None


def test_a_case_of_an_earlier_law_keeps_its_own_date_when_an_event_moves_it(office):
    reference = filed()
    change(reference, due_on=date(2026, 3, 30), first_due_on=date(2026, 3, 30), pack="ES@000000000000")

    shown = clock(reference).extended
    told = review.extend(reference, "muchos sistemas", by=OLGA, now=NOW)

    seen = clock(reference).clock
    assert shown == told == seen.due_on == date(2026, 6, 2) - timedelta(days=3)
    assert seen.first_due_on == date(2026, 3, 30)
    assert "sábado 30 de mayo de 2026" in letter(reference, "extension")


def test_a_case_of_an_earlier_law_comes_back_from_a_pause_with_its_own_date(office):
    reference = filed()
    change(reference, due_on=date(2026, 3, 30), first_due_on=date(2026, 3, 30), pack="ES@000000000000")
    review.pause(reference, "¿quién es?", ask="identity", by=OLGA, now=NOW + timedelta(days=1))
    assert clock(reference).clock.due_on is None

    review.resume(reference, by=OLGA, now=NOW + timedelta(days=5))

    assert clock(reference).clock.due_on == date(2026, 4, 6) - timedelta(days=3)


def test_an_event_that_comes_too_late_is_warned_of(office):
    reference = filed("US-CA", "US")
    review.pause(reference, "¿quién es?", ask="identity", by=OLGA, now=NOW + timedelta(days=2))

    assert [one.code for one in clock(reference, NOW + timedelta(days=2)).warnings] == ["does_not_stop"]


def test_without_a_country_the_earliest_law_of_those_served_counts(office):
    seen = clock(filed("ES", "", house="wide"))

    assert [(one.law, one.due_on, one.taken) for one in seen.candidates] == [
        ("Spain", date(2026, 4, 2), False),
        ("Mexico", date(2026, 3, 31), False),
        ("Uruguay", date(2026, 3, 9), True),
    ]
    assert seen.clock.due_on == date(2026, 3, 9)


def test_where_the_country_is_known_there_is_no_doubt(office):
    assert clock(filed("ES", "ES", house="wide")).candidates == ()


def test_a_country_without_a_law_is_named_and_the_earlier_date_counts(office):
    seen = clock(filed("ES", "VE"))

    assert "Venezuela has no general data protection law" in seen.no_law
    assert [(one.law, one.taken) for one in seen.candidates] == [("Spain", False), ("Other countries", True)]
    assert seen.clock.due_on == date(2026, 4, 1)


def test_the_letters_of_a_case_in_doubt_name_the_authority_of_the_controller(office):
    reference = filed("ES", "VE")
    with store.reading() as session:
        case = people.case(session, reference)
        assert clocks.pack_of(case).authority.name.startswith("Agencia Española")
        assert clocks.law_of(case).id == "XX"
