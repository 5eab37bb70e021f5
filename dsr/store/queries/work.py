"""What batches of work need to know, for many cases in few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from dsr.contract import Action, State
from dsr.domain import plan
from dsr.store.custody import LegalHold
from dsr.store.models import Case, Decision, Event, Plan, Search, Submission, VaultSeal, Work
from dsr.store.operations import Message
from dsr.store.telling import DeliveryProof

from .vault import whole


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


def held(session: Session, batch_id: str, status: str) -> tuple[frozenset[int], bool]:
    """The cases that a batch still holds in this status, locked until the transaction ends; and whether there
    is a legal hold in force, on whatever case.

    A process that slept while its work was adopted finds none: what it has done was written by another.
    """
    in_force = exists().where(LegalHold.released_at.is_(None))
    wanted = select(Case.id, in_force).where(Case.batch_id == batch_id, Case.status == str(status))
    rows = session.execute(wanted.order_by(Case.id).with_for_update(of=Case)).all()
    return frozenset(row[0] for row in rows), any(row[1] for row in rows)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A blocked set of a case: its rows, the root over them, and until when."""

    id: str
    rows: int
    root: str
    destroy_on: date | None


def ending(session: Session, batch_id: str, status: str) -> tuple[dict[int, list[Blocked]], bool]:
    """As ``held``: the cases with what the vault has blocked of each; and whether the batch holds others too."""
    sets = (VaultSeal.controller == Case.controller) & (VaultSeal.reference == Case.reference)
    wanted = (
        select(Case.id, Case.status, VaultSeal.id, VaultSeal.rows, VaultSeal.root, VaultSeal.destroy_on)
        .outerjoin(VaultSeal, and_(sets, *whole()))
        .where(Case.batch_id == batch_id)
        .order_by(Case.id, VaultSeal.id)
        .with_for_update(of=Case)
    )
    found: dict[int, list[Blocked]] = {}
    others = False
    for case_id, now_is, seal, rows, root, destroy_on in session.execute(wanted):
        if now_is != str(status):
            others = True
            continue
        mine = found.setdefault(case_id, [])
        if seal is not None:
            mine.append(Blocked(seal, rows, root, destroy_on))
    return found, others


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


def told_plans(session: Session, case_ids: Sequence[int]) -> dict[int, Plan]:
    """The plan whose answer promised to go on, of each case that has one."""
    of_promise = (Plan.case_id == Case.id) & (Plan.generation == Case.promise_of)
    rows = session.scalars(select(Plan).join(Case, of_promise).where(Case.id.in_(case_ids)))
    return {plan.case_id: plan for plan in rows}


def erased(session: Session, submission_ids: Sequence[int]) -> frozenset[int]:
    """The submissions of which an erasure was answered."""
    wanted = Case.submission_id.in_(submission_ids) & (Case.right == "erasure")
    return frozenset(session.scalars(select(Case.submission_id).where(wanted, Case.answered_at.is_not(None))))


def former_plans(session: Session, case_ids: Collection[int]) -> Sequence[Plan]:
    """All plans of these cases but the newest, the oldest first; nothing is asked for no case."""
    if not case_ids:
        return ()
    newest = (
        select(Plan.case_id, func.max(Plan.generation).label("generation")).group_by(Plan.case_id).subquery()
    )
    former = (Plan.case_id == newest.c.case_id) & (Plan.generation < newest.c.generation)
    wanted = select(Plan).join(newest, former).where(Plan.case_id.in_(case_ids))
    return session.scalars(wanted.order_by(Plan.case_id, Plan.generation)).all()


def searches(session: Session, case_ids: Sequence[int]) -> Sequence[Search]:
    """What every system answered, all generations, by case and system."""
    wanted = select(Search).where(Search.case_id.in_(case_ids))
    return session.scalars(wanted.order_by(Search.case_id, Search.generation, Search.system)).all()


