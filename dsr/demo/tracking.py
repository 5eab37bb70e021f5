"""The tracking store: schema and rows of ``tracking.sqlite3``.

Messages carry an address; opens, clicks and forwards hang on a message. Visits to the web know only a
device; devices belong to visitors, and one tablet may belong to two of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Final, NamedTuple

from dsr.demo import ana, phrases
from dsr.demo.ana import Opened
from dsr.demo.cast import ASIDE_ADDRESS, PROMO_ADDRESS, SHARED_TABLET
from dsr.demo.crm import Row, language
from dsr.demo.names import COUNTRIES
from dsr.demo.person import Person
from dsr.demo.population import Population, dice, moment, stamp

SCHEMA: Final = """
CREATE TABLE visitors (
  visitor_id TEXT PRIMARY KEY, email TEXT, customer_no TEXT, tracking_ok INTEGER NOT NULL,
  restricted INTEGER NOT NULL DEFAULT 0, first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL);
CREATE TABLE devices (
  device_id TEXT NOT NULL, visitor_id TEXT NOT NULL REFERENCES visitors(visitor_id), platform TEXT,
  browser TEXT, language TEXT, first_seen_at TEXT NOT NULL, PRIMARY KEY (device_id, visitor_id));
CREATE TABLE page_views (
  id INTEGER PRIMARY KEY, device_id TEXT NOT NULL, viewed_at TEXT NOT NULL, path TEXT NOT NULL,
  seconds INTEGER, ip TEXT, place TEXT);
CREATE TABLE messages (
  id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, sent_at TEXT NOT NULL,
  receiving_server TEXT, status TEXT NOT NULL, link_token TEXT NOT NULL UNIQUE);
CREATE TABLE opens (
  id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL REFERENCES messages(id), opened_at TEXT NOT NULL,
  reading_seconds INTEGER, ip TEXT, device TEXT, client TEXT, place TEXT);
CREATE TABLE clicks (
  id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL REFERENCES messages(id), clicked_at TEXT NOT NULL,
  url TEXT NOT NULL, ip TEXT, device TEXT);
CREATE TABLE forwards (
  id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL REFERENCES messages(id), forwarded_at TEXT NOT NULL,
  forwarded_to TEXT NOT NULL, opened_there INTEGER NOT NULL);
CREATE TABLE consents (
  id INTEGER PRIMARY KEY, email TEXT NOT NULL, given_at TEXT NOT NULL, withdrawn_at TEXT,
  source TEXT NOT NULL, active INTEGER NOT NULL, restricted INTEGER NOT NULL DEFAULT 0);
