"""States of systems."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsr.store.operations import SystemState


def system_states(session: Session, controller: str) -> dict[str, SystemState]:
    """The stored states of a controller's systems, by key ('*' is the switch over all)."""
    rows = session.scalars(select(SystemState).where(SystemState.controller == controller))
    return {row.system: row for row in rows}
