"""Small charts as SVG made here; every one stands above the table of its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median, quantiles

from dsr.store.queries.desk import Series

WEEKS = 12
WIDTH, HEIGHT, GAP = 360, 96, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands in the picture, and what it says."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Week:
    """A week (its Monday), requests received and answered in it."""

    monday: date
    received: int
    answered: int


@dataclass(frozen=True, slots=True)
class Charts:
    """What the first page draws. ``middle`` and ``slow``: days to answer, median and 90th percentile."""

    weeks: tuple[Week, ...]
    bars: tuple[Bar, ...]
    middle: float | None
    slow: float | None
    answered: int
    rights: tuple[tuple[str, int, float], ...]
    countries: tuple[tuple[str, int, float], ...]
    width: int = WIDTH
    height: int = HEIGHT


def since(today: date) -> date:
    """The Monday on which the charts begin."""
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def draw(series: Series, today: date) -> Charts:
    """From counts to pictures."""
    received, answered = _by_week(series.received), _by_week(series.closed)
    mondays = [since(today) + timedelta(weeks=number) for number in range(WEEKS)]
    weeks = tuple(Week(day, received.get(day, 0), answered.get(day, 0)) for day in mondays)
    return Charts(
        weeks=weeks,
        bars=_bars(weeks),
        middle=median(series.days) if series.days else None,
        slow=_slow(series.days),
        answered=len(series.days),
        rights=_shares(series.rights),
        countries=_shares(series.countries[:8]),
    )


def _by_week(days: Sequence[tuple[date, int]]) -> Mapping[date, int]:
    weeks: dict[date, int] = {}
    for day, count in days:
        monday = day - timedelta(days=day.weekday())
        weeks[monday] = weeks.get(monday, 0) + count
    return weeks


def _bars(weeks: Sequence[Week]) -> tuple[Bar, ...]:
    """Two bars a week, side by side, on a common scale."""
    most = max((max(week.received, week.answered) for week in weeks), default=0) or 1
    slot = WIDTH / len(weeks)
    wide = (slot - GAP) / 2
    bars = []
    for number, week in enumerate(weeks):
        for place, (kind, count) in enumerate((("received", week.received), ("answered", week.answered))):
            tall = round(count / most * (HEIGHT - 4), 1)
            x = round(number * slot + GAP / 2 + place * wide, 1)
            bars.append(Bar(x, round(HEIGHT - tall, 1), round(wide - 1, 1), tall, kind))
    return tuple(bars)


def _slow(days: Sequence[int]) -> float | None:
    if not days:
        return None
    return float(days[0]) if len(days) == 1 else quantiles(days, n=10, method="inclusive")[8]


def _shares(rows: Sequence[tuple[str, int]]) -> tuple[tuple[str, int, float], ...]:
    most = max((count for _, count in rows), default=0) or 1
    return tuple((name, count, round(count / most * 100, 1)) for name, count in rows)
