"""Signed checkpoints as text: the C2SP signed note (https://c2sp.org/signed-note) of a log
(https://c2sp.org/tlog-checkpoint), Ed25519. Any verifier of that format can check them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dsr.domain.errors import Refusal

ED25519 = b"\x01"
BODY = re.compile(
    r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*"
)
SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log as it was: whose (``dsr/<controller>``), how many entries, the RFC 6962 root over them."""

    origin: str
    size: int
    root: bytes


def origin(controller: str) -> str:
    """The name of a controller's log, also the name of the key that signs it."""
    return f"dsr/{controller}"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note of a checkpoint."""
    root = base64.b64encode(checkpoint.root).decode()
    return sign_text(f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n", checkpoint.origin, key)


def sign_text(body: str, name: str, key: Ed25519PrivateKey) -> str:
    """Any text (whole lines, none of them empty) as a signed note of the key ``name``."""
    public = key.public_key().public_bytes_raw()
    signature = base64.b64encode(_key_id(name, public) + key.sign(body.encode())).decode()
    return f"{body}\n— {name} {signature}\n"


def open_text(note: str, public_key: str) -> str:
    """The text of a note whose signature by ``public_key`` holds. Refusals ``audit.key``, ``audit.signature``."""
    name, key = _parse_verifier(public_key)
    body, _, signatures = note.partition("\n\n")
    body += "\n"
    if not any(_holds(line, body, name, key) for line in signatures.splitlines()):
        raise Refusal("audit.signature", f"This is not signed by the key {name}.")
    return body


def verifier(name: str, key: Ed25519PrivateKey) -> str:
    """The public key as verifiers of signed notes take it: ``name+id+key``."""
    public = key.public_key().public_bytes_raw()
    return f"{name}+{_key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def read(note: str, public_key: str) -> Checkpoint:
    """The checkpoint of a note whose signature by ``public_key`` (see ``verifier``) holds.

    Refusals: ``audit.key`` (not a public key), ``audit.note`` (not a checkpoint), ``audit.signature``.
    """
    name, key = _parse_verifier(public_key)
    body, found, signatures = note.partition("\n\n")
    body += "\n"
    fields = BODY.fullmatch(body)
    if not found or fields is None:
        raise Refusal(
            "audit.note", "This is not a checkpoint: origin, size and root, a blank line, signatures."
        )
    if not any(_holds(line, body, name, key) for line in signatures.splitlines()):
        raise Refusal("audit.signature", f"The checkpoint is not signed by the key {name}.")
    return Checkpoint(fields["origin"], int(fields["size"]), base64.b64decode(fields["root"]))


def _holds(line: str, body: str, name: str, key: Ed25519PublicKey) -> bool:
    match = SIGNATURE.fullmatch(line)
    if match is None or match["name"] != name:
        return False
    try:
        blob = base64.b64decode(match["signature"], validate=True)
        if blob[:4] != _key_id(name, key.public_bytes_raw()):
            return False
        key.verify(blob[4:], body.encode())
    except (binascii.Error, InvalidSignature):
        return False
    return True


def _parse_verifier(public_key: str) -> tuple[str, Ed25519PublicKey]:
    name, _, rest = public_key.strip().partition("+")
    number, _, encoded = rest.partition("+")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        blob = b""
    if len(blob) != 33 or blob[:1] != ED25519 or number != _key_id(name, blob[1:]).hex():
        raise Refusal("audit.key", "This is not a public key of the audit log: name+id+key.")
    return name, Ed25519PublicKey.from_public_bytes(blob[1:])


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]
