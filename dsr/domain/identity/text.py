"""Characters that may stand in an identifier, and folding that is safe to compare with."""

import re
import unicodedata
from decimal import Decimal
from math import isfinite
from typing import Final
from uuid import UUID

from dsr.domain.identity.faults import InvalidIdentifier

MAX_STORED: Final = 2_000
"""Characters of a stored value that can still be one identifier; longer text can only mention one."""

# Zero-width, bidi and other characters that cannot be seen: Unicode Cc, Cf, Zl, Zp, Cs and noncharacters
# are found by category; these are letters, marks or symbols that are drawn as nothing.
_DRAWN_AS_NOTHING: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
)
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
COMBINING: Final = r"\u0300-\u036f"
"""Range (inside a character class) of the marks that belong to the letter before them and are not \\w."""
_LARGEST: Final = 10**30
_EXACT_FLOAT: Final = 2**53
_WILDCARD: Final = re.compile(r"[*?%]")
_EDGES: Final = "".join(chr(code) for code in range(0x2010) if chr(code).isspace()) + (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2028\u2029\u202f\u205f\u2060\u2066\u2067\u2068\u2069\ufeff\u3000\x00"
)
_TO_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_TO_UPPER: Final = {code + 32: code for code in range(ord("A"), ord("Z") + 1)}


def ascii_lower(text: str) -> str:
    """`text` with A-Z in lower case and every other character as it was (no Kelvin sign becomes k)."""
    return text.lower() if text.isascii() else text.translate(_TO_LOWER)


def ascii_upper(text: str) -> str:
    """`text` with a-z in upper case and every other character as it was."""
    return text.upper() if text.isascii() else text.translate(_TO_UPPER)


def is_hidden(character: str) -> bool:
    """True for control, bidi, zero-width and unassigned characters and for line separators."""
    if character.isascii():
        return not character.isprintable()
    return character in _DRAWN_AS_NOTHING or unicodedata.category(character) in _HIDDEN_CATEGORIES


def admitted(value: str, limit: int, wildcard: str = "wildcard") -> str:
    """A typed value without the white space around it.

    `limit` is in characters and is looked at first, so a huge value costs nothing.
    Raises InvalidIdentifier: too_long, empty, characters, or the code given as `wildcard`.
    """
    if len(value) > 4 * limit:
        raise InvalidIdentifier("too_long")
    text = value.strip()
    if not text:
        raise InvalidIdentifier("empty")
    if len(text) > limit:
        raise InvalidIdentifier("too_long")
    if any(is_hidden(character) for character in text):
        raise InvalidIdentifier("characters")
    if _WILDCARD.search(text):
        raise InvalidIdentifier(wildcard)
    return text


def require_letter_or_digit(text: str) -> str:
    """`text` itself. Raises InvalidIdentifier 'empty' when it is punctuation only."""
    if not any(character.isalnum() for character in text):
        raise InvalidIdentifier("empty")
    return text


def stored_text(stored: object) -> str | None:
    """What a store holds as text, without the white space and invisible characters around it.

    Takes str, int, UUID, UTF-8 bytes and whole floats and decimals (numeric columns). None for NULL,
    truth values, anything else, an empty value, and text longer than MAX_STORED.
    """
    text = _plain(stored)
    if text is None or len(text) > MAX_STORED:
        return None
    return text.strip(_EDGES) or None


def _plain(stored: object) -> str | None:
    if isinstance(stored, str):
        return stored
    if isinstance(stored, bytes):
        try:
            return stored[: MAX_STORED * 4 + 1].decode()
        except UnicodeDecodeError:
            return None
    if isinstance(stored, UUID):
        return str(stored)
    return None if isinstance(stored, bool) else _whole_number(stored)


def _whole_number(stored: object) -> str | None:
    if isinstance(stored, int):
        return str(stored) if abs(stored) < _LARGEST else None
    if isinstance(stored, Decimal) and not stored.is_finite():  # a signalling NaN raises when touched
        return None
    if not isinstance(stored, float | Decimal) or not isfinite(stored):
        return None
    whole = -_EXACT_FLOAT <= stored <= _EXACT_FLOAT and stored == int(stored)
    return str(int(stored)) if whole else None


def folded(text: str) -> str:
    """Words of `text` in lower case, without accents and punctuation, one space between (for names only)."""
    bare = text
    if not text.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare.casefold()))


def one_line(text: str) -> str:
    """`text` composed (NFC) with every run of white space turned into one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())
