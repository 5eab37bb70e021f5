"""The ``tabular`` connector: CSV and XLSX files with a data map, such as mailing lists and sales sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from connectors._capabilities import capabilities
from connectors._map import description
from connectors._words import HELP
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
    Setting,
    Step,
    Subject,
)

from . import acting, checking, listing, locating, surveying, texts, verifying
from .opening import Source, place
from .reading import Reading
from .sketching import draft, sketches

SETTINGS = (
    Setting("path", texts.SETTINGS["path"], kind="path"),
    Setting("map", HELP["map"], kind="file"),
    Setting("map_name", HELP["map_name"], required=False),
    Setting("encoding", texts.SETTINGS["encoding"], required=False),
    Setting("delimiter", texts.SETTINGS["delimiter"], required=False),
    Setting("sheet", texts.SETTINGS["sheet"], required=False),
)


class Tabular:
    """Locate, read, correct, restrict and erase rows of one file; untouched rows keep their bytes."""

    kind = "tabular"
    settings: tuple[Setting, ...] = SETTINGS

    def __init__(self) -> None:
        self._context: Context | None = None
        self._place: Source | None = None
        self._reading = Reading()

    def open(self, context: Context) -> None:
        """Check the settings ``path``, ``map``, ``map_name``, ``encoding``, ``delimiter`` and ``sheet``."""
        self._place = self.placed(context)
        self._context = context

    def placed(self, context: Context) -> Source:
        """Where the rows are, from the settings."""
        return place(context.settings)

    def describe(self) -> Description:
        """What the map says; the file is not opened."""
        data = self._here.map
        return description(data, capabilities=capabilities(data, texts.DOES), batch=1000, parallel=1)

    def check(self) -> tuple[Finding, ...]:
        """Read the whole file once: columns, keys, ragged rows; and whether it can be replaced."""
        try:
            with closing(self._here.book()) as book:
                return checking.check(book)
        except ConnectorError as error:
            return (Finding("error", "file", str(error)),)

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        """The records of all subjects in one pass and one page. Rows that name her alike are one record."""
        with closing(self._here.book()) as book:
            return locating.locate(book, self._opened.system, subjects)

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """The rows of the records in the order of the file, as stored."""
        return self._reading.page(self._here.book, records, after, self._opened.limits.page)

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """One step per intent out of one pass."""
        with closing(self._here.book()) as book:
            return surveying.plan(book, intents, self._opened.now.date())

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        """Replace the file once for the whole batch. ConnectorError(permanent) in a read-only context."""
        here = self._opened
        if here.read_only:
            raise ConnectorError("this system was opened for reading only", permanent=True)
        return acting.act(self._here, steps, keeper, here.now.date(), here.limits.lock_seconds)

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        """What the file still says, read again by identity and by key."""
        with closing(self._here.book()) as book:
            return verifying.verify(book, pairs, self._opened.now.date())

    def identifiers(self, after: str | None = None) -> Listed:
        """The identifiers that rows of this file hold, as stored."""
        with closing(self._here.book()) as book:
            return listing.identifiers(book, after)

    def close(self) -> None:
        """Let go of the file."""
        self._reading.close()
        self._context = self._place = None

    @property
    def _here(self) -> Source:
        if self._place is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._place

    @property
    def _opened(self) -> Context:
        if self._context is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._context


__all__ = ["Tabular", "draft", "sketches"]
