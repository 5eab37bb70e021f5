"""Questions to holders: by link, by submission, by case; spent in one conditional statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session, aliased

from dsr.domain.workflow import Ending
from dsr.store.models import Case, Search, Work
from dsr.store.operations import Task, Upload

ASKED = "asked"
FIND, ACT = "find", "act"

Finds = dict[tuple[int, str], list[Task]]
"""Questions whether there is anything, by (submission, system)."""


def by_link(session: Session, token_hash: bytes, oldest: date) -> Task | None:
    """The open question of a link; None when it is unknown, answered, too old or nobody needs it any more."""
    return session.scalar(select(Task).where(*_usable(token_hash, oldest)))


def spend(session: Session, token_hash: bytes, oldest: date, state: str, now: datetime) -> Task | None:
    """Answer the question of a link once; None when it cannot be answered (any more)."""
    return session.scalar(
        update(Task)
        .where(*_usable(token_hash, oldest))
        .values(state=state, answered_at=now)
        .returning(Task)
        .execution_options(populate_existing=True)
    )


def finds(session: Session, submissions: Sequence[int]) -> Finds:
    """What holders were asked about these people, whichever of their cases asked first."""
    rows = session.execute(
        select(Case.submission_id, Task)
        .join(Case, Case.id == Task.case_id)
        .where(Case.submission_id.in_(submissions), Task.phase == FIND)
        .order_by(Task.id)
    )
    found: Finds = {}
    for submission, task in rows:
        found.setdefault((submission, task.system), []).append(task)
    return found


def acts(session: Session, case_id: int) -> Sequence[Task]:
    """What holders were asked to do for a case, the oldest first."""
    wanted = select(Task).where(Task.case_id == case_id, Task.phase == ACT)
    return session.scalars(wanted.order_by(Task.id)).all()


def of_submission(session: Session, submission: int) -> Sequence[Task]:
    """Every question about a person."""
    wanted = select(Task).join(Case, Case.id == Task.case_id).where(Case.submission_id == submission)
    return session.scalars(wanted.order_by(Task.id)).all()


def open_until(session: Session, until: date, limit: int = 500) -> Sequence[Task]:
    """Open questions that are due by that day and still needed."""
    return session.scalars(
        select(Task)
        .where(Task.state == ASKED, Task.due_on <= until, Task.case_id.in_(_needed()))
        .order_by(Task.id)
        .limit(limit)
    ).all()


def search(session: Session, case: Case, system: str) -> Search | None:
    """What a system answered in the current generation of a case."""
    return session.scalar(
        select(Search).where(
            Search.case_id == case.id, Search.generation == case.generation, Search.system == system
        )
    )


def work(session: Session, case: Case, system: str) -> Work | None:
    """The work of the current plan of a case in one system."""
    return session.scalar(
        select(Work).where(Work.case_id == case.id, Work.generation == case.generation, Work.system == system)
    )


def uploads(session: Session, ids: Sequence[int]) -> Sequence[Upload]:
    """Files by number, without those that were destroyed."""
    wanted = select(Upload).where(Upload.id.in_(ids), Upload.destroyed_at.is_(None))
    return session.scalars(wanted.order_by(Upload.id)).all()


def _usable(token_hash: bytes, oldest: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Task.token_hash == token_hash,
        Task.state == ASKED,
        Task.due_on >= oldest,
        Task.case_id.in_(_needed()),
    )


def _needed() -> Select[int]:
    """Cases of people of whom one case is open, or was answered before everything was searched."""
    sibling = aliased(Case)
    return (
        select(Case.id)
        .join(sibling, sibling.submission_id == Case.submission_id)
        .where(
            sibling.closed_at.is_(None), or_(sibling.ending.is_(None), sibling.ending == Ending.PARTLY.value)
        )
    )
