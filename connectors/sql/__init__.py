"""The ``sql`` connector: any database with an SQLAlchemy URL and a data map (SQLite, PostgreSQL, MariaDB)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dsr.contract import (
    ConnectorError,
    Context,
    Description,
    Finding,
    Intent,
    Keeper,
    Listed,
    Located,
    Outcome,
    Record,
    Residual,
    RowPage,
    Step,
    Subject,
)

from . import acting, checking, listing, locating, planning, reading, telling, verifying
from .sketching import sketches
from .store import Store, forget, opened


class Sql:
    """Locate, read, correct, restrict and erase rows of a mapped database, set by set."""

    kind = "sql"
    settings = telling.SETTINGS

    def __init__(self) -> None:
        self._context: Context | None = None
        self._store: Store | None = None

    def open(self, context: Context) -> None:
        """Take settings ``url``, ``map``, ``map_name``, ``schema``; ConnectorError names a wrong one."""
        self._context = context
        url = str(context.settings.get("url") or context.secret("url"))
        text = context.settings.get("map")
        if not isinstance(text, str) or not text.strip():
            raise ConnectorError(
                "the setting 'map' is missing: name the file of the data map", permanent=True
            )
        name = str(context.settings.get("map_name") or "map")
        self._store = opened(url, text, name, str(context.settings.get("schema") or ""), context.limits)

    def describe(self) -> Description:
        """What the map says; the database is not asked."""
        return telling.describe(self._opened.map)

    def check(self) -> tuple[Finding, ...]:
        """Reach the database, compare it with the map, look at indexes and privileges."""
        return checking.check(self._opened)

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        """The records of each subject: rows that name her, and what hangs on them, counted."""
        with _reread():
            return locating.locate(self._opened, self._here.system, subjects, after)

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """The rows of the records in key order, as stored."""
        with _reread():
            return reading.read(self._opened, records, after, self._here.limits.page)

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """One step per intent: what would happen to which rows, and why not."""
        with _reread():
            return planning.plan(self._opened, intents, self._here.now.date())

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        """Carry out, many people in one transaction. ConnectorError(permanent) in a read-only context."""
        if self._here.read_only:
            raise ConnectorError("this system was opened for reading only", permanent=True)
        with _reread():
            yield from acting.act(self._opened, steps, keeper, self._here.now.date())

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        """What fresh reads, by key and by identity, still find."""
        with _reread():
            return verifying.verify(self._opened, self._here.system, pairs, self._here.now.date())

    def identifiers(self, after: str | None = None) -> Listed:
        """The identifiers that rows of this database hold, as stored."""
        with _reread():
            return listing.identifiers(self._opened, after, self._here.limits.page)

    def close(self) -> None:
        """Connections went back after every call."""
        self._context = self._store = None

    @property
    def _opened(self) -> Store:
        if self._store is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._store

    @property
    def _here(self) -> Context:
        if self._context is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._context


@contextmanager
def _reread() -> Iterator[None]:
    """After a lasting error the schema is read again: it may have changed since it was read."""
    try:
        yield
    except ConnectorError as error:
        if error.permanent:
            forget()
        raise


__all__ = ["Sql", "sketches"]
