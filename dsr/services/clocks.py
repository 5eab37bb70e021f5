"""The legal clock of a case: folded from its events, frozen in its row, explained step by step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dsr import laws
from dsr.domain import deadlines
from dsr.domain.clock_events import CHOICES, DATED
from dsr.domain.deadlines import Clock
from dsr.domain.law import Pack, RightMissing
from dsr.domain.periods import NO_CALENDAR, add, local_date
from dsr.domain.rights import Right
from dsr.store.models import Case, Event

from .house import house

CLOCK_KINDS = frozenset((*DATED, *CHOICES))


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
) -> dict[str, Any]:
    """The clock columns of a new or moved case.

    A right that the law of the country lacks is answered all the same, on the generic clock of XX:
    a controller may grant more than the law asks.
    """
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


def columns(clock: Clock) -> dict[str, Any]:
    """What may move while a case is open."""
    dates = [day for day in (clock.internal_on, clock.due_on) if day]
    return {
        "due_on": clock.due_on,
        "internal_on": clock.internal_on,
        "sort_on": min(dates, default=None),
        "suspended_on": clock.suspended_since,
    }


def of_case(case: Case, *, more: Iterable[deadlines.Event] = ()) -> Clock:
    """The clock of a stored case, from its clock events (and ``more``, to see what would happen)."""
    pack = pack_for(_jurisdiction(case), case.received_at, _zone(case))
    events = [*map(as_event, (e for e in case.events if e.kind in CLOCK_KINDS)), *more]
    return _fold(pack, case.local_right or case.right, case.received_at, events)


def refresh(case: Case) -> Clock:
    """Fold the clock again after an event was added, and store what moved."""
    clock = of_case(case)
    for name, value in columns(clock).items():
        setattr(case, name, value)
    return clock


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
    """Where the frozen pack is not the country's own (the right is missing there), the generic one."""
    return "XX" if case.pack.lower().startswith("xx") else case.jurisdiction


def _fold(pack: Pack, right: str, received_at: datetime, events: Iterable[deadlines.Event]) -> Clock:
    return deadlines.fold(pack, right, received_at, events, calendar=laws.calendar(pack))


__all__ = [
    "CLOCK_KINDS",
    "blocked_until",
    "columns",
    "local_date",
    "local_day",
    "of_case",
    "pack_for",
    "pack_of",
    "refresh",
    "start",
]
