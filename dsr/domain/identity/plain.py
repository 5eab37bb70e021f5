"""Identifiers without a grammar: customer numbers, device ids, user names, passports, anything else."""

import re
from typing import Final

from dsr.domain.identity.faults import InvalidIdentifier
from dsr.domain.identity.text import (
    COMBINING,
    admitted,
    ascii_lower,
    ascii_upper,
    require_letter_or_digit,
    stored_text,
)

_MAX: Final = 200
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_PASSPORT: Final = re.compile(r"[A-Z0-9]{5,15}", re.ASCII)
_SHORTEST_MENTION: Final = 4

# What programs and people write where there is no value. It would bind strangers together.
_NOBODY: Final = """
anonimo anonima anónimo anónima anonymous default deleted desconocida desconocido desconhecido
desconhecida false guest invitado invitada n/a na nan nil ninguno ninguna no none null nenhum nulo
s/d s/n sin sindato sindatos test true undefined unknown xxx xxxx
"""
PLACEHOLDERS: Final = frozenset(_NOBODY.split())


def canonical(value: str, region: str | None = None) -> str:
    """The value without white space around it; case, zeros and accents count.

    A UUID is written in lower case (phones report the same id in both). Values that stand for 'none'
    (`null`, `0`, a UUID of zeros) are refused: every record without a value would be hers.
    Raises InvalidIdentifier: empty, too_long, characters, wildcard, placeholder.
    """
    text = require_letter_or_digit(admitted(value, _MAX))
    if _is_placeholder(text):
        raise InvalidIdentifier("placeholder")
    return ascii_lower(text) if _UUID.fullmatch(text) else text


def _is_placeholder(text: str) -> bool:
    return ascii_lower(text) in PLACEHOLDERS or not re.sub(r"[\W_0]", "", text)


def stored_form(stored: object, region: str | None = None) -> str | None:
    """The canonical form a stored value stands for, or None when it is empty."""
    text = stored_text(stored)
    return ascii_lower(text) if text and _UUID.fullmatch(text) else text


def spellings(text: str) -> tuple[str, ...]:
    """The value as it is, in lower and in upper case; a UUID also without dashes."""
    forms = [text, ascii_lower(text), ascii_upper(text)]
    if _UUID.fullmatch(text):
        forms += [form.replace("-", "") for form in forms]
    return tuple(dict.fromkeys(forms))


def near(stored: object, text: str, region: str | None = None) -> bool:
    """True when only the case of A-Z differs, or the dashes of a UUID."""
    other = stored_text(stored)
    if other is None:
        return False
    if _UUID.fullmatch(text):
        return ascii_lower(other).replace("-", "").strip("{}") == text.replace("-", "")
    return ascii_lower(other) == ascii_lower(text)


def mentioned(text: str, free: str) -> bool:
    """True when free text holds the value as a token of its own. Values under 4 characters are too common."""
    if len(text) < _SHORTEST_MENTION:
        return False
    core = rf"(?ai:{re.escape(text)})"
    return re.search(rf"(?<!\w)(?<!\w[.\-]){core}(?![\w{COMBINING}])(?![.\-]\w)", free) is not None


def passport(value: str, region: str | None = None) -> str:
    """A passport or document number: 5 to 15 letters and digits, upper case, without separators.

    Raises InvalidIdentifier: empty, too_long, characters, wildcard, placeholder, number.syntax.
    """
    text = ascii_upper(re.sub(r"[ .\-/]", "", admitted(value, 40)))
    if not _PASSPORT.fullmatch(text):
        raise InvalidIdentifier("number.syntax")
    if not text.strip("0"):
        raise InvalidIdentifier("placeholder")
    return text


def stored_passport(stored: object, region: str | None = None) -> str | None:
    """The canonical form of a stored document number, or None."""
    text = stored_text(stored)
    return ascii_upper(re.sub(r"[ .\-/]", "", text)) or None if text else None


def masked(text: str) -> str:
    """`•••42`: the last two characters of a value that has at least six."""
    return f"•••{text[-2:]}" if len(text) >= 6 else "•••"
