"""The systems of a controller: may they be acted on, are they well, what would a search show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dsr import store
from dsr.contract import ConnectorError, Description, Finding
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.store import secrets
from dsr.store.operations import SystemState
from dsr.store.queries import allowances, office, operations, timing
from dsr.store.session import Transaction

from . import parking
from .house import house

MAX_SECRET = 16_384
ALL = "*"
"""The name under which everything of a controller is held."""

OBSERVING = {
    "es": "El sistema está en modo de observación: busca y planifica, pero aún no actúa.",
    "en": "The system is in observe mode: it searches and plans, but does not act yet.",
    "pt": "O sistema está em modo de observação: busca e planeja, mas ainda não age.",
}
HELD = {
    "es": "El sistema está detenido con el interruptor: los plazos siguen corriendo.",
    "en": "The system is held by its switch: the clocks run on.",
    "pt": "O sistema está suspenso pelo interruptor: os prazos continuam correndo.",
}
GONE = {
    "es": "El sistema ya no está configurado. Vuelva a ponerlo en systems.toml, o busque de nuevo para planificar "
    "sin él.",
    "en": "The system is no longer configured. Put it back into systems.toml, or search again to plan without it.",
    "pt": "O sistema já não está configurado. Coloque-o de volta em systems.toml ou busque de novo para planejar "
    "sem ele.",
}


@dataclass(frozen=True, slots=True)
class SystemView:
    """One system as the desk shows it.

    ``trouble``: why it could not be described, or which secret is missing. ``parked``: open cases that wait
    for it. ``per_minute``: its budget of calls, None without one; ``left``: what of it is left in this minute.
    """

    config: SystemConfig
    acting: tuple[str, ...]
    held: bool
    description: Description | None
    trouble: str
    checked_at: datetime | None
    findings: tuple[Finding, ...]
    last_run_at: datetime | None
    last_error: str
    retry_at: datetime | None
    parked: int
    per_minute: int | None
    left: int | None


def gate(
    controller: str, system: str, known: parking.Known | None = None
) -> Callable[[str], dict[str, str] | None]:
    """A function from a right to why this system must not be acted on for it now; None when it may.

    ``known``: what was read of the systems a moment ago (``parking.fresh``); without it they are read.
    """
    config = house().registry.find(controller, system)
    if config is None:
        return lambda _: GONE
    known = known or parking.known(controller)
    held = bool({ALL, system} & known.held)
    acting = known.acting.get(system, config.acting)

    def why_not(right: str) -> dict[str, str] | None:
        if held:
            return HELD
        return None if right in acting else OBSERVING

    return why_not


def is_relay(controller: str, system: str) -> bool:
    """Whether our own mails leave through this system."""
    config = house().registry.find(controller, system)
    return config is not None and config.relay


def views(controller: str, *, now: datetime) -> list[SystemView]:
    """Every system of the controller, with its state."""
    with store.reading() as session:
        states = operations.system_states(session, controller)
        parked = office.parked(session, controller)
        used = allowances.used(session, now)
    return [
        _view(config, controller, states.get(config.key), (parked.get(config.key, 0), used), now)
        for config in _configs(controller)
    ]


def all_held(controller: str) -> bool:
    """Is the switch over everything set?"""
    with store.reading() as session:
        state = operations.system_states(session, controller).get(ALL)
    return bool(state and state.held)


def added(controller: str, system: str, kind: str, *, by: str, now: datetime) -> None:
    """Write down that a system was connected; it starts in observe mode."""
    with store.transaction() as tx:
        tx.audit(controller, Kind.SYSTEM_ADDED, actor=by, at=now, system=system, kind=kind)


def secret_replaced(controller: str, system: str, name: str, *, by: str, now: datetime) -> None:
    """Write down that a secret of a system was replaced; never what it is."""
    with store.transaction() as tx:
        tx.audit(controller, Kind.SYSTEM_SECRET, actor=by, at=now, system=system, name=name)


def set_mode(controller: str, system: str, rights: Sequence[str], *, by: str, now: datetime) -> None:
    """Say for which rights the system may be acted on; none = observe.

    Refusals: ``right.unknown``; ``system.unchecked`` when acting is switched on before a check without
    errors (design, section 4: acting is switched on after a check). Switching it off needs none.
    """
    chosen = sorted({Right(right).value for right in rights if _known(right)})
    with store.transaction() as tx:
        state = _state(tx, controller, system)
        until_now = _acting(house().registry.system(controller, system), state)
        if not set(chosen) <= set(until_now) and not _checked(state):
            raise Refusal("system.unchecked", "Check the system first; acting needs a check without errors.")
        state.acting = chosen
        tx.audit(controller, Kind.SYSTEM_MODE, actor=by, at=now, system=system, acting=chosen)


def hold(controller: str, system: str, held: bool, *, by: str, now: datetime) -> None:
    """The switch: ``system`` '*' holds everything. Clocks run on; nothing is acted on."""
    if system != ALL:
        house().registry.system(controller, system)
    with store.transaction() as tx:
        state = _state(tx, controller, system)
        state.held = held
        tx.audit(controller, Kind.SYSTEM_HELD, actor=by, at=now, system=system, held=held)


def check(controller: str, system: str, *, by: str, now: datetime) -> tuple[Finding, ...]:
    """Reach the system: credentials, privileges, drift from its map. The result is kept for the desk."""
    try:
        with house().registry.open(controller, system, now=now, read_only=True) as connector:
            findings = tuple(connector.check())
    except ConnectorError as error:
        findings = (Finding("error", "unreachable", str(error)),)
    with store.transaction() as tx:
        state = _state(tx, controller, system)
        state.checked_at = now
        if not any(f.level == "error" for f in findings):
            if state.last_error:
                timing.wake_for(tx.session, controller, system, now)
            state.last_error, state.retry_at, state.silent = "", None, False
        state.findings = [{"level": f.level, "code": f.code, "sentence": f.sentence} for f in findings]
        worst = "error" if any(f.level == "error" for f in findings) else "ok"
        tx.audit(controller, Kind.SYSTEM_CHECKED, actor=by, at=now, system=system, result=worst)
    return findings


def config(controller: str, system: str) -> SystemConfig:
    """One configured system; Refusal ``system.unknown``, also for another's."""
    return house().registry.system(controller, system)


