"""What proves that letters reached the person, and the earlier requests of the same person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsr.store.models import Case, Identity
from dsr.store.telling import DeliveryProof


def of_case(session: Session, case_id: int) -> Sequence[DeliveryProof]:
    """Every proof of a case, the oldest first; sealed under the proof key of its submission."""
    mine = select(DeliveryProof).where(DeliveryProof.case_id == case_id)
    return session.scalars(mine.order_by(DeliveryProof.at, DeliveryProof.id)).all()


def has(session: Session, case_id: int, kind: str, letter: str) -> bool:
    """Is this proved already?"""
    mine = (
        (DeliveryProof.case_id == case_id) & (DeliveryProof.kind == kind) & (DeliveryProof.letter == letter)
    )
    return session.scalar(select(DeliveryProof.id).where(mine).limit(1)) is not None


def earlier(session: Session, case: Case, since: date) -> Sequence[Case]:
    """Cases about the same right that share an identifier proved in both, received from ``since`` on, before it.

    What was only typed counts for nobody: anybody can type her address.
    """
    typed = [row for row in case.submission.identifiers if row.provenance == "typed"]
    hashes = [row.lookup_hash for row in typed if row.proved_at is not None]
    same = select(Identity.submission_id).where(
        Identity.controller == case.controller,
        Identity.lookup_hash.in_(hashes),
        Identity.provenance == "typed",
        Identity.proved_at.is_not(None),
    )
    wanted = select(Case).where(
        Case.controller == case.controller,
        Case.submission_id.in_(same),
        Case.submission_id != case.submission_id,
        Case.right == case.right,
        Case.received_on >= since,
        Case.received_at <= case.received_at,
    )
    return session.scalars(wanted.order_by(Case.received_on.desc(), Case.id.desc())).all()
