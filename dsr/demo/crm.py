"""The CRM: schema and rows of ``crm.sqlite3``, written with the plain sqlite3 client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Final, NamedTuple

from dsr.demo import ana, phrases
from dsr.demo.cast import BACKUP_ADDRESS, CAST
from dsr.demo.names import COUNTRIES, PRODUCTS, STAFF
from dsr.demo.person import Person
from dsr.demo.population import END, Population, dice, moment, stamp

SCHEMA: Final = """
CREATE TABLE households (
  id INTEGER PRIMARY KEY, street TEXT NOT NULL, postcode TEXT, city TEXT NOT NULL, province TEXT,
  country TEXT NOT NULL, phone TEXT);
CREATE TABLE companies (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT, country TEXT, email TEXT);
CREATE TABLE contacts (
  id INTEGER PRIMARY KEY, customer_no TEXT NOT NULL UNIQUE, name TEXT NOT NULL, given_name TEXT,
  family_name TEXT, email TEXT, email_2 TEXT, phone TEXT, home_phone TEXT, born_on TEXT, language TEXT,
  job_title TEXT, household_id INTEGER REFERENCES households(id),
  company_id INTEGER REFERENCES companies(id), guardian_id INTEGER REFERENCES contacts(id),
  score INTEGER, marketing_ok INTEGER NOT NULL, tracking_ok INTEGER NOT NULL,
  restricted INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT);
CREATE TABLE deals (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts(id), title TEXT NOT NULL,
  amount_cents INTEGER, currency TEXT, stage TEXT, expected_on TEXT, created_at TEXT NOT NULL);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts(id),
  order_no TEXT NOT NULL UNIQUE, ordered_at TEXT NOT NULL, product TEXT NOT NULL,
  total_cents INTEGER NOT NULL, currency TEXT NOT NULL, status TEXT NOT NULL, ship_name TEXT,
  ship_to TEXT, comments TEXT, restricted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE invoices (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts(id),
  number TEXT NOT NULL UNIQUE, order_no TEXT NOT NULL, issued_on TEXT NOT NULL, paid_on TEXT,
  holder_name TEXT NOT NULL, holder_address TEXT NOT NULL, total_cents INTEGER NOT NULL,
  currency TEXT NOT NULL, restricted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts(id), subject TEXT NOT NULL,
  channel TEXT NOT NULL, status TEXT NOT NULL, opened_at TEXT NOT NULL, closed_at TEXT);
CREATE TABLE ticket_messages (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL REFERENCES tickets(id), author TEXT NOT NULL,
  body TEXT NOT NULL, sent_at TEXT NOT NULL);
CREATE TABLE notes (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts(id), author TEXT NOT NULL,
  body TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE attributes (
  id INTEGER PRIMARY KEY, entity TEXT NOT NULL, entity_id INTEGER NOT NULL, name TEXT NOT NULL,
  value TEXT, UNIQUE (entity, entity_id, name));
CREATE INDEX contacts_email ON contacts(email);
CREATE INDEX contacts_email_2 ON contacts(email_2);
CREATE INDEX contacts_phone ON contacts(phone);
CREATE INDEX contacts_household ON contacts(household_id);
CREATE INDEX deals_contact ON deals(contact_id);
CREATE INDEX orders_contact ON orders(contact_id);
CREATE INDEX invoices_contact ON invoices(contact_id);
CREATE INDEX tickets_contact ON tickets(contact_id);
CREATE INDEX ticket_messages_ticket ON ticket_messages(ticket_id);
CREATE INDEX notes_contact ON notes(contact_id);
CREATE INDEX attributes_value ON attributes(name, value);
"""
CURRENCY: Final = {"ES": "EUR", "MX": "MXN", "CO": "COP", "PE": "PEN", "BR": "BRL"}

Row = tuple[object, ...]


class Sale(NamedTuple):
    """One purchase: it becomes an order and, unless cancelled, an invoice. ``at`` in seconds."""

    person: Person
    at: int
    product: str
    cents: int
    status: str


def tables(population: Population, seed: int) -> Iterator[tuple[str, Iterable[Row]]]:
    """Table names with their rows, parents first.

    People are taken from the last to the first, so that no row number equals its owner's number.
    """
    people = population.people[::-1]
    sales = list(_sales(dice(seed, "sales"), people))
    tickets = list(_tickets(dice(seed, "tickets"), people))
    deals = list(_deals(dice(seed, "deals"), people))
    yield "households", _households(population)
    yield "companies", _companies(population)
    yield "contacts", _contacts(dice(seed, "contacts"), population)
    yield "deals", deals
    yield "orders", _orders(population, sales)
    yield "invoices", _invoices(population, sales)
    yield "tickets", tickets
    yield "ticket_messages", _ticket_messages(dice(seed, "messages"), tickets)
    yield "notes", _notes(dice(seed, "notes"), people)
    yield "attributes", _attributes(dice(seed, "attributes"), people, deals)


def day(second: int) -> str:
    """``2026-03-02``."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d")


def language(person: Person) -> str:
    """es or pt."""
    return COUNTRIES[person.country].language


def _some(rng: Random, person: Person, most: int) -> range:
    """How many rows of a kind someone has; each adult of the cast has at least one, a child none."""
    if person.guardian is not None:
        return range(0)
    return range(rng.randrange(1 if person.role else 0, most + 1))


def _households(population: Population) -> Iterator[Row]:
    for h in population.households:
        yield h.number, h.street, h.postcode, h.city, h.province, h.country, h.phone


def _companies(population: Population) -> Iterator[Row]:
    for c in population.companies:
        yield c.number, c.name, c.city, c.country, f"info@{c.domain}"


