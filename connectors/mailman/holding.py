"""What Mailman holds: accounts, addresses and memberships as they are now, each asked for once per call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from dsr.contract import Intent, Key, Record, Row

from .api import Address, Api, Entry, Member, User, Waiting, folded, is_askable, quoted
from .options import Options

WAITING = ("bans", "held_messages", "requests")
TO_MEMBERS = ("memberships.email",)


@dataclass(frozen=True)
class Card:
    """An address with its account and everything it is in the lists."""

    address: Address
    user: User | None
    members: tuple[Member, ...]


@dataclass
class Source:
    """The server during one call: what was asked once is not asked again."""

    api: Api
    options: Options
    system: str
    _cards: dict[str, Card | None] = field(default_factory=dict)
    _users: dict[str, User | None] = field(default_factory=dict)
    _waiting: dict[str, tuple[Waiting, ...]] = field(default_factory=dict)

    def card(self, email: str) -> Card | None:
        """What is known of an address, None for nothing."""
        name = folded(email)
        if name not in self._cards:
            address = self.api.address(name) if is_askable(name) else None
            self._cards[name] = self._card(address) if address else None
        return self._cards[name]

    def _card(self, address: Address) -> Card:
        user = self.user(address.user) if address.user else None
        return Card(address, user, self.api.members(address))

    def user(self, user: str) -> User | None:
        """An account, None when it is not there."""
        if user not in self._users:
            self._users[user] = self.api.user(user)
        return self._users[user]

    def mine(self, card: Card) -> tuple[Member, ...]:
        """The memberships in the lists this system speaks for."""
        return tuple(one for one in card.members if self.options.covers(one.list_id))

    def is_visible(self, card: Card) -> bool:
        """An address that is only in lists of somebody else is not ours to show."""
        return bool(self.mine(card)) or not card.members

    def lists(self) -> tuple[str, ...]:
        """The lists this system speaks for."""
        return tuple(sorted(self.options.lists)) or self.api.lists()

    def waiting(self, collection: str, list_id: str) -> tuple[Waiting, ...]:
        """Bans, held messages or requests of a list."""
        name = f"{collection}:{list_id}"
        if name not in self._waiting:
            ask = {"bans": self.api.bans, "held_messages": self.api.held, "requests": self.api.requests}
            self._waiting[name] = tuple(ask[collection](list_id))
        return self._waiting[name]

    def every_waiting(self) -> Iterator[Waiting]:
        """All of them; nothing where the setting 'moderation' is off."""
        if not self.options.moderation:
            return
        if not self.options.lists:
            yield from self.waiting("bans", "")
        for list_id in self.lists():
            for collection in WAITING:
                yield from self.waiting(collection, list_id)

    def record_id(self, collection: str, *parts: str | int) -> str:
        """The same group has always the same id; nothing can be read in it."""
        text = json.dumps([self.system, collection, *parts])
        return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass
class Held:
    """What the records of one intent hold now, by key, each with the record it was reached by."""

    users: dict[str, tuple[User, Record]] = field(default_factory=dict)
    cards: dict[str, tuple[Card, Record]] = field(default_factory=dict)
    members: dict[str, tuple[Member, Record]] = field(default_factory=dict)
    waiting: dict[Key, tuple[Waiting, Record]] = field(default_factory=dict)


def holdings(source: Source, intent: Intent) -> Held:
    """Everything the records of an intent reach now, with the identity checked again."""
    held = Held()
    for record in intent.records:
        add(source, held, record)
    return held


def add(source: Source, held: Held, record: Record) -> None:
    """Put what one record reaches now into ``held``."""
    emails = {folded(value) for kind, value in record.seen if kind == "email"}
    if record.collection == "users":
        user = source.user(str(record.anchor[1][0]))
        if user and emails & {one.email for one in user.addresses}:
            held.users.setdefault(user.id, (user, record))
    elif record.collection in WAITING:
        list_id, key = str(record.anchor[1][0]), record.anchor[1]
        for one in source.waiting(record.collection, list_id):
            if one.key == key and one.email in emails:
                held.waiting.setdefault((record.collection, *key), (one, record))
    else:
        _add_address(source, held, record, emails)


def _add_address(source: Source, held: Held, record: Record, emails: set[str]) -> None:
    email = str(record.anchor[1][0])
    card = source.card(email) if email in emails else None
    if card is None:
        return
    if record.collection == "addresses":
        held.cards.setdefault(email, (card, record))
    else:
        held.members.update({m.id: (m, record) for m in source.mine(card) if m.id not in held.members})


def rows(source: Source, record: Record, *, whole: bool) -> list[Row]:
    """The rows of a record as they are now; ``whole`` with the preferences, which cost a call each."""
    held = Held()
    add(source, held, record)
    return rows_of(source, held, whole=whole)


def rows_of(source: Source, held: Held, *, whole: bool) -> list[Row]:
    """All rows of ``held``, accounts first."""

    def preferences(path: str) -> Entry:
        return source.api.preferences(path) if whole else {}

    found = [
        Row("users", (user.id,), {**user.values, **preferences(f"users/{user.id}")})
        for user, _ in held.users.values()
    ]
    for card, _ in held.cards.values():
        own = preferences(address_path(card.address.email))
        found.append(Row("addresses", (card.address.email,), {**card.address.values, **own}))
    for member, _ in held.members.values():
        found.append(member_row(member, preferences(f"members/{member.id}")))
    for one, _ in held.waiting.values():
        found.append(_waiting_row(source, one, whole=whole))
    return found


def _waiting_row(source: Source, one: Waiting, *, whole: bool) -> Row:
    """The row; a message may tell of other people, so its text is withheld until somebody looked at it."""
    if one.collection != "held_messages" or not whole:
        return Row(one.collection, one.key, one.values)
    return Row(one.collection, one.key, {**one.values, "message": source.api.message(one)}, ("message",))


def member_row(member: Member, preferences: Entry) -> Row:
    """The row of a membership with its own preferences."""
    return Row("memberships", (member.id,), {**member.values, **preferences})


def address_path(email: str) -> str:
    """Where an address is; ConnectorError when no path can hold it."""
    return f"addresses/{quoted(email)}"
