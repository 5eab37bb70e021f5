"""The legal clock of a case: folded from its events, frozen in its row, explained step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dsr import laws
from dsr.domain import deadlines
from dsr.domain.clock_events import CHOICES, DATED
from dsr.domain.deadlines import Clock, Step
from dsr.domain.law import LawError, Pack, RightMissing
from dsr.domain.periods import NO_CALENDAR, add, local_date
from dsr.domain.rights import Right
from dsr.store.models import Case, Event

from .house import house

CLOCK_KINDS = frozenset((*DATED, *CHOICES))
PROMISE_DAYS = 14
"""What we give ourselves for the rest of an answer when the time of the law is over."""


def pack_for(jurisdiction: str, received_at: datetime, zone: str) -> Pack:
    """The pack in force on the day of receipt, in the controller's ``zone`` where it has none of its own.

    Raises LawError (a Refusal, ``law.unknown``) for a jurisdiction without law on file.
    """
    return laws.in_force(jurisdiction, received_at).in_zone(zone)


def pack_of(case: Case) -> Pack:
    """The pack that a stored case was filed under."""
    return pack_for(case.jurisdiction, case.received_at, _zone(case))


def local_day(moment: datetime, zone: str) -> date:
    """The date of a moment in the controller's zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def start(
    jurisdiction: str,
    right: Right,
    received_at: datetime,
    zone: str,
    *,
    local_right: str = "",
    events: Iterable[deadlines.Event] = (),
    doubt: Sequence[str] = (),
) -> dict[str, Any]:
    """The clock columns of a new or moved case.

    A right that the law of the country lacks is answered all the same, on the generic clock of XX:
    a controller may grant more than the law asks. ``doubt``: further laws that may hold because the country
    is not certain; the law that gives the earliest date counts.
    """
    if len(doubt) > 1 and not local_right:
        dates = dates_under((jurisdiction, *doubt), right.value, received_at, zone)
        jurisdiction = min(dates, key=lambda one: dates[one], default=jurisdiction)
    pack = pack_for(jurisdiction, received_at, zone)
    try:
        clock = _fold(pack, local_right or right.value, received_at, events)
    except RightMissing:
        pack = pack_for("XX", received_at, zone)
        clock = _fold(pack, right.value, received_at, events)
    return columns(clock) | {
        "pack": f"{clock.pack_id}@{clock.pack_version}",
        "calendar": clock.calendar_version,
        "rule": clock.source[:160],
        "received_on": clock.received_on,
        "first_due_on": clock.first_due_on,
    }


def dates_under(
    jurisdictions: Iterable[str], right: str, received_at: datetime, zone: str
) -> dict[str, date]:
    """The date of the answer under each of these laws that gives the right, by jurisdiction, in their order."""
    dates: dict[str, date] = {}
    for one in jurisdictions:
        try:
            due_on = _fold(pack_for(one, received_at, zone), right, received_at, ()).due_on
        except RightMissing:
            continue
        if due_on:
            dates[one] = due_on
    return dates


def columns(clock: Clock) -> dict[str, Any]:
    """What may move while a case is open."""
    dates = [day for day in (clock.internal_on, clock.due_on) if day]
    return {
        "due_on": clock.due_on,
        "internal_on": clock.internal_on,
        "sort_on": min(dates, default=None),
        "suspended_on": clock.suspended_since,
    }


def law_of(case: Case) -> Pack:
    """The pack that the clock of a stored case is counted with: the generic one where its law lacks the right."""
    return pack_for(_jurisdiction(case), case.received_at, _zone(case))


def events_of(case: Case) -> list[deadlines.Event]:
    """The clock events of a stored case in the order in which they were written."""
    return [as_event(event) for event in case.events if event.kind in CLOCK_KINDS]


def of_case(case: Case, *, more: Iterable[deadlines.Event] = ()) -> Clock:
    """The clock of a stored case, from its clock events (and ``more``, to see what would happen).

    It is counted anew with the pack and calendar of this installation; what was promised stands in the row.
    """
    return _folded(case, [*events_of(case), *more])


def if_happened(case: Case, event: deadlines.Event) -> Clock:
    """The clock if that happened, with the dates that the case would then keep (see ``refresh``)."""
    return _later(of_case(case, more=[event]), _drift(case, events_of(case)))


def refusal_by(case: Case) -> date | None:
    """By when a refusal is in time: the first due date, or the law's own time for refusing where that ends sooner
    (GDPR 12(4): no question stops it); None where neither has a date.
    """
    limits = (promised(case).first_due_on, own(case, "refuse"))
    return min((day for day in limits if day), default=None)


def own(case: Case, deadline: str, *, more: Iterable[deadlines.Event] = ()) -> date | None:
    """Another clock of the law (person_answer, forward, notify_recipients...); None where it has none."""
    pack, right = law_of(case), case.local_right or case.right
    try:
        if deadline not in pack.right(right).clocks:
            return None
        events = [*events_of(case), *more]
        clock = deadlines.fold(
            pack, right, case.received_at, events, calendar=laws.calendar(pack), deadline=deadline
        )
    except LawError:
        return None
    return clock.due_on


def told_by(case: Case, on: date) -> tuple[date | None, str]:
    """By when the law wants recipients told of what is done on that day, and where it says so; (None, '')
    where it sets no time. Counted from that day alone: the events of the case are not read.
    """
    pack, right = law_of(case), case.local_right or case.right
    try:
        if "notify_recipients" not in pack.right(right).clocks:
            return None, ""
        done = deadlines.Event("done", on=on)
        calendar = laws.calendar(pack)
        clock = deadlines.fold(
            pack, right, case.received_at, [done], calendar=calendar, deadline="notify_recipients"
        )
    except LawError:
        return None, ""
    return clock.due_on, clock.source


