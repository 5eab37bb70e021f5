"""The frozen values that travel between the service and a connector."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .words import Action, Found, Match, Purpose, State, Text, Verb

Key = tuple[str | int | float | bool | None, ...]
"""Primary key of one row, in the map's order; ``0``, ``''`` and ``None`` are values. A connector keeps
other types (UUID, date, decimal, bytes) as text here and turns them back itself."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier: ``kind`` of domain.identity, ``value`` canonical, ``spellings`` worth asking for."""

    kind: str
    value: str
    spellings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.kind or not self.value.strip():
            raise ValueError("an identifier needs a kind and a value")

    def forms(self) -> tuple[str, ...]:
        """The canonical value first, then every other spelling, without repeats."""
        return tuple(dict.fromkeys((self.value, *self.spellings)))


@dataclass(frozen=True, slots=True)
class Subject:
    """A person to look for. Only ``proved`` identifiers select; ``claimed`` ones may only propose."""

    key: str
    proved: tuple[Identifier, ...]
    claimed: tuple[Identifier, ...] = ()

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a subject needs a key")
        if not self.proved:
            raise ValueError("a subject needs at least one proved identifier")


@dataclass(frozen=True, slots=True)
class Record:
    """A group of rows of one person: all rows of ``collection`` reached from ``anchor`` by ``path``.

    ``id`` is stable for the same group. ``anchor`` = (collection, key) of the row that holds the
    identifier; ``path`` the joins from there (empty for the anchor itself). ``seen`` are the identity
    values as stored at the anchor, (kind, value), compared again by us. ``reveals`` are further
    identifiers of hers. ``others`` counts rows of other people met on the way (shared rows).
    """

    id: str
    subject: str
    collection: str
    anchor: tuple[str, Key]
    path: tuple[str, ...]
    count: int
    seen: tuple[tuple[str, str], ...]
    match: Match
    why: Text
    others: int = 0
    reveals: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row, loss-free. ``withheld`` names fields that hold other people's data or free text."""

    collection: str
    key: Key
    values: Mapping[str, Any]
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """The answer of one system for one person: exactly one for each subject of a ``locate``."""

    subject: str
    found: Found
    count: int = 0
    why: Text = ""