def _contacts(rng: Random, population: Population) -> Iterator[Row]:
    for p in population.people:
        home = population.households[p.household - 1]
        created = moment(rng)
        yield (
            p.number, p.customer_no, p.name, p.given, p.family, p.email, p.email_2, p.written_phone(),
            home.phone, day(p.born), language(p), p.job, p.household, p.company, p.guardian,
            rng.randrange(101), int(p.listed_as is not None), int(p.tracked_as is not None and p.follows),
            0, stamp(created), stamp(moment(rng, created)),
        )  # fmt: skip


def _deals(rng: Random, people: Iterable[Person]) -> Iterator[Row]:
    number = 0
    for person in people:
        for _ in _some(rng, person, 2):
            number += 1
            created = moment(rng)
            money = rng.randrange(5_000, 900_000), CURRENCY[person.country]
            title = f"{rng.choice(PRODUCTS)} x {rng.randrange(2, 40)}"
            stage = rng.choice(("abierto", "ganado", "perdido", "propuesta"))
            expected = day(created + rng.randrange(10, 120) * 86400)
            yield number, person.number, title, *money, stage, expected, stamp(created)


def _sales(rng: Random, people: Iterable[Person]) -> Iterator[Sale]:
    for person in people:
        if person.role == "ana":
            yield from (Sale(person, at, product, cents, "entregado") for at, product, cents in ana.SALES)
            continue
        for _ in _some(rng, person, 5):
            status = rng.choices(("entregado", "cancelado", "en camino"), (85, 8, 7))[0]
            yield Sale(person, moment(rng), rng.choice(PRODUCTS), rng.randrange(500, 60_000), status)


def _orders(population: Population, sales: Iterable[Sale]) -> Iterator[Row]:
    for number, sale in enumerate(sales, 1):
        p = sale.person
        address = population.households[p.household - 1].line()
        comment = phrases.COMMENTS[language(p)][number % 4]
        yield (
            number, p.number, _order_no(number), stamp(sale.at), sale.product, sale.cents,
            CURRENCY[p.country], sale.status, p.name, address, comment, 0,
        )  # fmt: skip


def _invoices(population: Population, sales: Iterable[Sale]) -> Iterator[Row]:
    """Buyer's name and address are copied, as the books want them: they outlive the contact card."""
    billed = ((order, sale) for order, sale in enumerate(sales, 1) if sale.status != "cancelado")
    for number, (order, sale) in enumerate(billed, 1):
        p = sale.person
        issued = sale.at + 86400
        paid = day(issued + 15 * 86400) if issued + 15 * 86400 < END else None
        yield (
            number, p.number, f"F{day(issued)[:4]}-{number:06d}", _order_no(order), day(issued), paid, p.name,
            population.households[p.household - 1].line(), sale.cents, CURRENCY[p.country], 0,
        )  # fmt: skip


def _order_no(number: int) -> str:
    return f"P-{number:07d}"


def _tickets(rng: Random, people: Iterable[Person]) -> Iterator[Row]:
    number = 0
    for person in people:
        for _ in range(2) if person.role == "ana" else _some(rng, person, 2):
            number += 1
            opened = moment(rng)
            closed = stamp(opened + rng.randrange(1, 200) * 3600) if rng.random() < 0.9 else None
            subject = rng.choice(phrases.SUBJECTS[language(person)])
            channel = rng.choice(("correo", "web", "teléfono"))
            status = "cerrado" if closed else "abierto"
            yield number, person.number, subject, channel, status, stamp(opened), closed


def _ticket_messages(rng: Random, tickets: Iterable[Row]) -> Iterator[Row]:
    number = 0
    for ticket in tickets:
        for turn in range(rng.randrange(2, 4)):
            number += 1
            author = "cliente" if turn % 2 == 0 else rng.choice(STAFF)
            body = rng.choice(phrases.QUESTIONS if turn % 2 == 0 else phrases.ANSWERS)
            yield number, ticket[0], author, body, ticket[5]


def _notes(rng: Random, people: tuple[Person, ...]) -> Iterator[Row]:
    """Free text of staff; a part of it names somebody else, some of it with address or phone."""
    others = people[: -len(CAST)]
    number = 0
    for person in people:
        bodies = list(ana.NOTES.get(person.number, ()))
        for _ in range(0) if bodies else _some(rng, person, 2):
            bodies.append(_note(rng, rng.choice(others), language(person)))
        for body in bodies:
            number += 1
            yield number, person.number, rng.choice(STAFF), body, stamp(moment(rng))


def _note(rng: Random, other: Person, tongue: str) -> str:
    template = rng.choice(phrases.NOTES[tongue])
    reach = other.email or other.phone or other.customer_no
    return template.format(product=rng.choice(PRODUCTS), other=other.name, reach=reach)


def _attributes(rng: Random, people: Iterable[Person], deals: Iterable[Row]) -> Iterator[Row]:
    """Generic key-value rows: ``entity_id`` 1 of a deal and of a contact are two different things."""
    for number, pair in enumerate(_pairs(rng, people, deals), 1):
        yield number, *pair


def _pairs(rng: Random, people: Iterable[Person], deals: Iterable[Row]) -> Iterator[Row]:
    for person in people:
        if person.role == "backup_address":
            yield "contact", person.number, "backup_email", BACKUP_ADDRESS
        for name, values in phrases.ATTRIBUTES:
            if person.role == "ana" or rng.random() < 0.5:
                yield "contact", person.number, name, rng.choice(values)
    for deal in deals:
        if rng.random() < 0.5:
            yield "deal", deal[0], "probability", str(rng.randrange(10, 100, 10))