def write_secret(controller: str, system: str, name: str, value: str, *, by: str, now: datetime) -> None:
    """Replace a secret that we sealed; the log says that, by whom and when, not what.

    Refusals: ``secret.empty``, ``secret.elsewhere`` (in a variable or a file of others, or no such secret).
    """
    source = config(controller, system).secrets.get(name)
    if source is None or not source.sealed:
        raise Refusal("secret.elsewhere", "This secret is not kept by us; change it where it lies.")
    if not 0 < len(value.strip()) <= MAX_SECRET:
        raise Refusal("secret.empty", "Type the new secret.")
    secrets.keep(Path(source.sealed).parents[1], system, name, value.strip())
    secret_replaced(controller, system, name, by=by, now=now)


def _known(right: str) -> bool:
    if right not in {one.value for one in Right}:
        raise Refusal("right.unknown", f"There is no right {right!r}.")
    return True


def _configs(controller: str) -> Sequence[SystemConfig]:
    return house().registry.for_controller(controller)


def _acting(config: SystemConfig, state: SystemState | None) -> tuple[str, ...]:
    return tuple(state.acting) if state is not None and state.acting is not None else config.acting


def _checked(state: SystemState) -> bool:
    return state.checked_at is not None and all(one["level"] != "error" for one in state.findings)


def _state(tx: Transaction, controller: str, system: str) -> SystemState:
    state = tx.session.get(SystemState, (controller, system))
    if state is None:
        configured = () if system == ALL else house().registry.system(controller, system).acting
        state = SystemState(
            controller=controller,
            system=system,
            acting=list(configured),
            held=False,
            findings=[],
            last_error="",
        )
        tx.session.add(state)
    return state


def _view(
    config: SystemConfig,
    controller: str,
    state: SystemState | None,
    counts: tuple[int, Mapping[str, int]],
    now: datetime,
) -> SystemView:
    parked, used = counts
    description, trouble = None, ""
    try:
        description = house().registry.describe(controller, config.key, now=now)
    except ConnectorError as error:
        trouble = str(error)
    trouble = trouble or " ".join(house().registry.lacking(config))
    findings: tuple[Finding, ...] = ()
    if state is not None:
        findings = tuple(Finding(f["level"], f["code"], f["sentence"]) for f in state.findings)
    return SystemView(
        config=config,
        acting=_acting(config, state),
        held=bool(state and state.held),
        description=description,
        trouble=trouble,
        checked_at=state.checked_at if state else None,
        findings=findings,
        last_run_at=state.last_run_at if state else None,
        last_error=state.last_error if state else "",
        retry_at=state.retry_at if state else None,
        parked=parked,
        per_minute=(budget := house().registry.bears(controller, config.key, now=now).per_minute),
        left=None if budget is None else max(budget - used.get(config.key, 0), 0),
    )
