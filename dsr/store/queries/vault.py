"""Which sealed rows a case has, and who asked to open what is blocked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, distinct, func, select, update
from sqlalchemy.orm import Session, aliased, defer

from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.store import legal
from dsr.store.custody import VaultOpening
from dsr.store.models import Case, Identity, VaultSeal
from dsr.store.operations import AuditEntry
from dsr.store.vault_writing import PARTIAL


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


def restricted(
    session: Session, submission_ids: Sequence[int]
) -> Sequence[Row[int, int, str, str, str, datetime]]:
    """What restrictions of the same people keep set aside, whoever asked and when: by proved identifiers, one row
    (submission, id of the case of the restriction, its number, system, seal, moment) for each seal."""
    hers, theirs = aliased(Identity), aliased(Identity)
    same = (theirs.controller == hers.controller) & (theirs.lookup_hash == hers.lookup_hash)
    sealed = (VaultSeal.controller == Case.controller) & (VaultSeal.reference == Case.reference)
    return session.execute(
        select(
            hers.submission_id,
            Case.id,
            VaultSeal.reference,
            VaultSeal.system,
            VaultSeal.id,
            VaultSeal.made_at,
        )
        .join(theirs, same)
        .join(Case, Case.submission_id == theirs.submission_id)
        .join(VaultSeal, sealed)
        .where(
            hers.submission_id.in_(submission_ids),
            hers.proved_at.is_not(None),
            theirs.proved_at.is_not(None),
            Case.right == "restriction",
            VaultSeal.purpose == "set_aside",
            VaultSeal.returned_at.is_(None),
            VaultSeal.destroyed_at.is_(None),
            VaultSeal.digest.not_like(f"{PARTIAL}%"),
        )
        .distinct()
        .order_by(hers.submission_id, Case.id, VaultSeal.system, VaultSeal.made_at, VaultSeal.id)
    ).all()


@dataclass(frozen=True, slots=True)
class BlockedSet:
    """What is blocked of one case: counts and dates, nothing of what it holds. ``again``: sets that a repeat of
    interrupted work sealed beside those of its first attempt; rows may lie in both (docs/adr/0018)."""

    reference: str
    seals: int
    rows: int
    first_at: datetime
    destroy_on: date | None
    destroyed: int
    destroyed_at: datetime | None
    again: int = 0


def blocked_sets(session: Session, controller: str, limit: int, offset: int = 0) -> Sequence[BlockedSet]:
    """By case, the newest first."""
    rows = session.execute(
        select(
            VaultSeal.reference,
            func.count(),
            func.sum(VaultSeal.rows),
            func.min(VaultSeal.made_at),
            func.max(VaultSeal.destroy_on),
            func.count(VaultSeal.destroyed_at),
            func.max(VaultSeal.destroyed_at),
            func.count() - func.count(distinct(VaultSeal.key + "/" + VaultSeal.purpose)),
        )
        .where(VaultSeal.controller == controller, *whole())
        .group_by(VaultSeal.reference)
        .order_by(func.max(VaultSeal.made_at).desc(), VaultSeal.reference)
        .limit(limit)
        .offset(offset)
    )
    return [BlockedSet(*row) for row in rows]


def blocked_seals(session: Session, controller: str, references: Sequence[str]) -> Sequence[VaultSeal]:
    """The blocked sets of these cases, destroyed ones too, without their content."""
    return session.scalars(
        select(VaultSeal)
        .where(VaultSeal.controller == controller, VaultSeal.reference.in_(references), *whole())
        .options(defer(VaultSeal.sealed))
        .order_by(VaultSeal.reference, VaultSeal.made_at, VaultSeal.id)
    ).all()


def destruction(session: Session, controller: str, reference: str) -> tuple[int, str] | None:
    """Number and hash of the last entry that says that sealed rows of this case were destroyed."""
    found = session.execute(
        select(AuditEntry.seq, AuditEntry.hash)
        .where(
            AuditEntry.controller == controller,
            AuditEntry.reference == reference,
            AuditEntry.kind == Kind.DESTROYED.value,
        )
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    ).first()
    return (int(found[0]), found[1].hex()) if found else None


def openings(session: Session, controller: str, limit: int = 100) -> Sequence[VaultOpening]:
    """What was asked to be opened, the newest first."""
    wanted = select(VaultOpening).where(VaultOpening.controller == controller)
    return session.scalars(wanted.order_by(VaultOpening.id.desc()).limit(limit)).all()


def opening(session: Session, controller: str, number: int) -> VaultOpening:
    """One of them; Refusal ``vault.opening_unknown``."""
    found = session.get(VaultOpening, number)
    if found is None or found.controller != controller:
        raise Refusal("vault.opening_unknown", "There is no such opening.")
    return found


def move_opening(session: Session, opening: VaultOpening, before: str, **values: Any) -> bool:
    """Change an opening that is still in state ``before``; False when somebody was faster."""
    moved = session.execute(
        update(VaultOpening)
        .where(VaultOpening.id == opening.id, VaultOpening.state == before)
        .values(**values)
        .returning(VaultOpening.id)
    ).all()
    return len(moved) == 1


def whole() -> tuple[ColumnElement[bool], ...]:
    """Of seals: blocked, and written to their end."""
    return VaultSeal.purpose.in_(legal.BLOCKED), VaultSeal.digest.not_like(f"{PARTIAL}%")
