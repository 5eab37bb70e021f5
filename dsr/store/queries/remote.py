"""What the API keeps: tokens, answers already given, webhooks and their messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from dsr.store import bulk
from dsr.store.models import Case
from dsr.store.operations import AuditEntry, AuditHead, Hook, Idempotency, Message, Token


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the audit log that a webhook is told of."""

    seq: int
    at: datetime
    kind: str
    reference: str
    right: str
    data: dict[str, Any]


def token_by_hash(session: Session, digest: bytes, now: datetime) -> Token | None:
    """The token with this hash that is neither revoked nor expired."""
    found = session.scalar(select(Token).where(Token.hash == digest, Token.revoked_at.is_(None)))
    return found if found is not None and (found.expires_at is None or found.expires_at > now) else None


def tokens(session: Session, controller: str) -> Sequence[Token]:
    """Every token of a controller, also ended ones, the oldest first."""
    return session.scalars(select(Token).where(Token.controller == controller).order_by(Token.id)).all()


def revoke(session: Session, controller: str, number: int, now: datetime) -> bool:
    """End a token; False when there is none that lives."""
    ended = session.execute(
        update(Token)
        .where(Token.id == number, Token.controller == controller, Token.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(Token.id)
    ).all()
    return len(ended) == 1


def claim_key(session: Session, token: int, key: str, digest: str, now: datetime) -> Idempotency | None:
    """Take an idempotency key, with status 0; the row that has it already, else None.

    Of two that ask at once the second waits for the first, and sees its row.
    """
    insert = bulk.dialect_insert(session)(Idempotency).values(
        token_id=token, key=key, digest=digest, status=0, answer={}, at=now
    )
    taken = session.execute(insert.on_conflict_do_nothing().returning(Idempotency.key)).all()
    return None if taken else session.get(Idempotency, (token, key), populate_existing=True)


def take_over_key(session: Session, token: int, key: str, seen_at: datetime, now: datetime) -> bool:
    """Take a key whose work was begun at ``seen_at`` and never ended; False when somebody was faster."""
    taken = session.execute(
        update(Idempotency)
        .where(
            Idempotency.token_id == token,
            Idempotency.key == key,
            Idempotency.status == 0,
            Idempotency.at == seen_at,
        )
        .values(at=now)
        .returning(Idempotency.key)
    ).all()
    return len(taken) == 1


def keep_answer(session: Session, token: int, key: str, status: int, answer: dict[str, Any]) -> None:
    """Write the answer of a key."""
    session.execute(
        update(Idempotency)
        .where(Idempotency.token_id == token, Idempotency.key == key)
        .values(status=status, answer=answer)
    )


def drop_key(session: Session, token: int, key: str) -> None:
    """Free a key whose work changed nothing."""
    session.execute(
        delete(Idempotency).where(
            Idempotency.token_id == token, Idempotency.key == key, Idempotency.status == 0
        )
    )


def drop_keys_before(session: Session, token: int, before: datetime) -> None:
    """Forget old answers of a token."""
    session.execute(delete(Idempotency).where(Idempotency.token_id == token, Idempotency.at < before))


def approver(session: Session, controller: str, reference: str) -> str:
    """Who approved a case last, as the audit log names them; '' when nobody did."""
    found = session.scalar(
        select(AuditEntry.actor)
        .where(
            AuditEntry.controller == controller,
            AuditEntry.reference == reference,
            AuditEntry.kind == "case.approved",
        )
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    )
    return found or ""


def happened(
    session: Session, controller: str, reference: str, after: int, limit: int
) -> Sequence[AuditEntry]:
    """Entries about one case after number ``after``, the oldest first."""
    wanted = select(AuditEntry).where(
        AuditEntry.controller == controller, AuditEntry.reference == reference, AuditEntry.seq > after
    )
    return session.scalars(wanted.order_by(AuditEntry.seq).limit(limit)).all()


def log_end(session: Session, controller: str) -> int:
    """The number of the last entry of a controller's audit log; 0 before the first."""
    return session.scalar(select(AuditHead.seq).where(AuditHead.controller == controller)) or 0


def hooks_behind(session: Session) -> list[int]:
    """Active webhooks of controllers whose log has grown since they were told."""
    wanted = (
        select(Hook.id)
        .join(AuditHead, AuditHead.controller == Hook.controller)
        .where(Hook.active.is_(True), Hook.seen_seq < AuditHead.seq)
    )
    return list(session.scalars(wanted.order_by(Hook.id)))


def lock_hook(session: Session, number: int) -> Hook | None:
    """An active webhook; another process that wants it waits."""
    wanted = select(Hook).where(Hook.id == number, Hook.active.is_(True))
    return session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def told(session: Session, hook: Hook, until: int, kinds: Sequence[str]) -> list[Told]:
    """Entries of these kinds about cases, after what the webhook was told, up to number ``until``."""
    wanted = (
        select(
            AuditEntry.seq, AuditEntry.at, AuditEntry.kind, AuditEntry.reference, Case.right, AuditEntry.data
        )
        .join(Case, Case.reference == AuditEntry.reference)
        .where(
            AuditEntry.controller == hook.controller,
            AuditEntry.seq > hook.seen_seq,
            AuditEntry.seq <= until,
            AuditEntry.kind.in_(kinds),
            Case.controller == hook.controller,
        )
    )
    return [Told(*row) for row in session.execute(wanted.order_by(AuditEntry.seq))]


def hooks(session: Session, controller: str) -> Sequence[Hook]:
    """The active webhooks of a controller."""
    wanted = select(Hook).where(Hook.controller == controller, Hook.active.is_(True))
    return session.scalars(wanted.order_by(Hook.id)).all()


def hook(session: Session, controller: str, number: int) -> Hook | None:
    """An active webhook of a controller."""
    return session.scalar(
        select(Hook).where(Hook.id == number, Hook.controller == controller, Hook.active.is_(True))
    )


def message_counts(session: Session, channel: str, whom: bytes) -> dict[str, int]:
    """Messages of a channel to somebody (keyed hash), by state."""
    counted = (
        select(Message.state, func.count())
        .where(Message.recipient_hash == whom, Message.channel == channel)
        .group_by(Message.state)
    )
    return {state: int(count) for state, count in session.execute(counted)}


def drop_messages(session: Session, channel: str, whom: bytes) -> None:
    """Forget messages that somebody (keyed hash) no longer wants."""
    session.execute(delete(Message).where(Message.recipient_hash == whom, Message.channel == channel))
