"""The list of people not to contact."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dsr.store.models import Identity, Submission
from dsr.store.operations import Suppression

MANY = 500


def page(session: Session, controller: str, limit: int, before: int | None) -> Sequence[Suppression]:
    """The newest first, below the number ``before``."""
    wanted = select(Suppression).where(Suppression.controller == controller)
    if before is not None:
        wanted = wanted.where(Suppression.id < before)
    return session.scalars(wanted.order_by(Suppression.id.desc()).limit(limit)).all()


def of_hashes(session: Session, controller: str, hashes: Sequence[bytes]) -> list[Suppression]:
    """The entries of these keyed hashes."""
    found: list[Suppression] = []
    for start in range(0, len(hashes), MANY):
        wanted = select(Suppression).where(Suppression.controller == controller)
        found += session.scalars(wanted.where(Suppression.lookup_hash.in_(hashes[start : start + MANY])))
    return found


def of_channels(
    session: Session, controller: str, channels: Collection[str], kind: str
) -> Sequence[Suppression]:
    """Every entry of these channels."""
    return session.scalars(
        select(Suppression).where(
            Suppression.controller == controller,
            Suppression.channel.in_(channels),
            Suppression.kind == kind,
        )
    ).all()


def sealed_identifiers(
    session: Session, controller: str, hashes: Sequence[bytes]
) -> dict[bytes, tuple[bytes, bytes]]:
    """Of these hashes those whose value is still held by a case: (wrapped key, sealed value)."""
    found: dict[bytes, tuple[bytes, bytes]] = {}
    for start in range(0, len(hashes), MANY):
        rows = session.execute(
            select(Identity.lookup_hash, Submission.wrapped_key, Identity.sealed)
            .join(Submission, Submission.id == Identity.submission_id)
            .where(
                Identity.controller == controller,
                Identity.lookup_hash.in_(hashes[start : start + MANY]),
                Submission.wrapped_key.is_not(None),
                Identity.sealed.is_not(None),
            )
        )
        found |= {value: (key, sealed) for value, key, sealed in rows if key and sealed}
    return found


def known_hashes(session: Session, controller: str, hashes: Sequence[bytes]) -> set[bytes]:
    """Of these hashes those whose value is still held by a case."""
    return set(sealed_identifiers(session, controller, hashes))


def remove(
    session: Session, controller: str, *, number: int | None, lookup_hash: bytes | None
) -> list[tuple[str, str]]:
    """Delete one entry, or all of a hash; (channel, case) of each."""
    one = Suppression.id == number if number is not None else Suppression.lookup_hash == lookup_hash
    gone = session.execute(
        delete(Suppression)
        .where(Suppression.controller == controller, one)
        .returning(Suppression.channel, Suppression.reference)
    )
    return [(row[0], row[1]) for row in gone]
