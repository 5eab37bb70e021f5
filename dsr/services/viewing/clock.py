"""The clock of a case as its page tells it: what happened, which rule moved which date, what is uncertain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from dsr import laws
from dsr.domain.deadlines import Clock, Notice, Step, traffic
from dsr.domain.deadlines import Event as ClockEvent
from dsr.domain.workflow import OPEN
from dsr.services import authority, clocks, country
from dsr.services.house import house
from dsr.store.models import Case

ONLY_IF = ("forward", "refuse", "request_missing", "request_more", "simplified")
"""Time limits of what is done only where there is cause: nobody is late who had none."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event of the clock: its kind, its day ('' and None for a choice of reading), who wrote it."""

    kind: str
    on: date | None
    actor: str
    choice: str = ""


@dataclass(frozen=True, slots=True)
class OtherClock:
    """Another time limit of the same right; ``begins`` names the event that has not happened yet.

    ``state``: 'met'; 'late' when its end is past and something is owed; 'past' when nothing was; '' while it runs.
    """

    deadline: str
    due_on: date | None
    begins: str
    source: str
    confidence: str
    person: bool
    state: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Another reading of the rule, and the date it would give (None: suspended)."""

    option: str
    due_on: date | None
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A law that may hold, because the country is not certain, and the date it gives."""

    law: str
    due_on: date | None
    taken: bool


@dataclass(frozen=True, slots=True)
class Regime:
    """Of several laws of a country, the one that counts: it was in force on the day of receipt."""

    law: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Counting anew gives other dates than the case keeps: why (pack, calendar or neither changed)."""

    due_on: date | None
    pack: str
    calendar: str


@dataclass(frozen=True, slots=True)
class ClockView:
    """The legal clock today. ``clock`` carries the dates that the case keeps.

    ``extended``: the date an extension today would give with the ``steps_if_extended`` to it, None with
    ``why_not``. ``difference``: None while counting anew gives the same. ``uncertain``: the confidence of the
    rule where it was not read in the text.
    """

    clock: Clock
    traffic: str
    days_left: int | None
    law: str
    extended: date | None
    steps_if_extended: tuple[Step, ...]
    why_not: str
    happened: tuple[Occurrence, ...]
    warnings: tuple[Notice, ...]
    others: tuple[OtherClock, ...]
    readings: tuple[Reading, ...]
    candidates: tuple[Candidate, ...]
    difference: Difference | None
    uncertain: str
    no_law: str
    regime: Regime | None


def clock_view(case: Case, language: str, now: datetime, *, met: Collection[str] = ()) -> ClockView:
    """Everything that the page says of the clock of this case, in this language; ``met``: other time limits that
    were kept already.
    """
    clock, fresh = clocks.promised(case), clocks.of_case(case)
    today = clocks.local_day(now, house().controller(case.controller).zone)
    then, why_not = _if_extended(case, fresh, today)
    return ClockView(
        clock=clock,
        traffic=traffic(clock, today),
        days_left=(clock.due_on - today).days if clock.due_on else None,
        law=clocks.pack_of(case).names.of(language),
        extended=then.due_on if then else None,
        steps_if_extended=then.steps if then else (),
        why_not=why_not,
        happened=_happened(case),
        warnings=fresh.warnings,
        others=_others(case, today, met),
        readings=tuple(
            Reading(name, other.due_on, other.source, other.confidence)
            for name, other in clocks.readings_of(case)
            if other.due_on != fresh.due_on
        ),
        candidates=_candidates(case, language),
        difference=_difference(case, fresh),
        uncertain="" if fresh.confidence == "seen" else fresh.confidence,
        no_law=country.no_law(case.submission.country, language),
        regime=_regime(case),
    )


def _regime(case: Case) -> Regime | None:
    """Which law counts and since when, where the law of the country changed or is about to."""
    pack = clocks.pack_of(case)
    if len([one for one in laws.packs() if one.jurisdiction == pack.jurisdiction]) < 2:
        return None
    return Regime(pack.law, pack.valid_from, pack.valid_until)


def _if_extended(case: Case, fresh: Clock, today: date) -> tuple[Clock | None, str]:
    """What an extension told today would give, or why it would give nothing."""
    if fresh.extended_on is not None:
        return None, "twice"
    if case.status not in OPEN:
        return None, "closed"
    then = clocks.if_happened(case, ClockEvent("extended", on=today))
    if then.overdue_extension:
        return None, "late"
    if then.extended_on is None:
        return None, "none"
    return (then, "") if then.due_on else (None, "waiting")


def _happened(case: Case) -> tuple[Occurrence, ...]:
    rows = [event for event in case.events if event.kind in clocks.CLOCK_KINDS]
    told = []
    for row in rows:
        event = clocks.as_event(row)
        told.append(Occurrence(event.kind, event.on, row.actor, event.data))
    return tuple(sorted(told, key=lambda one: one.on or case.received_on))


def _others(case: Case, today: date, met: Collection[str]) -> tuple[OtherClock, ...]:
    rules = clocks.law_of(case).right(case.local_right or case.right).clocks
    found = []
    for deadline, other in clocks.others_of(case).items():
        rule = rules[deadline]
        due_on = None if isinstance(other, str) else other.due_on
        owed = rule.party != "person" and deadline not in ONLY_IF and _runs(case, deadline)
        past = due_on is not None and due_on < today
        found.append(
            OtherClock(
                deadline,
                due_on,
                other if isinstance(other, str) else "",
                rule.source,
                rule.confidence,
                rule.party == "person",
                "met" if deadline in met else "" if not past else "late" if owed else "past",
            )
        )
    return tuple(found)


def _runs(case: Case, deadline: str) -> bool:
    """Is there still something to do within that time limit?"""
    if deadline == authority.CLOCK:
        return case.authority_due_on is not None
    return case.status in OPEN


def _candidates(case: Case, language: str) -> tuple[Candidate, ...]:
    """The laws between which the country leaves a doubt; empty where there is none."""
    controller = house().controller(case.controller)
    served = country.candidates(case.submission.country, controller)
    if len(served) < 2 or case.jurisdiction != controller.jurisdiction:
        return ()
    dates = clocks.dates_under(served, case.right, case.received_at, controller.zone)
    names = {one: clocks.pack_for(one, case.received_at, controller.zone).names for one in dates}
    taken = clocks.law_of(case).jurisdiction
    return tuple(Candidate(names[one].of(language), due_on, one == taken) for one, due_on in dates.items())


def _difference(case: Case, fresh: Clock) -> Difference | None:
    """Recomputing shows a difference; it never overwrites what the case was promised."""
    if (case.due_on, case.suspended_on) == (fresh.due_on, fresh.suspended_since):
        return None
    pack = f"{fresh.pack_id}@{fresh.pack_version}"
    return Difference(
        fresh.due_on,
        pack if pack != case.pack else "",
        fresh.calendar_version if fresh.calendar_version != case.calendar else "",
    )
