"""Signing in to the desk: lockout, sessions kept on our side, codes that work once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dsr import store
from dsr.domain.audit import Kind
from dsr.store import keys
from dsr.store.queries import staffing, timing
from dsr.store.staff import Staff, WebSession

from . import limits

DAY = 86_400
FREE_FAILURES = 5
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=5)
AAD = b"web-session"


@dataclass(frozen=True, slots=True)
class Opened:
    """A stored session: its content, and whether it is time to write that it was seen."""

    content: bytes
    stale: bool


def locked(email: str, *, now: datetime) -> bool:
    """May this account not be tried now? False as well for an address nobody has."""
    with store.reading() as session:
        staff = staffing.by_email(session, email)
        return staff is not None and staff.locked_until is not None and staff.locked_until > now


def failed(staff_id: int, *, now: datetime) -> datetime | None:
    """Count a wrong password or code; until when the account is locked now, None while tries are left.

    The fifth failure in a row locks for a minute, every further one for twice as long, a day at most.
    """
    with store.transaction() as tx:
        failures = staffing.count_failure(tx.session, staff_id)
        over = failures - FREE_FAILURES
        until = None
        if over >= 0:
            until = now + min(FIRST_DELAY * 2 ** min(over, 12), LONGEST_DELAY)
            staffing.lock(tx.session, staff_id, until)
        for controller in _controllers(tx.session, staff_id):
            tx.audit(controller, Kind.SIGN_IN_FAILED, actor=f"staff:{staff_id}", at=now, failures=failures)
    return until


def tried_in_vain(email: str, *, now: datetime) -> None:
    """Somebody tries an address nobody has, or an account that is locked: one write, as a wrong password is one, so
    that the time it takes does not tell which. Only a keyed hash is kept, for a day.
    """
    with store.transaction() as tx:
        limits.take(tx, "", "sign-in", email, limit=FREE_FAILURES, seconds=DAY, now=now)


def use_code(staff_id: int, counter: int, *, now: datetime) -> bool:
    """Take the code of one half minute; False when it was used before (RFC 6238, section 5.2)."""
    with store.transaction() as tx:
        return bool(timing.claim(tx.session, [f"totp:{staff_id}:{counter}"], now))


def open_session(token: str, *, now: datetime) -> Opened | None:
    """What is kept for a browser; None when it is unknown or over."""
    with store.reading() as session:
        row = staffing.web_session(session, _digest(token), now)
        if row is None:
            return None
        content = keys.unseal(_key(), row.sealed, AAD)
        return Opened(content, row.seen_at < now - SEEN_EVERY)


def save_session(
    token: str, content: bytes, uniquifier: str | None, *, idle: timedelta, now: datetime
) -> None:
    """Keep what a browser's session holds; it ends after ``idle`` without a visit."""
    with store.transaction() as tx:
        staff = staffing.by_uniquifier(tx.session, uniquifier) if uniquifier else None
        staffing.forget_ended(tx.session, now)
        row = tx.session.get(WebSession, _digest(token)) or WebSession(id=_digest(token), created_at=now)
        row.staff_id = staff.id if staff else None
        row.seen_at, row.expires_at = now, now + idle
        row.sealed = keys.seal(_key(), content, AAD)
        tx.session.add(row)


def begin(uniquifier: str, old_token: str, *, now: datetime) -> str:
    """Somebody signed in: the old session ends, a new secret begins, failures are forgotten."""
    with store.transaction() as tx:
        staffing.end_session(tx.session, _digest(old_token))
        staff = staffing.by_uniquifier(tx.session, uniquifier)
        if staff is not None:
            staffing.signed_in(tx.session, staff.id, now)
            for controller in staff.controllers():
                tx.audit(controller, Kind.SIGNED_IN, actor=f"staff:{staff.id}", at=now)
    return new_token()


def end_session(token: str) -> None:
    """Sign out."""
    with store.transaction() as tx:
        staffing.end_session(tx.session, _digest(token))


def new_token() -> str:
    """The secret of a browser; only its hash is stored."""
    return secrets.token_urlsafe(32)


def _controllers(session: Any, staff_id: int) -> tuple[str, ...]:
    staff: Staff | None = staffing.by_id(session, staff_id)
    return staff.controllers() if staff is not None else ()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _key() -> bytes:
    return keys.keyring().derive("web-session")
