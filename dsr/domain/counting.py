"""One clock counted from its start: pauses, restarts, one extension, rolling. `deadlines.fold` drives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from .clock_events import CLOSES, EXTENDS, OPENS
from .law import ClockRule, Extension, Stop
from .periods import Calendar, Period, add, add_working_days, roll_forward


@dataclass(frozen=True)
class Notice:
    """Something an officer must know about a clock: a stable code and its parameters."""

    code: str
    data: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One rule applied: a stable code, where it is written, the date before and after, its parameters."""

    code: str
    source: str
    before: date | None
    after: date | None
    data: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Dated:
    """An event with its local date."""

    kind: str
    on: date


@dataclass(frozen=True)
class Pause:
    """A question to the person that was answered."""

    kind: str
    asked_on: date
    answered_on: date
    stop: Stop

    def days(self, started_on: date, calendar: Calendar) -> set[date]:
        """The days this pause adds, in its own unit; days before a restart are gone with the old period."""
        inclusive = self.stop.ends == "inclusive"
        first = max(self.asked_on, started_on) + timedelta(days=0 if inclusive else 1)
        span = (self.answered_on - first).days + 1
        days = {first + timedelta(days=number) for number in range(span)}
        return days if self.stop.unit == "calendar" else {day for day in days if calendar.works(day)}


@dataclass(frozen=True)
class End:
    """The last day of a clock and the rules that led there."""

    on: date
    steps: tuple[Step, ...]


class Run:
    """One clock while the events are taken in order of their dates."""

    def __init__(self, rule: ClockRule, calendar: Calendar, started_on: date, *, answers: bool) -> None:
        """answers: whether this is the clock of the answer, the one officers expect to stop or extend."""
        self.rule, self.calendar, self.started_on, self.answers = rule, calendar, started_on, answers
        self.asked: dict[str, date] = {}
        self.pauses: list[Pause] = []
        self.extended_on: date | None = None
        self.warnings: list[Notice] = []
        self.steps = [Step("started", rule.source, None, started_on, {"event": rule.begins})]

    def take(self, event: Dated) -> None:
        """Apply one event; the caller hands them over in order of their dates."""
        if event.kind in OPENS:
            self._ask(OPENS[event.kind], event.on)
        elif event.kind in CLOSES:
            self._answered(CLOSES[event.kind], event.on)
        elif event.kind in EXTENDS:
            self._extend(event)

    def _warn(self, code: str, **data: str | int) -> None:
        self.warnings.append(Notice(code, data))

    def _overdue(self, on: date) -> date | None:
        """The due date as it stands, if `on` is past it and nothing is being waited for."""
        if self.asked:
            return None
        due_on = self.end(extended=self.extended_on is not None).on
        return due_on if on > due_on else None

    def _ask(self, kind: str, on: date) -> None:
        stop = self.rule.stops.get(kind)
        if stop is None:
            if self.answers:
                self._warn("does_not_stop", kind=kind, on=on.isoformat())
            return
        if due_on := self._overdue(on):
            self._warn("asked_after_due", kind=kind, on=on.isoformat(), due_on=due_on.isoformat())
            return
        if stop.ask_within and on > add(self.started_on, stop.ask_within, self.calendar):
            self._warn("asked_late", kind=kind, on=on.isoformat(), within=stop.ask_within.text)
        self.asked.setdefault(kind, on)

    def _answered(self, kind: str, on: date) -> None:
        asked_on = self.asked.pop(kind, None)
        if asked_on is None:
            return
        stop = self.rule.stops[kind]
        if stop.effect == "pause":
            self.pauses.append(Pause(kind, asked_on, on, stop))
            return
        self.steps.append(Step("restarted", stop.source, self.started_on, on, {"kind": kind}))
        self.started_on = on

    def _extend(self, event: Dated) -> None:
        extension, on = self.rule.extension, event.on
        if extension is None or extension.event != event.kind:
            if self.answers:
                self._warn("not_extendable", on=on.isoformat())
        elif self.extended_on:
            self._warn("already_extended", on=on.isoformat(), extended_on=self.extended_on.isoformat())
        elif due_on := self._overdue(on):
            self._warn("extension_late", on=on.isoformat(), due_on=due_on.isoformat())
        else:
            self.extended_on = on

    def end(self, *, extended: bool, paused: bool = True) -> End:
        """The last day as things stand; of several periods the one that ends first."""
        ends = [self._end_of(period, extended=extended, paused=paused) for period in self.rule.period]
        return min(ends, key=lambda end: end.on)

    def _end_of(self, period: Period, *, extended: bool, paused: bool) -> End:
        rule, calendar = self.rule, self.calendar
        day = add(self.started_on, period, calendar, first_day=rule.first_day)
        steps = [Step("period", rule.source, self.started_on, day, {"period": period.text})]
        if extended and rule.extension:
            before, day = day, self._lengthened(rule.extension, day)
            data = {"amount": rule.extension.amount.text}
            steps.append(Step("extended", rule.extension.source, before, day, data))
        for pause, days in self._paused() if paused else ():
            before, day = day, _later(day, days, pause.stop, calendar)
            steps.append(Step("paused", pause.stop.source, before, day, {"kind": pause.kind, "days": days}))
        if rule.roll == "forward" and not calendar.works(day):
            before, day = day, roll_forward(day, calendar)
            steps.append(Step("rolled", rule.source, before, day, {"calendar": calendar.code}))
        return End(day, tuple(steps))

    def _lengthened(self, extension: Extension, day: date) -> date:
        if extension.counted_from == "receipt":
            return add(self.started_on, extension.amount, self.calendar, first_day=self.rule.first_day)
        return add(day, extension.amount, self.calendar)

    def _paused(self) -> list[tuple[Pause, int]]:
        """Each pause with the days it adds; a day in two pauses counts once."""
        counted: set[date] = set()
        found = []
        for pause in self.pauses:
            days = pause.days(self.started_on, self.calendar) - counted
            counted |= days
            found.append((pause, len(days)))
        return found

    def internal(self, due_on: date) -> date:
        """min(30 days, 28 for month packs, 80 % of the period) plus the pauses; at most the legal date."""
        extended = self.extended_on is not None
        bare = self.end(extended=extended, paused=False).on
        most = 28 if any(period.months for period in self.rule.period) else 30
        days = min(most, (bare - self.started_on).days * 4 // 5) + (due_on - bare).days
        return min(due_on, self.started_on + timedelta(days=max(days, 0)))


def _later(day: date, days: int, stop: Stop, calendar: Calendar) -> date:
    if stop.unit == "business":
        return add_working_days(day, days, calendar)
    return day + timedelta(days=days)
