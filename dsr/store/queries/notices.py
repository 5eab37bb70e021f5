"""Notices to recipients: what is to be told, what was told, what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from dsr.store.models import Case
from dsr.store.operations import Message
from dsr.store.telling import RecipientNotice

MOST = 300
DUE_FIRST = (RecipientNotice.due_on.is_(None), RecipientNotice.due_on, RecipientNotice.id)

Pairs = Sequence[tuple[Case, RecipientNotice]]


def of_case(session: Session, reference: str, controllers: Sequence[str]) -> Pairs:
    """Every notice of a case, the oldest first."""
    return _pairs(
        session, (Case.reference == reference, Case.controller.in_(controllers)), (RecipientNotice.id,)
    )


def of_cases(session: Session, cases: Sequence[int]) -> Pairs:
    """Every notice of these cases, the oldest first."""
    return _pairs(session, (RecipientNotice.case_id.in_(cases),), (RecipientNotice.id,))


def of_controller(session: Session, controller: str, states: Sequence[str] | None) -> Pairs:
    """The notices of a controller in these states, those due first; every state: the newest first."""
    mine = [RecipientNotice.controller == controller]
    if states is None:
        return _pairs(session, mine, (RecipientNotice.id.desc(),))
    return _pairs(session, [*mine, RecipientNotice.state.in_(states)], DUE_FIRST)


def waiting(
    session: Session, controllers: Sequence[str], states: Sequence[str], limit: int
) -> tuple[int, Pairs]:
    """How many notices of these controllers are in these states, and the first ones, those due first."""
    wanted = [RecipientNotice.controller.in_(controllers), RecipientNotice.state.in_(states)]
    total = session.scalar(select(func.count()).select_from(RecipientNotice).where(*wanted)) or 0
    return total, _pairs(session, wanted, DUE_FIRST, limit) if total else ()


def due(session: Session, states: Sequence[str], now: datetime, limit: int = 50) -> Sequence[int]:
    """Notices in these states whose moment has come."""
    wanted = RecipientNotice.state.in_(states) & (RecipientNotice.next_at <= now)
    return session.scalars(
        select(RecipientNotice.id).where(wanted).order_by(RecipientNotice.id).limit(limit)
    ).all()


def claim(session: Session, number: int, states: Sequence[str], now: datetime, until: datetime) -> bool:
    """Take one due notice by pushing its moment to ``until``; False when somebody was faster."""
    taken = session.execute(
        update(RecipientNotice)
        .where(
            RecipientNotice.id == number, RecipientNotice.state.in_(states), RecipientNotice.next_at <= now
        )
        .values(next_at=until)
        .returning(RecipientNotice.id)
    ).all()
    return len(taken) == 1


def by_token(session: Session, token_hash: bytes) -> tuple[Case, RecipientNotice] | None:
    """The notice that a link opens."""
    found = _pairs(session, (RecipientNotice.token_hash == token_hash,), ())
    return found[0] if found else None


def message(session: Session, message_id: str) -> Message | None:
    """The mail that tells a recipient."""
    return session.scalar(select(Message).where(Message.message_id == message_id))


def nearly_due(
    session: Session, controller: str, states: Sequence[str], until: datetime
) -> Sequence[RecipientNotice]:
    """Notices of a controller that the law wants told by that day and that are not told."""
    wanted = (
        (RecipientNotice.controller == controller)
        & RecipientNotice.state.in_(states)
        & (RecipientNotice.due_on <= until.date())
    )
    return session.scalars(select(RecipientNotice).where(wanted).order_by(RecipientNotice.due_on)).all()


def _pairs(session: Session, wanted: Sequence[object], order: Sequence[object], limit: int = MOST) -> Pairs:
    query = (
        select(Case, RecipientNotice)
        .join(RecipientNotice, RecipientNotice.case_id == Case.id)
        .where(*wanted)  # type: ignore[arg-type]
        .options(joinedload(Case.submission))
        .order_by(*order)  # type: ignore[arg-type]
        .limit(limit)
    )
    return [(case, row) for case, row in session.execute(query).all()]
