"""Typed codes: kept only as digests, compared in constant time."""

import hashlib
import hmac
import re
from typing import Final

CODE_DIGITS: Final = 8
_LONGEST_TYPED: Final = 64
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2014\u2212\u00a0\u200b.]+")


def code_digest(code: str, key: bytes) -> str:
    """What is kept of an 8-digit code: HMAC-SHA-256 in hex.

    `key` must be secret and of this one proof, because eight digits alone can be tried out.
    Raises ValueError when `code` is not eight digits.
    """
    digits = _digits(code)
    if digits is None:
        raise ValueError(f"a code has {CODE_DIGITS} digits")
    return hmac.new(key, digits.encode(), hashlib.sha256).hexdigest()


def code_matches(digest: str, typed: str, key: bytes) -> bool:
    """Whether what was typed (spaces and dashes are fine) is the code with this digest. Never raises."""
    digits = _digits(typed)
    if digits is None:
        return False
    return hmac.compare_digest(code_digest(digits, key).encode(), digest.encode())


def _digits(typed: str) -> str | None:
    if len(typed) > _LONGEST_TYPED:
        return None
    digits = _BETWEEN.sub("", typed)
    return digits if re.fullmatch(r"[0-9]{8}", digits) else None
