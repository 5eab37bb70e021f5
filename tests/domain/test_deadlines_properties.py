"""Clocks against a small oracle written another way, and what must hold for every date."""

from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from dsr import laws
from dsr.domain.deadlines import Clock, Event, fold, reminders
from dsr.domain.law import Pack

DAY = timedelta(days=1)
ASKED = [
    (pack, right)
    for pack in laws.packs()
    for right, own in pack.rights.items()
    if "respond" in own.clocks and own.clocks["respond"].begins == "received"
]
days = st.dates(date(2019, 1, 1), date(2049, 6, 30))
packs_and_rights = st.sampled_from(ASKED)


def answer(pack: Pack, right: str, received_on: date, *events: Event, code: str | None = None) -> Clock:
    return fold(pack, right, received_on, events, calendar=laws.calendar(pack, code))


def due(pack: Pack, right: str, received_on: date, *events: Event, code: str | None = None) -> date:
    due_on = answer(pack, right, received_on, *events, code=code).due_on
    assert due_on is not None
    return due_on


def working(code: str, day: date) -> bool:
    spain = laws.in_force("ES", day)
    return day.isoweekday() < 6 and day not in laws.calendar(spain, code).holidays


def month_later(day: date, months: int) -> date:
    """Walks from day to day: through `months` month ends, then on to the same number or the month's last."""
    walked, left = day, months
    while left:
        walked += DAY
        left -= walked.day == 1
    while walked.day < day.day and (walked + DAY).day != 1:
        walked += DAY
    return walked


@given(days)
def test_a_spanish_month_is_what_walking_the_days_gives(received_on: date) -> None:
    expected = month_later(received_on, 1)
    while not working("ES", expected):
        expected += DAY

    assert due(laws.in_force("ES", received_on), "access", received_on) == expected


@given(days)
def test_an_extension_is_three_months_walked_from_receipt(received_on: date) -> None:
    expected = month_later(received_on, 3)
    while not working("ES", expected):
        expected += DAY

    notice = Event("extended", on=received_on + 10 * DAY)

    assert due(laws.in_force("ES", received_on), "erasure", received_on, notice) == expected


@given(st.dates(date(2026, 1, 1), date(2049, 6, 30)))
def test_twenty_business_days_are_the_twentieth_of_a_list(received_on: date) -> None:
    mexico = laws.in_force("MX", received_on)
    holidays = laws.calendar(mexico).holidays
    after = [received_on + number * DAY for number in range(1, 60)]

    workdays = [day for day in after if day.isoweekday() < 6 and day not in holidays]

    assert due(mexico, "access", received_on) == workdays[19]


@given(packs_and_rights, days, st.integers(0, 40))
def test_a_later_receipt_never_gives_an_earlier_date(
    asked: tuple[Pack, str], received_on: date, later: int
) -> None:
    pack, right = asked
    assume(pack.covers(received_on) and pack.covers(received_on + later * DAY))

    assert due(pack, right, received_on) <= due(pack, right, received_on + later * DAY)


@given(packs_and_rights, days, st.integers(0, 60), st.integers(0, 60), st.booleans())
def test_a_question_never_shortens(
    asked: tuple[Pack, str], received_on: date, asked_after: int, answered_after: int, extended: bool
) -> None:
    pack, right = asked
    assume(pack.covers(received_on))
    question_on = received_on + asked_after * DAY
    notice = [Event("extended", on=question_on)] if extended else []
    for opened, closed in (
        ("identity_requested", "identity_confirmed"),
        ("clarification_requested", "clarification_received"),
        ("info_requested", "info_received"),
        ("fee_requested", "fee_paid"),
    ):
        pause = [Event(opened, on=question_on), Event(closed, on=question_on + answered_after * DAY)]

        assert due(pack, right, received_on, *pause, *notice) >= due(pack, right, received_on, *notice)


@given(days)
def test_the_end_of_a_month_is_not_sticky(received_on: date) -> None:
    due_on = due(laws.in_force("ES", received_on), "access", received_on, code="none")
    last = (due_on + DAY).day == 1

    assert due_on.day == received_on.day or (last and due_on.day < received_on.day)


@given(packs_and_rights, days)
def test_the_internal_target_and_the_reminders_lie_within_the_period(
    asked: tuple[Pack, str], received_on: date
) -> None:
    pack, right = asked
    assume(pack.covers(received_on))
    clock = answer(pack, right, received_on)

    assert clock.due_on and clock.internal_on
    assert received_on <= clock.internal_on <= min(clock.due_on, received_on + 30 * DAY)
    assert [day for day in reminders(clock, received_on) if not received_on < day <= clock.due_on] == []
