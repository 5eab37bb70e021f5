"""The vault: rows that leave a store and may have to come back, sealed under a key of their own.

A seal is durable before the connector deletes. Its key is destroyed with its rows, and never before
they were given back (``set_aside``) or their date came. The key of blocked rows is wrapped for the legal
key (``legal.py``): this process can seal them and cannot open them.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from dsr.contract import Purpose, Row, Seal
from dsr.domain import audit, codec
from dsr.domain.errors import Refusal

from . import legal
from .keys import keyring, unseal
from .models import VaultChunk, VaultSeal
from .session import reading
from .vault_writing import CHUNK, PARTIAL, Lock, Writing, chunks_of, leaf, place, seal_all

__all__ = [
    "Lock",
    "Vault",
    "check_key",
    "destroy",
    "due",
    "give_back",
    "open_for",
    "seal_all",
    "sweep",
]

PAGE = 4
"""Chunks read at a time."""


class Vault:
    """The keeper of one connector at work for one case: what it seals is bound to case and system.

    ``roles`` may open it afterwards; ``destroy_on`` is when blocked rows go, ``aside_until`` when what is set
    aside goes although nobody gave it back (None: never); ``lifting`` names the seals that the connector may
    read back.
    """

    def __init__(
        self,
        controller: str,
        reference: str,
        system: str,
        now: datetime,
        destroy_on: date | None,
        roles: Collection[str],
        *,
        lifting: Collection[str] = (),
        aside_until: date | None = None,
    ) -> None:
        self.controller = controller
        self.reference = reference
        self.system = system
        self.now = now
        self.destroy_on = destroy_on
        self.aside_until = aside_until
        self.roles = ",".join(sorted(roles))
        self.lifting = frozenset(lifting)

    def seal(self, key: str, purpose: Purpose, rows: Iterable[Row]) -> Seal:
        """Seal rows for intent ``key``; they are durable when it returns (own transactions, so it must
        not be called inside one). The same key, purpose and rows again give the same seal.

        Rows are consumed 1000 at a time, so any number fits in memory. An exception of ``rows`` leaves
        nothing behind.
        """
        writing = Writing(self, key, Purpose(purpose), Lock())
        try:
            for chunk in chunks_of(rows):
                writing.add(chunk)
            return writing.finish()
        except BaseException:  # sealed chunks without their set are taken back, whatever ended it
            writing.undo()
            raise

    def seal_all(self, sets: Iterable[tuple[str, Purpose, Iterable[Row]]]) -> list[Seal]:
        """Many sets of this case and system at once; see ``vault.seal_all`` for those of several cases."""
        return seal_all((self, key, purpose, rows) for key, purpose, rows in sets)

    def pseudonym(self, value: str) -> str:
        """What stands for a value in the kept rows of this system."""
        return keyring().pseudonym(self.controller, self.system, value)

    def tombstone(self, token: str) -> str:
        """What stands for the token of a link or pixel in every system of this controller."""
        return keyring().tombstone(self.controller, token)

    def rows(self, seal: str) -> Iterator[Row]:
        """The rows of a seal of this case and system, in the order in which they were sealed.

        Refusal ``vault.closed`` unless it is being lifted, and those of ``open_for``.
        """
        if seal not in self.lifting:
            raise Refusal("vault.closed", "This seal is not being lifted.")
        found = _open(seal, self.controller)
        if (found.reference, found.system) != (self.reference, self.system):
            raise Refusal("vault.unknown", "There is no such seal.")
        if found.legal_key:
            raise Refusal("vault.closed", "Blocked rows do not come back this way.")
        return _rows(found, keyring().unwrap(found.wrapped_key or b""))


def open_for(
    seal_id: str, *, controller: str, roles: Collection[str], private: legal.Private
) -> Iterator[Row]:
    """The rows of a seal, for a person with one of ``roles`` who holds the legal key; the caller writes the
    audit entry first.

    Refusals: ``vault.unknown``, ``vault.role``, ``vault.destroyed``, ``vault.incomplete``, ``legal.missing``;
    while reading ``vault.root`` when the rows are not those whose root was noted.
    """
    found = _open(seal_id, controller)
    if not set(found.roles.split(",")) & set(roles):
        raise Refusal("vault.role", "Your role may not open this.")
    return _rows(found, legal.unwrap(private, found.legal_key, found.wrapped_key or b"", found.id))


def give_back(session: Session, seal_ids: Collection[str], *, controller: str, now: datetime) -> None:
    """Note that the rows are in their store again; from now on the seals may be destroyed."""
    given = session.execute(
        update(VaultSeal)
        .where(VaultSeal.id.in_(seal_ids), VaultSeal.controller == controller)
        .values(returned_at=func.coalesce(VaultSeal.returned_at, now))
        .returning(VaultSeal.id)
    ).all()
    if len(given) != len(set(seal_ids)):
        raise Refusal("vault.unknown", "There is no such seal.")


def check_key(seal_ids: Collection[str], *, controller: str, private: legal.Private) -> None:
    """That these keys open every one of the seals, before anything is said to be opened.

    Refusals ``legal.missing``, ``seal.broken``, ``vault.unknown``, ``vault.destroyed``.
    """
    for seal_id in seal_ids:
        found = _open(seal_id, controller)
        legal.unwrap(private, found.legal_key, found.wrapped_key or b"", found.id)


def destroy(session: Session, seal_ids: Collection[str], *, controller: str, now: datetime) -> int:
    """Destroy keys and rows of seals; how many were not destroyed before.

    All or none. Refusals: ``vault.unknown``; ``vault.kept`` when the date has not come, and rows set aside
    were not given back.
    """
    seals = session.scalars(
        select(VaultSeal).where(VaultSeal.id.in_(seal_ids), VaultSeal.controller == controller)
    ).all()
    if len(seals) != len(set(seal_ids)):
        raise Refusal("vault.unknown", "There is no such seal.")
    if any(not _may_go(one, now) for one in seals):
        raise Refusal(
            "vault.kept", "These rows were not given back, or the date of their destruction has not come."
        )
    going = [one.id for one in seals if one.destroyed_at is None]
    session.execute(delete(VaultChunk).where(VaultChunk.seal_id.in_(going)))
    session.execute(
        update(VaultSeal)
        .where(VaultSeal.id.in_(going))
        .values(wrapped_key=None, sealed=None, destroyed_at=now)
    )
    return len(going)


def due(session: Session, *, controller: str, now: datetime) -> Sequence[tuple[str, str, int, str]]:
    """The seals that ``destroy`` would destroy now, by case: (case, seal, rows, root)."""
    found = session.execute(
        select(VaultSeal.reference, VaultSeal.id, VaultSeal.rows, VaultSeal.root)
        .where(
            VaultSeal.controller == controller,
            VaultSeal.destroyed_at.is_(None),
            or_(VaultSeal.returned_at.is_not(None), VaultSeal.destroy_on <= _day(now)),
            VaultSeal.digest.not_like(f"{PARTIAL}%"),
        )
        .order_by(VaultSeal.reference, VaultSeal.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


def sweep(session: Session, *, before: datetime) -> int:
    """Remove what a killed process left half-written before that moment; how many seals."""
    left = select(VaultSeal.id).where(VaultSeal.digest.like(f"{PARTIAL}%"), VaultSeal.made_at < before)
    ids = session.scalars(left).all()
    session.execute(delete(VaultChunk).where(VaultChunk.seal_id.in_(ids)))
    session.execute(delete(VaultSeal).where(VaultSeal.id.in_(ids)))
    return len(ids)


def _open(seal_id: str, controller: str) -> VaultSeal:
    """A whole seal with its key; nothing is decrypted yet."""
    with reading() as session:
        found = session.scalar(select(VaultSeal).where(VaultSeal.id == seal_id))
        counted = select(func.count()).select_from(VaultChunk).where(VaultChunk.seal_id == seal_id)
        chunks = session.scalar(counted) or 0
    if found is None or found.controller != controller or found.digest.startswith(PARTIAL):
        raise Refusal("vault.unknown", "There is no such seal.")
    if found.wrapped_key is None:
        raise Refusal("vault.destroyed", "These rows were destroyed.")
    if chunks != max(0, (found.rows - 1) // CHUNK):
        raise Refusal("vault.incomplete", "Rows of this seal are missing from the database.")
    return found


def _rows(found: VaultSeal, secret: bytes) -> Iterator[Row]:
    peaks: list[tuple[int, bytes]] = []
    for n, sealed in _sealed_chunks(found):
        packed = zlib.decompress(unseal(secret, sealed, place(found.id, n)))
        audit.push(peaks, leaf(secret, packed))
        yield from codec.unpack_rows(packed)
    if found.root and found.rows and found.root != audit.root(peaks).hex():
        raise Refusal("vault.root", "These rows are not those whose root was noted when they were sealed.")


def _sealed_chunks(found: VaultSeal) -> Iterator[tuple[int, bytes]]:
    yield 0, found.sealed or b""
    last = 0
    while True:
        with reading() as session:
            page = session.execute(
                select(VaultChunk.n, VaultChunk.sealed)
                .where(VaultChunk.seal_id == found.id, VaultChunk.n > last)
                .order_by(VaultChunk.n)
                .limit(PAGE)
            ).all()
        for last, sealed in page:
            yield last, sealed
        if len(page) < PAGE:
            return


def _may_go(one: VaultSeal, now: datetime) -> bool:
    if one.destroyed_at is not None or one.returned_at is not None:
        return True
    return one.destroy_on is not None and one.destroy_on <= _day(now)


def _day(now: datetime) -> date:
    """The date that has come everywhere on Earth (UTC-12): no row goes before its date where it counts."""
    return (now.astimezone(UTC) - timedelta(hours=12)).date()
