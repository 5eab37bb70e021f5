"""The outbox: what is due, claimed by stating what was seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dsr.store.operations import Message


def claim(
    session: Session, now: datetime, until: datetime, limit: int, channel: str = "smtp", owner: str = ""
) -> Sequence[Message]:
    """Take up to ``limit`` due messages of a channel by pushing their next moment to ``until``.

    The rows are detached.
    """
    due = (
        select(Message.id)
        .where(Message.state == "waiting", Message.next_at <= now, Message.channel == channel)
        .order_by(Message.next_at)
        .limit(limit)
    )
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    taken = session.scalars(
        update(Message)
        .where(Message.id.in_(due.scalar_subquery()), Message.state == "waiting", Message.next_at <= now)
        .values(next_at=until, claimed_by=owner)
        .returning(Message)
    ).all()
    for message in taken:
        session.expunge(message)
    return taken


def by_message_id(session: Session, message_id: str) -> Message | None:
    """The message that left under this Message-ID."""
    return session.scalar(select(Message).where(Message.message_id == message_id))


def release(session: Session, alive: Collection[str], now: datetime) -> None:
    """Let go of what processes that are gone had claimed: it is due again."""
    session.execute(
        update(Message)
        .where(Message.state == "waiting", Message.claimed_by != "", Message.claimed_by.not_in(alive))
        .values(next_at=now, claimed_by="")
    )
