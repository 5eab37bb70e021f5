"""The ``mailman`` connector: GNU Mailman 3 core through its REST API 3.1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors._http import Bounds, Http, basic
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

from . import describing, listing, locating, planning, reading, verifying
from .acting import Work, act
from .api import Api
from .holding import Source
from .options import Options, options
from .words import SETTINGS


@dataclass(frozen=True)
class _Opened:
    context: Context
    options: Options
    http: Http

    def source(self) -> Source:
        """Nothing known yet: every call of the connector asks the server anew."""
        return Source(Api(self.http), self.options, self.context.system)


class Mailman:
    """Accounts, addresses and subscriptions of a Mailman server, and what waits for its moderators."""

    kind = "mailman"
    settings = SETTINGS

    def __init__(self) -> None:
        self._now: _Opened | None = None

    def open(self, context: Context) -> None:
        """Take the settings; ConnectorError(permanent=True) names a wrong one."""
        given = options(context)
        bounds = Bounds(total=context.limits.statement_seconds)
        http = Http(
            "Mailman",
            given.url,
            now=context.now,
            headers=basic(given.user, given.password),
            private=given.private,
            bounds=bounds,
            calling=context.calling,
        )
        self._now = _Opened(context, given, http)

    def describe(self) -> Description:
        """What is here and what can be done; nothing is asked of the server."""
        return describing.describe(self._opened.options)

    def check(self) -> tuple[Finding, ...]:
        """Reach the server: version, password, lists."""
        here = self._opened
        encrypted = here.http.origin.scheme == "https" or here.http.origin.host in ("localhost", "127.0.0.1")
        return tuple(describing.check(Api(here.http), here.options, encrypted=encrypted))

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        """The records of each subject, found by exact addresses only."""
        here = self._opened
        return locating.locate(here.source(), subjects, after, here.context.limits.page)

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """The rows of the records as they are now, with preferences; passwords are never read."""
        here = self._opened
        return reading.read(here.source(), records, after, here.context.limits.page)

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """One step per intent; changes nothing."""
        return planning.plan(self._opened.source(), intents)

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        """Person by person: look again, seal, change, read back. A repeat does what is left."""
        here = self._opened
        if here.context.read_only:
            raise ConnectorError("Mailman is open for reading only", permanent=True)
        for step in steps:
            yield act(Work(here.source(), here.source, step, keeper))

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        """Fresh reads by key and by identity."""
        source = self._opened.source()
        return tuple(one for step, outcome in pairs for one in verifying.verify(source, step, outcome))

    def identifiers(self, after: str | None = None) -> Listed:
        """The addresses that this server holds, or its lists that this system speaks for."""
        return listing.identifiers(self._opened.source(), after)

    def close(self) -> None:
        """Give the connections back."""
        if self._now is not None:
            self._now.http.close()
        self._now = None

    @property
    def _opened(self) -> _Opened:
        if self._now is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._now
