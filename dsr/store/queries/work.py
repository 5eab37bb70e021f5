"""What batches of work need to know, for many cases in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from dsr.store.models import Case, Decision, Event, Plan, Search, Submission, Work
from dsr.store.operations import Message


def cases_of(session: Session, batch_id: str, status: str) -> Sequence[Case]:
    """The cases of a batch that are still in this status, with submission and identifiers: 1 statement.

    They are detached: later transactions must not load them again one by one.
    """
    wanted = (
        select(Case)
        .where(Case.batch_id == batch_id, Case.status == str(status))
        .options(joinedload(Case.submission).joinedload(Submission.identifiers))
        .order_by(Case.id)
    )
    found = session.scalars(wanted).unique().all()
    session.expunge_all()
    return found


def events(session: Session, case_ids: Sequence[int], kinds: Sequence[str]) -> Sequence[Event]:
    """The events of these kinds that hold words, the oldest first."""
    wanted = Event.case_id.in_(case_ids) & Event.kind.in_(kinds) & Event.sealed.is_not(None)
    return session.scalars(select(Event).where(wanted).order_by(Event.id)).all()


def held(session: Session, batch_id: str, status: str) -> frozenset[int]:
    """The cases that a batch still holds in this status, locked until the transaction ends.

    A process that slept while its work was adopted finds none: what it has done was written by another.
    """
    wanted = select(Case.id).where(Case.batch_id == batch_id, Case.status == str(status)).order_by(Case.id)
    return frozenset(session.scalars(wanted.with_for_update(of=Case)))


def latest_plans(session: Session, case_ids: Sequence[int]) -> dict[int, Plan]:
    """The newest plan of each case."""
    newest = (
        select(Plan.case_id, func.max(Plan.generation).label("generation"))
        .where(Plan.case_id.in_(case_ids))
        .group_by(Plan.case_id)
        .subquery()
    )
    rows = session.scalars(
        select(Plan).join(
            newest, (Plan.case_id == newest.c.case_id) & (Plan.generation == newest.c.generation)
        )
    )
    return {plan.case_id: plan for plan in rows}


def searches(session: Session, case_ids: Sequence[int]) -> Sequence[Search]:
    """What every system answered, all generations, by case and system."""
    wanted = select(Search).where(Search.case_id.in_(case_ids))
    return session.scalars(wanted.order_by(Search.case_id, Search.generation, Search.system)).all()


def decisions(session: Session, case_ids: Sequence[int]) -> Sequence[Decision]:
    """What officers said of records, in order."""
    return session.scalars(select(Decision).where(Decision.case_id.in_(case_ids)).order_by(Decision.id)).all()


def works(session: Session, case_ids: Sequence[int]) -> Sequence[Work]:
    """The work done or begun for these cases, all generations."""
    return session.scalars(select(Work).where(Work.case_id.in_(case_ids)).order_by(Work.id)).all()


def by_key(session: Session, key: str) -> Work | None:
    """The work of this intent, if it was begun."""
    return session.scalar(select(Work).where(Work.key == key))


def marked(session: Session, generation: int, now: datetime, limit: int = 200) -> Sequence[tuple[Work, Case]]:
    """Marks of that generation on data of cases that are answered or closed, with submission and identifiers."""
    rows = session.execute(
        select(Work, Case)
        .join(Case, Case.id == Work.case_id)
        .join(Case.submission)
        .where(
            Work.generation == generation,
            Work.state.in_(("done", "by_hand")),
            Work.verified == "clean",
            (Work.retry_at.is_(None)) | (Work.retry_at <= now),
            Case.status.in_(("answered", "closed")),
            Submission.wrapped_key.is_not(None),
        )
        .options(joinedload(Case.submission).selectinload(Submission.identifiers))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def after_answer(session: Session, now: datetime, limit: int) -> Sequence[Case]:
    """Answered or closed cases with work that waited for the answer to leave, which it has: no answer of
    theirs waits in the outbox any more.
    """
    due = select(Work.case_id).where(Work.retry_at <= now, Work.state == "pending").limit(limit)
    unsent = select(Message.case_id).where(Message.kind == "answer_ready", Message.state == "waiting")
    return session.scalars(
        select(Case)
        .join(Case.submission)
        .where(
            Case.id.in_(due),
            Case.id.not_in(unsent.where(Message.case_id.is_not(None))),
            Case.status.in_(("answered", "closed")),
            Submission.wrapped_key.is_not(None),
        )
        .options(joinedload(Case.submission).selectinload(Submission.identifiers))
    ).all()


def to_check(session: Session, now: datetime, limit: int) -> Sequence[Case]:
    """Answered or closed cases with work that shall be read again now, with submission and identifiers."""
    due = (
        select(Work.case_id)
        .where(Work.check_after <= now, Work.state.in_(("done", "already", "pending")))
        .limit(limit)
    )
    return session.scalars(
        select(Case)
        .join(Case.submission)
        .where(
            Case.id.in_(due),
            Case.status.in_(("answered", "closed")),
            Submission.wrapped_key.is_not(None),
        )
        .options(joinedload(Case.submission).selectinload(Submission.identifiers))
    ).all()
