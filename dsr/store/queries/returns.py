"""Who was erased where, and who of them is back; whose restriction, objection or withdrawal holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from dsr.domain.rights import RULES
from dsr.store import bulk
from dsr.store.custody import ReturnSweep
from dsr.store.models import Case, Identity, Submission, VaultSeal, Work

from . import holds

DONE = ("done", "already")
ENDED = ("answered", "closed")
LASTING = tuple(rule.right.value for rule in RULES.values() if rule.lasting)
MANY = 500
"""Hashes in one statement."""


def erased_in(
    session: Session, controller: str, system: str, since: datetime | None
) -> tuple[list[int], int]:
    """Cases whose erasure in this system is done, the oldest first; and how many more lost their key."""
    wanted = _erased(controller, system).with_only_columns(Case.id, Submission.wrapped_key.is_not(None))
    if since is not None:
        wanted = wanted.where(Work.intended_at >= since)
    rows = session.execute(wanted.order_by(Case.id)).all()
    return [row[0] for row in rows if row[1]], sum(not row[1] for row in rows)


def cases(session: Session, ids: Sequence[int]) -> Sequence[Case]:
    """With submission and identifiers."""
    wanted = select(Case).where(Case.id.in_(ids)).order_by(Case.id)
    return session.scalars(
        wanted.options(joinedload(Case.submission).selectinload(Submission.identifiers))
    ).all()


def held(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Those under a legal hold."""
    return holds.held_cases(session, ids)


def opened(session: Session, controller: str, system: str, values: dict[str, Any]) -> ReturnSweep | None:
    """The row of the first sweep of a system; None when another process inserted it meanwhile."""
    insert = bulk.dialect_insert(session)(ReturnSweep).values(controller=controller, system=system, **values)
    made = session.scalar(insert.on_conflict_do_nothing().returning(ReturnSweep.system))
    return session.get(ReturnSweep, (controller, system)) if made else None


def read_again(session: Session, controller: str, system: str, now: datetime) -> None:
    """Have everything that was erased in this system, and whose key lives, read again by ``rechecking``, also
    what would be read later. What a person confirmed no program can read."""
    mine = _erased(controller, system).with_only_columns(Work.id)
    mine = mine.where(
        Submission.wrapped_key.is_not(None),
        Work.verified != "stated",
        or_(Work.check_after.is_(None), Work.check_after > now),
    )
    session.execute(update(Work).where(Work.id.in_(mine)).values(check_after=now))


def follower(session: Session, controller: str, reference: str) -> str | None:
    """The case that proposes to erase again what this one erased."""
    return session.scalar(
        select(Case.reference).where(Case.controller == controller, Case.follows == reference).limit(1)
    )


def lasting(session: Session, controller: str, after: int, limit: int) -> Sequence[Case]:
    """The next cases that hold for later data, whose key lives, by id, with submission and identifiers."""
    wanted = _lasting(controller).where(Case.id > after).order_by(Case.id).limit(limit)
    return session.scalars(
        wanted.options(joinedload(Case.submission).selectinload(Submission.identifiers))
    ).all()


def lasting_since(session: Session, case: Case) -> Sequence[Case]:
    """Those of the same person, by proved identifiers, that were answered after rows were set aside for ``case``."""
    hers, theirs = aliased(Identity), aliased(Identity)
    same = (theirs.controller == hers.controller) & (theirs.lookup_hash == hers.lookup_hash)
    set_aside = select(func.min(VaultSeal.made_at)).where(
        VaultSeal.controller == case.controller,
        VaultSeal.reference == case.reference,
        VaultSeal.purpose == "set_aside",
    )
    submissions = (
        select(theirs.submission_id)
        .join(hers, same)
        .where(
            hers.submission_id == case.submission_id,
            hers.proved_at.is_not(None),
            theirs.proved_at.is_not(None),
        )
    )
    wanted = _lasting(case.controller).where(
        Case.id != case.id,
        Case.submission_id.in_(submissions),
        Case.answered_at >= set_aside.scalar_subquery(),
    )
    return cases(session, session.scalars(wanted.with_only_columns(Case.id)).all())


def back(session: Session, controller: str, hashes: Sequence[bytes]) -> dict[Case, list[bytes]]:
    """Erasures, known only by hashes, of people who have one of these identifiers; which ones of each.

    Without those that somebody decided on already: one proposal for each erasure.
    """
    found: dict[Case, list[bytes]] = {}
    for start in range(0, len(hashes), MANY):
        some = hashes[start : start + MANY]
        rows = session.execute(
            select(Case, Identity.lookup_hash)
            .join(Submission, Submission.id == Case.submission_id)
            .join(Identity, Identity.submission_id == Submission.id)
            .where(
                Identity.controller == controller,
                Identity.lookup_hash.in_(some),
                Identity.proved_at.is_not(None),
                Case.right == "erasure",
                Case.ending.in_(("done", "partly")),
                Submission.wrapped_key.is_(None),
                _not_followed(controller),
            )
            .order_by(Case.id)
        )
        for case, value in rows:
            found.setdefault(case, []).append(value)
    return found


def _erased(controller: str, system: str) -> Select[Case]:
    return (
        select(Case)
        .join(Submission, Submission.id == Case.submission_id)
        .join(Work, (Work.case_id == Case.id) & (Work.generation > 0))
        .where(
            Case.controller == controller,
            Case.right == "erasure",
            Case.status.in_(ENDED),
            Work.system == system,
            Work.state.in_(DONE),
        )
    )


def _lasting(controller: str) -> Select[Case]:
    return (
        select(Case)
        .join(Submission, Submission.id == Case.submission_id)
        .where(
            Case.controller == controller,
            Case.right.in_(LASTING),
            Case.status.in_(ENDED),
            Case.ending.in_(("done", "partly", "nothing")),
            Case.doing == "",
            Case.generation > 0,
            Submission.wrapped_key.is_not(None),
            _not_followed(controller),
        )
    )


def _not_followed(controller: str) -> ColumnElement[bool]:
    later = aliased(Case)
    return ~exists().where(later.controller == controller, later.follows == Case.reference)
