"""What was done with somebody's data, kept, changed or stopped, as letters tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DoneFacts:
    """What was done: ``verb`` as ``plan.told_as`` says it, on ``count`` rows. ``pending``: final on ``final_on``.
    ``fields``: what changed in rows that the law orders to keep (their words)."""

    verb: str
    collection: str
    system: str
    count: int
    on: date | None = None
    pending: bool = False
    final_on: date | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """What stays, why, by which norm and until when (None: see ``why``). ``fields``: only these of each row;
    ``pseudonyms``: what stands there under a pseudonym; ``aside``: whose values wait in the vault."""

    collection: str
    system: str
    count: int
    why: str
    citation: str = ""
    until: date | None = None
    fields: tuple[str, ...] = ()
    pseudonyms: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewerFacts:
    """What lifting left as it is: ``count`` rows that somebody changed or removed since they were set aside."""

    collection: str
    system: str
    count: int


@dataclass(frozen=True, slots=True)
class AsideFacts:
    """Rows that a restriction of hers (``case``) keeps out of a system since that day; the copy holds them."""

    collection: str
    system: str
    count: int
    since: date
    case: str


@dataclass(frozen=True, slots=True)
class ChangedFacts:
    """One corrected field: from -> to. Empty ``old``: there was no value."""

    field: str
    old: str
    new: str
    system: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class StoppedFacts:
    """A use that was stopped: ``channel`` is marketing, tracking or grounds. ``pending``: it stops in the
    system that carries this letter as soon as the letter has left.
    """

    channel: str
    system: str
    on: date
    pending: bool = False


@dataclass(frozen=True, slots=True)
class ToldFacts:
    """A recipient of the changed data (Art. 19 GDPR); ``on`` None: it is being told now."""

    name: str
    on: date | None = None
