"""The ``clickhouse`` connector: an event store over ClickHouse's HTTP interface, told by a data map.

Source: ClickHouse documentation, "HTTP interface" (parameters ``param_*``, settings in the query string).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from connectors._capabilities import capabilities
from connectors._http import Bounds, Http
from connectors._map import description
from dsr.contract import (
    Action,
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

from . import acting, checking, locating, planning, reading, verifying, words
from .api import NAME, Api
from .options import Options, options
from .tables import Store


class Clickhouse:
    """Locate, read, correct, restrict and erase events, set by set. Nothing here is one transaction."""

    kind = "clickhouse"
    settings = words.SETTINGS

    def __init__(self) -> None:
        self._now: tuple[Context, Options] | None = None

    def open(self, context: Context) -> None:
        """Take the settings; ConnectorError(permanent=True) names a wrong one."""
        self._now = (context, options(context))

    def describe(self) -> Description:
        """What the map says; the server is not asked."""
        data = self._opened[1].map
        does = (
            replace(one, final=words.GONE) if one.action is Action.ERASE else one
            for one in capabilities(data, words.DOES)
        )
        return description(data, capabilities=tuple(does), batch=50, parallel=1)

    def check(self) -> tuple[Finding, ...]:
        """Reach the server: tables, privileges, and addresses that older commands left in its logs."""
        with self._api() as api:
            return tuple(checking.check(api, self._opened[1].map))

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        """The events of each subject, grouped by what names her; one page for the whole batch."""
        with self._store() as store:
            return locating.locate(store, subjects, after)

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """The rows of the records in key order."""
        with self._store() as store:
            return reading.read(store, records, after)

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """One step per intent; changes nothing."""
        with self._store() as store:
            return tuple(planning.plan(store, one) for one in intents)

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        """Look again, seal, change all people of the batch with one command per table, read back."""
        if self._opened[0].read_only:
            raise ConnectorError(f"{NAME} is open for reading only", permanent=True)
        with self._store() as store:
            yield from acting.act(store, steps, keeper)

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        """Fresh reads by identity, with rows that are only marked as deleted."""
        with self._store() as store:
            return tuple(one for step, outcome in pairs for one in verifying.verify(store, step, outcome))

    def close(self) -> None:
        """Forget the settings; connections end with each call."""
        self._now = None

    @contextmanager
    def _api(self) -> Iterator[Api]:
        context, chosen = self._opened
        seconds = context.limits.statement_seconds
        http = Http(
            NAME,
            chosen.url,
            now=context.now,
            headers={"X-ClickHouse-User": chosen.user, "X-ClickHouse-Key": chosen.password},
            private=chosen.private,
            bounds=Bounds(read=seconds, total=seconds),
            calling=context.calling,
        )
        try:
            yield Api(http, chosen.database, seconds)
        finally:
            http.close()

    @contextmanager
    def _store(self) -> Iterator[Store]:
        context, chosen = self._opened
        with self._api() as api:
            yield Store(api, chosen.map, context.system, context.limits.page)

    @property
    def _opened(self) -> tuple[Context, Options]:
        if self._now is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._now