def decisions(session: Session, case_ids: Sequence[int]) -> Sequence[Decision]:
    """What officers said of records, in order."""
    return session.scalars(select(Decision).where(Decision.case_id.in_(case_ids)).order_by(Decision.id)).all()


def with_submissions(session: Session, case_ids: Collection[int]) -> Sequence[Case]:
    """These cases with what was asked; nothing is read for none."""
    if not case_ids:
        return ()
    wanted = select(Case).where(Case.id.in_(case_ids)).options(joinedload(Case.submission))
    return session.scalars(wanted).all()


def works(session: Session, case_ids: Sequence[int]) -> Sequence[Work]:
    """The work done or begun for these cases, all generations."""
    return session.scalars(select(Work).where(Work.case_id.in_(case_ids)).order_by(Work.id)).all()


def carried_out(works: Iterable[Work], doing: Action) -> list[Work]:
    """What of the work of a case was carried out for this end, of whatever plan: settled, or final on a day that is
    known. What waits for our own answer is planned anew."""
    return [
        one
        for one in works
        if one.generation and plan.action_of(one.key) == doing and (one.state in plan.SETTLED or _dated(one))
    ]


def _dated(one: Work) -> bool:
    return (
        one.state == State.PENDING and one.final_on is not None and one.outcome.get("receipt") != plan.RELAY
    )


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


def after_answer(session: Session, now: datetime, limit: int, patience: timedelta) -> Sequence[Case]:
    """Answered or closed cases with work that waited for the answer, which was read: its code and the answers to
    what was asked with it go the same way. ``patience`` after it has left, that is waited for no longer.
    """
    due = select(Work.case_id).where(Work.retry_at <= now, Work.state == "pending").limit(limit)
    mine = (Message.case_id == Case.id, Message.kind == "answer_ready")
    unsent = exists().where(*mine, Message.state == "waiting")
    fresh = exists().where(*mine, Message.accepted_at > now - patience)
    return session.scalars(
        select(Case)
        .join(Case.submission)
        .where(
            Case.id.in_(due),
            ~unsent,
            or_(~fresh, ~_to_be_read()),
            Case.status.in_(("answered", "closed")),
            Submission.wrapped_key.is_not(None),
        )
        .options(joinedload(Case.submission).selectinload(Submission.identifiers))
    ).all()


def _to_be_read() -> ColumnElement[bool]:
    """Something that was asked together is not answered yet, or its answer was not opened."""
    other = aliased(Case)
    opened = exists().where(DeliveryProof.case_id == other.id, DeliveryProof.kind == "opened")
    announced = exists().where(
        Message.case_id == other.id,
        Message.kind == "answer_ready",
        Message.state.in_(("waiting", "accepted")),
    )
    unread = or_(other.status.not_in(("answered", "closed")), and_(announced, ~opened))
    return exists().where(other.submission_id == Case.submission_id, unread)


def let_go(session: Session, case_ids: Sequence[int], read: Sequence[int], now: datetime) -> None:
    """Work of these cases that is due and was not among what was read again is past: restricted rows that were
    given back since, a plan that another took the place of."""
    past = update(Work).where(Work.case_id.in_(case_ids), Work.id.not_in(read), Work.check_after <= now)
    session.execute(past.values(check_after=None))


def to_check(session: Session, now: datetime, limit: int) -> Sequence[Case]:
    """At most ``limit`` answered or closed cases, the oldest first, with work that shall be read again now, with
    submission and identifiers. What a person confirmed, or whose key is gone, no program can read."""
    due = select(Work.case_id).where(
        Work.check_after <= now,
        Work.state.in_(("done", "already", "pending")),
        Work.verified != "stated",
    )
    return session.scalars(
        select(Case)
        .join(Case.submission)
        .where(
            Case.id.in_(due),
            Case.status.in_(("answered", "closed")),
            Submission.wrapped_key.is_not(None),
        )
        .order_by(Case.id)
        .limit(limit)
        .options(joinedload(Case.submission).selectinload(Submission.identifiers))
    ).all()
