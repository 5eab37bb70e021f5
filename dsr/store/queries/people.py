"""Submissions, cases and challenges, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dsr.domain.errors import Refusal
from dsr.store.models import Case, Challenge, Submission


def submission(session: Session, submission_id: int) -> Submission:
    """By id; the caller holds a foreign key, so it exists."""
    return session.get_one(Submission, submission_id)


def by_reference(session: Session, reference: str) -> Submission | None:
    """By its public number, or None."""
    return session.scalar(select(Submission).where(Submission.reference == reference))


def by_token(session: Session, token_hash: bytes) -> Submission | None:
    """By the hash of the secret of its status page, or None."""
    return session.scalar(select(Submission).where(Submission.token_hash == token_hash))


def case(session: Session, reference: str, controllers: Sequence[str] | None = None) -> Case:
    """By its public number, within these controllers; Refusal ``case.unknown`` also for somebody else's."""
    wanted = select(Case).where(Case.reference == reference)
    if controllers is not None:
        wanted = wanted.where(Case.controller.in_(controllers))
    found = session.scalar(wanted)
    if found is None:
        raise Refusal("case.unknown", f"There is no case {reference}.")
    return found


def waiting_for(session: Session, copy_id: int) -> Sequence[Case]:
    """Approved erasures that wait for the copy of this case."""
    return session.scalars(select(Case).where(Case.waits_for == copy_id, Case.status == "approved")).all()


def spend_link(session: Session, token_hash: bytes, now: datetime) -> Challenge | None:
    """Spend the challenge of a link in one conditional statement; None when it cannot be spent."""
    return session.scalar(
        update(Challenge)
        .where(
            Challenge.token_hash == token_hash,
            Challenge.purpose == "verify",
            Challenge.spent_at.is_(None),
            Challenge.expires_at > now,
        )
        .values(spent_at=now)
        .returning(Challenge)
    )


def count_attempts(
    session: Session, submission_id: int, purpose: str, limit: int, now: datetime
) -> Sequence[Challenge]:
    """Count one attempt on every open challenge; those that may still be tried, newest first."""
    tried = session.scalars(
        update(Challenge)
        .where(
            Challenge.submission_id == submission_id,
            Challenge.purpose == purpose,
            Challenge.spent_at.is_(None),
            Challenge.expires_at > now,
            Challenge.attempts < limit,
        )
        .values(attempts=Challenge.attempts + 1)
        .returning(Challenge)
    ).all()
    return sorted(tried, key=lambda challenge: -challenge.id)


def spend(session: Session, challenge_id: int, now: datetime) -> bool:
    """Spend a challenge once; False when somebody was faster."""
    spent = session.execute(
        update(Challenge)
        .where(Challenge.id == challenge_id, Challenge.spent_at.is_(None))
        .values(spent_at=now)
        .returning(Challenge.id)
    ).all()
    return len(spent) == 1