"""
INDEXES: Final = """
CREATE INDEX visitors_email ON visitors(email);
CREATE INDEX visitors_customer ON visitors(customer_no);
CREATE INDEX devices_visitor ON devices(visitor_id);
CREATE INDEX page_views_device ON page_views(device_id);
CREATE INDEX messages_recipient ON messages(recipient);
CREATE INDEX opens_message ON opens(message_id);
CREATE INDEX clicks_message ON clicks(message_id);
CREATE INDEX forwards_message ON forwards(message_id);
CREATE INDEX consents_email ON consents(email);
"""
"""Made after the rows: five times faster."""

_SINCE: Final = ana.at("2021-01-01T00:00:00")


class Sent(NamedTuple):
    """A message and what became of it; times in seconds."""

    number: int
    person: Person
    recipient: str
    opened: Opened


class Device(NamedTuple):
    """A device as one visitor uses it."""

    device: str
    visitor: str
    person: Person


def tables(population: Population, seed: int, big_events: int) -> Iterator[tuple[str, Iterable[Row]]]:
    """Table names with their rows, parents first.

    ``big_events`` is the exact number of opens, clicks and page views of the busy person together.
    """
    people = population.people[::-1]
    views = big_events // 4
    mail = _mail(dice(seed, "mail"), people, big_events - views)
    sent = [
        Sent(number, person, recipient, opened) for number, (person, recipient, opened) in enumerate(mail, 1)
    ]
    devices = list(_devices(dice(seed, "devices"), people))
    yield "visitors", _visitors(dice(seed, "visitors"), people)
    yield "devices", _device_rows(dice(seed, "platforms"), devices)
    yield "page_views", _page_views(dice(seed, "views"), devices, views)
    yield "messages", _messages(dice(seed, "messages"), sent)
    yield "opens", _opens(dice(seed, "opens"), sent)
    yield "clicks", _clicks(dice(seed, "clicks"), sent)
    yield "forwards", _forwards(dice(seed, "forwards"), sent)
    yield "consents", _consents(dice(seed, "consents"), people)


def _mail(rng: Random, people: Iterable[Person], busy_events: int) -> Iterator[tuple[Person, str, Opened]]:
    for person in people:
        if person.role == "ana":
            yield person, PROMO_ADDRESS, Opened(_month(rng), ())
            yield from ((person, "ana.garcia@correo.example", opened) for opened in ana.MESSAGES)
        elif person.tracked_as:
            many = _busy(rng, busy_events) if person.role == "busy" else _usual(rng, person.follows)
            yield from ((person, person.tracked_as, opened) for opened in many)


def _month(rng: Random) -> int:
    """The seventh hour of the first of a month: when campaigns leave."""
    return ana.at(f"{rng.randrange(2021, 2026)}-{rng.randrange(1, 13):02d}-01T07:00:00")


def _usual(rng: Random, follows: bool) -> Iterator[Opened]:
    for sent in sorted({_month(rng) for _ in range(rng.randrange(3, 11))}):
        reads = rng.randrange(4) if follows else 0
        opens = tuple(sent + rng.randrange(60, 20 * 86400) for _ in range(reads))
        yield Opened(sent, opens, tuple(second + 40 for second in opens if rng.random() < 0.25))


def _busy(rng: Random, events: int) -> Iterator[Opened]:
    """Sixty monthly messages that share ``events``: every fifth event is a click."""
    months = [ana.at(f"{2021 + n // 12}-{n % 12 + 1:02d}-01T07:00:00") for n in range(60)]
    clicks = events // 5
    for place, sent in enumerate(months):
        shares = [(total * (place + 1)) // 60 - (total * place) // 60 for total in (events - clicks, clicks)]
        times = [tuple(sent + rng.randrange(60, 28 * 86400) for _ in range(share)) for share in shares]
        yield Opened(sent, times[0], times[1])


def _devices(rng: Random, people: Iterable[Person]) -> Iterator[Device]:
    for person in people:
        if not person.tracked_as:
            continue
        own = ana.OWN_DEVICE if person.role == "ana" else f"dev-{rng.getrandbits(64):016x}"
        yield Device(own, _visitor(person), person)
        if person.role in {"ana", "eva"}:
            yield Device(SHARED_TABLET, _visitor(person), person)


def _visitor(person: Person) -> str:
    return f"v-{person.number:06d}"


def _visitors(rng: Random, people: Iterable[Person]) -> Iterator[Row]:
    """One visitor by address; one in five, and Ana, has a second one that knows only the customer number."""
    for person in people:
        if not person.tracked_as:
            continue
        first = moment(rng, _SINCE)
        seen = stamp(first), stamp(moment(rng, first))
        both = person.customer_no if rng.random() < 0.5 else None
        yield _visitor(person), person.tracked_as, both, int(person.follows), 0, *seen
        if person.role == "ana" or rng.random() < 0.2:
            yield f"app-{person.number:06d}", None, person.customer_no, int(person.follows), 0, *seen


def _device_rows(rng: Random, devices: Iterable[Device]) -> Iterator[Row]:
    for device in devices:
        platform = rng.choice(("Android", "iOS", "Windows", "Linux"))
        browser = rng.choice(("Firefox", "Chrome"))
        seen = stamp(moment(rng, _SINCE))
        yield device.device, device.visitor, platform, browser, language(device.person), seen


def _page_views(rng: Random, devices: Iterable[Device], busy_views: int) -> Iterator[Row]:
    number = 0
    for device in devices:
        count = busy_views if device.person.role == "busy" else rng.randrange(2, 8)
        for _ in range(count):
            number += 1
            yield (
                number, device.device, stamp(moment(rng, _SINCE)), rng.choice(phrases.PAGES),
                rng.randrange(2, 400), _ip(rng), _place(rng, device.person),
            )  # fmt: skip


def _messages(rng: Random, sent: Iterable[Sent]) -> Iterator[Row]:
    for mail in sent:
        month = phrases.MONTHS[int(stamp(mail.opened.sent)[5:7]) - 1]
        subject = phrases.CAMPAIGNS[mail.number % 4].format(month=month)
        server = f"mx{rng.randrange(1, 4)}.{mail.recipient.rpartition('@')[2]}"
        token = f"{rng.getrandbits(96):024x}"
        yield mail.number, mail.recipient, subject, stamp(mail.opened.sent), server, "delivered", token


def _opens(rng: Random, sent: Iterable[Sent]) -> Iterator[Row]:
    number = 0
    for mail in sent:
        for second in mail.opened.opens:
            number += 1
            yield (
                number, mail.number, stamp(second), rng.randrange(1, 240), _ip(rng),
                "mobile" if number % 3 else "desktop", rng.choice(phrases.CLIENTS), _place(rng, mail.person),
            )  # fmt: skip


def _clicks(rng: Random, sent: Iterable[Sent]) -> Iterator[Row]:
    number = 0
    for mail in sent:
        for second in mail.opened.clicks:
            number += 1
            url = f"https://tienda.example{rng.choice(phrases.PAGES)}"
            yield number, mail.number, stamp(second), url, _ip(rng), "mobile" if number % 3 else "desktop"


def _forwards(rng: Random, sent: Iterable[Sent]) -> Iterator[Row]:
    """To a third person; never to one of the cast."""
    number = 0
    for mail in sent:
        hers = mail.person.role == "ana" and ana.FORWARDED_AT - 86400 < mail.opened.sent < ana.FORWARDED_AT
        if hers or (not mail.person.role and mail.opened.opens and rng.random() < 0.03):
            number += 1
            second = ana.FORWARDED_AT if hers else mail.opened.opens[0] + 300
            to = ASIDE_ADDRESS if hers else f"lector.{rng.randrange(10_000)}@buzon.example"
            yield number, mail.number, stamp(second), to, rng.randrange(2)


def _consents(rng: Random, people: Iterable[Person]) -> Iterator[Row]:
    number = 0
    for person in people:
        if not person.tracked_as:
            continue
        history = ana.CONSENTS if person.role == "ana" else _history(rng, person.follows)
        for given, withdrawn, source in history:
            number += 1
            ended = stamp(withdrawn) if withdrawn else None
            yield number, person.tracked_as, stamp(given), ended, source, int(ended is None), 0


def _history(rng: Random, follows: bool) -> Iterator[tuple[int, int | None, str]]:
    """One in six gave consent, took it back and gave it again; who does not follow took it back for good."""
    given = moment(rng, _SINCE, _SINCE + 500 * 86400)
    pause = rng.random() < 0.17
    middle = given + rng.randrange(200, 700) * 86400
    yield given, middle if pause or not follows else None, "casilla del formulario de alta"
    if pause and follows:
        yield middle + rng.randrange(60, 300) * 86400, None, "centro de preferencias"


def _ip(rng: Random) -> str:
    """An address of the blocks for documentation (RFC 5737, RFC 3849)."""
    if rng.random() < 0.2:
        return f"2001:db8::{rng.randrange(1, 65536):x}"
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}"


def _place(rng: Random, person: Person) -> str:
    city, province, _ = rng.choice(COUNTRIES[person.country].cities)
    return f"{city}, {province}"
