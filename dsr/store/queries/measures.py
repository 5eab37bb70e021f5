"""Numbers for the monitor, over all controllers: counts and ages, nothing of anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from dsr.domain.workflow import Status
from dsr.store.models import Batch, Case
from dsr.store.operations import Allowance, Message, Slot, SystemState

from .batching import STUCK
from .desk import OPEN

DAY = timedelta(days=1)


def counted(session: Session, today: date, now: datetime) -> Mapping[str, int]:
    """How many there are of each kind of trouble."""
    few = Case.status.not_in((Status.ANSWERED.value, Status.CLOSED.value))
    wanted: dict[str, ColumnElement[bool]] = {
        "late_cases": and_(Case.status.in_(OPEN), Case.sort_on < today, Case.due_on < today),
        "failed_cases": and_(few, Case.failed.is_(True)),
        "bounced_cases": and_(few, Case.bounced.is_(True)),
        "waiting_messages": Message.state == "waiting",
        "failed_messages": and_(Message.state == "failed", Message.made_at > now - DAY),
        "bounced_messages": Message.bounced_at > now - DAY,
        "failing_systems": and_(SystemState.last_error != "", SystemState.retry_at.is_(None)),
        "parked_systems": or_(SystemState.silent.is_(True), SystemState.retry_at > now),
        "held_systems": SystemState.held.is_(True),
        "stuck_batches": and_(Batch.state == STUCK, Batch.ended_at > now - DAY),
    }
    tables = [
        Case
        if "cases" in name
        else Message
        if "messages" in name
        else Batch
        if "batches" in name
        else SystemState
        for name in wanted
    ]
    parts = [
        select(func.count()).select_from(table).where(condition).scalar_subquery()
        for table, condition in zip(tables, wanted.values(), strict=True)
    ]
    return dict(zip(wanted, session.execute(select(*parts)).one(), strict=True))


def adoptions(session: Session) -> int:
    """How often any batch was tried again since the beginning: its worker died, or its work failed."""
    return session.scalar(select(func.sum(Batch.adoptions))) or 0


def open_places(session: Session) -> int:
    """How many have a system with a limit open now."""
    return sum(len(row.open) for row in session.scalars(select(Allowance)))


def oldest_message(session: Session) -> datetime | None:
    """When the oldest mail was written that is not sent yet."""
    return session.scalar(select(func.min(Message.made_at)).where(Message.state == "waiting"))


def last_checkpoint(session: Session, controller: str) -> datetime | None:
    """When the last digest with the checkpoint of the audit log was made."""
    mine = Slot.name.startswith(f"digest:{controller}:", autoescape=True)
    return session.scalar(select(func.max(Slot.at)).where(mine))
