"""One identifier: its canonical form, whether a stored value is the same, how to ask for it and show it."""

from dsr.contract import Identifier
from dsr.domain.identity.faults import InvalidIdentifier
from dsr.domain.identity.kinds import KINDS, kind_of
from dsr.domain.identity.text import is_hidden, stored_text

_HIDDEN_VALUE = "•••"


def canonical(kind: str, value: str, country: str | None = None) -> str:
    """The one form in which this identifier is kept and compared; applying it twice changes nothing.

    `country` (two letters) reads a phone number without prefix.
    Raises InvalidIdentifier with the code and the kind, never with the value.
    """
    try:
        return kind_of(kind).canonical(value, country)
    except InvalidIdentifier as fault:
        raise InvalidIdentifier(fault.code, kind) from None


def same(kind: str, stored: object, wanted: str, *, region: str | None = None) -> bool:
    """Whether a value as stored is the identifier `wanted` (canonical). Never raises; unknown kinds are not.

    Lenient in how the store writes it (white space, case of A-Z, separators, `Ana <ana@example.es>`,
    numeric columns), exact in what it is. `region` reads phone numbers stored without prefix.
    """
    known = KINDS.get(kind)
    if known is None:
        return False
    found = known.stored_form(stored, region)
    return found is not None and (found == wanted or found == known.stored_form(wanted, region))


def mentions(kind: str, wanted: str, text: str) -> bool:
    """Whether free text contains the identifier `wanted` (canonical) as a token of its own."""
    known = KINDS.get(kind)
    return known is not None and bool(wanted) and known.mentioned(wanted, text)


def spellings(kind: str, wanted: str) -> tuple[str, ...]:
    """The forms worth asking a store for, the canonical one first. What comes back is compared again."""
    return kind_of(kind).spellings(wanted)


def mask(kind: str, wanted: str) -> str:
    """A form to show on the desk: a few letters, always the same dots, never the whole value."""
    masked = kind_of(kind).masked(wanted)
    return _HIDDEN_VALUE if wanted in masked else masked


def identify(kind: str, value: str, *, country: str | None = None, proved: bool = False) -> Identifier:
    """The identifier made from what a person typed or a record reveals: canonical, with its spellings.

    With `proved` it must be of a kind that can be proof.
    Raises InvalidIdentifier: the codes of that kind, or never_proof.
    """
    wanted = canonical(kind, value, country)
    if proved and kind_of(kind).proof == "never":
        raise InvalidIdentifier("never_proof", kind)
    forms = spellings(kind, wanted)
    typed = stored_text(value)
    if typed is not None and same(kind, typed, wanted, region=country) and not any(map(is_hidden, typed)):
        forms = tuple(dict.fromkeys((*forms, typed)))
    return Identifier(kind=kind, value=wanted, spellings=forms)
