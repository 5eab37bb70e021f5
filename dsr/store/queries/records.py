"""What the register of requests is made from: dates and codes of cases, nothing personal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from dsr.store.models import Case, Event, Submission


class Row(NamedTuple):
    """One case of the register."""

    reference: str
    right: str
    local_right: str
    country: str
    jurisdiction: str
    pack: str
    channel: str
    status: str
    ending: str | None
    received_on: date
    due_on: date | None
    answered_at: datetime | None
    closed_at: datetime | None
    extended: bool


def received(session: Session, controller: str, first: date, last: date) -> Sequence[Row]:
    """The cases received on these days, both included, in the order of receipt."""
    extended = exists().where(Event.case_id == Case.id, Event.kind == "extended")
    wanted = (
        select(
            Case.reference, Case.right, Case.local_right, Submission.country, Case.jurisdiction, Case.pack,
            Submission.channel, Case.status, Case.ending, Case.received_on, Case.due_on, Case.answered_at,
            Case.closed_at, extended,
        )
        .join(Submission, Submission.id == Case.submission_id)
        .where(Case.controller == controller, Case.received_on.between(first, last))
        .order_by(Case.received_on, Case.id)
    )  # fmt: skip
    return [Row._make(row) for row in session.execute(wanted)]


def years(session: Session, controller: str) -> tuple[int, ...]:
    """The years in which something was received, the newest first."""
    first, last = session.execute(
        select(func.min(Case.received_on), func.max(Case.received_on)).where(Case.controller == controller)
    ).one()
    return tuple(range(last.year, first.year - 1, -1)) if first else ()
