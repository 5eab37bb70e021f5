"""Forgetting: packages after their days, files of closed cases after their years, letters and delivery proof
after theirs, the vault on its date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.periods import add_months
from dsr.store import files, vault
from dsr.store.models import Case, Submission
from dsr.store.queries import holds, timing
from dsr.store.session import Transaction

from .house import house


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one run destroyed. ``proofs``: submissions whose letters and delivery proof went too."""

    packages: int
    submissions: int
    seals: int
    proofs: int = 0


def run(*, now: datetime) -> Forgotten:
    """Destroy everything whose time has come; what a legal hold keeps stays. The audit log stays."""
    packages = destroy_packages(now=now)
    seals = sum(_destroy_seals(key, now) for key in house().controllers)
    with store.reading() as session:
        ids = [submission.id for submission in timing.to_forget(session, now.date())]
        names = [upload.file for upload in timing.uploads_of(session, ids)]
    for name in names:
        files.uploads().destroy(name)
    with store.transaction() as tx:
        vault.sweep(tx.session, before=now - timedelta(days=1))
        due = [one for one in timing.to_forget(tx.session, now.date()) if one.id in set(ids)]
        for upload in timing.uploads_of(tx.session, ids):
            upload.destroyed_at, upload.sealed_name = now, None
        for submission in due:
            _forget(tx, submission, now)
        proofs = timing.to_forget_proof(tx.session, _proof_day(now))
        for submission in proofs:
            _forget_proof(tx, submission, now)
        return Forgotten(packages, len(due), seals, len(proofs))


def daily(*, now: datetime) -> Forgotten | None:
    """``run`` once a day, by whichever process comes first; None for the others."""
    with store.transaction() as tx:
        if not timing.claim(tx.session, [f"retention:{now.date()}"], now):
            return None
    return run(now=now)


def destroy_packages(*, now: datetime) -> int:
    """Destroy the files of packages that nobody renewed in time after their link had ended; the file first, so that
    no row claims too much.
    """
    ended = now - timedelta(days=house().policy.package_kept_days)
    with store.reading() as session:
        expired = list(timing.expired_packages(session, ended))
    for package in expired:
        files.packages().destroy(package.file)
    if not expired:
        return 0
    with store.transaction() as tx:
        for row in timing.expired_packages(tx.session, ended):
            if row.id in {one.id for one in expired}:
                row.destroyed_at = now
                case = tx.session.get_one(Case, row.case_id)
                tx.audit(row.controller, Kind.PACKAGE_GONE, reference=case.reference, actor="system", at=now)
    return len(expired)


def _destroy_seals(controller: str, now: datetime) -> int:
    """Rows and keys of sets whose date came or that were given back; one entry in the log for each case."""
    with store.transaction() as tx:
        due = vault.due(tx.session, controller=controller, now=now)
        held = holds.held_references(tx.session, controller)
        going = [one for one in due if one[0] not in held]
        count = vault.destroy(tx.session, [seal for _, seal, _, _ in going], controller=controller, now=now)
        for reference, seals in groupby(going, key=itemgetter(0)):
            sets = [[seal, rows, root] for _, seal, rows, root in seals]
            tx.audit(controller, Kind.DESTROYED, reference=reference, actor="system", at=now, seals=sets)
        return count


def _forget(tx: Transaction, submission: Submission, now: datetime) -> None:
    """Destroy the case key of a submission: what was typed, found and planned cannot be read again."""
    submission.wrapped_key, submission.sealed = None, None
    for row in submission.identifiers:
        row.sealed = None
    for case in submission.cases:
        case.sealed = None
        tx.audit(case.controller, Kind.FORGOTTEN, reference=case.reference, actor="system", at=now)


def _proof_day(now: datetime) -> date:
    """Files kept until before that day have also passed the longer time of letters and delivery proof."""
    policy = house().policy
    more = max(0, policy.proof_years - policy.retention_years)
    return add_months(now.date(), -12 * more)


def _forget_proof(tx: Transaction, submission: Submission, now: datetime) -> None:
    """Destroy the proof key: letters that were sent cannot be read again; their digests stay."""
    submission.proof_key = None
    for case in submission.cases:
        tx.audit(case.controller, Kind.PROOF_FORGOTTEN, reference=case.reference, actor="system", at=now)