@dataclass(frozen=True, slots=True)
class Located:
    """One page of ``locate``. ``cursor`` None: the last page; then ``searched`` is complete."""

    records: tuple[Record, ...]
    searched: tuple[Searched, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class RowPage:
    """One page of ``read``: (record id, row) pairs and where to go on."""

    rows: tuple[tuple[str, Row], ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of ``Lister.identifiers``: (kind, value as stored) pairs, and where to go on."""

    identifiers: tuple[tuple[str, str], ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A rectification. ``old`` None: whatever is there.

    In an ``Intent`` ``field`` is a data category (``user.name``, matched on dot boundaries against the
    rectifiable fields); in an ``Item`` it is the field itself.
    """

    field: str
    new: Any
    old: Any = None


@dataclass(frozen=True, slots=True)
class KeepRule:
    """What law orders to be kept: the rows of collections whose retention names ``id``.

    ``years_months_days`` counts from the row's date field; ``citation`` stands in the letter.
    """

    id: str
    citation: str
    period: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Intent:
    """What shall happen for one person in one system.

    ``key`` = case:system:action:generation: the same key always means the same work. ``channels``
    limits a STOP ('marketing', 'tracking', ''=all purposes of objection). ``block``: the law wants
    erased rows sealed before they go. ``redact``: (record id, field) not to be exported.
    ``scope`` 'portable' limits an EXPORT to provided and observed data under consent or contract.
    """

    key: str
    subject: Subject
    action: Action
    records: tuple[Record, ...]
    changes: tuple[Change, ...] = ()
    keep: tuple[KeepRule, ...] = ()
    channels: tuple[str, ...] = ()
    block: bool = False
    redact: tuple[tuple[str, str], ...] = ()
    scope: str = "all"
    seals: tuple[str, ...] = ()
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a plan: a verb on rows of one collection of one record.

    ``id`` is stable within the intent. ``digests`` = the first 8 bytes of SHA-256 of each key
    (``key_digest``, or what the store itself makes of its key), sorted and joined: tells the same rows from
    other or additional ones without holding them; an EXPORT, which changes nothing, needs none. ``keys``: the
    same keys, only where a connector must ask for a row by its key that no listing shows any more (a removal
    that was interrupted). ``changes`` holds values to set.
    ``reason``, ``citation`` and ``until`` explain a KEEP, and what is done to single ``fields`` of kept rows:
    ANONYMISE takes them out, PSEUDONYMISE puts a pseudonym there, RESTRICT with ``changes`` sets their values
    aside in the vault (without ``changes`` it sets aside the rows). A TELL (made by the service, never by a connector)
    names its recipient in ``reason``, what it hears of as ``system:collection`` in ``fields``, the channel
    in ``changes``, and in ``until`` and ``citation`` by when, if the rest is done on the day of the plan.
    """

    id: str
    verb: Verb
    collection: str
    records: tuple[str, ...]
    count: int
    digests: bytes = b""
    fields: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    reason: Text = ""
    citation: str = ""
    until: date | None = None
    sentence: Text = ""
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why an item cannot be carried out: ``kind`` such as unique, foreign_key, not_null, shared, unknown."""

    kind: str
    collection: str
    why: Text


@dataclass(frozen=True, slots=True)
class Step:
    """The dry run of one intent. With conflicts it is never sent to ``act``."""

    intent: Intent
    items: tuple[Item, ...]
    conflicts: tuple[Conflict, ...] = ()
    atomic: bool = True


@dataclass(frozen=True, slots=True)
class Seal:
    """Receipt of the vault: rows durably sealed on our side; ``held``: how many of each collection."""

    id: str
    purpose: Purpose
    rows: int
    digest: str
    held: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What happened to one item: rows ``before``, ``changed``, ``kept`` (why, until). ``parts``: of a LIFT, how many
    rows of each collection were given back, where it is known."""

    item: str
    before: int
    changed: int
    kept: int = 0
    why: Text = ""
    until: date | None = None
    parts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of ``act`` for one intent key. ``why`` carries no personal data."""

    key: str
    state: State
    items: tuple[ItemOutcome, ...] = ()
    seals: tuple[Seal, ...] = ()
    receipt: str = ""
    why: Text = ""
    check_after: datetime | None = None
    final_on: date | None = None


@dataclass(frozen=True, slots=True)
class Residual:
    """What a fresh read after acting still finds. No residual for a key: nothing is left."""

    key: str
    item: str
    count: int
    where: Text
    final_on: date | None = None


PSEUDONYM_LENGTH = 19
"""Characters that a field must take to hold a pseudonym."""
_PSEUDONYM = re.compile(r"ps-[a-z2-7]{16}")


def is_pseudonym(value: object) -> bool:
    """Whether a stored value has the form of ``Keeper.pseudonym`` (blanks of fixed-length columns aside)."""
    return isinstance(value, str) and _PSEUDONYM.fullmatch(value.strip()) is not None


TOMBSTONE_LENGTH = 21
"""Characters of a tombstone; a shorter field takes its beginning, from ``SHORTEST_TOMBSTONE`` on."""
SHORTEST_TOMBSTONE = 16
"""Characters that a field must take: 55 bits of it, which nobody tries at a tracking server."""
_TOMBSTONE = re.compile(r"gone-[a-z2-7]{11,16}")


def is_tombstone(value: object) -> bool:
    """Whether a stored value has the form of ``Keeper.tombstone``, whole or cut (blanks of fixed-length columns aside).
    A token of a vendor that only begins like one is a token."""
    return isinstance(value, str) and _TOMBSTONE.fullmatch(value.strip()) is not None


def key_digest(key: Key) -> bytes:
    """Eight bytes that stand for one key; types count (1 and '1' differ)."""
    return hashlib.sha256(json.dumps(key, ensure_ascii=True).encode()).digest()[:8]


def key_digests(keys: Iterable[Key]) -> bytes:
    """The sorted digests of many keys, joined: see ``Item.digests``. A million take little more than their bytes."""
    heaps: dict[int, bytearray] = {}
    for key in keys:
        digest = key_digest(key)
        heaps.setdefault(digest[0], bytearray()).extend(digest)
    parts = (heaps[first] for first in sorted(heaps))
    return b"".join(b"".join(sorted(bytes(one[i : i + 8]) for i in range(0, len(one), 8))) for one in parts)


def only_grew(before: bytes, after: bytes) -> bool:
    """True when every digest of ``before`` is still in ``after`` (new ones may have come).

    Sorted digests, as ``key_digests`` gives them, are compared without a copy of either."""
    place, end = 0, len(after)
    for i in range(0, len(before), 8):
        one = before[i : i + 8]
        while place < end and after[place : place + 8] < one:
            place += 8
        if after[place : place + 8] != one:
            break
    else:
        return True
    # Not there, or the later ones came in another order: looked at one by one.
    later = {after[i : i + 8] for i in range(0, end, 8)}
    return all(before[i : i + 8] in later for i in range(0, len(before), 8))
