"""Everything that hangs on one case, for its page at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from dsr.domain.errors import Refusal
from dsr.domain.rights import action_of
from dsr.store.models import Case, Decision, Plan, Search, Submission, Work
from dsr.store.operations import AuditEntry, Letter, Message, Package, Task, Upload

from . import work

NEWEST = 300


@dataclass(frozen=True, slots=True)
class File:
    """A case with everything that belongs to it, read at one moment."""

    case: Case
    searches: Sequence[Search]
    plan: Plan | None
    decisions: Sequence[Decision]
    works: Sequence[Work]
    every_work: Sequence[Work]
    entries: Sequence[AuditEntry]
    messages: Sequence[Message]
    letters: Sequence[Letter]
    packages: Sequence[Package]
    uploads: Sequence[Upload]
    tasks: Sequence[Task]


def of_case(session: Session, reference: str, controllers: Sequence[str]) -> File:
    """The whole file; Refusal ``case.unknown``, also for a case of another controller."""
    case = one(session, reference, controllers)
    plan = work.latest_plans(session, [case.id]).get(case.id)
    works = work.works(session, [case.id])
    done = work.carried_out(works, action_of(case.right, case.doing))
    return File(
        case=case,
        searches=[s for s in work.searches(session, [case.id]) if s.generation == case.generation],
        plan=plan if plan is not None and plan.generation == case.generation else None,
        decisions=work.decisions(session, [case.id]),
        works=[one for one in works if plan and (one in done or one.generation == plan.generation)],
        every_work=works,
        entries=_entries(session, case),
        messages=_newest(session, Message, case),
        letters=_newest(session, Letter, case),
        packages=_newest(session, Package, case),
        uploads=_newest(session, Upload, case),
        tasks=_newest(session, Task, case),
    )


def one(session: Session, reference: str, controllers: Sequence[str]) -> Case:
    """A case with its submission, identifiers and events; Refusal ``case.unknown``."""
    found = session.scalar(
        select(Case)
        .where(Case.reference == reference, Case.controller.in_(controllers))
        .options(
            joinedload(Case.submission).selectinload(Submission.identifiers),
            joinedload(Case.submission).selectinload(Submission.cases),
            selectinload(Case.events),
        )
    )
    if found is None:
        raise Refusal("case.unknown", f"There is no case {reference}.")
    return found


def controller_of(session: Session, reference: str) -> str | None:
    """Whose case it is; None when there is none."""
    return session.scalar(select(Case.controller).where(Case.reference == reference))


def newest_letter(session: Session, case: Case, kind: str = "") -> Letter | None:
    """The letter (of this kind) written last; None before the first."""
    mine = select(Letter).where(Letter.case_id == case.id).order_by(Letter.id.desc()).limit(1)
    return session.scalar(mine.where(Letter.kind == kind) if kind else mine)


def letter(session: Session, case: Case, number: int) -> Letter | None:
    """One letter of a case."""
    return session.scalar(select(Letter).where(Letter.id == number, Letter.case_id == case.id))


def upload(session: Session, case: Case, number: int) -> Upload | None:
    """One upload of the submission of a case."""
    return session.scalar(
        select(Upload).where(Upload.id == number, Upload.submission_id == case.submission_id)
    )


def _entries(session: Session, case: Case) -> Sequence[AuditEntry]:
    wanted = select(AuditEntry).where(
        AuditEntry.controller == case.controller,
        AuditEntry.reference.in_((case.reference, case.submission.reference)),
    )
    return session.scalars(wanted.order_by(AuditEntry.seq.desc()).limit(NEWEST)).all()


def _newest(session: Session, model: Any, case: Case) -> Sequence[Any]:
    mine = model.case_id == case.id
    if hasattr(model, "submission_id"):
        mine = or_(mine, model.submission_id == case.submission_id)
    rows: Sequence[Any] = session.scalars(
        select(model).where(mine).order_by(model.id.desc()).limit(NEWEST)
    ).all()
    return rows
