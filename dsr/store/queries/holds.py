"""Legal holds: which are in force, for whom, and which must be reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from dsr.store.custody import LegalHold
from dsr.store.models import Case, Identity


def of_case(session: Session, case_id: int) -> LegalHold | None:
    """The hold in force on a case."""
    return session.scalar(
        select(LegalHold).where(LegalHold.case_id == case_id, LegalHold.released_at.is_(None))
    )


def held_references(session: Session, controller: str) -> set[str]:
    """The cases of a controller under a hold."""
    rows = select(Case.reference).join(LegalHold, LegalHold.case_id == Case.id)
    return set(
        session.scalars(rows.where(LegalHold.controller == controller, LegalHold.released_at.is_(None)))
    )


def held_cases(session: Session, case_ids: Sequence[int]) -> dict[int, str]:
    """Of these cases those under a hold: their own, or one on another case of the same person; the case that
    is held, by id."""
    if (
        not case_ids
        or session.scalar(select(LegalHold.id).where(LegalHold.released_at.is_(None)).limit(1)) is None
    ):
        return {}
    held, mine, theirs = aliased(Case), aliased(Identity), aliased(Identity)
    in_force = LegalHold.released_at.is_(None)
    own = select(Case.id, Case.reference).join(LegalHold, LegalHold.case_id == Case.id)
    found = {row[0]: row[1] for row in session.execute(own.where(Case.id.in_(case_ids), in_force))}
    same = (
        select(Case.id, held.reference)
        .join(mine, mine.submission_id == Case.submission_id)
        .join(theirs, (theirs.controller == mine.controller) & (theirs.lookup_hash == mine.lookup_hash))
        .join(held, held.submission_id == theirs.submission_id)
        .join(LegalHold, LegalHold.case_id == held.id)
        .where(Case.id.in_(case_ids), in_force, theirs.proved_at.is_not(None), mine.proved_at.is_not(None))
    )
    return {row[0]: row[1] for row in session.execute(same)} | found


def to_review(session: Session, controller: str, today: date) -> Sequence[LegalHold]:
    """Holds whose review date has come."""
    return session.scalars(
        select(LegalHold).where(
            LegalHold.controller == controller,
            LegalHold.released_at.is_(None),
            LegalHold.review_on <= today,
        )
    ).all()
