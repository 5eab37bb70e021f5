"""Staff, their lockout and their browsers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from dsr.store.staff import Passkey, Staff, StaffRole, WebSession


def by_id(session: Session, staff_id: int) -> Staff | None:
    """One member of staff."""
    return session.get(Staff, staff_id)


def by_email(session: Session, email: str) -> Staff | None:
    """By the address she signs in with, whatever its case."""
    return session.scalar(select(Staff).where(func.lower(Staff.email) == email.lower()))


def by_uniquifier(session: Session, uniquifier: str) -> Staff | None:
    """By what a session remembers her by; changes with the password."""
    return session.scalar(select(Staff).where(Staff.fs_uniquifier == uniquifier))


def of_controller(session: Session, controller: str) -> Sequence[Staff]:
    """Everybody with a role for a controller, by address."""
    mine = select(StaffRole.staff_id).where(StaffRole.controller == controller)
    return session.scalars(select(Staff).where(Staff.id.in_(mine)).order_by(Staff.email)).all()


def addresses(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Addresses of members of staff by number."""
    rows = session.execute(select(Staff.id, Staff.email).where(Staff.id.in_(ids)))
    return {int(number): str(email) for number, email in rows}


def count_failure(session: Session, staff_id: int) -> int:
    """One more failed attempt; how many in a row, counted by the database."""
    counted = update(Staff).where(Staff.id == staff_id).values(failures=Staff.failures + 1)
    return int(session.execute(counted.returning(Staff.failures)).scalar_one())


def lock(session: Session, staff_id: int, until: datetime) -> None:
    """Let nobody try again before."""
    session.execute(update(Staff).where(Staff.id == staff_id).values(locked_until=until))


def signed_in(session: Session, staff_id: int, now: datetime) -> None:
    """She is in: the failures are forgotten."""
    session.execute(
        update(Staff).where(Staff.id == staff_id).values(failures=0, locked_until=None, signed_in_at=now)
    )


def passkeys(session: Session, staff_id: int) -> Sequence[Passkey]:
    """Hers, the oldest first."""
    return session.scalars(select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.id)).all()


def has_credential(session: Session, credential: bytes) -> bool:
    """Is this passkey known, whoever has it?"""
    return session.scalar(select(Passkey.id).where(Passkey.credential == credential)) is not None


def forget_passkeys(session: Session, staff_id: int, number: int | None = None) -> int:
    """Delete one of hers, or all; how many there were."""
    mine = delete(Passkey).where(Passkey.staff_id == staff_id)
    gone = mine if number is None else mine.where(Passkey.id == number)
    return len(session.execute(gone.returning(Passkey.id)).all())


def web_session(session: Session, digest: bytes, now: datetime) -> WebSession | None:
    """A session that is not over."""
    return session.scalar(select(WebSession).where(WebSession.id == digest, WebSession.expires_at > now))


def end_session(session: Session, digest: bytes) -> None:
    """Forget one browser."""
    session.execute(delete(WebSession).where(WebSession.id == digest))


def end_sessions_of(session: Session, staff_id: int) -> None:
    """Forget every browser of a member of staff."""
    session.execute(delete(WebSession).where(WebSession.staff_id == staff_id))


def forget_ended(session: Session, now: datetime) -> None:
    """Drop sessions that are over."""
    session.execute(delete(WebSession).where(WebSession.expires_at <= now))
