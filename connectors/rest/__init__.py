"""The engine for web APIs: one YAML file per vendor, no code where none is needed.

How to add a vendor (``docs/connectors.md``, "Add a REST vendor", shows one in full):

1. ``connectors/rest/<vendor>.yaml``. Start from ``pipedrive.yaml`` (rows read one by one, pages, a bin) or
   ``hubspot.yaml`` (batches, associations, own properties). ``model.py`` says what every key means, and an
   error names file and line. ``calls`` are the requests, ``collections`` the rows: *roots* hold identifiers
   and have ``find`` (a search, never believed) and ``get`` (by id, believed after comparison); everything else
   hangs on another collection (``of``, ``list``). ``rights`` has the sentence for each of the six actions.
2. One line in ``pyproject.toml``: ``<vendor> = "connectors.rest:<vendor>"``; install again.
3. ``tests/vendors/<vendor>.py`` (the fake), ``tests/vendors/contracts/<vendor>.yaml`` (facts) and
   ``tests/connectors/test_<vendor>.py`` (kit and fault matrix); ``tests/vendors/__init__.py`` tells how.

What the engine does for every vendor: ids come from searches, rows only from reads by id; rows of other
people are dropped and counted; the identity is looked at again right before each change; a change is sent
once, and when its answer gets lost it is looked for before it is sent again; done is only what a fresh read
shows; whatever asks for patience becomes ``ConnectorError(retry_at)``. Changes are judged by reading back,
so "success in the body" and 404 or 405 on a repeat need no rule. For reads there are ``ok`` and ``missing``.

A function a placeholder needs (a hash, an escape) is added to ``filling.TRANSFORMS`` and tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from connectors._http import Bounds, Http
from connectors._signing import Signer
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
    Setting,
    Step,
    Subject,
)

from . import acting, checking, describing, locating, planning, reading, verifying
from .calling import Api, Meter, means, waits
from .filling import fill
from .holding import Source
from .loading import HERE, vendor
from .model import Vendor
from .options import Options, mapped, offered, options, settings


@dataclass(frozen=True)
class _Opened:
    context: Context
    options: Options
    api: Api

    def source(self) -> Source:
        """Nothing known yet: every call of the connector asks the vendor anew."""
        return Source(self.api, self.context.system, self.context.log)


class Rest:
    """A connector for the vendor of ``kind``."""

    kind: ClassVar[str] = ""
    settings: tuple[Setting, ...] = ()

    def __init__(self) -> None:
        self._now: _Opened | None = None

    @property
    def vendor(self) -> Vendor:
        """What the file says."""
        return vendor(self.kind)

    def open(self, context: Context) -> None:
        """Take the settings; ConnectorError(permanent=True) names a wrong one."""
        chosen = options(self.vendor, context)
        scope = {"setting": chosen.given}
        meter = Meter(context.calling)

        def http(base: str) -> Http:
            return Http(
                self.vendor.name,
                base,
                now=context.now,
                private=chosen.private,
                bounds=Bounds(total=context.limits.statement_seconds),
                waits=waits(self.vendor, context.now),
                means=means(self.vendor),
                calling=meter,
            )

        signer = Signer(
            auth=chosen.auth,
            fact=lambda name: str(fill(chosen.auth.facts.get(name, ""), scope)),
            secret=context.secret,
            tokens=http,
            now=context.now,
        )
        base = str(fill(chosen.url, scope))
        told = offered(mapped(self.vendor, context.settings), chosen.given)
        today = context.now.date().isoformat()
        self._now = _Opened(context, chosen, Api(told, http(base), signer, chosen.given, meter, today))

    def describe(self) -> Description:
        """What is here and what can be done; nothing is asked of the vendor."""
        return describing.describe(self._opened.api.vendor, self._opened.options)

    def check(self) -> tuple[Finding, ...]:
        """Reach the vendor with the credentials."""
        api = self._opened.api
        origin = api.http.origin
        encrypted = origin.scheme == "https" or origin.host in ("localhost", "127.0.0.1")
        return tuple(checking.check(api, encrypted=encrypted, rehearsal=self._rehearses))

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        """The records of each subject; what a search gives is read by id and compared."""
        return locating.locate(self._opened.source(), subjects, after, self._opened.context.limits.page)

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """The rows of the records as they are now."""
        return reading.read(self._opened.source(), records, after, self._opened.context.limits.page)

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """One step per intent; changes nothing."""
        return planning.plan(self._opened.source(), intents)

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        """Person by person: look again, seal, change, read back. A repeat does what is left."""
        here = self._opened
        if here.context.read_only:
            raise ConnectorError(f"{self.vendor.name} is open for reading only", permanent=True)
        if self._rehearses:
            checking.refuse_live(here.api)
        for step in steps:
            yield acting.act(acting.Work(here.source(), step, keeper, here.context.now))

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        """Fresh reads by id and by identity."""
        return verifying.verify(self._opened.source(), pairs, self._opened.context.now.date())

    def close(self) -> None:
        """Give the connections back."""
        if self._now is not None:
            self._now.api.http.close()
        self._now = None

    def calls(self) -> dict[str, int]:
        """How often each call was made since ``open``, by its name in the file."""
        return dict(self._opened.api.made)

    @property
    def _rehearses(self) -> bool:
        """Whether this is a test run, or a system that is for tests alone."""
        return self._opened.context.rehearsal or self._opened.options.sandbox

    @property
    def _opened(self) -> _Opened:
        if self._now is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._now


@cache
def connector(kind: str) -> type[Rest]:
    """The class of a vendor's connector."""
    about = {"kind": kind, "settings": settings(vendor(kind)), "__doc__": f"The connector of {kind}.yaml."}
    return type(kind, (Rest,), about)


def __getattr__(name: str) -> type[Rest]:
    """``connectors.rest:<vendor>`` for entry points: every YAML file of this folder is a connector."""
    if name.isidentifier() and (HERE / f"{name}.yaml").is_file():
        return connector(name)
    raise AttributeError(name)
