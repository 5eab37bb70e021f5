"""What the law of a case says to whoever decides it: facts with dates and articles, never a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dsr import store
from dsr.domain.law import Pack, RightMissing
from dsr.domain.periods import NO_CALENDAR, Period, add
from dsr.store.models import Case
from dsr.store.queries import files_of_case, proofs

from . import clocks, refusing
from .officers import Officer


@dataclass(frozen=True, slots=True)
class Repeated:
    """An earlier request of the same person for the same right, within the interval that is free."""

    reference: str
    received_on: date
    ending: str


@dataclass(frozen=True, slots=True)
class Standing:
    """``late``: the first period is over. ``forward_by``: until when it can be passed on in time.
    ``free``: what the law says about cost ('' where it says nothing of this right); ``repeated`` the earlier
    requests ``since`` the first day of its interval (None: it counts none), the newest first.

    ``behalf``: who asks for the person, with ``power_at`` once an officer confirmed that power;
    ``child_age``: from which age a child asks alone; ``heirs``: who may ask for somebody who has died.
    """

    late: bool
    forward_by: date | None
    free: str
    since: date | None
    repeated: tuple[Repeated, ...]
    behalf: str
    power_at: datetime | None
    power_by: str
    child_age: int | None
    heirs: str


def of(reference: str, *, by: Officer, language: str, now: datetime) -> Standing:
    """The standing of a case. Refusal ``case.unknown``."""
    with store.reading() as session:
        case = files_of_case.one(session, reference, by.controllers or ())
        pack = clocks.pack_of(case)
        rule = pack.free if _own_name(pack, case) in pack.free.rights else None
        since = _since(case, rule.interval) if rule and rule.interval else None
        found = proofs.earlier(session, case, since) if since else ()
        repeated = tuple(
            Repeated(one.reference, one.received_on, one.ending or "")
            for one in found
            if _own_name(pack, one) == _own_name(pack, case)
        )
        submission = case.submission
        return Standing(
            late=refusing.late(case, now),
            forward_by=clocks.own(case, "forward"),
            free=rule.words.of(language) if rule else "",
            since=since,
            repeated=repeated,
            behalf=submission.behalf,
            power_at=submission.power_at,
            power_by=submission.power_by,
            child_age=pack.child_age.years if pack.child_age else None,
            heirs=_heirs(pack, language),
        )


def _since(case: Case, interval: Period) -> date:
    """The first day of the interval that ends with this request."""
    if interval.months:
        year, month = divmod(case.received_on.year * 12 + case.received_on.month - 1 - interval.months, 12)
        return add(date(year, month + 1, 1), Period("", days=case.received_on.day - 1), NO_CALENDAR)
    return date.fromordinal(case.received_on.toordinal() - max(interval.days, interval.business))


def _own_name(pack: Pack, case: Case) -> str:
    try:
        return pack.right_name(case.local_right or case.right)
    except RightMissing:
        return ""


def _heirs(pack: Pack, language: str) -> str:
    return f"{pack.heirs.who.of(language)} ({pack.heirs.citation})" if pack.heirs else ""
