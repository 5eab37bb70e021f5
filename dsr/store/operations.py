"""Tables of delivery and operation: messages, letters, packages, uploads, tasks, clock, audit, limits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from .columns import Base


class Message(Base):
    """Outbox. ``sealed`` (recipient, subject, bodies) is destroyed once a server accepted it."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(16), default="smtp")
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    crucial: Mapped[bool] = mapped_column(default=False)
    letter: Mapped[str] = mapped_column(String(64), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(String(64), default="")
    accepted_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(240), default="")
    recipient_hash: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_message_due", "state", "next_at"),)


class Letter(Base):
    """A letter as sent: HTML sealed under the proof key, digest for ever."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(5))
    made_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(32))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Package(Base):
    """The data handed over: a sealed file in ``instance/packages``, its checksum, when its link ends.

    ``added``: it holds only what the packages of the case before it did not, because their rows were erased since.
    """

    __tablename__ = "package"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    file: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    read_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]
    downloads: Mapped[int] = mapped_column(default=0)
    added: Mapped[bool] = mapped_column(default=False)
    manifest: Mapped[list[Any]]


class Upload(Base):
    """A sealed upload: evidence of representation, a scan, a holder's file."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    purpose: Mapped[str] = mapped_column(String(24))
    media: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    sealed_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None]


class Task(Base):
    """A question to one holder about one case in one place that no connector reaches."""

    __tablename__ = "task"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    system: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    phase: Mapped[str] = mapped_column(String(16))
    holder_hash: Mapped[bytes] = mapped_column(LargeBinary)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    state: Mapped[str] = mapped_column(String(16), default="asked")
    asked_at: Mapped[datetime]
    due_on: Mapped[date | None]
    answered_at: Mapped[datetime | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class SystemState(Base):
    """Per system and controller: mode per right, hold switch, last check and last run."""

    __tablename__ = "system_state"

    controller: Mapped[str] = mapped_column(String(64), primary_key=True)
    system: Mapped[str] = mapped_column(String(64), primary_key=True)
    acting: Mapped[list[Any]]
    held: Mapped[bool] = mapped_column(default=False)
    checked_at: Mapped[datetime | None]
    findings: Mapped[list[Any]]
    last_run_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(240), default="")
    retry_at: Mapped[datetime | None]
    silent: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It could not be reached: the clock looks at ``retry_at`` whether it answers; work passes it by."""


class Allowance(Base):
    """What a system bears, over all processes and controllers: who has it open, what was called lately.

    ``open``: token -> executor. ``taken``: [[window, calls], ...], the newest last.
    """

    __tablename__ = "allowance"

    system: Mapped[str] = mapped_column(String(64), primary_key=True)
    open: Mapped[dict[str, Any]]
    taken: Mapped[list[Any]]


class Suppression(Base):
    """'Do not contact again': a keyed hash, and the value sealed where the law lets it be kept for that."""

    __tablename__ = "suppression"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    lookup_hash: Mapped[bytes] = mapped_column(LargeBinary)
    channel: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(16))
    since_on: Mapped[date]
    kind: Mapped[str] = mapped_column(String(32), default="email")
    reason: Mapped[str] = mapped_column(String(16), default="")
    by: Mapped[str] = mapped_column(String(32), default="system")
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (UniqueConstraint("controller", "lookup_hash", "channel"),)


class AuditHead(Base):
    """The end of one controller's chain; ``peaks`` = [[height, hex hash], ...] of its RFC 6962 tree."""

    __tablename__ = "audit_head"

    controller: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    peaks: Mapped[list[Any]]


class AuditEntry(Base):
    """One line of the audit log; points at nothing, survives what it describes."""

    __tablename__ = "audit_entry"

    controller: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(16), index=True)
    actor: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Slot(Base):
    """What the clock already did: one row per (what, when), claimed by inserting it."""

    __tablename__ = "slot"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]


class Hit(Base):
    """Counters of the portal's limits: one row per (what, whom as keyed hash, window)."""

    __tablename__ = "hit"

    bucket: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]


class Worker(Base):
    """Heartbeat of a process that runs work."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    host: Mapped[str] = mapped_column(String(128))
    pid: Mapped[int]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Instance(Base):
    """One row: fingerprints of the master key and of the machine this database belongs to."""

    __tablename__ = "instance"

    id: Mapped[int] = mapped_column(primary_key=True)
    master_fingerprint: Mapped[str] = mapped_column(String(64))
    identity: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class Token(Base):
    """An API token: only its hash, its scopes and its controller."""

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(64))
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[Any]]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Idempotency(Base):
    """A write of the API already answered: same key and token, same answer."""

    __tablename__ = "idempotency"

    token_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Hook(Base):
    """A webhook of state changes: where to, signed with which secret (sealed).

    ``seen_seq``: the last entry of the controller's audit chain that was turned into messages.
    """

    __tablename__ = "hook"

    id: Mapped[int] = mapped_column(primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(String(400))
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    seen_seq: Mapped[int] = mapped_column(default=0)

    __table_args__ = (Index("ix_hook_active", "active", "controller"),)
