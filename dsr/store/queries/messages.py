"""The outbox: what is due, claimed by stating what was seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased, joinedload

from dsr.store.models import Case
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


def waiting(session: Session, message_id: int) -> tuple[Message, Case | None, bool] | None:
    """A message that waits, with its case and submission, and whether other cases wait for that one.

    None when somebody else settled it.
    """
    other = aliased(Case)
    siblings = select(other.id).where(other.submission_id == Case.submission_id)
    row = session.execute(
        select(Message, Case, siblings.where(other.waits_for == Case.id).exists())
        .outerjoin(Case, Case.id == Message.case_id)
        .where(Message.id == message_id, Message.state == "waiting")
        .options(joinedload(Case.submission))
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def undelivered(session: Session, case: Case) -> Sequence[Message]:
    """Mails of a case that came back or could not be sent, and that nobody settled; of one whose identity nobody
    proved, also those of its submission, with its codes.
    """
    mine = Message.case_id == case.id
    if case.submission.verified_at is None:
        mine |= (Message.submission_id == case.submission_id) & Message.case_id.is_(None)
    lost = (Message.state == "failed") | (Message.bounced_at.is_not(None) & (Message.state != "settled"))
    return session.scalars(select(Message).where(mine, lost).order_by(Message.id)).all()


def announcing(session: Session, case_id: int, letter: str) -> Sequence[Message]:
    """The mails that announce this letter (its digest) of a case."""
    mine = (Message.case_id == case_id) & (Message.letter == letter)
    return session.scalars(select(Message).where(mine).order_by(Message.id)).all()


def by_message_id(session: Session, message_id: str) -> Message | None:
    """The message that left under this Message-ID."""
    return session.scalar(select(Message).where(Message.message_id == message_id))


def let_go(session: Session, owner: str, now: datetime) -> None:
    """What ``owner`` had claimed is due again."""
    mine = update(Message).where(Message.state == "waiting", Message.claimed_by == owner)
    session.execute(mine.values(next_at=now, claimed_by=""))


def release(session: Session, alive: Collection[str], now: datetime) -> None:
    """Let go of what processes that are gone had claimed: it is due again."""
    session.execute(
        update(Message)
        .where(Message.state == "waiting", Message.claimed_by != "", Message.claimed_by.not_in(alive))
        .values(next_at=now, claimed_by="")
    )
