"""Tables of a case and its work. Every row carries its controller; personal data only in ``sealed`` columns.

``sealed`` columns hold AES-GCM ciphertext under the key of the submission (``keys.py``); ``*_hash``
columns hold keyed hashes. Staff tables live in ``staff.py``, operations in ``operations.py``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .columns import Base


def _few(name: str, *columns: str, where: tuple[str, str]) -> Index:
    """An index of the few rows that fulfil a condition: as SQLite and as PostgreSQL write it."""
    return Index(name, *columns, sqlite_where=text(where[0]), postgresql_where=text(where[1]))


class Submission(Base):
    """One filled form: one person, one or several rights (each a case), one key."""

    __tablename__ = "submission"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64), index=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    language: Mapped[str] = mapped_column(String(5))
    country: Mapped[str] = mapped_column(String(2), default="")
    channel: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[datetime]
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    verified_how: Mapped[str] = mapped_column(String(32), default="")
    behalf: Mapped[str] = mapped_column(String(16), default="")
    power_at: Mapped[datetime | None]
    power_by: Mapped[str] = mapped_column(String(32), default="")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    proof_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    cases: Mapped[list[Case]] = relationship(back_populates="submission", order_by="Case.id")
    identifiers: Mapped[list[Identity]] = relationship(back_populates="submission", order_by="Identity.id")

    __table_args__ = (Index("ix_submission_received", "controller", "received_at", "country"),)


class Identity(Base):
    """One identifier of a submission: typed, proved or revealed by her own records."""

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    lookup_hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    proved_at: Mapped[datetime | None]
    how: Mapped[str] = mapped_column(String(32), default="")
    provenance: Mapped[str] = mapped_column(String(128), default="")

    submission: Mapped[Submission] = relationship(back_populates="identifiers")

    __table_args__ = (Index("ix_identity_lookup", "controller", "lookup_hash"),)


class Challenge(Base):
    """A code and a link to prove an address (``purpose`` verify) or to open an answer (``second``)."""

    __tablename__ = "challenge"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class Case(Base):
    """One right asked by one person. ``follows``: the erasure whose data came back.

    ``promise_of``: the generation of the plan whose answer could not look everywhere and promised to go on,
    ``promised_on``: by when; both empty once that was kept or settled.
    """

    __tablename__ = "case"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    right: Mapped[str] = mapped_column(String(24))
    local_right: Mapped[str] = mapped_column(String(48), default="")
    status: Mapped[str] = mapped_column(String(16))
    ending: Mapped[str | None] = mapped_column(String(16))
    jurisdiction: Mapped[str] = mapped_column(String(8))
    pack: Mapped[str] = mapped_column(String(48))
    calendar: Mapped[str] = mapped_column(String(64))
    rule: Mapped[str] = mapped_column(String(160), default="")
    received_at: Mapped[datetime]
    received_on: Mapped[date]
    due_on: Mapped[date | None]
    first_due_on: Mapped[date | None]
    internal_on: Mapped[date | None]
    sort_on: Mapped[date | None]
    suspended_on: Mapped[date | None]
    wake_at: Mapped[datetime | None]
    batch_id: Mapped[str | None] = mapped_column(String(36), index=True)
    generation: Mapped[int] = mapped_column(default=0)
    failed: Mapped[bool] = mapped_column(default=False)
    bounced: Mapped[bool] = mapped_column(default=False)
    auto: Mapped[bool] = mapped_column(default=False)
    waits_for: Mapped[int | None]
    doing: Mapped[str] = mapped_column(String(8), default="")
    assignee: Mapped[int | None]
    decided_by: Mapped[int | None]
    seconded_by: Mapped[int | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    retain_until: Mapped[date | None]
    authority_due_on: Mapped[date | None]
    kept_until: Mapped[date | None]
    promise_of: Mapped[int | None]
    promised_on: Mapped[date | None]
    follows: Mapped[str] = mapped_column(String(16), default="", index=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    submission: Mapped[Submission] = relationship(back_populates="cases")
    events: Mapped[list[Event]] = relationship(back_populates="case", order_by="Event.id")

    __table_args__ = (
        Index("ix_case_queue", "controller", "status", "sort_on"),
        Index("ix_case_due", "status", "due_on"),
        Index("ix_case_wake", "wake_at"),
        Index("ix_case_received", "controller", "received_on", "right"),
        _few("ix_case_answered", "controller", "answered_at", where=("answered_at IS NOT NULL",) * 2),
        _few("ix_case_assignee", "assignee", "controller", "sort_on", where=("assignee IS NOT NULL",) * 2),
        _few(
            "ix_case_authority", "controller", "authority_due_on", where=("authority_due_on IS NOT NULL",) * 2
        ),
        _few("ix_case_kept", "controller", "kept_until", where=("kept_until IS NOT NULL",) * 2),
        _few("ix_case_promised", "controller", "promised_on", where=("promised_on IS NOT NULL",) * 2),
        _few("ix_case_failed", "controller", "sort_on", where=("failed IS 1", "failed IS true")),
        _few("ix_case_bounced", "controller", "sort_on", where=("bounced IS 1", "bounced IS true")),
    )


class Event(Base):
    """Something that happened to a case. Deadlines are folded from the clock events among them.

    ``kind`` = an audit kind or a clock event of ``domain.deadlines``; ``data`` holds facts without
    personal data, ``sealed`` words that people wrote (reasons, notes, messages).
    """

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    on: Mapped[date]
    actor: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    case: Mapped[Case] = relationship(back_populates="events")


class Search(Base):
    """What one system answered for one case; ``sealed`` holds its records (codec: list[Record])."""

    __tablename__ = "search"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    system: Mapped[str] = mapped_column(String(64))
    generation: Mapped[int]
    found: Mapped[str] = mapped_column(String(16))
    count: Mapped[int] = mapped_column(default=0)
    proposals: Mapped[int] = mapped_column(default=0)
    rounds: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime]
    why: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (UniqueConstraint("case_id", "generation", "system"),)


class Decision(Base):
    """What an officer said of a record: accept or reject a proposal, withhold or redact."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    system: Mapped[str] = mapped_column(String(64))
    record: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    field: Mapped[str] = mapped_column(String(128), default="")
    by: Mapped[int]
    at: Mapped[datetime]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Plan(Base):
    """An immutable, hashed dry run. ``sealed`` = codec list of (system, Step); ``summary`` only counts."""

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    generation: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    conflicts: Mapped[int] = mapped_column(default=0)
    summary: Mapped[list[Any]]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    approved_by: Mapped[int | None]
    approved_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("case_id", "generation"),)


