"""Passkeys of staff: a second factor beside the codes of an app. Every change is audited.

The ceremony between browser and authenticator (W3C WebAuthn, level 2) is checked by ``web.passkeys``; here is
what is kept: public keys, and which challenges were answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.store import keys
from dsr.store.queries import staffing, timing
from dsr.store.session import Transaction
from dsr.store.staff import Passkey

MOST = 10
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Key:
    """A passkey as its owner sees it and as an answer is checked against it."""

    number: int
    name: str
    credential: bytes
    public_key: bytes
    sign_count: int
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Made:
    """What a checked registration gave."""

    credential: bytes
    public_key: bytes
    sign_count: int


def of(staff_id: int) -> tuple[Key, ...]:
    """Hers, the oldest first."""
    with store.reading() as session:
        return tuple(
            Key(row.id, row.name, row.credential, row.public_key, row.sign_count, row.made_at, row.used_at)
            for row in staffing.passkeys(session, staff_id)
        )


def handle(staff_id: int) -> bytes:
    """How authenticators name her (section 5.4.3 of the standard): 32 bytes that say nothing about her."""
    return keys.keyring().token_hash(f"passkey/{staff_id}")


def check_name(staff_id: int, name: str) -> str:
    """The name she gives, tidied. Refusals ``passkey.name``, ``passkey.many``."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise Refusal("passkey.name", "Give the passkey a name of at most 60 characters.")
    mine = of(staff_id)
    if any(one.name == tidy for one in mine):
        raise Refusal("passkey.name", "You have a passkey of this name already.")
    if len(mine) >= MOST:
        raise Refusal("passkey.many", "You have ten passkeys. Remove one first.")
    return tidy


def add(staff_id: int, name: str, made: Made, *, now: datetime) -> None:
    """Keep a new passkey. Refusals of ``check_name``, and ``passkey.known``."""
    tidy = check_name(staff_id, name)
    with store.transaction() as tx:
        if staffing.has_credential(tx.session, made.credential):
            raise Refusal("passkey.known", "This passkey is registered already.")
        tx.session.add(
            Passkey(
                staff_id=staff_id,
                credential=made.credential,
                public_key=made.public_key,
                sign_count=made.sign_count,
                name=tidy,
                made_at=now,
            )
        )
        _audit(tx, staff_id, "passkey_added", now)


def forget(staff_id: int, number: int, *, now: datetime) -> None:
    """She removes one of hers; somebody else's is left alone."""
    with store.transaction() as tx:
        if staffing.forget_passkeys(tx.session, staff_id, number):
            _audit(tx, staff_id, "passkey_removed", now)


def used(key: Key, staff_id: int, *, challenge: str, sign_count: int, now: datetime) -> bool:
    """An answer was right: spend its challenge and keep the count; False when it was spent before."""
    with store.transaction() as tx:
        if not timing.claim(tx.session, [f"passkey:{staff_id}:{challenge}"], now):
            return False
        row = tx.session.get_one(Passkey, key.number)
        row.sign_count, row.used_at = sign_count, now
        return True


def _audit(tx: Transaction, staff_id: int, what: str, now: datetime) -> None:
    staff = staffing.by_id(tx.session, staff_id)
    for controller in staff.controllers() if staff is not None else ():
        tx.audit(controller, Kind.STAFF_CHANGED, actor=f"staff:{staff_id}", at=now, staff=staff_id, what=what)
