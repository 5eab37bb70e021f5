"""The clocks of every pack, one vector each, and what surrounds a date: pauses, warnings, reminders."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dsr import laws
from dsr.domain.deadlines import Clock, Event, Notice, fold, parse_event, reminders, traffic
from dsr.domain.law import LawError, RightMissing

with Path(__file__).with_name("deadlines.csv").open(newline="") as lines:
    VECTORS = list(csv.DictReader(lines))


def clock(jurisdiction: str, right: str, received: str, *events: str, deadline: str = "respond") -> Clock:
    received_at = datetime.fromisoformat(received)
    pack = laws.in_force(jurisdiction, received_at)
    known = [parse_event(event) for event in events]
    return fold(pack, right, received_at, known, calendar=laws.calendar(pack), deadline=deadline)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_the_due_date_is_the_one_of_the_vector(vector: dict[str, str]) -> None:
    received_at = datetime.fromisoformat(vector["received"])
    pack = laws.in_force(vector["jurisdiction"], received_at)
    events = [parse_event(event) for event in vector["events"].split(";") if event.strip()]

    folded = fold(
        pack,
        vector["right"],
        received_at,
        events,
        calendar=laws.calendar(pack, vector["calendar"]),
        deadline=vector["deadline"],
        rule=vector["subject_rule"] or None,
    )

    assert folded.due_on == date.fromisoformat(vector["due"])


def test_every_pack_has_a_vector() -> None:
    tested = {
        laws.in_force(vector["jurisdiction"], datetime.fromisoformat(vector["received"])).id
        for vector in VECTORS
    }

    assert {pack.id for pack in laws.packs()} - tested == set()


def test_a_late_extension_leaves_the_date_and_warns() -> None:
    late = clock("ES", "access", "2026-03-05T10:00:00+01:00", "extended 2026-04-09")

    assert (late.due_on, late.first_due_on) == (date(2026, 4, 6), date(2026, 4, 6))
    assert late.overdue_extension
    assert late.warnings == (Notice("extension_late", {"on": "2026-04-09", "due_on": "2026-04-06"}),)


def test_an_extension_in_time_keeps_the_first_date_beside_the_new_one() -> None:
    extended = clock("ES", "access", "2026-01-15T10:00:00+01:00", "extended 2026-02-10")

    assert (extended.first_due_on, extended.due_on) == (date(2026, 2, 16), date(2026, 4, 15))
    assert not extended.overdue_extension


def test_a_second_extension_has_no_effect() -> None:
    twice = clock("ES", "access", "2026-01-15T10:00:00+01:00", "extended 2026-02-10", "extended 2026-03-10")

    assert twice.due_on == date(2026, 4, 15)
    assert [warning.code for warning in twice.warnings] == ["already_extended"]


def test_an_extension_notice_dated_within_a_pause_is_in_time() -> None:
    paused = clock(
        "ES",
        "access",
        "2026-03-02T10:00:00+01:00",
        "identity_requested 2026-03-05",
        "extended 2026-04-20",
        "identity_confirmed 2026-04-30",
    )

    assert (paused.due_on, paused.overdue_extension) == (date(2026, 7, 28), False)


def test_an_open_pause_has_no_due_date() -> None:
    waiting = clock("ES", "access", "2026-03-02T10:00:00+01:00", "identity_requested 2026-03-05")

    assert (waiting.due_on, waiting.first_due_on, waiting.internal_on) == (None, None, None)
    assert waiting.suspended_since == date(2026, 3, 5)
    assert waiting.suspended_for == ("identity",)


def test_the_clock_stays_suspended_until_every_question_is_answered() -> None:
    waiting = clock(
        "ES",
        "access",
        "2026-03-02T10:00:00+01:00",
        "identity_requested 2026-03-05",
        "clarification_requested 2026-03-06",
        "identity_confirmed 2026-03-12",
    )

    assert (waiting.suspended_since, waiting.suspended_for) == (date(2026, 3, 6), ("clarification",))


def test_asking_long_after_receipt_pauses_but_warns() -> None:
    late = clock("ES", "access", "2026-03-02T10:00:00+01:00", "identity_requested 2026-03-20")

    assert late.warnings == (Notice("asked_late", {"kind": "identity", "on": "2026-03-20", "within": "5D"}),)


def test_a_question_the_law_does_not_stop_for_warns() -> None:
    asked = clock("US-CA", "access", "2026-03-02T10:00:00-08:00", "identity_requested 2026-03-04")

    assert asked.warnings == (Notice("does_not_stop", {"kind": "identity", "on": "2026-03-04"}),)


def test_the_steps_tell_how_the_date_came_about() -> None:
    told = clock(
        "ES",
        "access",
        "2026-01-31T10:00:00+01:00",
        "identity_requested 2026-02-02",
        "identity_confirmed 2026-02-10",
    )

    assert [(step.code, step.before, step.after) for step in told.steps] == [
        ("started", None, date(2026, 1, 31)),
        ("period", date(2026, 1, 31), date(2026, 2, 28)),
        ("paused", date(2026, 2, 28), date(2026, 3, 8)),
        ("rolled", date(2026, 3, 8), date(2026, 3, 9)),
    ]
    assert told.steps[2].data == {"kind": "identity", "days": 8}


def test_the_clock_names_rule_pack_and_calendar() -> None:
    pack = laws.in_force("ES", date(2026, 3, 2))

    named = clock("ES", "access", "2026-03-02T10:00:00+01:00")

    assert (named.rule, named.pack_id, named.pack_version) == ("ES.access.respond", "ES", pack.version)
    assert named.calendar_version == laws.calendar(pack).version


@pytest.mark.parametrize(
    ("jurisdiction", "received", "internal"),
    [
        ("ES", "2026-03-10T10:00:00+01:00", date(2026, 4, 3)),
        ("US-CA", "2026-03-02T10:00:00-08:00", date(2026, 4, 1)),
        ("XX", "2026-03-02T10:00:00Z", date(2026, 3, 26)),
        ("UY", "2026-03-02T10:00:00-03:00", date(2026, 3, 7)),
    ],
)
def test_the_internal_target_is_the_earliest_of_the_three(
    jurisdiction: str, received: str, internal: date
) -> None:
    assert clock(jurisdiction, "access", received).internal_on == internal


def test_the_internal_target_of_an_extended_month_is_day_28() -> None:
    extended = clock("ES", "access", "2026-01-15T10:00:00+01:00", "extended 2026-02-10")

    assert extended.internal_on == date(2026, 2, 12)


def test_the_internal_target_moves_with_a_pause() -> None:
    paused = clock(
        "ES",
        "access",
        "2026-03-10T10:00:00+01:00",
        "identity_requested 2026-03-11",
        "identity_confirmed 2026-03-14",
    )

    assert (paused.due_on, paused.internal_on) == (date(2026, 4, 13), date(2026, 4, 6))


def test_the_persons_own_time_has_no_internal_target() -> None:
    asked = clock(
        "PE", "access", "2026-03-02T10:00:00-05:00", "info_requested 2026-03-06", deadline="person_answer"
    )

    assert (asked.due_on, asked.internal_on) == (date(2026, 3, 20), None)


def test_reminders_of_a_month_come_14_7_3_and_1_days_before() -> None:
    month = clock("ES", "access", "2026-03-10T10:00:00+01:00")

    assert reminders(month, month.received_on) == (
        date(2026, 3, 27),
        date(2026, 4, 3),
        date(2026, 4, 7),
        date(2026, 4, 9),
    )


def test_reminders_of_a_short_period_come_at_half_a_quarter_and_the_last_day() -> None:
    ten_days = clock("AR", "access", "2026-03-02T10:00:00-03:00")

    assert reminders(ten_days, ten_days.received_on) == (
        date(2026, 3, 7),
        date(2026, 3, 10),
        date(2026, 3, 12),
    )


def test_a_suspended_clock_reminds_nobody() -> None:
    waiting = clock("ES", "access", "2026-03-02T10:00:00+01:00", "identity_requested 2026-03-05")

    assert (reminders(waiting, waiting.received_on), traffic(waiting, date(2027, 1, 1))) == ((), "waiting")


@pytest.mark.parametrize(
    ("today", "colour"),
    [
        (date(2026, 4, 2), "on_time"),
        (date(2026, 4, 3), "soon"),
        (date(2026, 4, 10), "soon"),
        (date(2026, 4, 11), "late"),
    ],
)
def test_colours_follow_the_legal_date(today: date, colour: str) -> None:
    assert traffic(clock("ES", "access", "2026-03-10T10:00:00+01:00"), today) == colour


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ("snoozed 2026-03-02", "event 'snoozed' is unknown"),
        ("extended", "'' is no date"),
        ("extended 2026-02-30", "'2026-02-30' is no date"),
        ("option", "needs a value"),
    ],
)
def test_an_event_that_is_not_understood_is_refused(event: str, problem: str) -> None:
    with pytest.raises(LawError, match=problem):
        parse_event(event)


def test_events_are_read_as_dates_times_and_choices() -> None:
    texts = ("extended 2026-02-10", "extended 2026-02-10T23:30:00Z", "option start=next_day")

    assert [parse_event(text) for text in texts] == [
        Event("extended", on=date(2026, 2, 10)),
        Event("extended", at=datetime(2026, 2, 10, 23, 30, tzinfo=UTC)),
        Event("option", data="start=next_day"),
    ]


@pytest.mark.parametrize(
    ("right", "received", "event", "problem"),
    [
        ("access", "2026-03-02T10:00:00", "", "without its offset"),
        ("access", "2026-03-02T10:00:00+01:00", "extended 2026-03-01", "before the receipt"),
        ("access", "2026-03-02T10:00:00+01:00", "option start=next_day", "has no option"),
        ("access", "2051-03-02T10:00:00+01:00", "", "knows the years 2015 to 2050"),
        ("access", "9999-12-31T23:00:00-12:00", "", "the year 9999 is outside 1900 to 2200"),
        ("access", "2026-03-02T10:00:00+01:00", "extended 9999-12-31", "the year 9999 is outside"),
        ("access", "2018-12-06T10:00:00+01:00", "", "from 2018-12-07"),
        ("telepathy", "2026-03-02T10:00:00+01:00", "", "has no right 'telepathy'"),
    ],
)
def test_what_the_law_does_not_know_is_refused(right: str, received: str, event: str, problem: str) -> None:
    with pytest.raises(LawError, match=problem):
        clock("ES", right, received, *[event] if event else [])


def test_a_missing_right_lists_those_there_are() -> None:
    with pytest.raises(RightMissing) as refused:
        clock("MX", "portability", "2026-03-02T10:00:00-06:00")

    assert refused.value.names == (
        "access",
        "rectification",
        "cancellation",
        "objection",
        "withdrawal",
        "limit",
    )


def test_a_clock_that_has_not_begun_says_which_event_begins_it() -> None:
    with pytest.raises(LawError, match="starts with the event 'answered'"):
        clock("MX", "cancellation", "2026-03-02T10:00:00-06:00", deadline="execute")


@pytest.mark.parametrize(
    ("deadline", "rule", "problem"),
    [
        ("retain_until", None, "needs a rule; on file: commercial_books, tax, aml, suppression_list"),
        ("retain_until", "video", "answers 'erase_by', not 'retain_until'"),
        ("retain_until", "suppression_list", "ends with the event 'withdrawn'"),
        ("retain_until", "stamps", "has no retention rule 'stamps'"),
        ("respond", "aml", "not 'respond'"),
    ],
)
def test_a_retention_end_needs_a_rule_that_fits(deadline: str, rule: str | None, problem: str) -> None:
    pack = laws.in_force("ES", date(2026, 3, 2))

    with pytest.raises(LawError, match=problem):
        fold(pack, "erasure", date(2026, 3, 2), calendar=laws.calendar(pack), deadline=deadline, rule=rule)


def test_blocking_ends_by_the_default_rule_of_the_pack() -> None:
    blocked = clock("ES", "erasure", "2026-03-10T10:00:00+01:00", deadline="block_until")

    assert (blocked.rule, blocked.due_on) == ("blocking_default", date(2029, 3, 10))
