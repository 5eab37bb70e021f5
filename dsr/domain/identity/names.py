"""Names and postal addresses: never proof, they only propose records to a person who decides."""

import re
from typing import Final

from dsr.domain.identity.faults import InvalidIdentifier
from dsr.domain.identity.text import admitted, folded, one_line, require_letter_or_digit, stored_text

_MAX_NAME: Final = 200
_MAX_ADDRESS: Final = 500
_PARTICLES: Final = frozenset(
    ("a", "da", "das", "de", "del", "do", "dos", "e", "el", "i", "la", "las", "los", "y")
)
_CONTAINED: Final = 0.9  # 'Ana Pérez' inside 'Ana Pérez García': likely, never certain
NAME_LIKENESS: Final = 0.85
"""From this likeness on a name proposes a record."""


def canonical_name(value: str, region: str | None = None) -> str:
    """A name on one line (NFC), as the person writes it.

    Raises InvalidIdentifier: empty, too_long, characters, wildcard.
    """
    return _canonical(value, _MAX_NAME)


def canonical_postal(value: str, region: str | None = None) -> str:
    """A postal address on one line (NFC); line breaks become spaces.

    Raises InvalidIdentifier: empty, too_long, characters, wildcard.
    """
    return _canonical(value, _MAX_ADDRESS)


def _canonical(value: str, limit: int) -> str:
    if len(value) > 4 * limit:
        raise InvalidIdentifier("too_long")
    return require_letter_or_digit(admitted(one_line(value), limit))


def stored_form(stored: object, region: str | None = None) -> str | None:
    """What a stored name or address is compared by: its words without accents, case and punctuation."""
    text = stored_text(stored)
    return (folded(text) or None) if text else None


def spellings(text: str) -> tuple[str, ...]:
    """The text as written and in upper case, each with and without accents, and in lower case."""
    bare = folded(text)
    return tuple(dict.fromkeys((text, text.upper(), text.lower(), bare, bare.upper(), bare.title())))


def similar_names(a: str, b: str) -> float:
    """How alike two names are, 0 to 1: accents, case, particles and the order of surnames do not count.

    A name of two words or more inside a longer one (one surname left out) gives at most 0.9.
    Only for proposals: equal names are not the same person.
    """
    first, second = _words(a), _words(b)
    if not first or not second:
        return 0.0
    from rapidfuzz import fuzz

    in_order = fuzz.ratio(" ".join(sorted(first)), " ".join(sorted(second))) / 100
    shorter, longer = sorted((set(first), set(second)), key=len)
    inside = _CONTAINED if len(shorter) > 1 and shorter < longer else 0.0
    return min(max(in_order, inside), (1 + max(_weakest(first, second), _weakest(second, first))) / 2)


def _weakest(words: list[str], others: list[str]) -> float:
    """How well the worst word of one name is found in the other: sisters share all words but one."""
    from rapidfuzz import fuzz

    return min(max(fuzz.ratio(word, other) for other in others) for word in words) / 100


def _words(name: str) -> list[str]:
    if len(name) > 2 * _MAX_NAME:
        return []
    return [word for word in folded(name).split() if word not in _PARTICLES]


def near_name(stored: object, name: str, region: str | None = None) -> bool:
    """True when a stored name is alike enough to propose its record."""
    text = stored_text(stored)
    return text is not None and similar_names(text, name) >= NAME_LIKENESS


def near_postal(stored: object, address: str, region: str | None = None) -> bool:
    """True when a stored address has nearly the same words, in any order, and the same figures."""
    text = stored_text(stored)
    if text is None or len(text) > 2 * _MAX_ADDRESS:
        return False
    from rapidfuzz import fuzz

    first, second = folded(text), folded(address)
    same_figures = set(re.findall(r"[0-9]+", first)) == set(re.findall(r"[0-9]+", second))
    return same_figures and fuzz.token_sort_ratio(first, second) >= 90


def mentioned(text: str, free: str) -> bool:
    """True when free text holds all the words one after the other, accents and case aside."""
    return f" {folded(text)} " in f" {folded(free)} "


def masked_name(name: str) -> str:
    """`A••• P•••`: initials of words of three letters or more."""
    return " ".join(f"{word[0]}•••" if len(word) > 2 else "•••" for word in name.split())


def masked_postal(_: str) -> str:
    """`•••`: no part of an address is harmless."""
    return "•••"
