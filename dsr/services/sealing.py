"""Sealing of what people typed and what was found, under the key of the submission it belongs to."""

from __future__ import annotations

from typing import Any, TypeVar

from dsr.domain import codec
from dsr.store import keys
from dsr.store.models import Submission

T = TypeVar("T")


def key_of(submission: Submission) -> bytes:
    """The case key; ValueError after it was destroyed."""
    if submission.wrapped_key is None:
        raise ValueError("the key of this submission was destroyed")
    return keys.keyring().unwrap(submission.wrapped_key)


def proof_key_of(submission: Submission) -> bytes:
    """The key of sent letters and delivery evidence; lives longer than the case key."""
    if submission.proof_key is None:
        raise ValueError("the proof key of this submission was destroyed")
    return keys.keyring().unwrap(submission.proof_key)


def seal(key: bytes, value: Any, what: str) -> bytes:
    """Encode and seal; ``what`` names the place, so that a blob moved elsewhere does not open."""
    return keys.seal(key, codec.dumps(value), what.encode())


def unseal(key: bytes, sealed: bytes, kind: type[T], what: str) -> T:
    """Open and decode as ``kind``."""
    return codec.loads(keys.unseal(key, sealed, what.encode()), kind)