class Work(Base):
    """One step of a plan under way: one case in one system. ``outcome`` holds counts, no values."""

    __tablename__ = "work"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    system: Mapped[str] = mapped_column(String(64))
    generation: Mapped[int]
    key: Mapped[str] = mapped_column(String(160), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    verified: Mapped[str] = mapped_column(String(16), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    intended_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    check_after: Mapped[datetime | None]
    final_on: Mapped[date | None]
    retry_at: Mapped[datetime | None]
    why: Mapped[dict[str, Any]]
    outcome: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("ix_work_case", "case_id", "generation"),
        Index("ix_work_check", "state", "check_after"),
    )


class Batch(Base):
    """The unit of durable work: cases and one phase (collect, carry_out, send)."""

    __tablename__ = "batch"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    phase: Mapped[str] = mapped_column(String(16))
    system: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(16))
    size: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    wake_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    adoptions: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(String(240), default="")

    __table_args__ = (Index("ix_batch_state", "state", "wake_at"),)


class VaultSeal(Base):
    """A sealed set of rows: own key, purpose, who may open it, when it is destroyed.

    ``sealed`` holds its first chunk: a person rarely has more, and it is written in one statement.
    ``legal_key``: fingerprint of the key that opens it; empty: the master key (rows set aside). ``root``:
    Merkle root over the chunks, keyed with the set's own key.
    """

    __tablename__ = "vault_seal"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    controller: Mapped[str] = mapped_column(String(64), index=True)
    reference: Mapped[str] = mapped_column(String(16), index=True)
    system: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(160))
    purpose: Mapped[str] = mapped_column(String(16))
    rows: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    root: Mapped[str] = mapped_column(String(64), default="")
    legal_key: Mapped[str] = mapped_column(String(32), default="")
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    roles: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    destroy_on: Mapped[date | None]
    returned_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("key", "purpose", "digest"),)


class VaultChunk(Base):
    """A further piece of a sealed set, in order from 1."""

    __tablename__ = "vault_chunk"

    seal_id: Mapped[str] = mapped_column(ForeignKey("vault_seal.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
