"""The legal clock: from the events of a case to the date it must be answered by.

Sources: GDPR 12(3) and Reg. 1182/71 for months; EDPB Guidelines 01/2022 for pauses; each pack names its own.
Pure: the day of today is never asked, holidays come in as a Calendar, rules as a Pack.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from .clock_events import CHOICES, DATED, Event, parse_event
from .counting import Dated, Notice, Run, Step
from .law import RETENTION_DEADLINES, ClockRule, LawError, LocalRight, Option, Pack, Retention
from .periods import Calendar, add, local_date, parse_period

__all__ = [
    "Calendar",
    "Clock",
    "Event",
    "Notice",
    "Step",
    "fold",
    "parse_event",
    "parse_period",
    "readings",
    "reminders",
    "traffic",
]

LONG = 15
"""From this many days on, a period gets the four usual reminders."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A deadline with everything that led to it.

    due_on, first_due_on (without extension) and internal_on are None while the clock is suspended;
    internal_on is None too for retention ends and for the person's own time limits. overdue_extension: a
    notice of extension came after the first due date and has no effect. rule: 'ES.access.respond', or the id
    of the retention rule. source and confidence are those of the period.
    """

    pack_id: str
    pack_version: str
    calendar_version: str
    right: str
    deadline: str
    rule: str
    source: str
    confidence: str
    received_on: date
    started_on: date
    due_on: date | None
    first_due_on: date | None
    internal_on: date | None = None
    suspended_since: date | None = None
    suspended_for: tuple[str, ...] = ()
    extended_on: date | None = None
    overdue_extension: bool = False
    warnings: tuple[Notice, ...] = ()
    steps: tuple[Step, ...] = ()


def fold(
    pack: Pack,
    right: str,
    received_at: datetime | date,
    events: Iterable[Event] = (),
    *,
    calendar: Calendar,
    deadline: str = "respond",
    rule: str | None = None,
) -> Clock:
    """The clock `deadline` of a request for `right`, received at that moment, after these events.

    received_at: aware datetime, or the local date; for retention clocks the moment of the rule's trigger.
    right: the pack's own name or the right of the product. rule: id of a retention rule.
    Raises LawError: unknown right (RightMissing), clock, rule or option; a date before receipt; a request
    received outside the validity of the pack; a year the calendar does not know; a clock whose first event
    is missing.
    """
    events, received_on = tuple(events), local_date(received_at, pack.zone)
    own = pack.right_name(right)
    common = _blank(pack, calendar, received_on)
    common = replace(common, right=own, deadline=deadline, rule=f"{pack.id}.{own}.{deadline}")
    if deadline in RETENTION_DEADLINES or rule is not None:
        return _retention_clock(pack, common, calendar, rule)
    if not pack.covers(received_on):
        until = f" to {pack.valid_until}" if pack.valid_until else ""
        raise LawError(
            f"{pack.id} is on file for requests received from {pack.valid_from}{until}, not on {received_on}",
            code="law.not_in_force",
        )
    clock_rule = _with_choices(pack.rights[own], deadline, events)
    dated = _in_order(events, pack.zone, received_on)
    return _request_clock(common, clock_rule, dated, calendar)


def readings(
    pack: Pack,
    right: str,
    received_at: datetime | date,
    events: Iterable[Event] = (),
    *,
    calendar: Calendar,
    deadline: str = "respond",
) -> tuple[tuple[str, Clock], ...]:
    """The same clock under every other reading the pack knows of the rule: (option, clock), as `fold` gives.

    Readings already chosen by an event are left out; the empty tuple where the law leaves no doubt.
    """
    known, events = pack.right(right).clock(deadline).options, tuple(events)
    taken = {event.data if event.kind == "option" else f"{event.kind}={event.data}" for event in events}
    return tuple(
        (name, fold(pack, right, received_at, (*events, _choice(name)), calendar=calendar, deadline=deadline))
        for name in known
        if name not in taken
    )


def _choice(name: str) -> Event:
    """The event that chooses an option."""
    kind, _, value = name.partition("=")
    return Event(kind, data=value) if kind in CHOICES else Event("option", data=name)


def reminders(clock: Clock, received_on: date) -> tuple[date, ...]:
    """When to remind: 14, 7, 3 and 1 days before the legal date.

    For periods under 15 days: when half and a quarter of it are left, and the last day. None while suspended.
    """
    if clock.due_on is None:
        return ()
    length = (clock.due_on - received_on).days
    left = (14, 7, 3, 1) if length >= LONG else (length // 2, length // 4, 0)
    dates = {clock.due_on - timedelta(days=days) for days in left}
    return tuple(sorted(day for day in dates if day > received_on))


def traffic(clock: Clock, today: date) -> str:
    """'waiting' while suspended, 'late' after the legal date, 'soon' in its last 7 days (short periods:
    in their second half), else 'on_time'."""
    if clock.due_on is None:
        return "waiting"
    left = (clock.due_on - today).days
    if left < 0:
        return "late"
    return "soon" if left <= min(7, (clock.due_on - clock.started_on).days // 2) else "on_time"


def _blank(pack: Pack, calendar: Calendar, received_on: date) -> Clock:
    return Clock(
        pack_id=pack.id,
        pack_version=pack.version,
        calendar_version=calendar.version,
        right="",
        deadline="",
        rule="",
        source="",
        confidence="",
        received_on=received_on,
        started_on=received_on,
        due_on=None,
        first_due_on=None,
    )


def _retention_clock(pack: Pack, common: Clock, calendar: Calendar, rule: str | None) -> Clock:
    if common.deadline not in RETENTION_DEADLINES:
        raise LawError(f"a retention rule answers {', '.join(RETENTION_DEADLINES)}, not {common.deadline!r}")
    entry = _retention_rule(pack, common, rule)
    if entry.period is None:
        raise LawError(f"rule {entry.id} has no date: it ends with the event {entry.ends_with!r}")
    due_on = add(common.received_on, entry.period, calendar, first_day="anchor")
    step = Step("retained", entry.citation, common.received_on, due_on, {"period": entry.period.text})
    return replace(
        common,
        rule=entry.id,
        source=entry.source,
        confidence=entry.confidence,
        due_on=due_on,
        first_due_on=due_on,
        steps=(step,),
    )


def _retention_rule(pack: Pack, common: Clock, rule: str | None) -> Retention:
    rule = rule or (pack.blocking if common.deadline == "block_until" else None)
    if rule is None:
        known = dict.fromkeys(r.id for r in pack.retention if r.deadline == common.deadline)
        names = ", ".join(known) or "none"
        raise LawError(f"{common.deadline} in {pack.jurisdiction} needs a rule; on file: {names}")
    entry = pack.retention_rule(rule, common.received_on)
    if entry.deadline != common.deadline:
        raise LawError(f"rule {entry.id} answers {entry.deadline!r}, not {common.deadline!r}")
    return entry


def _with_choices(right: LocalRight, deadline: str, events: Iterable[Event]) -> ClockRule:
    """The clock rule after the readings that the case chose."""
    rule = right.clock(deadline)
    for event in events:
        if event.kind in CHOICES:
            rule = _choose(right, rule, event)
    return rule


def _choose(right: LocalRight, rule: ClockRule, event: Event) -> ClockRule:
    key = event.data if event.kind == "option" else f"{event.kind}={event.data}"
    known = {name: chosen for clock in right.clocks.values() for name, chosen in clock.options.items()}
    if key == "small_agent=no":
        return rule
    if key not in known:
        raise LawError(f"{right.names.en} has no option {key!r} here; known: {', '.join(known) or 'none'}")
    if key not in rule.options:
        return rule
    return _overlay(rule, rule.options[key])


def _overlay(rule: ClockRule, option: Option) -> ClockRule:
    return replace(
        rule,
        period=option.period or rule.period,
        first_day=option.first_day or rule.first_day,
        roll=option.roll or rule.roll,
        source=option.source,
        confidence=option.confidence,
    )


def _in_order(events: Iterable[Event], zone: str, received_on: date) -> list[Dated]:
    dated = [Dated(event.kind, event.local(zone)) for event in events if event.kind in DATED]
    for event in dated:
        if event.on < received_on:
            raise LawError(f"event {event.kind} on {event.on} is before the receipt on {received_on}")
    return sorted(dated, key=lambda event: event.on)


def _request_clock(common: Clock, rule: ClockRule, events: list[Dated], calendar: Calendar) -> Clock:
    started_on = _started_on(common, rule, events)
    run = Run(rule, calendar, started_on, answers=common.deadline == "respond")
    for event in events:
        if event.on >= started_on:
            run.take(event)
    clock = replace(
        common,
        source=rule.source,
        confidence=rule.confidence,
        started_on=run.started_on,
        extended_on=run.extended_on,
        overdue_extension=any(notice.code == "extension_late" for notice in run.warnings),
        warnings=tuple(run.warnings),
    )
    if run.asked:
        first = min(run.asked, key=lambda kind: run.asked[kind])
        since = run.asked[first]
        stopped = Step("suspended", rule.stops[first].source, None, None, {"since": since.isoformat()})
        return replace(
            clock, suspended_since=since, suspended_for=tuple(run.asked), steps=(*run.steps, stopped)
        )
    end = run.end(extended=run.extended_on is not None)
    first_due_on = run.end(extended=False).on
    clock = replace(clock, due_on=end.on, first_due_on=first_due_on, steps=(*run.steps, *end.steps))
    return replace(clock, internal_on=run.internal(end.on)) if rule.party == "controller" else clock


def _started_on(common: Clock, rule: ClockRule, events: list[Dated]) -> date:
    if rule.begins == "received":
        return common.received_on
    dates = [event.on for event in events if event.kind == rule.begins]
    if not dates:
        raise LawError(f"the clock {common.deadline} starts with the event {rule.begins!r}, which is missing")
    return dates[0] if rule.occurrence == "first" else dates[-1]
