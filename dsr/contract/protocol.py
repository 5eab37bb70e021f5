"""The two protocols: a connector, and the keeper (our vault) that it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from .description import Description, Finding, Setting
from .values import Intent, Listed, Located, Outcome, Record, Residual, Row, RowPage, Seal, Step, Subject
from .words import Purpose


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one call: rows in a page, seconds for a statement, seconds to wait for a lock."""

    page: int = 1000
    statement_seconds: float = 60.0
    lock_seconds: float = 5.0


@dataclass(frozen=True)
class Context:
    """Everything a connector may know about where it runs.

    ``settings`` are plain values; ``secret(name)`` gives a secret; ``log(event, **counts)`` writes a
    line without personal data. ``read_only`` True: any ``act`` must refuse. ``rehearsal`` True: a test run,
    so ``act`` must refuse where the system says that it is no sandbox. ``calling()`` stands before
    every call of the system and raises when its budget is used up: leave that ConnectorError alone.
    ``calling(part, most)`` counts besides in a budget of ``most`` calls a minute that a part of the system has.
    """

    system: str
    controller: str
    settings: Mapping[str, Any]
    secret: Callable[[str], str]
    now: datetime
    limits: Limits = field(default_factory=Limits)
    read_only: bool = False
    rehearsal: bool = False
    calling: Callable[..., None] = lambda *part: None
    log: Callable[..., None] = lambda event, **counts: None


class Keeper(Protocol):
    """Our vault, as a connector sees it. Rows never travel another way."""

    def seal(self, key: str, purpose: Purpose, rows: Iterable[Row]) -> Seal:
        """Seal rows for intent ``key``; returns when they are durable.

        The same key, purpose and rows again give the same seal.
        """

    def seal_all(self, sets: Iterable[tuple[str, Purpose, Iterable[Row]]]) -> list[Seal]:
        """Seal many sets (key, purpose, rows) at once; all are durable when it returns, in that order.

        One durable write for a whole batch: prefer it over many ``seal`` calls.
        """

    def pseudonym(self, key: str, value: str) -> str:
        """What stands for a value in kept rows of the system of intent ``key``: ``is_pseudonym`` knows it.

        The same value gives the same pseudonym within a system of a controller, and another one everywhere
        else. The key is ours: nobody without it can try values against it (GDPR 4(5)).
        """

    def tombstone(self, key: str, token: str) -> str:
        """What stands from now on for the token of a link or pixel, for the controller of intent ``key``.

        The same token gives the same tombstone in every system of a controller, so that a repeat, a copy that brings
        the token back and a sink that is fed by a source end alike; with another controller it is another. The key is
        ours: whoever reads it cannot find the token, nor make the tombstone of a token that he knows.
        ``is_tombstone`` knows it (docs/adr/0035).
        """

    def rows(self, seal: str) -> Iterator[Row]:
        """The rows of a seal, in the order in which they were sealed; only while lifting."""


@runtime_checkable
class Lister(Protocol):
    """What a connector may offer besides: the identifiers it holds, to notice people who came back."""

    def identifiers(self, after: str | None = None) -> Listed:
        """One page of identifiers as stored, in any order that goes on; repeats do no harm."""


@runtime_checkable
class Connector(Protocol):
    """One kind of source. Construct without arguments; ``open`` gives it its context.

    ``settings`` are known before it is opened: ``dsr systems add`` asks for them.
    """

    kind: str
    settings: tuple[Setting, ...]

    def open(self, context: Context) -> None:
        """Take the context, validate settings; ConnectorError(permanent=True) names a wrong one."""

    def describe(self) -> Description:
        """What is here and what can be done with it, without touching the remote system if possible."""

    def check(self) -> tuple[Finding, ...]:
        """Reach the system: credentials, privileges (missing and needless), drift from the map."""

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        """Find the records of every subject. The last page carries one ``Searched`` per subject."""

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """The rows of the records, page by page, at this moment."""

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """Dry run: exactly one step per intent; changes nothing."""

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        """Carry out; yields one outcome per step as soon as it is certain."""

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        """Fresh reads by key and by identity: what is still there, or not as the outcome says."""

    def close(self) -> None:
        """Give connections back. Safe to call twice."""
