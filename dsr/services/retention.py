"""Forgetting: packages after their days, files of closed cases after their years, the vault on its date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dsr import store
from dsr.domain.audit import Kind
from dsr.store import files, vault
from dsr.store.models import Case, Submission
from dsr.store.queries import timing
from dsr.store.session import Transaction

from .house import house


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one run destroyed."""

    packages: int
    submissions: int
    seals: int


def run(*, now: datetime) -> Forgotten:
    """Destroy everything whose time has come. The audit log stays."""
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
        return Forgotten(packages, len(due), seals)


def destroy_packages(*, now: datetime) -> int:
    """Destroy the files of packages whose link has ended; the file first, so that no row claims too much."""
    with store.reading() as session:
        expired = list(timing.expired_packages(session, now))
    for package in expired:
        files.packages().destroy(package.file)
    if not expired:
        return 0
    with store.transaction() as tx:
        for row in timing.expired_packages(tx.session, now):
            if row.id in {one.id for one in expired}:
                row.destroyed_at = now
                case = tx.session.get_one(Case, row.case_id)
                tx.audit(row.controller, Kind.PACKAGE_GONE, reference=case.reference, actor="system", at=now)
    return len(expired)


def _destroy_seals(controller: str, now: datetime) -> int:
    with store.transaction() as tx:
        due = vault.due(tx.session, controller=controller, now=now)
        count = vault.destroy(tx.session, due, controller=controller, now=now)
        if count:
            tx.audit(controller, Kind.DESTROYED, actor="system", at=now, seals=sorted(due))
        return count


def _forget(tx: Transaction, submission: Submission, now: datetime) -> None:
    """Destroy the key of a submission: what was typed, found and planned cannot be read again."""
    submission.wrapped_key, submission.sealed = None, None
    submission.proof_key = None
    for row in submission.identifiers:
        row.sealed = None
    for case in submission.cases:
        case.sealed = None
        tx.audit(case.controller, Kind.FORGOTTEN, reference=case.reference, actor="system", at=now)
