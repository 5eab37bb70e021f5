"""Finds connectors by their entry points and opens the configured systems."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol

import structlog

from dsr.contract import Connector, ConnectorError, Context, Description, Limits, Order, Setting
from dsr.domain.errors import Refusal
from dsr.domain.organisation import SecretSource, SystemConfig

GROUP = "dsr.connectors"
MAX_SECRET_BYTES = 64 * 1024
NAME = 64
"""Characters of a name under which calls are counted."""

Factory = Callable[[], Connector]
Unseal = Callable[[bytes, str, str], str]
"""(sealed secret, system, name) -> the secret in clear."""

DESCRIBED_FOR = timedelta(minutes=1)
"""Every letter and plan needs the description; systems seldom change theirs."""


@dataclass(frozen=True, slots=True)
class Bears:
    """Openings at once and calls within a minute; None knows no limit."""

    parallel: int | None
    per_minute: int | None


class Pace(Protocol):
    """Keeps all processes together within what a system bears (``services.pacing``)."""

    def place(self, system: str, most: int | None, *, seconds: float) -> AbstractContextManager[None]:
        """Be one of ``most`` that have it open, waiting up to ``seconds``; ConnectorError when it is busy."""

    def call(self, system: str, most: int | None) -> None:
        """Count a call; ConnectorError with ``retry_at`` when this minute has no more."""


class Registry:
    """The systems of this installation and the connectors that speak to them.

    A connector that cannot be loaded is a ConnectorError of its systems; the others go on.
    ``limits`` bounds every call; ``unseal`` opens the secrets that we keep; ``pace`` is the brake. Opening
    is cheap: a connector reaches its system on first use.
    """

    def __init__(
        self,
        systems: Sequence[SystemConfig] = (),
        *,
        limits: Limits | None = None,
        points: Sequence[EntryPoint] | None = None,
        unseal: Unseal | None = None,
        pace: Pace | None = None,
        rehearsal: bool = False,
    ) -> None:
        self._configured = tuple(systems)
        self._declared: tuple[SystemConfig, ...] = ()
        self._unseal = unseal
        self._pace = pace
        self._rehearsal = rehearsal
        self._limits = limits or Limits()
        found = entry_points(group=GROUP) if points is None else points
        self._points = {point.name: point for point in found}
        self._factories: dict[str, Factory] = {}
        self._described: dict[tuple[str, str], tuple[datetime, Description]] = {}
        self._log = structlog.get_logger("dsr.connector")

    def kinds(self) -> tuple[str, ...]:
        """The kinds of connector that are installed, whether or not they load."""
        return tuple(sorted(self._points))

    def settings_of(self, kind: str) -> tuple[Setting, ...]:
        """What a connector of this kind must be told; ConnectorError when the kind is missing or broken."""
        return self._factory(kind)().settings

    @property
    def systems(self) -> tuple[SystemConfig, ...]:
        """What the configuration names, then the places declared at the desk, retired ones included."""
        return self._configured + self._declared

    def lacking(self, config: SystemConfig) -> tuple[str, ...]:
        """A sentence for each secret of a system that cannot be read now: which, where, what to do."""
        return tuple(
            said
            for name, source in config.secrets.items()
            if (said := lacking(config.key, name, source, self._unseal))
        )

    def declare(self, places: Sequence[SystemConfig]) -> None:
        """The places declared at the desk, all of them, as they are now."""
        if places != self._declared:
            self._declared, self._described = tuple(places), {}

    def for_controller(self, controller: str, *, retired: bool = False) -> tuple[SystemConfig, ...]:
        """The systems of one controller, in the order of the configuration; ``retired`` ones on demand."""
        return tuple(
            system
            for system in self.systems
            if controller in system.controllers and (retired or not system.retired)
        )

    def system(self, controller: str, key: str) -> SystemConfig:
        """One system of one controller; Refusal ``system.unknown``, also for another's system."""
        found = self.find(controller, key)
        if found is None:
            raise Refusal("system.unknown", f"There is no system {key!r}.", system=key)
        return found

    def find(self, controller: str, key: str) -> SystemConfig | None:
        """One system of one controller; None when it was taken out of the configuration since it was planned."""
        known = self.for_controller(controller, retired=True)
        return next((system for system in known if system.key == key), None)

    @contextmanager
    def open(
        self, controller: str, system: str, *, now: datetime, read_only: bool = False
    ) -> Iterator[Connector]:
        """An opened connector, closed afterwards; never more of a system at once than it bears.

        ConnectorError(permanent=True): the kind is missing or a setting is wrong; with ``retry_at``: it is
        busy. Refusal ``system.unknown``. ``read_only`` is for previews and checks: the connector refuses
        to act.
        """
        config = self.system(controller, system)
        with (
            self._place(config, controller, now),
            self._opened(config, controller, now, read_only) as connector,
        ):
            yield connector

    @contextmanager
    def _opened(
        self, config: SystemConfig, controller: str, now: datetime, read_only: bool
    ) -> Iterator[Connector]:
        connector = self._factory(config.kind)()
        if connector.kind != config.kind:
            raise ConnectorError(
                f"The connector {config.kind!r} calls itself {connector.kind!r}.", permanent=True
            )
        connector.open(self._context(config, controller, now, read_only))
        try:
            yield connector
        finally:
            connector.close()

    def describe(self, controller: str, system: str, *, now: datetime) -> Description:
        """What the system holds and can do, in its own words; asked again after a minute."""
        known = self._described.get((controller, system))
        if known is not None and abs(now - known[0]) < DESCRIBED_FOR:
            return known[1]
        with self._opened(self.system(controller, system), controller, now, True) as connector:
            said = connector.describe()
        self._described[controller, system] = (now, said)
        return said

    def order(self, controller: str, system: str, *, now: datetime) -> Order:
        """When its turn is among the systems, as it last said. One that cannot be opened, or is gone, comes
        last: why is told when it is acted on."""
        known = self._described.get((controller, system))
        if known is not None:
            return known[1].order
        try:
            return self.describe(controller, system, now=now).order
        except (ConnectorError, Refusal):
            return Order.SINK

    def bears(self, controller: str, system: str, *, now: datetime) -> Bears:
        """The limits of a system: those of its configuration, else those of its connector."""
        return self._bears(self.system(controller, system), controller, now)

    def _bears(self, config: SystemConfig, controller: str, now: datetime) -> Bears:
        try:
            said = self.describe(controller, config.key, now=now)
        except ConnectorError:  # what is wrong with it shows when it is used
            return Bears(config.parallel, config.per_minute)
        return Bears(config.parallel or said.parallel, config.per_minute or said.per_minute)

    def _place(self, config: SystemConfig, controller: str, now: datetime) -> AbstractContextManager[None]:
        if self._pace is None:
            return nullcontext()
        most = self._bears(config, controller, now).parallel
        return self._pace.place(config.key, most, seconds=self._limits.lock_seconds)

    def _caller(self, config: SystemConfig, controller: str, now: datetime) -> Callable[..., None]:
        """What a connector does before each call of its system; its budget is looked up when it calls. A part of a
        system with a budget of its own (docs/adr/0021) is counted by itself."""
        pace = self._pace
        if pace is None:
            return lambda *part: None

        def calling(part: str = "", most: int | None = None) -> None:
            if part:
                pace.call(_part(config.key, part), most)
            else:
                pace.call(config.key, self._bears(config, controller, now).per_minute)

        return calling

    def _factory(self, kind: str) -> Factory:
        if kind not in self._factories:
            self._factories[kind] = self._load(kind)
        return self._factories[kind]

    def _load(self, kind: str) -> Factory:
        point = self._points.get(kind)
        if point is None:
            known = ", ".join(self.kinds()) or "none"
            raise ConnectorError(
                f"No connector of kind {kind!r} is installed. Installed: {known}.", permanent=True
            )
        try:
            factory: Factory = point.load()
        except Exception as error:  # noqa: BLE001 - somebody else's module may fail in any way
            raise ConnectorError(
                f"The connector {kind!r} ({point.value}) cannot be loaded: {type(error).__name__}. "
                "Install what it needs, or remove its systems.",
                permanent=True,
            ) from error
        return factory

    def _context(self, config: SystemConfig, controller: str, now: datetime, read_only: bool) -> Context:
        return Context(
            system=config.key,
            controller=controller,
            settings=config.settings,
            secret=_secrets(config, self._unseal),
            now=now,
            limits=self._limits,
            read_only=read_only,
            rehearsal=self._rehearsal,
            calling=self._caller(config, controller, now),
            log=self._logger(config.key, controller),
        )

    def _logger(self, system: str, controller: str) -> Callable[..., None]:
        def log(event: str, **counts: object) -> None:
            facts = {name: value for name, value in counts.items() if _is_fact(value)}
            self._log.info(event, system=system, controller=controller, **facts)

        return log


