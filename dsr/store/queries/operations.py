"""States of systems."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dsr.store import bulk
from dsr.store.custody import LegalKey
from dsr.store.operations import SystemState


def system_states(session: Session, controller: str) -> dict[str, SystemState]:
    """The stored states of a controller's systems, by key ('*' is the switch over all)."""
    rows = session.scalars(select(SystemState).where(SystemState.controller == controller))
    return {row.system: row for row in rows}


def states_and_key(
    session: Session, controller: str
) -> tuple[dict[str, SystemState], tuple[str, bytes] | None]:
    """As ``system_states``, with the legal key that seals now (fingerprint, public half): 1 statement.

    None while no state is stored: then the key is read where it is needed (``vault_writing.Lock``).
    """
    seals = (LegalKey.controller == SystemState.controller) & LegalKey.retired_at.is_(None)
    rows = session.execute(
        select(SystemState, LegalKey.id, LegalKey.public)
        .outerjoin(LegalKey, seals)
        .where(SystemState.controller == controller)
    ).all()
    key = next(((id_, public) for _, id_, public in rows if id_ is not None), None)
    return {row.system: row for row, _, _ in rows}, key


def write_run(session: Session, name: tuple[str, str], values: dict[str, Any], *, acting: list[str]) -> None:
    """How a system (controller, key) fared; its first run makes the row, with the rights it may act on."""
    controller, system = name
    fresh = {"controller": controller, "system": system, "acting": acting, "held": False, "findings": []}
    insert = bulk.dialect_insert(session)(SystemState).values(fresh | values)
    session.execute(
        insert.on_conflict_do_update(index_elements=[SystemState.controller, SystemState.system], set_=values)
    )


def looks(session: Session, controller: str, now: datetime, until: datetime) -> list[str]:
    """Take the silent systems of a controller whose pause is over; nobody else gets them before ``until``."""
    taken = session.scalars(
        update(SystemState)
        .where(SystemState.controller == controller, SystemState.silent, SystemState.retry_at <= now)
        .values(retry_at=until)
        .returning(SystemState.system)
        .execution_options(synchronize_session=False)
    )
    return sorted(taken)


def end_rests(session: Session, controller: str, system: str = "") -> None:
    """Every system of a controller may be asked again, or this one."""
    resting = (SystemState.controller == controller, SystemState.retry_at.is_not(None))
    chosen = (SystemState.system == system,) if system else ()
    session.execute(update(SystemState).where(*resting, *chosen).values(retry_at=None, silent=False))
