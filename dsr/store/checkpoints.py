"""Checkpoints of the audit log, signed and kept outside the database: ``instance/checkpoints/``."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from flask import current_app
from sqlalchemy import select

from dsr.domain.audit import Kind, root
from dsr.domain.errors import Refusal

from . import chain, durable, notes
from .operations import AuditEntry
from .session import reading, transaction

SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def checkpoint(controller: str, now: datetime) -> str:
    """Sign the log as it stands, write the note to the instance, and return it.

    Nothing new since the last one: that one again. Refusals: ``audit.shorter`` and ``audit.rewritten``
    when the log is not what was signed before (nothing is signed then), ``audit.key_missing``.
    """
    key = _signing_key()
    with reading() as session:
        end = chain.read(session, controller)
        last = session.scalar(
            select(AuditEntry.kind).where(AuditEntry.controller == controller, AuditEntry.seq == end.seq)
        )
    current = notes.Checkpoint(notes.origin(controller), end.seq, root(end.peaks))
    before = latest(controller)
    if before is not None:
        known = notes.read(before, notes.verifier(notes.origin(controller), key))
        _check_growth(known, current)
        if current.size == known.size or (current.size == known.size + 1 and last == Kind.CHECKPOINT):
            return before
    note = notes.sign(current, key)
    for name in (f"{current.size}.txt", "latest.txt"):
        durable.write(_folder(controller) / name, [note.encode()], replace=True)
    with transaction() as tx:
        tx.audit(
            controller, Kind.CHECKPOINT, actor="system", at=now, size=current.size, root=current.root.hex()
        )
    return note


def latest(controller: str) -> str | None:
    """The last note written for this controller, or None."""
    try:
        return (_folder(controller) / "latest.txt").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def sign(controller: str, body: str) -> str:
    """Any text of ours as a note signed with the key of this instance, in the name of the controller's log."""
    return notes.sign_text(body, notes.origin(controller), _signing_key())


def public_key(controller: str) -> str:
    """What to hand to whoever shall verify the log of this controller; made with the first checkpoint."""
    return notes.verifier(notes.origin(controller), _signing_key())


def _check_growth(known: notes.Checkpoint, current: notes.Checkpoint) -> None:
    if current.size < known.size:
        raise Refusal(
            "audit.shorter",
            f"The audit log has {current.size} entries, but {known.size} were signed: entries were removed "
            f"or an old backup was restored. Run dsr audit verify.",
        )
    if current.size == known.size and current.root != known.root:
        raise Refusal(
            "audit.rewritten", "The audit log is not the one that was signed. Run dsr audit verify."
        )


def _folder(controller: str) -> Path:
    if not SAFE.fullmatch(controller):
        raise ValueError("the key of a controller is letters, digits, dot, dash and underscore")
    return Path(current_app.instance_path) / "checkpoints" / controller


def _signing_key() -> Ed25519PrivateKey:
    """The key of this instance (``audit.key``); a new one only before the first checkpoint."""
    instance = Path(current_app.instance_path)
    path = instance / "audit.key"
    content = durable.read_secret(path, named_by="key of the audit log")
    if content is None:
        if any((instance / "checkpoints").glob("*/*.txt")):
            raise Refusal("audit.key_missing", f"{path} is missing, but checkpoints were signed: restore it.")
        content = _create(path)
    key = load_pem_private_key(content, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Refusal("audit.key", f"{path} is not an Ed25519 private key.")
    return key


def _create(path: Path) -> bytes:
    """A new key in its file; when another process was faster, its key."""
    fresh = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        durable.write(path, [fresh], replace=False)
    except FileExistsError:
        return path.read_bytes()
    return fresh
