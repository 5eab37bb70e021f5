"""Packs as values: names of rights, periods, calendars, retention rules."""

from datetime import date

import pytest

from dsr import laws
from dsr.domain.law import RIGHTS, LawError, RightMissing
from dsr.domain.periods import NO_CALENDAR, WEEKENDS, Calendar, Period, add, parse_period, roll_forward


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("10D", Period("10D", days=10)),
        ("10BD", Period("10BD", business=10)),
        ("P1M", Period("P1M", months=1)),
        ("P3Y", Period("P3Y", months=36)),
        ("P1Y2M10D", Period("P1Y2M10D", months=14, days=10)),
        ("P2W", Period("P2W", days=14)),
    ],
)
def test_a_period_is_read_in_every_unit(text: str, period: Period) -> None:
    assert parse_period(text) == period


@pytest.mark.parametrize(
    "text", ["", "P", "10", "10bd", "PT5H", "P1.5M", "-1D", "1M", "P1M ", "P１M", "10BDD"]
)
def test_a_period_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(LawError, match="is not understood"):
        parse_period(text)


def test_a_period_past_the_last_year_is_refused() -> None:
    with pytest.raises(LawError, match="after the year 9999"):
        add(date(9999, 12, 31), parse_period("P1M"), NO_CALENDAR, first_day="anchor")


def test_counting_from_the_day_of_receipt_ends_a_day_earlier() -> None:
    monday = date(2026, 3, 2)

    ends = [
        add(monday, parse_period(text), WEEKENDS, first_day=first)
        for text in ("10BD", "10D")
        for first in ("receipt_day", "next_day")
    ]

    assert ends == [date(2026, 3, 13), date(2026, 3, 16), date(2026, 3, 11), date(2026, 3, 12)]


def test_a_calendar_outside_its_years_is_refused() -> None:
    known = Calendar("ES", "1", first_year=2026, last_year=2026)

    with pytest.raises(LawError, match="knows the years 2026 to 2026, not 2027"):
        roll_forward(date(2027, 1, 1), known)


def test_a_right_of_the_product_finds_its_local_name() -> None:
    mexico = laws.in_force("MX", date(2026, 3, 2))

    assert [mexico.right_name(name) for name in ("erasure", "cancellation")] == ["cancellation"] * 2


def test_a_right_that_is_missing_is_explained() -> None:
    california = laws.in_force("US-CA", date(2026, 3, 2))

    with pytest.raises(RightMissing, match="US-CA has no right 'objection'; it has: access, portability"):
        california.right("objection")
    assert california.missing["objection"].source.startswith("CCPA 1798.120: ")


def test_every_pack_serves_or_explains_every_right_of_the_product() -> None:
    for pack in laws.packs():
        served = {right.canonical for right in pack.rights.values()} - {None}

        assert served | set(pack.missing) == set(RIGHTS)


def test_spain_and_mexico_require_blocking() -> None:
    assert [pack.id for pack in laws.packs() if pack.blocking_required] == ["ES", "MX"]


def test_the_rule_against_money_laundering_changes_in_july_2027() -> None:
    spain = laws.in_force("ES", date(2026, 3, 2))

    periods = [spain.retention_rule("aml", on).period for on in (date(2027, 7, 9), date(2027, 7, 10))]

    assert periods == [parse_period("P10Y"), parse_period("P5Y")]


def test_a_pack_without_a_zone_takes_that_of_the_controller() -> None:
    zones = [laws.in_force(name, date(2026, 3, 2)).in_zone("America/Bogota").zone for name in ("XX", "ES")]

    assert zones == ["America/Bogota", "Europe/Madrid"]


def test_names_fall_back_to_english() -> None:
    names = laws.in_force("ES", date(2026, 3, 2)).rights["erasure"].names

    assert [names.of(language) for language in ("es", "pt", "en", "fr")] == [
        "Supresión",
        "Eliminação",
        "Erasure",
        "Erasure",
    ]
