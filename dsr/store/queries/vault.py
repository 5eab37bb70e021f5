"""Which sealed rows a case has."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsr.store.models import VaultSeal


def set_aside(session: Session, references: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Seals of restrictions not yet given back: by case reference, by system, in the order of sealing."""
    found: dict[str, dict[str, list[str]]] = {}
    if not references:
        return found
    rows = session.execute(
        select(VaultSeal.reference, VaultSeal.system, VaultSeal.id)
        .where(
            VaultSeal.reference.in_(references),
            VaultSeal.purpose == "set_aside",
            VaultSeal.returned_at.is_(None),
            VaultSeal.destroyed_at.is_(None),
        )
        .order_by(VaultSeal.made_at, VaultSeal.id)
    )
    for reference, system, seal in rows:
        found.setdefault(reference, {}).setdefault(system, []).append(seal)
    return found
