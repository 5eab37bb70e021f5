"""What the person's own pages read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from dsr.domain.letters import LETTERS
from dsr.store.models import Case, Challenge, Plan
from dsr.store.operations import Letter, Message, Package, Upload

INWARD = tuple(kind.value for kind, letter in LETTERS.items() if letter.inward)
"""Letters that the person never sees."""


def upload_count(session: Session, submission_id: int) -> int:
    """How many files a submission has."""
    counted = select(func.count()).select_from(Upload).where(Upload.submission_id == submission_id)
    return session.scalar(counted) or 0


def has_upload(session: Session, submission_id: int, purpose: str, sha256: str) -> bool:
    """Was this very file attached for this purpose before, and not destroyed since?"""
    same = (Upload.submission_id == submission_id, Upload.purpose == purpose, Upload.sha256 == sha256)
    return session.scalar(select(Upload.id).where(*same, Upload.destroyed_at.is_(None)).limit(1)) is not None


def letters(session: Session, cases: Sequence[int]) -> Sequence[Letter]:
    """Every letter of these cases that is for the person, the oldest first."""
    mine = Letter.case_id.in_(cases) & Letter.kind.not_in(INWARD)
    return session.scalars(select(Letter).where(mine).order_by(Letter.id)).all()


def packages(session: Session, cases: Sequence[int]) -> dict[int, list[Package]]:
    """Every package of each of these cases, the oldest first."""
    found: dict[int, list[Package]] = {case: [] for case in cases}
    for row in session.scalars(select(Package).where(Package.case_id.in_(cases)).order_by(Package.id)):
        found[row.case_id].append(row)
    return found


def plans(session: Session, cases: Sequence[Case]) -> dict[int, Plan]:
    """The current plan of each case that has one."""
    ids = [case.id for case in cases]
    current = {(case.id, case.generation) for case in cases}
    rows = session.scalars(select(Plan).where(Plan.case_id.in_(ids)))
    return {row.case_id: row for row in rows if (row.case_id, row.generation) in current}


def controller_of_link(session: Session, token_hash: bytes) -> str | None:
    """The controller that a link belongs to, spent or not; None for a token that never was."""
    return session.scalar(select(Challenge.controller).where(Challenge.token_hash == token_hash))


def failed_mails(session: Session, submission_id: int) -> int:
    """How many mails of a submission were refused or came back."""
    lost = (
        select(func.count())
        .select_from(Message)
        .where(
            Message.submission_id == submission_id,
            (Message.state == "failed") | Message.bounced_at.is_not(None),
            Message.state != "settled",
        )
    )
    return session.scalar(lost) or 0


def count_download(session: Session, package_id: int) -> None:
    """One more session fetched this package."""
    session.execute(update(Package).where(Package.id == package_id).values(downloads=Package.downloads + 1))
