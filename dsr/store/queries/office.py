"""Saved views and declared places."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, or_, select, union
from sqlalchemy.orm import Session

from dsr.domain.workflow import Status
from dsr.store.models import Case, Search, Work
from dsr.store.office import Place, SavedView, SurveyAnswer
from dsr.store.operations import Task


def views(session: Session, staff: int) -> Sequence[SavedView]:
    """The views of one member of staff, the oldest first."""
    return session.scalars(select(SavedView).where(SavedView.staff_id == staff).order_by(SavedView.id)).all()


def view(session: Session, staff: int, number: int) -> SavedView | None:
    """One view of hers; None for another's."""
    wanted = select(SavedView).where(SavedView.staff_id == staff, SavedView.id == number)
    return session.scalar(wanted)


def places(session: Session) -> Sequence[Place]:
    """Every declared place, retired ones included, in the order of their declaration."""
    return session.scalars(select(Place).order_by(Place.controller, Place.made_at, Place.key)).all()


def place(session: Session, controller: str, key: str) -> Place | None:
    """One declared place of one controller."""
    return session.get(Place, (controller, key))


def open_questions(session: Session, controller: str) -> dict[str, int]:
    """How many questions to holders are open, by place."""
    rows = session.execute(
        select(Task.system, func.count())
        .where(Task.controller == controller, Task.state == "asked")
        .group_by(Task.system)
    )
    return {str(system): int(count) for system, count in rows}


def open_cases(session: Session, controller: str, key: str) -> int:
    """How many open cases have a question about this place."""
    open_now = Case.status.not_in((Status.ANSWERED.value, Status.CLOSED.value))
    wanted = (
        select(func.count(func.distinct(Case.id)))
        .join(Task, Task.case_id == Case.id)
        .where(Task.controller == controller, Task.system == key, open_now)
    )
    return session.scalar(wanted) or 0


def parked(session: Session, controller: str) -> dict[str, int]:
    """How many cases wait for a system that could not be searched, or not be acted on, by system: the open
    ones, and those whose answer promised to go on there.
    """
    promised = (Case.status == Status.ANSWERED.value) & Case.promise_of.is_not(None)
    ended = Case.status.in_((Status.ANSWERED.value, Status.CLOSED.value))
    open_now = (Case.controller == controller, Case.failed.is_(True), or_(promised, ~ended))
    searched = (
        select(Search.system, Search.case_id)
        .join(
            Case,
            (Case.id == Search.case_id)
            & (case((promised, Case.promise_of), else_=Case.generation) == Search.generation),
        )
        .where(*open_now, Search.found == "failed")
    )
    acted = (
        select(Work.system, Work.case_id)
        .join(Case, (Case.id == Work.case_id) & (Case.generation == Work.generation))
        .where(*open_now, ~promised, Work.state.in_(("failed", "conflict", "pending")))
    )
    both = union(searched, acted).subquery()
    rows = session.execute(select(both.c.system, func.count()).group_by(both.c.system))
    return {str(system): int(count) for system, count in rows}


def survey(session: Session, controller: str) -> dict[str, SurveyAnswer]:
    """What was last said of each area of the inventory survey, by area."""
    rows = session.scalars(select(SurveyAnswer).where(SurveyAnswer.controller == controller))
    return {row.area: row for row in rows}
