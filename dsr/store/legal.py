"""Legal keys: what is blocked is sealed for a private key that is kept apart from this installation.

Each controller has a pair (X25519). The database holds the public half; the data key of every blocked set
is wrapped with it (HPKE, RFC 9180: X25519, HKDF-SHA256, AES-256-GCM), so that sealing needs no secret and
opening needs a file that only the legal role has. Why: ``docs/adr/0004-legal-key.md``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from flask import Flask
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from dsr.contract import Purpose
from dsr.domain.errors import Refusal

from . import durable
from .custody import LegalKey
from .keys import aad, keyring
from .models import VaultSeal
from .operations import Instance
from .session import Transaction, transaction

SETTING = "DSR_LEGAL_KEY_FILE"
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PAGE = 500
BLOCKED = (Purpose.BLOCKED.value, Purpose.OLD_VALUES.value)
"""Purposes that only the legal key opens. Rows set aside must come back without it."""

HEAD = (
    b"# Private legal keys of dsr, one a line. Move this file off this machine; docs/security.md says why.\n"
)

Private = Mapping[str, X25519PrivateKey]
"""Private keys by fingerprint."""


def prepare(app: Flask, controllers: Iterable[str], path: Path, *, now: datetime) -> list[str]:
    """A pair for every controller without one; the controllers that got one.

    The private half is appended to ``path`` (0600) before the public half is stored. What was blocked
    before there were legal keys is wrapped anew in the same transaction.
    """
    with app.app_context(), transaction() as tx:
        tx.session.get_one(Instance, 1, with_for_update=True)
        there = set(tx.session.scalars(select(LegalKey.controller).where(LegalKey.retired_at.is_(None))))
        fresh = [key for key in controllers if key not in there]
        for controller in fresh:
            made = _make(tx, controller, path, now)
            _rewrap_old(tx.session, controller, made)
    return fresh


def current(session: Session, controller: str) -> LegalKey:
    """The pair that seals for a controller; Refusal ``legal.none`` before ``prepare``."""
    found = session.scalar(
        select(LegalKey).where(LegalKey.controller == controller, LegalKey.retired_at.is_(None))
    )
    if found is None:
        raise Refusal("legal.none", f"There is no legal key for {controller!r}; start dsr once to make it.")
    return found


def of(session: Session, controller: str) -> Sequence[LegalKey]:
    """Every pair of a controller, the oldest first."""
    rows = select(LegalKey).where(LegalKey.controller == controller).order_by(LegalKey.made_at)
    return session.scalars(rows).all()


def wrap(public: bytes, secret: bytes, seal: str) -> bytes:
    """The data key of a seal for the holder of the private half."""
    return SUITE.encrypt(secret, X25519PublicKey.from_public_bytes(public), _info(seal))


def unwrap(private: Private, fingerprint: str, wrapped: bytes, seal: str) -> bytes:
    """The data key of a seal. Refusals ``legal.missing``, ``seal.broken``."""
    key = private.get(fingerprint)
    if key is None:
        raise Refusal("legal.missing", f"This needs the legal key {fingerprint}, which is not in the file.")
    try:
        return SUITE.decrypt(wrapped, key, _info(seal))
    except InvalidTag:
        raise Refusal("seal.broken", "A sealed key does not open: it was changed or moved.") from None


def read(path: Path) -> Private:
    """The private keys of a file; none where there is no file. Refusals ``keys.exposed``, ``legal.malformed``."""
    return parse(durable.read_secret(path, named_by=SETTING) or b"")


def parse(content: bytes) -> Private:
    """The private keys of the text of a file. Refusal ``legal.malformed``."""
    found: dict[str, X25519PrivateKey] = {}
    for line in content.decode("ascii", "replace").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split()
        try:
            key = X25519PrivateKey.from_private_bytes(base64.b64decode(parts[-1], validate=True))
        except (binascii.Error, ValueError):
            raise Refusal("legal.malformed", "This is not a file of legal keys.") from None
        found[_fingerprint(key.public_key().public_bytes_raw())] = key
    return found


def rotate(controller: str, path: Path, old: Private, *, now: datetime) -> tuple[str, int, int]:
    """A new pair; (its fingerprint, sets wrapped anew, sets left under a key that ``old`` does not hold)."""
    with transaction() as tx:
        tx.session.get_one(Instance, 1, with_for_update=True)
        current(tx.session, controller).retired_at = now
        made = _make(tx, controller, path, now)
        done = left = 0
        for seal, under, wrapped in tx.session.execute(_under_legal_key(controller)).all():
            if under not in old:
                left += 1
                continue
            anew = wrap(made.public, unwrap(old, under, wrapped or b"", seal), seal)
            _store(tx.session, seal, made.id, anew)
            done += 1
        return made.id, done, left


def _make(tx: Transaction, controller: str, path: Path, now: datetime) -> LegalKey:
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    fingerprint = _fingerprint(public)
    line = f"{controller} {fingerprint} {base64.b64encode(private.private_bytes_raw()).decode()}\n"
    before = durable.read_secret(path, named_by=SETTING) or HEAD
    durable.write(path, [before, line.encode()], replace=True)
    made = LegalKey(id=fingerprint, controller=controller, public=public, made_at=now)
    tx.session.add(made)
    tx.session.flush()
    return made


def _rewrap_old(session: Session, controller: str, made: LegalKey) -> None:
    """Seals of installations that had only the master key."""
    last = ""
    while True:
        rows = session.execute(
            select(VaultSeal.id, VaultSeal.wrapped_key)
            .where(
                VaultSeal.controller == controller,
                VaultSeal.purpose.in_(BLOCKED),
                VaultSeal.legal_key == "",
                VaultSeal.wrapped_key.is_not(None),
                VaultSeal.id > last,
            )
            .order_by(VaultSeal.id)
            .limit(PAGE)
        ).all()
        for seal, wrapped in rows:
            anew = wrap(made.public, keyring().unwrap(wrapped or b""), seal)
            _store(session, seal, made.id, anew)
            last = seal
        if len(rows) < PAGE:
            return


def _store(session: Session, seal: str, key: str, wrapped: bytes) -> None:
    values = {"wrapped_key": wrapped, "legal_key": key}
    session.execute(update(VaultSeal).where(VaultSeal.id == seal).values(values))


def _under_legal_key(controller: str) -> Select[str, str, bytes | None]:
    return select(VaultSeal.id, VaultSeal.legal_key, VaultSeal.wrapped_key).where(
        VaultSeal.controller == controller, VaultSeal.legal_key != "", VaultSeal.wrapped_key.is_not(None)
    )


def _fingerprint(public: bytes) -> str:
    return hashlib.sha256(b"dsr/legal-key" + public).hexdigest()[:32]


def _info(seal: str) -> bytes:
    return aad("dsr/legal", seal)
