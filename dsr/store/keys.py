"""Keys: one master key outside the database, everything else derived from it or wrapped by it.

AES-256-GCM with a random 96-bit nonce; HKDF-SHA256 for keys of a purpose; HMAC-SHA256 for lookups,
tokens and codes, so that nobody without the master key can try values against the stored hashes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app
from sqlalchemy import select

from dsr.domain.errors import Refusal

from . import bulk, durable
from .models import Submission, VaultSeal
from .operations import AuditHead, Instance
from .session import db, transaction

VERSION = b"\x01"
NONCE = 12
SETTING = "DSR_MASTER_KEY_FILE"
EXTENSION = "dsr.keyring"


def aad(*place: object) -> bytes:
    """What a sealed value is bound to: table, column, row or purpose. Moved elsewhere it does not open."""
    return "\x1f".join(str(part) for part in place).encode()


def seal(key: bytes, data: bytes, aad: bytes) -> bytes:
    """``data`` encrypted and authenticated together with ``aad``."""
    nonce = secrets.token_bytes(NONCE)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, data, aad)


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """What was sealed; Refusal ``seal.broken`` under another key, for another place, or after a change."""
    if sealed[:1] != VERSION or len(sealed) < 1 + NONCE + 16:
        raise Refusal("seal.broken", "A sealed value is damaged or of another version.")
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], aad)
    except InvalidTag:
        raise Refusal("seal.broken", "A sealed value does not open: it was changed or moved.") from None


class Keyring:
    """The keys under one master key (32 bytes)."""

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise ValueError("a master key has 32 bytes")
        self._master = master
        self._lookup_key = lru_cache(maxsize=1024)(lambda controller: self.derive(f"lookup/{controller}"))
        self._code_key = lru_cache(maxsize=1024)(lambda controller: self.derive(f"code/{controller}"))

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose; the same purpose gives the same key."""
        return HKDF(SHA256(), 32, salt=None, info=b"dsr/" + purpose.encode()).derive(self._master)

    @cached_property
    def fingerprint(self) -> str:
        """Tells one master key from another without revealing it."""
        return self.derive("fingerprint").hex()

    def new(self) -> tuple[bytes, bytes]:
        """A new data key: (wrapped, to be stored; key, to be used and forgotten)."""
        key = secrets.token_bytes(32)
        return seal(self._wrap_key, key, b"dsr/data-key"), key

    def unwrap(self, wrapped: bytes) -> bytes:
        """The data key; Refusal ``seal.broken`` when it was wrapped by another master key."""
        return unseal(self._wrap_key, wrapped, b"dsr/data-key")

    def lookup(self, controller: str, kind: str, value: str) -> bytes:
        """Keyed hash of a canonical value: equal values of one controller and kind meet, nothing else."""
        return _mac(self._lookup_key(controller), kind, value)

    def pseudonym(self, controller: str, system: str, value: str) -> str:
        """What stands for a value in the kept rows of one system: ``ps-`` and 80 bits in base 32 (RFC 4648)."""
        made = _mac(self.derive(f"pseudonym/{controller}"), system, value)[:10]
        return f"ps-{base64.b32encode(made).decode().lower()}"

    def tombstone(self, controller: str, token: str) -> str:
        """What stands for the token of a link or pixel: ``gone-`` and 80 bits in base 32 (RFC 4648)."""
        made = _mac(self.derive(f"tombstone/{controller}"), token)[:10]
        return f"gone-{base64.b32encode(made).decode().lower()}"

    def token_hash(self, token: bytes | str) -> bytes:
        """Keyed hash of a random token."""
        return _mac(self._token_key, token if isinstance(token, str) else token.hex())

    def code_hash(self, controller: str, salt_id: str, code: str) -> bytes:
        """Keyed hash of a short code, bound to what it opens (``salt_id``)."""
        return _mac(self._code_key(controller), salt_id, code)

    @cached_property
    def _wrap_key(self) -> bytes:
        return self.derive("wrap")

    @cached_property
    def _token_key(self) -> bytes:
        return self.derive("tokens")


def _mac(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA256 over the parts, each with its length, so that no two lists read alike."""
    body = b"".join(len(data).to_bytes(8, "big") + data for data in (part.encode() for part in parts))
    return hmac.new(key, body, hashlib.sha256).digest()


def keyring() -> Keyring:
    """The keyring of the running application; RuntimeError before ``unlock``."""
    found: Keyring | None = current_app.extensions.get(EXTENSION)
    if found is None:
        raise RuntimeError("the keyring is locked: call keys.unlock first")
    return found


def unlock(app: Flask, *, now: datetime, identity: str = "") -> Keyring:
    """Read the master key and hold it against the database; the start of every process.

    ``app.config["MASTER_KEY_FILE"]`` names the file (setting DSR_MASTER_KEY_FILE; unset: ``master.key``
    in the instance). Only an empty database gets a new key. ``identity`` of the machine is recorded with
    it (``instance.recognises``). Refusals ``keys.missing``, ``keys.different``, ``keys.exposed``,
    ``keys.unreadable`` and ``keys.malformed`` say what to do.
    """
    path = Path(app.config.get("MASTER_KEY_FILE") or Path(app.instance_path) / "master.key")
    with app.app_context(), transaction() as tx:
        recorded = tx.session.get(Instance, 1)
        if recorded is None and _in_use():
            raise Refusal("keys.unrecorded", "The table instance lost its row: restore it from a backup.")
        content = durable.read_secret(path, named_by=SETTING)
        if content is None and recorded is not None:
            raise Refusal("keys.missing", _missing(path))
        ring = Keyring(_parse(path, content) if content is not None else _create(path))
        if recorded is None:
            recorded = _record(ring.fingerprint, identity, now)
        if not hmac.compare_digest(recorded.master_fingerprint, ring.fingerprint):
            raise Refusal("keys.different", _different(path))
    app.extensions[EXTENSION] = ring
    return ring


def _in_use() -> bool:
    session = db.session()
    tables = (Submission.id, AuditHead.controller, VaultSeal.id)
    return any(session.scalar(select(column).limit(1)) is not None for column in tables)


def _record(fingerprint: str, identity: str, now: datetime) -> Instance:
    """Write the row once; of two processes that start together the first decides."""
    session = db.session()
    first = {"id": 1, "master_fingerprint": fingerprint, "identity": identity, "made_at": now}
    session.execute(bulk.dialect_insert(session)(Instance).values(first).on_conflict_do_nothing())
    return session.get_one(Instance, 1, populate_existing=True)


def _create(path: Path) -> bytes:
    """A new master key in its file; another process may have been faster, then its key counts."""
    text = base64.b64encode(secrets.token_bytes(32)) + b"\n"
    try:
        durable.write(path, [text], replace=False)
    except FileExistsError:
        text = durable.read_secret(path, named_by=SETTING) or b""
    return _parse(path, text)


def _parse(path: Path, content: bytes) -> bytes:
    try:
        master = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        master = b""
    if len(master) != 32:
        raise Refusal("keys.malformed", f"{path} ({SETTING}) is not a master key: 32 bytes in base64.")
    return master


def _missing(path: Path) -> str:
    return (
        f"The master key {path} is missing, and this database was sealed with one. Restore the file from "
        f"your backup of keys, or point {SETTING} to it. Without it nothing sealed can be read again."
    )


def _different(path: Path) -> str:
    return (
        f"The master key {path} is not the one this database was sealed with. Point {SETTING} to the right "
        f"file, or set the right database address."
    )
