"""Tables of custody: legal keys, openings of the vault, legal holds, and where returning people are looked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from .columns import Base


class LegalKey(Base):
    """The public half of a legal key pair; ``id`` is its fingerprint. The private half is never here."""

    __tablename__ = "legal_key"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    controller: Mapped[str] = mapped_column(String(64), index=True)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class VaultOpening(Base):
    """A wish of the legal role to open what is blocked of one case: asked, approved or denied, fetched once.

    ``sealed``: authority, its reference and why (codec: dict), under a key of its own in ``wrapped_key``.
    """

    __tablename__ = "vault_opening"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64), index=True)
    reference: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class LegalHold(Base):
    """A claim for which data must stay (GDPR 17(3)(e)): owner and review date; the words are an event."""

    __tablename__ = "legal_hold"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    owner: Mapped[int]
    review_on: Mapped[date]
    set_by: Mapped[int]
    set_at: Mapped[datetime]
    released_by: Mapped[int | None]
    released_at: Mapped[datetime | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_legal_hold_review", "review_on", "released_at"),)


class ReturnSweep(Base):
    """How far a system has been looked through for people who were erased: cursor, counts, when."""

    __tablename__ = "return_sweep"

    controller: Mapped[str] = mapped_column(String(64), primary_key=True)
    system: Mapped[str] = mapped_column(String(64), primary_key=True)
    cursor: Mapped[dict[str, Any]]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seen: Mapped[int] = mapped_column(default=0)
    back: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(String(240), default="")
