"""Every clock of every pack against the walking oracle: ten years, five zones, pauses, extensions, leap days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import oracle
from dsr import laws
from dsr.domain.deadlines import Event, fold, readings
from dsr.domain.law import ClockRule, Pack
from dsr.domain.periods import local_date

DAY = timedelta(days=1)
FIRST, LAST = date(2021, 1, 1), date(2030, 12, 31)
CLOCKS = [
    (pack, right, deadline)
    for pack in laws.packs()
    for right, own in pack.rights.items()
    for deadline, rule in own.clocks.items()
    if rule.begins == "received"
]
QUESTIONS = (
    ("identity_requested", "identity_confirmed"),
    ("clarification_requested", "clarification_received"),
    ("info_requested", "info_received"),
    ("fee_requested", "fee_paid"),
)
OVERLAPPING = [(QUESTIONS[0], 1, 10), (QUESTIONS[1], 3, 10)]
"""Two questions open at once: a day on which both wait counts once."""


def works(pack: Pack):
    """Saturday, Sunday and the holidays of the pack rest; where nothing rests every day works."""
    calendar = laws.calendar(pack)
    return lambda day: (
        not calendar.weekends or (day.strftime("%u") not in "67" and day not in calendar.holidays)
    )


@st.composite
def asked(draw: st.DrawFn) -> tuple[Pack, str, str, date]:
    """A clock of some pack, and a day on which that pack receives a request; month ends come often."""
    pack, right, deadline = draw(st.sampled_from(CLOCKS))
    first, last = max(FIRST, pack.valid_from), min(LAST, pack.valid_until or LAST)
    day = draw(st.dates(first, last))
    if draw(st.booleans()):
        day = min(
            last, max(first, (day.replace(day=28) + 4 * DAY).replace(day=1) - draw(st.integers(0, 3)) * DAY)
        )
    return pack, right, deadline, day


@st.composite
def happening(draw: st.DrawFn):
    """A clock, a day, and what happened since: mostly questions that stop this very clock, often overlapping."""
    pack, right, deadline, day = draw(asked())
    stops = rule_of(pack, right, deadline).stops
    fitting = [pair for pair in QUESTIONS if pair[0].partition("_")[0] in stops] or list(QUESTIONS)
    question = st.tuples(st.sampled_from(fitting), st.integers(0, 40), st.integers(0, 30))
    anything = st.tuples(st.sampled_from(QUESTIONS), st.integers(0, 100), st.integers(0, 60))
    notice = st.tuples(st.just(("extended", "")), st.integers(0, 100), st.just(0))
    return (pack, right, deadline, day), draw(
        st.lists(st.one_of(question, question, anything, notice), max_size=5)
    )


def dated(happened, received_on: date) -> list[tuple[str, date]]:
    events = []
    for (opens, closes), after, later in happened:
        events.append((opens, received_on + after * DAY))
        if closes:
            events.append((closes, received_on + (after + later) * DAY))
    return sorted(events, key=lambda event: event[1])


def ours(pack: Pack, right: str, deadline: str, on: date, events: list[tuple[str, date]]) -> date | None:
    known = [Event(kind, on=day) for kind, day in events]
    return fold(pack, right, on, known, calendar=laws.calendar(pack), deadline=deadline).due_on


def rule_of(pack: Pack, right: str, deadline: str) -> ClockRule:
    return pack.rights[right].clocks[deadline]


@settings(max_examples=1000)
@given(happening())
@example(((laws.in_force("ES", date(2024, 1, 31)), "access", "respond", date(2024, 1, 31)), []))
@example(((laws.in_force("ES", date(2028, 2, 29)), "erasure", "respond", date(2028, 2, 29)), []))
@example(((laws.in_force("ES", date(2026, 3, 2)), "access", "respond", date(2026, 3, 2)), OVERLAPPING))
def test_the_date_is_the_one_that_walking_gives(story) -> None:
    (pack, right, deadline, on), happened = story
    events = dated(happened, on)

    expected = oracle.due(rule_of(pack, right, deadline), on, events, works(pack))

    assert ours(pack, right, deadline, on, events) == expected


@settings(max_examples=300)
@given(asked(), st.integers(1, 40))
def test_a_later_receipt_never_gives_an_earlier_date(asked, later: int) -> None:
    pack, right, deadline, on = asked
    after = on + later * DAY
    if not pack.covers(after):
        return
    first, second = (ours(pack, right, deadline, day, []) for day in (on, after))

    assert first <= second


@settings(max_examples=300)
@given(happening(), st.sampled_from(QUESTIONS), st.integers(0, 90), st.integers(0, 60))
def test_a_question_never_shortens_whatever_else_happened(story, question, after, later) -> None:
    (pack, right, deadline, on), happened = story
    others = [one for one in happened if one[0] == ("extended", "")]

    without = ours(pack, right, deadline, on, dated(others, on))
    paused = ours(pack, right, deadline, on, dated([*others, (question, after, later)], on))

    assert paused >= without


@given(asked())
def test_the_reading_taken_is_never_later_than_another_one(asked) -> None:
    pack, right, deadline, on = asked
    calendar = laws.calendar(pack)
    taken = ours(pack, right, deadline, on, [])

    others = readings(pack, right, on, calendar=calendar, deadline=deadline)

    assert [name for name, other in others if other.due_on < taken] == []


CHANGES = {
    "Europe/Madrid": [(datetime(2020, 10, 25, 1), 60)]
    + [
        change
        for year, (spring, autumn) in {
            2021: (28, 31), 2022: (27, 30), 2023: (26, 29), 2024: (31, 27), 2025: (30, 26),
            2026: (29, 25), 2027: (28, 31), 2028: (26, 29), 2029: (25, 28), 2030: (31, 27),
        }.items()
        for change in ((datetime(year, 3, spring, 1), 120), (datetime(year, 10, autumn, 1), 60))
    ],
    "Europe/London": [(datetime(2020, 10, 25, 1), 0)]
    + [
        change
        for year, (spring, autumn) in {
            2021: (28, 31), 2022: (27, 30), 2023: (26, 29), 2024: (31, 27), 2025: (30, 26),
            2026: (29, 25), 2027: (28, 31), 2028: (26, 29), 2029: (25, 28), 2030: (31, 27),
        }.items()
        for change in ((datetime(year, 3, spring, 1), 60), (datetime(year, 10, autumn, 1), 0))
    ],
    "America/Los_Angeles": [(datetime(2020, 11, 1, 9), -480)]
    + [
        change
        for year, (spring, autumn) in {
            2021: (14, 7), 2022: (13, 6), 2023: (12, 5), 2024: (10, 3), 2025: (9, 2),
            2026: (8, 1), 2027: (14, 7), 2028: (12, 5), 2029: (11, 4), 2030: (10, 3),
        }.items()
        for change in ((datetime(year, 3, spring, 10), -420), (datetime(year, 11, autumn, 9), -480))
    ],
    "America/Bogota": [(datetime(2020, 1, 1), -300)],
    "America/Sao_Paulo": [(datetime(2020, 1, 1), -180)],
}  # fmt: skip
"""The changes of clocks in ten years, written down from the rules: last Sundays of March and October at one
o'clock UTC in Europe; second Sunday of March and first of November at two o'clock in California."""


@pytest.mark.parametrize("zone", list(CHANGES))
@settings(max_examples=200)
@given(moment=st.datetimes(datetime(2021, 1, 1), datetime(2030, 12, 31, 23, 59)), near=st.integers(-90, 90))
def test_the_day_of_receipt_is_that_of_the_wall_clock(zone: str, moment: datetime, near: int) -> None:
    changes = CHANGES[zone]
    nearest = min((begins for begins, _ in changes), key=lambda begins: abs(begins - moment))
    for one in (moment, max(datetime(2021, 1, 1), nearest + timedelta(minutes=near)),
                moment.replace(hour=23, minute=30), moment.replace(hour=0, minute=30)):  # fmt: skip
        assert local_date(one.replace(tzinfo=UTC), zone) == oracle.local_day(one, changes)


ZONED = [("ES", "Europe/Madrid"), ("UK", "Europe/London"), ("US-CA", "America/Los_Angeles"),
         ("CO", "America/Bogota"), ("BR", "America/Sao_Paulo")]  # fmt: skip


@pytest.mark.parametrize(("jurisdiction", "zone"), ZONED)
@settings(max_examples=100)
@given(moment=st.datetimes(datetime(2026, 2, 6), datetime(2030, 12, 30)))
def test_a_moment_of_receipt_gives_the_date_that_its_local_day_gives(
    jurisdiction: str, zone: str, moment: datetime
) -> None:
    received_at = moment.replace(tzinfo=UTC)
    pack = laws.in_force(jurisdiction, received_at)
    day = oracle.local_day(moment, CHANGES[zone])

    folded = fold(pack, "access", received_at, calendar=laws.calendar(pack))

    assert folded.due_on == oracle.due(rule_of(pack, "access", "respond"), day, [], works(pack))