def _part(system: str, part: str) -> str:
    """Under which name a part of a system is counted: a digest where the name has no room in its column."""
    name = f"{system}/{part}"
    return name if len(name) <= NAME else hashlib.sha256(name.encode()).hexdigest()[:NAME]


def _is_fact(value: object) -> bool:
    """Numbers and truth values only: text from a connector may carry personal data."""
    return isinstance(value, (int, float))


def lacking(owner: str, name: str, source: SecretSource, unseal: Unseal | None = None) -> str:
    """Why a secret cannot be read now, in a sentence; '' when it can."""
    try:
        _read(owner, name, source, unseal)
    except ConnectorError as error:
        return str(error)
    return ""


def read_secret(owner: str, source: SecretSource) -> str:
    """A secret of something that is no system (a recipient's webhook). ConnectorError without a value."""
    return _read(owner, "secret", source, None)


def _secrets(config: SystemConfig, unseal: Unseal | None) -> Callable[[str], str]:
    """Reads a secret where the configuration says; a plain setting of that name serves as well."""

    def secret(name: str) -> str:
        source = config.secrets.get(name)
        if source is not None:
            return _read(config.key, name, source, unseal)
        if name in config.settings:
            return str(config.settings[name])
        raise ConnectorError(
            f'The system {config.key!r} lacks {name!r}. Write {name} = {{env = "NAME"}} or '
            f'{{file = "path"}} under its settings in systems.toml.',
            permanent=True,
        )

    return secret


