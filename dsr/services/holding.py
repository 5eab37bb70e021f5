"""An erasure waits until the copy asked for in the same submission was made available."""

from __future__ import annotations

from datetime import datetime

from dsr.domain.audit import Kind
from dsr.domain.rights import Right, rule
from dsr.domain.workflow import Role, Status, after
from dsr.store.models import Case
from dsr.store.queries import people
from dsr.store.session import Transaction

from . import batches, duties, timeline

DECIDED_BY_HAND = frozenset({Status.REVIEW, Status.SECOND, Status.WAITING, Status.ATTENTION})
WAITING_FOR_COPY = frozenset(Status) - {Status.ANSWERED, Status.CLOSED}


def copy_of(case: Case) -> int | None:
    """The id of the open access or portability case of the same submission, if any; for an erasure that completes
    its answer also of one that has promised to go on.
    """
    open_copies = (
        other.id
        for other in case.submission.cases
        if rule(other.right).package
        and duties.letter_of(other) is None
        and (
            other.status in WAITING_FOR_COPY or (case.promise_of is not None and other.promise_of is not None)
        )
    )
    return next(open_copies, None)


def must_wait(case: Case) -> bool:
    """True for an erasure whose copy is not on its way yet."""
    return case.right == Right.ERASURE and copy_of(case) is not None


def release(tx: Transaction, copy: Case, *, now: datetime) -> None:
    """The copy is available (its mail was accepted), or will never be: let the erasure go on."""
    freed = people.waiting_for(tx.session, copy.id)
    for other in freed:
        other.waits_for = None
    if freed:
        batches.make(tx, freed, "carry_out", now=now)


def undelivered(tx: Transaction, copy: Case, *, now: datetime) -> None:
    """The copy did not reach her: erasures of the same submission that have not begun go before an officer."""
    for other in copy.submission.cases:
        if other.right == Right.ERASURE and other.waits_for == copy.id:
            before_an_officer(tx, other, "the copy could not be delivered", now=now)
        elif other.right == Right.ERASURE and other.status in DECIDED_BY_HAND:
            other.failed = True
            timeline.record(
                tx, other, Kind.FAILED, by="system", now=now, why="the copy could not be delivered"
            )


def before_an_officer(tx: Transaction, case: Case, why: str, *, now: datetime) -> None:
    """An approved erasure that waits for a copy waits no longer: an officer decides again."""
    case.status = after(case.status, "late_copy", roles=[Role.SYSTEM]).value
    case.waits_for, case.failed = None, True
    timeline.record(tx, case, Kind.FAILED, by="system", now=now, why=why)
