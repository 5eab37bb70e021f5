"""What the clock looks for: all that is due, in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, String, cast, exists, literal, or_, select, update
from sqlalchemy.orm import Session

from dsr.domain.workflow import Status
from dsr.store import bulk
from dsr.store.custody import LegalHold
from dsr.store.models import Case, Search, Submission, Work
from dsr.store.operations import Package, Slot, Upload

RUNNING = tuple(s.value for s in Status if s not in (Status.ANSWERED, Status.CLOSED))


def claim(session: Session, names: Sequence[str], now: datetime) -> set[str]:
    """Claim slots by inserting them; those that were free are ours. One statement (rowcount lies)."""
    if not names:
        return set()
    insert = bulk.dialect_insert(session)(Slot).values([{"name": name, "at": now} for name in names])
    return set(session.scalars(insert.on_conflict_do_nothing().returning(Slot.name)))


def claimed(session: Session, name: str) -> bool:
    """Has somebody claimed this slot?"""
    return session.get(Slot, name) is not None


def nearly_due(session: Session, controller: str, until: date) -> Sequence[tuple[int, str, str, date, date]]:
    """(id, reference, right, received on, legal date) of running cases due by ``until``; of those whose answer
    promised to go on, answered or running again, the days of that answer and of the promise.
    """
    rows = session.execute(
        select(Case.id, Case.reference, Case.right, Case.received_on, Case.due_on)
        .where(
            Case.status.in_(RUNNING),
            Case.controller == controller,
            Case.due_on <= until,
            Case.promised_on.is_(None),
        )
        .order_by(Case.due_on)
    )
    promised = session.execute(
        select(Case.id, Case.reference, Case.right, Case.answered_at, Case.promised_on).where(
            Case.controller == controller,
            Case.promised_on <= until,
            Case.status != Status.CLOSED.value,
        )
    )
    found = [(row[0], row[1], row[2], row[3], row[4]) for row in rows if row[4]]
    found += [(row[0], row[1], row[2], row[3].date(), row[4]) for row in promised if row[3] and row[4]]
    return sorted(found, key=lambda one: one[4])


def authorities(session: Session, controllers: Sequence[str]) -> Sequence[Case]:
    """Cases about which an authority waits for an answer, open or closed, the earliest first."""
    return session.scalars(
        select(Case)
        .where(Case.controller.in_(controllers), Case.authority_due_on.is_not(None))
        .order_by(Case.authority_due_on, Case.id)
    ).all()


def kept_ended(session: Session, controllers: Sequence[str], today: date) -> Sequence[Case]:
    """Erasures that kept something until a day before ``today``, the earliest first."""
    return session.scalars(
        select(Case)
        .where(Case.controller.in_(controllers), Case.kept_until < today)
        .order_by(Case.kept_until, Case.id)
    ).all()


def unproved(session: Session, controller: str, before: datetime) -> Sequence[Submission]:
    """Submissions made before that moment whose identity nobody proved, with open cases."""
    return session.scalars(
        select(Submission)
        .join(Case)
        .where(
            Submission.controller == controller,
            Submission.verified_at.is_(None),
            Submission.created_at <= before,
            Case.status == Status.UNVERIFIED.value,
        )
        .distinct()
    ).all()


def receipt_slot(case_id: int) -> str:
    """The slot that says that the receipt of a case was acknowledged, or needs not to be."""
    return f"receipt:{case_id}"


def unacknowledged(session: Session, since: datetime, until: datetime, limit: int) -> Sequence[Case]:
    """Running cases of people who proved who they are in that time, without a receipt; the oldest first."""
    slot = literal("receipt:") + cast(Case.id, String)
    return session.scalars(
        select(Case)
        .join(Submission)
        .where(
            Submission.verified_at > since,
            Submission.verified_at <= until,
            Case.status.in_([one for one in RUNNING if one != Status.UNVERIFIED]),
            ~exists().where(Slot.name == slot),
        )
        .order_by(Case.id)
        .limit(limit)
    ).all()


def to_wake(session: Session, now: datetime, limit: int = 500) -> Sequence[Case]:
    """Cases whose waiting ends now."""
    return session.scalars(
        select(Case)
        .where(
            Case.wake_at <= now,
            Case.batch_id.is_(None),
            Case.status.in_((Status.REVIEW.value, Status.ATTENTION.value)),
        )
        .limit(limit)
    ).all()


def promises(session: Session, now: datetime, limit: int = 500) -> Sequence[Case]:
    """Answered cases that promised to go on and may be looked at again now."""
    return session.scalars(
        select(Case)
        .where(
            Case.wake_at <= now,
            Case.batch_id.is_(None),
            Case.status == Status.ANSWERED.value,
            Case.promise_of.is_not(None),
        )
        .order_by(Case.id)
        .limit(limit)
    ).all()


def wake_for(session: Session, controller: str, system: str, now: datetime) -> None:
    """The cases that wait for this system to be tried again wait no longer."""
    of_plan = or_(Case.generation == Search.generation, Case.promise_of == Search.generation)
    searched = (
        select(Search.case_id)
        .join(Case, (Case.id == Search.case_id) & of_plan)
        .where(Search.controller == controller, Search.system == system, Search.found == "failed")
    )
    acted = select(Work.case_id).where(
        Work.controller == controller, Work.system == system, Work.state == "pending"
    )
    session.execute(
        update(Case)
        .where(
            Case.controller == controller,
            Case.failed.is_(True),
            Case.wake_at > now,
            or_(Case.id.in_(searched), Case.id.in_(acted)),
        )
        .values(wake_at=now)
        .execution_options(synchronize_session=False)
    )


def waiting_for_copy(session: Session, until: date) -> Sequence[Case]:
    """Approved erasures that wait for a copy while their legal date comes near."""
    return session.scalars(
        select(Case).where(
            Case.waits_for.is_not(None), Case.status == Status.APPROVED.value, Case.due_on <= until
        )
    ).all()


def answered_before(session: Session, moment: datetime, limit: int = 500) -> Sequence[Case]:
    """Answered cases that nobody closed and that promised nothing more."""
    return session.scalars(
        select(Case)
        .where(Case.status == Status.ANSWERED.value, Case.answered_at <= moment, Case.promise_of.is_(None))
        .limit(limit)
    ).all()


def expired_packages(session: Session, before: datetime, limit: int = 500) -> Sequence[Package]:
    """Packages whose link ended by then and that still exist."""
    return session.scalars(
        select(Package).where(Package.expires_at <= before, Package.destroyed_at.is_(None)).limit(limit)
    ).all()


def uploads_of(session: Session, submission_ids: Sequence[int]) -> Sequence[Upload]:
    """What was handed in with these submissions and still exists."""
    return session.scalars(
        select(Upload).where(Upload.submission_id.in_(submission_ids), Upload.destroyed_at.is_(None))
    ).all()


def to_forget(session: Session, today: date, limit: int = 500) -> Sequence[Submission]:
    """Submissions whose cases are all closed and past their retention, not held, and whose key still exists."""
    return session.scalars(
        select(Submission)
        .where(Submission.wrapped_key.is_not(None), Submission.id.not_in(_kept(today)))
        .limit(limit)
    ).all()


def to_forget_proof(session: Session, day: date, limit: int = 500) -> Sequence[Submission]:
    """Submissions whose case key is gone and whose files were kept until before ``day``."""
    return session.scalars(
        select(Submission)
        .where(
            Submission.proof_key.is_not(None),
            Submission.wrapped_key.is_(None),
            Submission.id.not_in(_kept(day)),
        )
        .limit(limit)
    ).all()


def _kept(day: date) -> Select[int]:
    held = select(LegalHold.case_id).where(LegalHold.released_at.is_(None))
    return select(Case.submission_id).where(
        or_(
            Case.retain_until.is_(None),
            Case.retain_until >= day,
            Case.status != Status.CLOSED.value,
            Case.id.in_(held),
            Case.authority_due_on.is_not(None),
        )
    )
