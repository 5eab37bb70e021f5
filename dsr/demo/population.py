"""Everybody of the demo: the cast, then generated families that share addresses and mailboxes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Final

from dsr.demo.cast import CAST, HOUSEHOLDS
from dsr.demo.names import COUNTRIES, JOBS, LEGAL_FORMS, MAIL_HOSTS, PLACES, TRADES
from dsr.demo.person import Company, Household, Person

START: Final = int(datetime(2016, 1, 1, tzinfo=UTC).timestamp())
END: Final = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
_COMPANY_COUNT: Final = 60
_CODES: Final = tuple(COUNTRIES)
_WEIGHTS: Final = tuple(country.weight for country in COUNTRIES.values())


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody of one demo; ``people[n - 1]`` has the number ``n``."""

    people: tuple[Person, ...]
    households: tuple[Household, ...]
    companies: tuple[Company, ...]


def dice(seed: int, *names: str) -> Random:
    """A random generator of its own for each part, so that one part never changes another."""
    return Random(":".join((str(seed), *names)))  # noqa: S311 - invented data, no secret


def moment(rng: Random, earliest: int = START, latest: int = END) -> int:
    """A second between two, at a waking hour."""
    day = rng.randrange(earliest // 86400, max(earliest // 86400 + 1, latest // 86400))
    return day * 86400 + rng.randrange(6 * 3600, 21 * 3600)


def stamp(second: int) -> str:
    """``2026-03-02T10:15:00Z``."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def populate(count: int, seed: int) -> Population:
    """The cast first, then generated families and singles until there are ``count`` people."""
    rng = dice(seed, "people")
    companies = tuple(_companies(dice(seed, "companies")))
    people = list(CAST)
    households = list(HOUSEHOLDS)
    taken = {person.email for person in people if person.email}
    while len(people) < count:
        home = _household(rng, len(households) + 1)
        households.append(home)
        for person in _family(rng, home, len(people) + 1, taken, companies):
            if len(people) < count:
                people.append(person)
    return Population(tuple(people), tuple(households), companies)


def slug(words: str) -> str:
    """Words as they stand in an address: ASCII, lower case, without spaces."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "")


def _companies(rng: Random) -> Iterator[Company]:
    names = [f"{trade} {place}" for trade in TRADES for place in PLACES]
    rng.shuffle(names)
    for number, name in enumerate(names[:_COMPANY_COUNT], 1):
        code = rng.choices(_CODES, _WEIGHTS)[0]
        city = rng.choice(COUNTRIES[code].cities)[0]
        yield Company(number, f"{name} {LEGAL_FORMS[code]}", city, code, f"{slug(name)}.example")


def _household(rng: Random, number: int) -> Household:
    code = rng.choices(_CODES, _WEIGHTS)[0]
    country = COUNTRIES[code]
    city, province, postcode = rng.choice(country.cities)
    street = f"{rng.choice(country.streets)}, {rng.randrange(1, 180)}"
    return Household(number, street, f"{postcode}{rng.randrange(100):02d}", city, province, code)


def _family(
    rng: Random, home: Household, first: int, taken: set[str], companies: tuple[Company, ...]
) -> Iterator[Person]:
    """One to five people of one address: a third of the larger families share one mailbox."""
    size = rng.choices((1, 2, 3, 4, 5), (45, 25, 13, 12, 5))[0]
    country = COUNTRIES[home.country]
    surname = f"{rng.choice(country.family)} {rng.choice(country.family)}"
    shared = f"familia.{slug(surname.split(maxsplit=1)[0])}{home.number}@{rng.choice(MAIL_HOSTS)}"
    one_mailbox = size >= 3 and rng.random() < 0.35
    for position in range(size):
        person = Person(
            number=first + position,
            given=rng.choice(country.given),
            family=surname if position != 1 else f"{rng.choice(country.family)} {rng.choice(country.family)}",
            household=home.number,
            country=home.country,
            born=moment(rng, -946684800, 1136073600) if position < 2 else moment(rng, 1325376000, 1704067200),
        )
        if position >= 2:
            yield replace(person, guardian=first, email=shared if one_mailbox else None)
        else:
            adult = _work(rng, person, companies)
            yield _reach(rng, adult, shared if one_mailbox else None, taken)


def _work(rng: Random, person: Person, companies: tuple[Company, ...]) -> Person:
    if rng.random() > 0.25:
        return person
    company = rng.choice(companies)
    role = f"info@{company.domain}" if rng.random() < 0.2 else None
    return replace(person, company=company.number, job=rng.choice(JOBS), email=role)


def _reach(rng: Random, person: Person, shared: str | None, taken: set[str]) -> Person:
    """Mailbox and phone; one in twelve has a plus tag, one in thirty no e-mail at all."""
    known = shared or person.email or _new_address(rng, person, taken)
    email = None if rng.random() < 0.033 else known
    phone = COUNTRIES[person.country].phone.format(person.number) if rng.random() < 0.9 else None
    return replace(
        person,
        email=email,
        phone=phone,
        tracked_as=email if rng.random() < 0.85 else None,
        listed_as=email if email != shared and rng.random() < 0.6 else None,
        spelling=rng.randrange(4),
        follows=rng.random() < 0.85,
    )


def _new_address(rng: Random, person: Person, taken: set[str]) -> str:
    tag = rng.choice(("+promo", "+tienda", "+loja")) if rng.random() < 0.08 else ""
    host = rng.choice(MAIL_HOSTS)
    stem = f"{slug(person.given)}.{slug(person.family.split(maxsplit=1)[0])}"
    email = f"{stem}{tag}@{host}"
    if email in taken:
        email = f"{stem}{person.number}{tag}@{host}"
    taken.add(email)
    return email
