"""Tables of what was told: proof that letters reached the person, and notices to recipients."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from .columns import Base


class DeliveryProof(Base):
    """One fact about the delivery of a letter, sealed under the proof key of its submission.

    ``kind``: accepted, failed, bounced, delivered, delayed, opened, viewed, downloaded, read_back,
    collected, read_here or otherwise (the last three: an officer says so).
    ``letter``: digest of the letter it is about, '' when it is about the whole answer.
    """

    __tablename__ = "delivery_proof"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    letter: Mapped[str] = mapped_column(String(64), default="")
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class RecipientNotice(Base):
    """One recipient to be told of one case (GDPR 19). ``key``: case reference and recipient.

    ``channel``: mail, webhook or manual. ``state``: planned, sending, told, failed, confirmed or
    impossible. ``sealed``: the recipient, the facts and the letter, under the proof key;
    ``sealed_answer``: what was answered, in words.
    """

    __tablename__ = "recipient_notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="planned")
    made_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    told_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(240), default="")
    message_id: Mapped[str] = mapped_column(String(120), default="")
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_answer: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_recipient_notice_state", "state", "next_at"),)
