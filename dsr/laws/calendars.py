"""Public holidays as a Calendar value: the only place that knows the `holidays` package.

Holidays are chosen by date, never by name (names follow the locale of the machine). Observed and
substitute days are those of the package; a pack adds or takes away dates of its own (bridge days on
which work is optional).
"""

from __future__ import annotations

import hashlib
import sys
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from dsr.domain.law import CalendarRule, LawError
from dsr.domain.periods import NO_CALENDAR, WEEKENDS, Calendar

FIRST_YEAR, LAST_YEAR = 2015, 2050
"""The years made at once. Outside them a calendar raises: the package would answer with an empty year."""

PLAIN = {calendar.code: calendar for calendar in (NO_CALENDAR, WEEKENDS)}


@lru_cache(maxsize=64)
def build(rule: CalendarRule) -> Calendar:
    """The calendar a pack describes. Raises LawError for a country or subdivision nobody knows."""
    if rule.country is None:
        return PLAIN[rule.code]
    holidays = _holidays()
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    try:
        days = holidays.country_holidays(
            rule.country, rule.subdiv, years=years, expand=False, categories=rule.categories
        )
    except (NotImplementedError, ValueError) as error:
        raise LawError(f"calendar {rule.code}: the place or category is unknown ({error})") from error
    dates = frozenset(days) | frozenset(rule.extra_dates)
    dates -= frozenset(rule.excluded_dates)
    named = f"{rule.code} holidays-{version('holidays')} {_digest(dates)}"
    return Calendar(rule.code, named, dates, first_year=FIRST_YEAR, last_year=LAST_YEAR)


def _holidays() -> ModuleType:
    """The package, without the two hundred countries that its ``countries`` imports at once (8 MB): an empty
    package in that place lets each country be found by its own module.
    """
    import holidays

    if "holidays.countries" not in sys.modules:
        countries = ModuleType("holidays.countries")
        countries.__path__ = [str(Path(one) / "countries") for one in holidays.__path__]
        sys.modules["holidays.countries"] = countries
    return holidays


def _digest(dates: frozenset[date]) -> str:
    return hashlib.sha256(" ".join(sorted(day.isoformat() for day in dates)).encode()).hexdigest()[:12]
