"""One person of the People API: what is read of it, which identifiers it holds, and how a field is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors._people import Seen, addresses, plain

Json = Mapping[str, Any]
MASK = (
    "addresses", "biographies", "birthdays", "calendarUrls", "clientData", "emailAddresses", "events",
    "externalIds", "genders", "imClients", "interests", "locales", "locations", "memberships", "miscKeywords",
    "names", "nicknames", "occupations", "organizations", "phoneNumbers", "photos", "relations", "sipAddresses",
    "skills", "urls", "userDefined",
)  # fmt: skip
"""Every field of a contact; ``metadata`` is asked for besides."""
LOOKED_AT = ("names", "emailAddresses", "phoneNumbers", "organizations", "biographies", "userDefined")
OTHERS = ("names", "emailAddresses", "phoneNumbers", "photos")
"""All that the API gives of other contacts."""
FREE = ("biographies", "userDefined", "relations")
"""Texts and names that may be about others."""
LISTED = ("biographies", "userDefined")
"""Texts in which somebody else's address may stand."""
MADE = ("metadata", "formattedType", "displayName", "displayNameLastFirst", "canonicalForm")
"""What Google adds to the values of a field and takes from nobody."""


@dataclass(frozen=True)
class Slim:
    """What is remembered of every contact while all are compared."""

    name: str
    seen: Seen
    called: str
    is_person: bool
    mentions: tuple[str, ...]


def slim(person: Json) -> Slim:
    """The little that finding needs."""
    return Slim(
        str(person["resourceName"]), seen(person), called(person), is_person(person), mentions(person)
    )


def values(person: Json, name: str) -> list[dict[str, Any]]:
    """The values of a field, in their order."""
    found = person.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def seen(person: Json) -> Seen:
    """The identifiers as they are stored."""
    emails = (("email", text("emailAddresses", one)) for one in values(person, "emailAddresses"))
    phones = (("phone", text("phoneNumbers", one)) for one in values(person, "phoneNumbers"))
    return tuple(dict.fromkeys(one for one in (*emails, *phones) if one[1]))


def called(person: Json) -> str:
    """The name of the contact, for comparison."""
    names = values(person, "names")
    return " ".join(text("names", names[0]).casefold().split()) if names else ""


def is_person(person: Json) -> bool:
    """Not a company: those have an organisation and nobody's name."""
    return bool(values(person, "names")) or not values(person, "organizations")


def mentions(person: Json) -> tuple[str, ...]:
    """Addresses that stand in its texts and are not its own."""
    own = {plain(kind, value) for kind, value in seen(person)}
    texts = (
        str(one.get(key, "")) for name in LISTED for one in values(person, name) for key in ("key", "value")
    )
    found = dict.fromkeys(each for one in texts for each in addresses(one))
    return tuple(one for one in found if plain("email", one) not in own)


def contact_source(person: Json) -> dict[str, Any] | None:
    """The source that is the contact itself, with its etag. None: what is left is a profile, nobody's contact."""
    about = person.get("metadata")
    sources = about.get("sources") if isinstance(about, dict) else None
    for one in sources if isinstance(sources, list) else ():
        if isinstance(one, dict) and one.get("type") == "CONTACT":
            return one
    return None


def text(name: str, value: Json) -> str:
    """One value of a field as text."""
    return WRITTEN[name][0](value)


def _plainly(key: str) -> Callable[[Json], str]:
    return lambda value: str(value.get(key) or "")


def _name(value: Json) -> str:
    return str(value.get("unstructuredName") or value.get("displayName") or "")


def _phone(value: Json) -> str:
    """International as written, else as Google reads it."""
    written = str(value.get("value") or "")
    return written if plain("phone", written).startswith("+") else str(value.get("canonicalForm") or written)


def _day(value: Json) -> str:
    day = value.get("date")
    said = [day.get(one) for one in ("year", "month", "day")] if isinstance(day, dict) else []
    year, month, of_month = said or (0, 0, 0)
    if isinstance(year, int) and isinstance(month, int) and isinstance(of_month, int) and year and month:
        return f"{year:04}-{month:02}-{of_month:02}"
    return str(value.get("text") or "")


def _as_day(old: Json, new: str) -> dict[str, Any]:
    day = date.fromisoformat(new)
    return {"date": {"year": day.year, "month": day.month, "day": day.day}}


def _instead(key: str, *gone: str) -> Callable[[Json, str], dict[str, Any]]:
    """The value with another text at ``key``; parts in ``gone`` said the old one in another way."""
    return lambda old, new: {name: one for name, one in old.items() if name not in gone} | {key: new}


Writes = tuple[Callable[[Json], str], Callable[[Json, str], dict[str, Any]]]
PLACE = (
    "streetAddress", "extendedAddress", "poBox", "city", "region", "postalCode", "country", "countryCode",
)  # fmt: skip
WRITTEN: Mapping[str, Writes] = {
    "names": (_name, lambda old, new: {"unstructuredName": new}),
    "nicknames": (_plainly("value"), _instead("value")),
    "emailAddresses": (_plainly("value"), _instead("value")),
    "phoneNumbers": (_phone, _instead("value")),
    "addresses": (_plainly("formattedValue"), _instead("formattedValue", *PLACE)),
    "organizations": (_plainly("title"), _instead("title")),
    "urls": (_plainly("value"), _instead("value")),
    "birthdays": (_day, _as_day),
    "events": (_day, _as_day),
}
"""Their value as text, and a value that says another text instead."""


def texts(person: Json, name: str) -> tuple[str, ...]:
    """The values of a field as texts, '' where one says nothing."""
    return tuple(text(name, one) for one in values(person, name))


def rewritten(person: Json, name: str, new: Sequence[str]) -> list[dict[str, Any]]:
    """The whole field with these texts in place of its own; values that stay keep their parts."""
    return [
        clean(one if text(name, one) == said else WRITTEN[name][1](one, said))
        for one, said in zip(values(person, name), new, strict=True)
    ]


def shown(value: Json) -> dict[str, Any]:
    """A value as it is told: without where Google has it from."""
    return {name: one for name, one in value.items() if name != "metadata"}


def clean(value: Json) -> dict[str, Any]:
    """A value without what Google adds."""
    return {name: one for name, one in value.items() if name not in MADE}


def marked(person: Json, key: str) -> str | None:
    """What the custom field of this name says, None without it."""
    return next(
        (str(one.get("value") or "") for one in values(person, "userDefined") if one.get("key") == key), None
    )


def with_mark(person: Json, key: str, value: str | None) -> list[dict[str, Any]]:
    """The custom fields with this one said, or (None) taken away; the others stay as they are."""
    before = [clean(one) for one in values(person, "userDefined")]
    if value is None:
        return [one for one in before if one.get("key") != key]
    if all(one.get("key") != key for one in before):
        return [*before, {"key": key, "value": value}]
    return [{**one, "value": value} if one.get("key") == key else one for one in before]
