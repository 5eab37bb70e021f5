"""What a connector of entries gives: one entry, and the source that finds and writes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, Protocol

from connectors._people import Asked, Seen
from connectors._settings import Keep
from dsr.contract import Action, Change, Conflict, Identifier, Intent, Key, Match, Record, Row, Text

Restriction = Literal["set_aside", "mark", "none"]
PORTABLE = frozenset({"consent", "contract"})


class Moved(Exception):
    """What should be written is not hers any more, or no longer as it was. Carries nothing."""


class Refused(Exception):
    """The system did not take a change and said so; what is there is as it was. Carries at most our sentence."""

    def __init__(self, why: Text = "") -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True)
class Entry:
    """One row before it is read. Entries with the same ``collection``, ``anchor``, ``path`` and ``group``
    are one record. ``match`` is the best it can be; ``held`` is what the source needs to read and write it.
    """

    collection: str
    key: Key
    anchor: tuple[str, Key]
    seen: Seen
    why: Text
    path: tuple[str, ...] = ()
    group: str = ""
    match: Match = Match.EXACT
    reveals: tuple[Identifier, ...] = ()
    others: int = 0
    held: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Kept:
    """Why a record of hers is not erased, by which article, and until when."""

    reason: Text
    citation: str = ""
    until: date | None = None


@dataclass(frozen=True)
class Place:
    """What is said of a system's collections: titles, fields that exist, and what can be done.

    ``fixed``: why nothing is ever corrected here, '' where it is. ``untouched``: collections that can be read and
    never changed, and what a person does about them. ``lag``: how long reads may still show what was there before
    a change that the system took. ``bin_days``: how long the system keeps what was deleted. ``keep``: what the law
    orders to be kept, counted from a date in the entry (``Entries.value``). ``unblocked``: the law exempts these
    data from being blocked. ``stop``: the mark of an objection. ``blanked``: collections whose rows stay behind
    without anything in them."""

    system: str
    titles: Mapping[str, Text]
    fields: Mapping[str, tuple[str, ...]]
    basis: str
    restriction: Restriction
    mark: Change | None = None
    fixed: Text = ""
    untouched: Mapping[str, Text] = field(default_factory=dict)
    lag: timedelta = timedelta()
    bin_days: int = 0
    keep: Keep | None = None
    unblocked: bool = False
    stop: Change | None = None
    blanked: frozenset[str] = frozenset()

    @property
    def is_portable(self) -> bool:
        """Whether data are under consent or contract (GDPR 20(1)(a))."""
        return self.basis in PORTABLE

    def record_id(self, entry: Entry) -> str:
        """The same group has always the same id; nothing can be read in it."""
        text = json.dumps([self.system, entry.collection, entry.anchor, entry.path, entry.group])
        return hashlib.sha256(text.encode()).hexdigest()[:24]


class Entries(Protocol):
    """A source during one call. Every method raises ConnectorError where the system is in trouble;
    those that write look at identity and version again, and raise Moved before anything is changed, or Refused."""

    place: Place

    def find(self, asked: Asked) -> Iterator[Entry]:
        """Every entry that holds an identifier asked for, with what hangs on it."""

    def reach(self, record: Record) -> list[Entry]:
        """The entries of a record now, with the identity it was found by compared again."""

    def moved(self, record: Record) -> bool:
        """Whether what the record points to is there and not hers any more."""

    def row(self, entry: Entry, *, whole: bool) -> Row:
        """The row; ``whole`` with what only giving back needs (credentials are otherwise left out)."""

    def stays(
        self, intent: Intent, found: Sequence[tuple[Record, Sequence[Entry]]]
    ) -> tuple[Mapping[str, Kept], Sequence[Conflict]]:
        """Which of her records are not erased whatever their own date, by id, and what nobody knows about it."""

    def obstacles(self, action: Action, entries: Sequence[Entry]) -> Iterator[Conflict]:
        """Why these entries cannot be removed or set aside, seen together."""

    def remove(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Remove them in the order that harms nothing; yields each that the system took as removed."""

    def corrections(self, entry: Entry, intent: Intent) -> tuple[list[Change], list[Conflict]]:
        """Which fields of this entry the changes of an intent mean, with the values there now."""

    def correct(self, entry: Entry, changes: Sequence[Change]) -> None:
        """Write the values; the old ones must still be there."""

    def value(self, entry: Entry, name: str) -> Any:
        """What a field holds now."""

    def restore(self, row: Row) -> bool:
        """Put a row back. False: it is back already. Moved: its place is somebody else's."""


class NothingStays:
    """For sources where every record goes or stays by a date of its own (``Place.keep``)."""

    def stays(
        self, intent: Intent, found: Sequence[tuple[Record, Sequence[Entry]]]
    ) -> tuple[Mapping[str, Kept], Sequence[Conflict]]:
        """Nothing besides, and no doubt about it."""
        return {}, ()


def told(entries: Iterable[Entry]) -> list[Entry]:
    """Each entry of a record once: the one that was found first."""
    return list({(one.collection, one.key, one.group): one for one in reversed(list(entries))}.values())[::-1]


def lossless(raw: bytes) -> str | bytes:
    """A value as text where it is UTF-8 (the same bytes come out again), as bytes elsewhere."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def bytes_of(stored: str | bytes) -> bytes:
    """The bytes of ``lossless``."""
    return stored.encode() if isinstance(stored, str) else stored
