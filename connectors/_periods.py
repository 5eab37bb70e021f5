"""How long rows are kept: days read from what is stored, and the end of a period that counts from one."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from dsr.contract import KeepRule

_PACKED = re.compile(r"\d{8}(?=$|T|\d{2})", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)


def day_of(value: Any) -> date | None:
    """The day of a stored value: a date, ``2024-12-31...``, ``20241231...`` (RFC 4517, 3.3.13; RFC 6350, 4.3) or
    ``31/12/2024``; None when it is none.

    Where day and month can be told apart in two ways, the later day counts: nothing goes too early.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    packed = _PACKED.match(text)
    try:
        return date.fromisoformat(packed.group() if packed else text[:10])
    except ValueError:
        found = _NUMBERS.match(text)
    if found is None:
        return None
    first, second, year = (int(part) for part in found.groups())
    return max((d for d in (_made(year, second, first), _made(year, first, second)) if d), default=None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def longest(known: Iterable[KeepRule], wanted: Collection[str]) -> KeepRule | None:
    """Of the wanted rules that the law knows, the one that ends last when all count from the same day.

    Its citation names them all, that one first: what is kept is kept by each of them.
    """
    start = date(2000, 1, 1)
    found = sorted(
        (rule for rule in known if rule.id in wanted),
        key=lambda rule: last_day(start, rule.period),
        reverse=True,
    )
    cited = dict.fromkeys(rule.citation for rule in found)
    return replace(found[0], citation="; ".join(cited)) if found else None


def last_day(start: date, period: tuple[int, int, int]) -> date:
    """The last day of a period of years, months and days; the end of the month where the day is missing."""
    years, months, days = period
    year, month = divmod(start.year * 12 + start.month - 1 + years * 12 + months, 12)
    if year > date.max.year - 1:
        return date.max
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) + timedelta(days=days)


def still_kept_from(on: date, period: tuple[int, int, int]) -> date:
    """The first day from which a period has not ended before ``on``; what began earlier is over."""
    years, months, days = period
    if on.year - years - months // 12 - days // 365 < date.min.year + 2:
        return date.min
    guess = last_day(on, (-years, -months, 0)) - timedelta(days=days + 4)
    while last_day(guess, period) < on:
        guess += timedelta(days=1)
    return guess
