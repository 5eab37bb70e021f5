"""Questions to holders as the desk shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dsr.services import sealing
from dsr.store.models import Case
from dsr.store.operations import Task
from dsr.store.queries import tasks as queries

from .places import DROPPED, Said, opened, place, title


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One question to one holder. ``holder`` is her address; ``phase`` find or act; ``action`` what to do.

    ``state``: asked, found, nothing, done or cannot. ``uploads``: numbers for ``evidence.open_for_desk``.
    ``by``: who answered ('holder:<task>' or an officer). Empty words once the file of the person was
    destroyed.
    """

    id: int
    system: str
    system_title: str
    phase: str
    action: str
    holder: str
    state: str
    asked_at: datetime
    due_on: date | None
    answered_at: datetime | None
    count: int
    where: str
    note: str
    uploads: tuple[int, ...]
    by: str


def of_case(session: Any, case_id: int, *, language: str = "en") -> tuple[TaskLine, ...]:
    """Every question that concerns a case: what was asked about the person, and what to do for this case."""
    case = session.get_one(Case, case_id)
    key = sealing.key_of(case.submission) if case.submission.wrapped_key is not None else None
    return tuple(
        _line(task, opened(task, key) if key else Said(to=""), language)
        for task in queries.of_submission(session, case.submission_id)
        if task.state != DROPPED and (task.phase == queries.FIND or task.case_id == case_id)
    )


def _line(task: Task, said: Said, language: str) -> TaskLine:
    return TaskLine(
        id=task.id,
        system=task.system,
        system_title=title(place(task), language) or task.system,
        phase=task.phase,
        action=said.action,
        holder=said.to,
        state=task.state,
        asked_at=task.asked_at,
        due_on=task.due_on,
        answered_at=task.answered_at,
        count=said.count,
        where=said.where,
        note=said.note,
        uploads=said.uploads,
        by=said.by,
    )
