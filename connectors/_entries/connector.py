"""The calls of the contract over entries; a kind says how it is opened, described and checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Generic, Protocol, TypeVar

from dsr.contract import (
    ConnectorError,
    Context,
    Description,
    Finding,
    Intent,
    Keeper,
    Located,
    Outcome,
    Record,
    Residual,
    RowPage,
    Step,
    Subject,
)

from . import acting, locating, planning, reading, verifying
from .source import Entries


class Closing(Entries, Protocol):
    """Entries that hold a connection."""

    def close(self) -> None:
        """Give it back."""


Options = TypeVar("Options")


class EntryConnector(ABC, Generic[Options]):
    """Implements ``dsr.contract.Connector``. Every call has a connection of its own."""

    name: str

    def __init__(self) -> None:
        self._now: tuple[Context, Options] | None = None

    @abstractmethod
    def options(self, context: Context) -> Options:
        """The settings, checked; ConnectorError(permanent=True) names a wrong one."""

    @abstractmethod
    def source(self, context: Context, options: Options) -> Closing:
        """A source that knows nothing yet. ConnectorError: it cannot be reached."""

    @abstractmethod
    def described(self, options: Options) -> Description:
        """What is here, from the settings alone."""

    @abstractmethod
    def findings(self, source: Any, options: Options) -> Iterator[Finding]:
        """What a look at the system shows."""

    def open(self, context: Context) -> None:
        """Take the settings; ConnectorError(permanent=True) names a wrong one."""
        self._now = (context, self.options(context))

    def describe(self) -> Description:
        """What is here and what can be done; nothing is asked of the system."""
        return self.described(self._opened[1])

    def check(self) -> tuple[Finding, ...]:
        """Reach the system: credentials, privileges, what the settings name."""
        with closing(self._source()) as source:
            return tuple(self.findings(source, self._opened[1]))

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        """The records of each subject; every value is compared again here."""
        with closing(self._source()) as source:
            return locating.locate(source, subjects, after, self._opened[0].limits.page)

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """The rows of the records as they are now."""
        with closing(self._source()) as source:
            return reading.read(source, records, after, self._opened[0].limits.page)

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """One step per intent; changes nothing."""
        with closing(self._source()) as source:
            return tuple(planning.plan(source, one) for one in intents)

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        """Person by person: look again, seal, change, read back. A repeat does what is left."""
        if self._opened[0].read_only:
            raise ConnectorError(f"{self.name} is open for reading only", permanent=True)
        with closing(self._source()) as source:
            for step in steps:
                yield acting.act(acting.Work(source, step, keeper, self._opened[0].now))

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        """Fresh reads by key and by identity."""
        with closing(self._source()) as source:
            return tuple(one for step, outcome in pairs for one in verifying.verify(source, step, outcome))

    def close(self) -> None:
        """Forget the settings; connections end with each call."""
        self._now = None

    def _source(self) -> Closing:
        return self.source(*self._opened)

    @property
    def _opened(self) -> tuple[Context, Options]:
        if self._now is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._now
