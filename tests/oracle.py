"""A second way to count a legal clock, written from the text of the laws and not from our code.

Everything is walked day by day with plain questions: does this day work, is it in a pause, has the month come
round? No sets of days, no jump by a month or a week, no library of periods. It reads only the numbers of a
pack (`period`, `extension`, `stops`), which is what the tests of dates must not doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

DAY = timedelta(days=1)
PAUSED = {
    "identity_requested": "identity", "clarification_requested": "clarification",
    "info_requested": "info", "fee_requested": "fee",
}  # fmt: skip
ANSWERED = {
    "identity_confirmed": "identity", "clarification_received": "clarification",
    "info_received": "info", "fee_paid": "fee",
}  # fmt: skip


def local_day(moment: datetime, offsets: Sequence[tuple[datetime, int]]) -> date:
    """The date on the wall clock: `offsets` are (from this UTC moment on, minutes east), oldest first."""
    minutes = [east for begins, east in offsets if begins <= moment][-1]
    return (moment.replace(tzinfo=None) + timedelta(minutes=minutes)).date()


def months_on(day: date, months: int) -> date:
    """Through so many month ends, then on to the same number or to the last day there is."""
    walked, left = day, months
    while left:
        walked += DAY
        left -= walked.day == 1
    while walked.day < day.day and (walked + DAY).day != 1:
        walked += DAY
    return walked


def working_on(day: date, count: int, works: Callable[[date], bool]) -> date:
    """The count-th working day after `day`."""
    while count:
        day += DAY
        count -= works(day)
    return day


@dataclass
class Walk:
    """One clock: its numbers as the pack states them, and what has happened so far."""

    rule: object
    works: Callable[[date], bool]
    start: date
    open: dict[str, date] = field(default_factory=dict)
    pauses: list[tuple[str, date, date]] = field(default_factory=list)
    extended: bool = False

    def span(self, day: date, period: object, first: str) -> date:
        months, days, business = period.months, period.days, period.business
        if business:
            return working_on(day - DAY if first == "receipt_day" else day, business, self.works)
        day = months_on(day, months)
        for _ in range(days - (1 if first == "receipt_day" and days else 0)):
            day += DAY
        return day

    def due(self) -> date:
        return min(self._due(period) for period in self.rule.period)

    def _due(self, period: object) -> date:
        rule = self.rule
        day = self.span(self.start, period, rule.first_day)
        if self.extended and rule.extension.counted_from == "receipt":
            day = self.span(self.start, rule.extension.amount, rule.first_day)
        elif self.extended:
            day = self.span(day, rule.extension.amount, "next_day")
        day = self._paused(day)
        while rule.roll == "forward" and not self.works(day):
            day += DAY
        return day

    def _paused(self, day: date) -> date:
        """One day more for each day on which somebody waited for the person, whatever was asked."""
        if not self.pauses:
            return day
        last = max(answered for _, _, answered in self.pauses)
        looked = self.start
        while looked <= last:
            units = [
                self.rule.stops[kind].unit for kind, *ends in self.pauses if self._in(looked, kind, *ends)
            ]
            if "calendar" in units:
                day += DAY
            elif units and self.works(looked):
                day = working_on(day, 1, self.works)
            looked += DAY
        return day

    def _in(self, day: date, kind: str, asked: date, answered: date) -> bool:
        both = self.rule.stops[kind].ends == "inclusive"
        return (asked <= day if both else max(asked, self.start) < day) and day <= answered

    def happen(self, kind: str, on: date) -> None:
        """One event; the caller keeps their order."""
        if kind in PAUSED and PAUSED[kind] in self.rule.stops and not self._over(on):
            self.open.setdefault(PAUSED[kind], on)
        elif kind in ANSWERED and ANSWERED[kind] in self.open:
            asked = self.open.pop(ANSWERED[kind])
            if self.rule.stops[ANSWERED[kind]].effect == "pause":
                self.pauses.append((ANSWERED[kind], asked, on))
            else:
                self.start = on
        elif kind == "extended" and self.rule.extension and not self.extended and not self._over(on):
            self.extended = self.rule.extension.event == "extended"

    def _over(self, on: date) -> bool:
        return not self.open and on > self.due()


def due(
    rule: object, received_on: date, events: Iterable[tuple[str, date]], works: Callable[[date], bool]
) -> date | None:
    """The date of the answer; None while a question is open."""
    walk = Walk(rule, works, received_on)
    ordered = sorted(enumerate(events), key=lambda pair: (pair[1][1], pair[0]))
    for _, (kind, on) in ordered:
        walk.happen(kind, on)
    return None if walk.open else walk.due()