def forwarded_until(case: Case, came: deadlines.Event) -> date | None:
    """By when the law of the case's country wants a complaint answered that the authority forwarded so; None
    where it sets no time."""
    pack, right = pack_of(case), case.local_right or case.right
    calendar = laws.calendar(pack)
    return deadlines.fold(
        pack, right, case.received_at, [came], calendar=calendar, deadline="dpo_answer"
    ).due_on


def refresh(case: Case) -> Clock:
    """Fold the clock again after an event was added as the last one, and store what moved.

    A case counted with an earlier text of the law or of the calendar keeps the dates it was given: the new
    event moves them by as many days as it moves the date counted anew.
    """
    clock = _later(of_case(case), _drift(case, events_of(case)[:-1]))
    for name, value in columns(clock).items():
        setattr(case, name, value)
    return clock


def promised(case: Case) -> Clock:
    """The clock with the dates that stand in the row: what the person was told and everybody works with."""
    fresh = of_case(case)
    kept = case.due_on - fresh.due_on if case.due_on and fresh.due_on else timedelta(0)
    return replace(
        _later(fresh, kept),
        due_on=case.due_on,
        internal_on=case.internal_on,
        suspended_since=case.suspended_on,
    )


def others_of(case: Case) -> dict[str, Clock | str]:
    """The other clocks of the right, by deadline: folded, or the kind of the event that would start it.

    The answer of the case counts as the event that it is, also where it left no event row.
    """
    pack, own = law_of(case), case.local_right or case.right
    events, found = events_of(case), dict[str, Clock | str]()
    if case.answered_at and not any(event.kind == "answered" for event in events):
        events.append(deadlines.Event("answered", on=local_day(case.answered_at, pack.zone)))
    kinds = {event.kind for event in events}
    for deadline, rule in pack.right(own).clocks.items():
        if deadline == "respond":
            continue
        if rule.begins != "received" and rule.begins not in kinds:
            found[deadline] = rule.begins
            continue
        calendar = laws.calendar(pack)
        found[deadline] = deadlines.fold(
            pack, own, case.received_at, events, calendar=calendar, deadline=deadline
        )
    return found


def readings_of(case: Case) -> tuple[tuple[str, Clock], ...]:
    """The date of the answer under every other reading that the pack knows of its rule."""
    pack, own = law_of(case), case.local_right or case.right
    return deadlines.readings(pack, own, case.received_at, events_of(case), calendar=laws.calendar(pack))


def promise_by(case: Case, now: datetime) -> date:
    """By when what an answer could not look for is answered: the legal date, which a part of an answer does not
    meet for the rest; where it is over what was promised before, and in ``PROMISE_DAYS`` where that is over too.
    """
    today = local_day(now, _zone(case))
    ahead = (day for day in (case.due_on, case.promised_on) if day and day >= today)
    return next(ahead, today + timedelta(days=PROMISE_DAYS))


def _later(clock: Clock, by: timedelta) -> Clock:
    """The same clock with every date moved, as its last step says."""
    if not by:
        return clock
    names = ("due_on", "first_due_on", "internal_on")
    moved = {name: day + by for name in names if (day := getattr(clock, name))}
    kept = (Step("kept", "", clock.due_on, moved["due_on"]),) if clock.due_on else ()
    return replace(clock, **moved, steps=(*clock.steps, *kept))


def _drift(case: Case, events: Iterable[deadlines.Event]) -> timedelta:
    """By how much the dates of a case differ from a count of these events with the law on file."""
    before = _folded(case, events)
    if (case.pack, case.calendar) == (f"{before.pack_id}@{before.pack_version}", before.calendar_version):
        return timedelta(0)
    if case.due_on and before.due_on:
        return case.due_on - before.due_on
    first = _folded(case, ()).first_due_on
    return case.first_due_on - first if case.first_due_on and first else timedelta(0)


def _folded(case: Case, events: Iterable[deadlines.Event]) -> Clock:
    return _fold(law_of(case), case.local_right or case.right, case.received_at, events)


def as_event(event: Event) -> deadlines.Event:
    """A stored clock event as the rules see it."""
    if event.kind in CHOICES:
        return deadlines.Event(event.kind, data=str(event.data.get("value", "yes")))
    return deadlines.Event(event.kind, on=event.on)


def blocked_until(pack: Pack, on: date) -> date | None:
    """When rows blocked on that day are destroyed; None where the law asks for no blocking (LOPDGDD 32)."""
    if pack.blocking is None:
        return None
    duty = pack.retention_rule(pack.blocking, on)
    return add(on, duty.period, NO_CALENDAR) if duty.period else None


def _zone(case: Case) -> str:
    return house().controller(case.controller).zone


def _jurisdiction(case: Case) -> str:
    """Whose law the case was counted with: not the country's own where that lacks the right or is in doubt."""
    name = case.pack.partition("@")[0]
    return next((pack.jurisdiction for pack in laws.packs() if pack.id == name), case.jurisdiction)


def _fold(pack: Pack, right: str, received_at: datetime, events: Iterable[deadlines.Event]) -> Clock:
    return deadlines.fold(pack, right, received_at, events, calendar=laws.calendar(pack))


__all__ = [
    "CLOCK_KINDS",
    "blocked_until",
    "columns",
    "dates_under",
    "events_of",
    "if_happened",
    "law_of",
    "local_date",
    "local_day",
    "of_case",
    "others_of",
    "pack_for",
    "pack_of",
    "promise_by",
    "promised",
    "readings_of",
    "refresh",
    "refusal_by",
    "start",
    "told_by",
]