def _read(system: str, name: str, source: SecretSource, unseal: Unseal | None) -> str:
    kept = _from_environment(source) if source.env else _from_file(system, name, source, unseal)
    value = kept.rstrip("\r\n")
    if not value:
        raise _missing(system, name, source, "empty")
    return value


def _from_environment(source: SecretSource) -> str:
    return os.environ.get(source.env, "")


def _from_file(system: str, name: str, source: SecretSource, unseal: Unseal | None) -> str:
    try:
        with Path(source.file or source.sealed).open("rb") as stream:
            raw = stream.read(MAX_SECRET_BYTES)
        return unseal(raw, system, name) if source.sealed and unseal else raw.decode()
    except FileNotFoundError:
        raise _missing(system, name, source, "not there") from None
    except (OSError, UnicodeDecodeError, Refusal) as error:
        raise _missing(system, name, source, f"unreadable ({type(error).__name__})") from error


def _missing(system: str, name: str, source: SecretSource, how: str) -> ConnectorError:
    """Which secret, where it was looked for, what to do about it."""
    if source.env:
        where, so = (
            f"the environment variable {source.env} is not set, or empty",
            "Set it for dsr and start again",
        )
    elif source.sealed:
        where = f"the sealed file {source.sealed} is {how}"
        so = f"Type it again: dsr systems secret {system} {name} --by OFFICER"
    else:
        where, so = f"the file {source.file} is {how}", "Write the secret there, readable by this user alone"
    return ConnectorError(f"The secret {name!r} of {system!r} is missing: {where}. {so}.", permanent=True)
