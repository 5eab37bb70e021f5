"""The copies of her data that a case has: what each holds beside the others, and until when it is there (ADR 0041)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dsr import store
from dsr.store.models import Case
from dsr.store.operations import Package
from dsr.store.queries import work

from .house import house

ENDS_SOON = timedelta(days=5)
"""From when on she is offered more days for what lies ready."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of her data: its number in the case (from 1), ``size`` in bytes, what it holds beside the others.

    ``holds``: ``all``, ``first`` (a part, the rest is in later ones or still to come), ``rest`` (what was missing
    in those before it), ``earlier`` (a later one stands for it). ``state``: ``open``; ``ended`` (its days are over,
    she can have them again until ``kept_until``); ``gone`` (destroyed). ``ends_soon``: open, but not for long.
    """

    number: int
    size: int
    sha256: str
    made_at: datetime
    expires_at: datetime
    kept_until: datetime
    holds: str
    state: str
    ends_soon: bool


def of_case(rows: Sequence[Package], *, incomplete: bool, now: datetime) -> tuple[Copy, ...]:
    """The copies of a case, the oldest first. ``incomplete``: its answer could not look everywhere yet."""
    lines = []
    for number, row in enumerate(rows, start=1):
        later = rows[number:]
        if not all(one.added for one in later):
            holds = "earlier"
        elif row.added:
            holds = "rest"
        else:
            holds = "first" if later or incomplete else "all"
        lines.append(_copy(number, row, holds, now))
    return tuple(lines)


def _copy(number: int, row: Package, holds: str, now: datetime) -> Copy:
    state = "gone" if row.destroyed_at is not None else "ended" if row.expires_at <= now else "open"
    return Copy(
        number=number,
        size=row.size,
        sha256=row.sha256,
        made_at=row.made_at,
        expires_at=row.expires_at,
        kept_until=row.expires_at + timedelta(days=house().policy.package_kept_days),
        holds=holds,
        state=state,
        ends_soon=state == "open" and row.expires_at - now < ENDS_SOON,
    )


def added(cases: Sequence[Case]) -> frozenset[int]:
    """Of cases that complete their answer: whose new copy does not stand for the one before it, because what that
    showed was erased for her since.
    """
    if not cases:
        return frozenset()
    with store.reading() as session:
        erased = work.erased(session, [case.submission_id for case in cases])
    return frozenset(case.id for case in cases if case.submission_id in erased)
