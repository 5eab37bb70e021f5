"""An erasure waits until the copy asked for in the same submission was made available."""

from __future__ import annotations

from datetime import datetime

from dsr.domain.rights import Right, rule
from dsr.domain.workflow import Status
from dsr.store.models import Case
from dsr.store.queries import people
from dsr.store.session import Transaction

from . import batches

WAITING_FOR_COPY = frozenset(Status) - {Status.ANSWERED, Status.CLOSED}


def copy_of(case: Case) -> int | None:
    """The id of the open access or portability case of the same submission, if any."""
    open_copies = (
        other.id
        for other in case.submission.cases
        if rule(other.right).package and other.status in WAITING_FOR_COPY
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
