"""Periods, working days and the arithmetic on dates that every clock shares.

Sources: Regulation (EEC, Euratom) 1182/71 art. 3 (months, last day on a non-working day), ISO 8601 durations.
Pure values: no clock, no files. A calendar is handed in; it is made in `dsr.laws.calendars`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .errors import Refusal

SATURDAY = 5
FIRST_YEAR, LAST_YEAR = 1900, 2200
_ISO = re.compile(r"P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?", re.ASCII)
_DAYS = re.compile(r"(\d{1,5})(B?)D", re.ASCII)


class LawError(Refusal, ValueError):
    """A rule, unit, event, year, right or clock that the laws on file do not know. Safe to show."""

    def __init__(self, message: str, *, code: str = "law.unknown", **data: Any) -> None:
        super().__init__(code, message, **data)


@dataclass(frozen=True)
class Period:
    """A length of time: calendar months, then calendar days; or business days alone."""

    text: str
    months: int = 0
    days: int = 0
    business: int = 0


def parse_period(text: str) -> Period:
    """Read `nD` (calendar days), `nBD` (business days) or an ISO 8601 date period such as P1M, P3Y, P30D.

    Raises LawError for anything else; hours and fractions have no place in these laws.
    """
    if match := _DAYS.fullmatch(text):
        number = int(match[1])
        return Period(text, business=number) if match[2] else Period(text, days=number)
    if match := _ISO.fullmatch(text):
        years, months, weeks, days = (int(part or 0) for part in match.groups())
        return Period(text, months=12 * years + months, days=7 * weeks + days)
    raise LawError(f"period {text!r} is not understood: write 10D, 10BD or an ISO 8601 period such as P1M")


@dataclass(frozen=True)
class Calendar:
    """The non-working days of one place, for the years it knows.

    `weekends` False means that every day counts as working (pure calendar arithmetic).
    """

    code: str
    version: str
    holidays: frozenset[date] = frozenset()
    weekends: bool = True
    first_year: int = 1
    last_year: int = 9999

    def works(self, day: date) -> bool:
        """Whether `day` is a working day. Raises LawError for a year this calendar does not know."""
        if not self.first_year <= day.year <= self.last_year:
            raise LawError(
                f"calendar {self.code} knows the years {self.first_year} to {self.last_year}, not {day.year}"
            )
        return not (self.weekends and day.weekday() >= SATURDAY) and day not in self.holidays


NO_CALENDAR = Calendar("none", "none", weekends=False)
WEEKENDS = Calendar("weekends", "weekends")


def local_date(moment: date | datetime, zone: str) -> date:
    """The date of `moment` in `zone`; a plain date is local already.

    With zone 'controller' (no place configured) the date is taken as written, in its own offset.
    Raises LawError for a naive datetime, and for a year that can only be a slip.
    """
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise LawError(f"the year {moment.year} is outside {FIRST_YEAR} to {LAST_YEAR}")
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise LawError("a time without its offset from UTC has no date in law: add Z or +01:00")
    return moment.date() if zone == "controller" else moment.astimezone(ZoneInfo(zone)).date()


def add(start: date, period: Period, calendar: Calendar, *, first_day: str = "next_day") -> date:
    """The last day of `period` counted from `start`.

    first_day: 'anchor' (months: the same day number, clamped to the month's end), 'next_day' (days counted
    from the day after) or 'receipt_day' (the first day counts). Raises LawError past the year 9999.
    """
    early = 1 if first_day == "receipt_day" else 0
    try:
        if period.business:
            return add_working_days(start - timedelta(days=early), period.business, calendar)
        if early and period.days:
            return add_months(start, period.months) + timedelta(days=period.days - 1)
        return add_months(start, period.months) + timedelta(days=period.days)
    except (OverflowError, ValueError) as error:
        if isinstance(error, LawError):
            raise
        raise LawError(f"{period.text} from {start} ends after the year 9999") from error


def add_months(start: date, months: int) -> date:
    """The same day number `months` later, or the last day of a shorter month (Reg. 1182/71 art. 3(2)(c))."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    if year > date.max.year:
        raise OverflowError(year)
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def add_working_days(start: date, days: int, calendar: Calendar) -> date:
    """The `days`-th working day after `start`; `start` itself when days is 0."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= calendar.works(day)
    return day


def roll_forward(day: date, calendar: Calendar) -> date:
    """`day`, or the next working day after it (Reg. 1182/71 art. 3(4))."""
    while not calendar.works(day):
        day += timedelta(days=1)
    return day
