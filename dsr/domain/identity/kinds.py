"""The table of identifier kinds: a new kind is one entry here (and its label in the translations)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

from dsr.domain.identity import address, names, numbers, phone, plain
from dsr.domain.identity.faults import InvalidIdentifier

Proof = Literal["mail", "officer", "never"]


def _never_near(stored: object, canonical: str, region: str | None = None) -> bool:
    return False


@dataclass(frozen=True)
class Kind:
    """One kind of identifier and its rules.

    proof: `mail` (control of the mailbox proves it), `officer` (only a person can record proof of it),
    `never` (it can only propose records).
    countries: two-letter codes of where it is asked for; empty means everywhere.
    autocomplete, inputmode: hints for the form field. unique: one person has one, so another number is
    another person.
    canonical(value, region) raises InvalidIdentifier. stored_form(stored, region) gives what a stored value
    is compared by, or None, and never raises. near says that a stored value is worth proposing.
    """

    key: str
    proof: Proof
    canonical: Callable[[str, str | None], str]
    stored_form: Callable[[object, str | None], str | None]
    spellings: Callable[[str], tuple[str, ...]]
    mentioned: Callable[[str, str], bool]
    masked: Callable[[str], str]
    near: Callable[[object, str, str | None], bool] = _never_near
    countries: tuple[str, ...] = ()
    autocomplete: str = "off"
    inputmode: str = "text"
    unique: bool = False


def _plain(key: str, autocomplete: str = "off") -> Kind:
    return Kind(
        key=key,
        proof="officer",
        canonical=plain.canonical,
        stored_form=plain.stored_form,
        spellings=plain.spellings,
        mentioned=plain.mentioned,
        masked=plain.masked,
        near=plain.near,
        autocomplete=autocomplete,
    )


def _words(key: str, autocomplete: str) -> Kind:
    postal = key == "postal_address"
    return Kind(
        key=key,
        proof="never",
        canonical=names.canonical_postal if postal else names.canonical_name,
        stored_form=names.stored_form,
        spellings=names.spellings,
        mentioned=names.mentioned,
        masked=names.masked_postal if postal else names.masked_name,
        near=names.near_postal if postal else names.near_name,
        autocomplete=autocomplete,
    )


def _national(key: str) -> Kind:
    letters = key in ("es_dni", "mx_curp", "cl_rut")
    return Kind(
        key=key,
        proof="officer",
        canonical=lambda value, _region: numbers.canonical(key, value),
        stored_form=lambda stored, _region: numbers.stored_form(key, stored),
        spellings=partial(numbers.spellings, key),
        mentioned=partial(numbers.mentioned, key),
        masked=plain.masked,
        countries=(numbers.NUMBERS[key].country,),
        inputmode="text" if letters else "numeric",
        unique=True,
    )


_EMAIL: Final = Kind(
    key="email",
    proof="mail",
    canonical=address.canonical,
    stored_form=address.stored_form,
    spellings=address.spellings,
    mentioned=address.mentioned,
    masked=address.masked,
    autocomplete="email",
    inputmode="email",
)
_PHONE: Final = Kind(
    key="phone",
    proof="officer",
    canonical=phone.canonical,
    stored_form=phone.stored_form,
    spellings=phone.spellings,
    mentioned=phone.mentioned,
    masked=phone.masked,
    near=phone.near,
    autocomplete="tel",
    inputmode="tel",
)
_PASSPORT: Final = Kind(
    key="passport",
    proof="officer",
    canonical=plain.passport,
    stored_form=plain.stored_passport,
    spellings=plain.spellings,
    mentioned=plain.mentioned,
    masked=plain.masked,
)

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.key: kind
        for kind in (
            _EMAIL,
            _PHONE,
            _plain("customer_number"),
            _plain("username", "username"),
            _plain("device_id"),
            *(_national(key) for key in numbers.NUMBERS),
            _PASSPORT,
            _words("name", "name"),
            _words("postal_address", "street-address"),
            _plain("other"),
        )
    }
)
"""Every kind by its key, in the order a form offers them."""


def kind_of(key: str) -> Kind:
    """The kind with this key. Raises InvalidIdentifier 'unknown_kind'."""
    try:
        return KINDS[key]
    except KeyError:
        raise InvalidIdentifier("unknown_kind") from None


def kinds_for(country: str | None) -> tuple[Kind, ...]:
    """The kinds a form for this country offers: those of everywhere and its own national numbers."""
    return tuple(kind for kind in KINDS.values() if not kind.countries or country in kind.countries)
