"""The year in pictures: bars made here as SVG, each above the table of its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dsr.services.records import Line, Register

WIDTH, HEIGHT = 480, 120
GAP = 8
DAYS = ((0, 2), (3, 7), (8, 14), (15, 21), (22, 30), (31, 60), (61, None))
"""Days to answer, in groups (both ends included)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its place in the picture and which of the series it belongs to."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of ``WIDTH`` x ``HEIGHT`` and its table: per row a label and a number for each series."""

    bars: tuple[Bar, ...]
    rows: tuple[tuple[date | tuple[int, int | None], tuple[int, ...]], ...]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Year:
    """The charts of the report. ``in_time``: share of the answers that came in time, in percent."""

    months: Chart
    days: Chart
    in_time: float | None


def draw(found: Register, year: int) -> Year:
    """From the register of a year to pictures."""
    answered = [line for line in found.lines if line.in_time is not None]
    return Year(
        months=_months(found.lines, year),
        days=_days(found.lines),
        in_time=round(sum(bool(one.in_time) for one in answered) / len(answered) * 100, 1)
        if answered
        else None,
    )


def _months(lines: Sequence[Line], year: int) -> Chart:
    received = Counter(one.received_on.month for one in lines)
    answered = Counter(
        one.answered_on.month for one in lines if one.answered_on and one.answered_on.year == year
    )
    rows = [(date(year, month, 1), (received[month], answered[month])) for month in range(1, 13)]
    return Chart(_bars([counts for _, counts in rows]), tuple(rows))


def _days(lines: Iterable[Line]) -> Chart:
    taken = [one.days for one in lines if one.days is not None]
    rows = [
        ((low, high), (sum(low <= one and (high is None or one <= high) for one in taken),))
        for low, high in DAYS
    ]
    return Chart(_bars([counts for _, counts in rows]), tuple(rows))


def _bars(rows: Sequence[tuple[int, ...]]) -> tuple[Bar, ...]:
    """The bars of a row side by side, all on one scale."""
    most = max((count for counts in rows for count in counts), default=0) or 1
    slot = WIDTH / len(rows)
    bars = []
    for number, counts in enumerate(rows):
        wide = (slot - GAP) / len(counts)
        for series, count in enumerate(counts):
            tall = round(count / most * (HEIGHT - 4), 1)
            x = round(number * slot + GAP / 2 + series * wide, 1)
            bars.append(Bar(x, round(HEIGHT - tall, 1), round(wide - 1, 1), tall, series))
    return tuple(bars)
