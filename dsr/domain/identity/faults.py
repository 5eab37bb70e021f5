"""Why a value cannot be an identifier."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "empty": "The value is empty. Write it, or leave this identifier out.",
        "too_long": "The value is too long for this kind of identifier. Write only the identifier.",
        "characters": "The value has invisible or control characters. Type it again instead of pasting it.",
        "wildcard": "The value has a wildcard (* ? %). Write the whole identifier.",
        "placeholder": "The value stands for 'no value' and belongs to nobody. Leave this identifier out.",
        "email.syntax": "This is not one plain e-mail address. Write it like ana@example.es, without a name.",
        "email.wildcard": "The e-mail address has a wildcard (* ? %). Write the whole address.",
        "phone.invalid": "This is not a phone number. Write it with its country, like +34 612 34 56 78.",
        "phone.country": "The country of this number is not known. Start it with + and the country code.",
        "number.syntax": "The number has the wrong length or wrong characters. Copy it as on the document.",
        "check_digit": "The control letter or digit does not belong to this number. Check every character.",
        "not_a_person": "This number belongs to an organisation, not to a person. Write a person's number.",
        "never_proof": "This kind of identifier can only propose records. It cannot be recorded as proof.",
        "unknown_kind": "There is no such kind of identifier. Use a key of dsr.domain.identity.KINDS.",
    }
)
"""Every code an InvalidIdentifier can carry, with what is wrong and what to do (English, for logs)."""


class InvalidIdentifier(ValueError):
    """A value cannot be an identifier.

    Carries the stable `code` (a key of FAULTS, to be translated for people) and the `kind` it was
    checked as. Neither the message nor any attribute repeats the value: this error may be logged.
    """

    def __init__(self, code: str, kind: str = "") -> None:
        super().__init__(FAULTS[code])
        self.code = code
        self.kind = kind
