"""Which law a person's place brings with it, and what that law calls things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dsr import laws
from dsr.domain.law import MAJORITY, Authority, Pack, RightMissing
from dsr.domain.organisation import Controller
from dsr.domain.rights import NAMES, Right

from . import clocks

UNION = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "IS",
        "LI",
        "NO",
    ]
)
"""Where the GDPR applies: the Union and the EEA."""

TERRITORIES = {"UK": "GB", "US-CA": "US"}
"""Jurisdictions whose key is not the code of their country."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody lives, as a form says it: ``key`` (ES, GB, US-CA), the law for it, a country code."""

    key: str
    jurisdiction: str
    country: str


def place(key: str, controller: Controller) -> Place:
    """The place of this key; without one, or without a law on file, the controller's own law."""
    known = {pack.jurisdiction for pack in laws.packs()}
    codes = {
        territory: jurisdiction for jurisdiction, territory in TERRITORIES.items() if "-" not in jurisdiction
    }
    wanted = codes.get(key, key)
    country = TERRITORIES.get(wanted, wanted)[:2] if key else ""
    if wanted in known:
        return Place(key, wanted, country)
    if country in UNION:
        return Place(key, "EU", country)
    return Place(key, controller.jurisdiction, country)


def candidates(country: str, controller: Controller) -> tuple[str, ...]:
    """The laws that may hold for somebody in ``country`` ('' where she did not say) beside any doubt.

    Unsaid: the controller's own law and those of the countries it serves. A country without a law on file:
    the controller's own, the generic one, and the regions of that country that have one. Otherwise one law.
    """
    known = {pack.jurisdiction for pack in laws.packs()}
    if not country:
        served = (place(key, controller).jurisdiction for key in controller.countries)
        return tuple(dict.fromkeys((controller.jurisdiction, *served)))
    here = next((law for law, code in TERRITORIES.items() if code == country and "-" not in law), country)
    if here in known or country in UNION:
        return (place(country, controller).jurisdiction,)
    parts = (one for one in regions() if one.startswith(f"{country}-"))
    return tuple(dict.fromkeys((controller.jurisdiction, "XX", *parts)))


def no_law(country: str, language: str) -> str:
    """What is known of a country whose law is not on file as a pack; '' for the others."""
    known = laws.countries().get(country)
    return known.words(language) if known else ""


def regions() -> tuple[str, ...]:
    """Jurisdictions that are parts of a country and must be offered by name (US-CA)."""
    return tuple(dict.fromkeys(pack.jurisdiction for pack in laws.packs() if "-" in pack.jurisdiction))


def region_name(jurisdiction: str, language: str, *, now: datetime) -> str:
    """What a region of ``regions`` is called."""
    return laws.in_force(jurisdiction, now).names.of(language)


def asks_alone(jurisdiction: str, controller: Controller, *, now: datetime) -> int:
    """From which age nobody asks in her place as a parent: that of the law there, or coming of age."""
    found = _pack(jurisdiction, controller, now).child_age
    return found.years if found else MAJORITY


@dataclass(frozen=True, slots=True)
class HeirRule:
    """Who may ask for somebody who has died ('' where the law names nobody), and for which rights."""

    who: str
    rights: tuple[str, ...]


def heirs(jurisdiction: str, controller: Controller, language: str, *, now: datetime) -> HeirRule:
    """The heirs of the law of that place."""
    found = _pack(jurisdiction, controller, now).heirs
    return (
        HeirRule(f"{found.who.of(language)} ({found.citation})", found.rights) if found else HeirRule("", ())
    )


def local_name(jurisdiction: str, right: str, controller: Controller, language: str, *, now: datetime) -> str:
    """What the law of the place calls a right of ours, or one of its own; '' where it has no such right."""
    try:
        return _pack(jurisdiction, controller, now).right(right).names.of(language)
    except RightMissing:
        return ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be asked for somewhere: a right of ours, or by ``local_right`` one that only that law has."""

    right: str
    local_right: str
    name: str
    law: str


def rights(jurisdiction: str, controller: Controller, language: str, *, now: datetime) -> tuple[Offered, ...]:
    """Everything that a person can ask for there: ours by their names in that law, then those beyond them."""
    pack = _pack(jurisdiction, controller, now)
    ours = []
    for right in Right:
        try:
            found = pack.right(right)
        except RightMissing:
            ours.append(Offered(right, "", NAMES[right][language], ""))
        else:
            ours.append(Offered(right, "", found.names.of(language), found.law))
    more = beyond(jurisdiction, controller, language, now=now)
    return (*ours, *(Offered(one.served_by, one.key, one.name, one.law) for one in more))


@dataclass(frozen=True, slots=True)
class Beyond:
    """A right of the law that is none of our seven: its key there, the right whose work answers it, its name."""

    key: str
    served_by: str
    name: str
    law: str


def beyond(jurisdiction: str, controller: Controller, language: str, *, now: datetime) -> tuple[Beyond, ...]:
    """The rights beyond the seven that the law of the place gives and a case can answer."""
    pack = _pack(jurisdiction, controller, now)
    today = clocks.local_day(now, controller.zone)
    return tuple(
        Beyond(key, one.served_by, one.names.of(language), one.law)
        for key, one in pack.rights.items()
        if one.canonical is None and one.served_by and (one.since is None or one.since <= today)
    )


def law_name(jurisdiction: str, controller: Controller, language: str, *, now: datetime) -> str:
    """Whose law it is, in words: the country of the pack."""
    return _pack(jurisdiction, controller, now).names.of(language)


def authority(jurisdiction: str, controller: Controller, *, now: datetime) -> Authority:
    """To whom the person can complain."""
    return _pack(jurisdiction, controller, now).authority


def _pack(jurisdiction: str, controller: Controller, now: datetime) -> Pack:
    return clocks.pack_for(jurisdiction, now, controller.zone)
