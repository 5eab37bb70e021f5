"""Stages of reminders before and after the legal date."""

from datetime import date, timedelta

import pytest

from dsr.domain.reminding import stage

RECEIVED = date(2026, 3, 2)
DUE = date(2026, 4, 2)


@pytest.mark.parametrize(
    ("days_left", "expected"),
    [(15, None), (14, "14"), (10, "14"), (7, "7"), (4, "7"), (3, "3"), (2, "3"), (1, "1"), (0, "1")],
)
def test_a_long_period_has_four_stages(days_left, expected):
    assert stage(RECEIVED, DUE, DUE - timedelta(days=days_left)) == expected


def test_a_late_case_has_a_stage_for_every_day():
    assert stage(RECEIVED, DUE, date(2026, 4, 3)) == "late:2026-04-03"
    assert stage(RECEIVED, DUE, date(2026, 4, 4)) == "late:2026-04-04"


@pytest.mark.parametrize(
    ("days_left", "expected"),
    [(9, None), (5, "half"), (3, "half"), (2, "quarter"), (1, "quarter"), (0, "last")],
)
def test_a_short_period_has_half_quarter_and_last_day(days_left, expected):
    due = RECEIVED + timedelta(days=10)

    assert stage(RECEIVED, due, due - timedelta(days=days_left)) == expected


def test_a_week_has_a_reminder_at_half_at_a_quarter_and_on_its_last_day() -> None:
    days = [stage(RECEIVED, RECEIVED + timedelta(days=7), RECEIVED + timedelta(days=n)) for n in range(8)]
    assert days == [None, None, None, None, "half", "half", "quarter", "last"]
