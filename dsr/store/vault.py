"""The vault: rows that leave a store and may have to come back, sealed under a key of their own.

A seal is durable before the connector deletes. Its key is destroyed with its rows, and never before
they were given back (``set_aside``) or their date came.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from dsr.contract import Purpose, Row, Seal
from dsr.domain import codec
from dsr.domain.errors import Refusal

from . import bulk
from .keys import aad, keyring, seal, unseal
from .models import VaultChunk, VaultSeal
from .session import reading, transaction

CHUNK = 1000
PAGE_SEALS = 200
"""Seals written by one statement."""

PAGE = 4
"""Chunks read at a time."""

PARTIAL = "partial:"
"""Digest of a seal that is still being written."""


class Vault:
    """The keeper of one connector at work for one case: what it seals is bound to case and system.

    ``roles`` may open it afterwards; ``destroy_on`` is when blocked rows go; ``lifting`` names the seals
    that the connector may read back.
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
    ) -> None:
        self.controller = controller
        self.reference = reference
        self.system = system
        self.now = now
        self.destroy_on = destroy_on
        self.roles = ",".join(sorted(roles))
        self.lifting = frozenset(lifting)

    def seal(self, key: str, purpose: Purpose, rows: Iterable[Row]) -> Seal:
        """Seal rows for intent ``key``; they are durable when it returns (own transactions, so it must
        not be called inside one). The same key, purpose and rows again give the same seal.

        Rows are consumed 1000 at a time, so any number fits in memory. An exception of ``rows`` leaves
        nothing behind.
        """
        writing = _Writing(self, key, Purpose(purpose))
        try:
            for chunk in _chunks(rows):
                writing.add(chunk)
            return writing.finish()
        except BaseException:
            writing.undo()
            raise

    def seal_all(self, sets: Iterable[tuple[str, Purpose, Iterable[Row]]]) -> list[Seal]:
        """Many sets of this case and system at once; see ``vault.seal_all`` for those of several cases."""
        return seal_all((self, key, purpose, rows) for key, purpose, rows in sets)

    def rows(self, seal: str) -> Iterator[Row]:
        """The rows of a seal of this case and system, in the order in which they were sealed.

        Refusal ``vault.closed`` unless it is being lifted, and those of ``open_for``.
        """
        if seal not in self.lifting:
            raise Refusal("vault.closed", "This seal is not being lifted.")
        found = _open(seal, self.controller)
        if (found.reference, found.system) != (self.reference, self.system):
            raise Refusal("vault.unknown", "There is no such seal.")
        return _rows(found)


def seal_all(sets: Iterable[tuple[Vault, str, Purpose, Iterable[Row]]]) -> list[Seal]:
    """Seal many sets (vault, intent key, purpose, rows); all are durable when it returns, in this order.

    Sets of up to 1000 rows are written together in one transaction; larger ones in their own.
    """
    writings: list[_Writing] = []
    try:
        for vault, key, purpose, rows in sets:
            writings.append(_Writing(vault, key, Purpose(purpose)))
            for chunk in _chunks(rows):
                writings[-1].add(chunk)
        small = [writing for writing in writings if not writing.begun]
        done = {writing.id: writing.finish() for writing in writings if writing.begun}
        return [done.get(writing.id) or seal for writing, seal in _together(writings, small)]
    except BaseException:
        for writing in writings:
            writing.undo()
        raise


def _together(writings: Sequence[_Writing], small: Sequence[_Writing]) -> list[tuple[_Writing, Seal]]:
    """Write the small seals in one transaction; every writing with its seal (large ones: a blank)."""
    digests = {writing.id: writing.mac.hexdigest() for writing in small}
    found: dict[str, VaultSeal | None] = {}
    with transaction() as tx:
        taken = _insert_many(tx.session, small, digests)
        for writing in small:
            if writing.id not in taken:
                found[writing.id] = writing.existing(tx.session, digests[writing.id])
    for row in found.values():
        _still_kept(row)
    return [(one, _receipt(one, digests.get(one.id, ""), found.get(one.id))) for one in writings]


def _insert_many(session: Session, small: Sequence[_Writing], digests: Mapping[str, str]) -> set[str]:
    """The ids of the seals that were new."""
    taken: set[str] = set()
    for start in range(0, len(small), PAGE_SEALS):
        columns = [writing.columns(digests[writing.id]) for writing in small[start : start + PAGE_SEALS]]
        statement = bulk.dialect_insert(session)(VaultSeal).values(columns)
        kept = statement.on_conflict_do_nothing().returning(VaultSeal.id)
        taken |= set(session.scalars(kept))
    return taken


def _receipt(writing: _Writing, digest: str, found: VaultSeal | None) -> Seal:
    return Seal(found.id if found else writing.id, writing.purpose, writing.rows, digest)


def _still_kept(found: VaultSeal | None) -> None:
    if found is not None and (found.destroyed_at or found.returned_at):
        raise Refusal("vault.destroyed", "These rows were sealed before, and that seal is over.")


def open_for(seal_id: str, *, controller: str, roles: Collection[str]) -> Iterator[Row]:
    """The rows of a seal, for a person with one of ``roles``; the caller writes the audit entry first.

    Refusals: ``vault.unknown``, ``vault.role``, ``vault.destroyed``, ``vault.incomplete``.
    """
    found = _open(seal_id, controller)
    if not set(found.roles.split(",")) & set(roles):
        raise Refusal("vault.role", "Your role may not open this.")
    return _rows(found)


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


def destroy(session: Session, seal_ids: Collection[str], *, controller: str, now: datetime) -> int:
    """Destroy keys and rows of seals; how many were not destroyed before.

    All or none. Refusals: ``vault.unknown``; ``vault.kept`` when rows set aside were not given back, or
    the date of the others has not come.
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


def due(session: Session, *, controller: str, now: datetime) -> Sequence[str]:
    """The seals that ``destroy`` would destroy now."""
    dated = VaultSeal.destroy_on <= _day(now)
    return session.scalars(
        select(VaultSeal.id).where(
            VaultSeal.controller == controller,
            VaultSeal.destroyed_at.is_(None),
            or_(VaultSeal.returned_at.is_not(None), dated & (VaultSeal.purpose != Purpose.SET_ASIDE.value)),
            VaultSeal.digest.not_like(f"{PARTIAL}%"),
        )
    ).all()


def sweep(session: Session, *, before: datetime) -> int:
    """Remove what a killed process left half-written before that moment; how many seals."""
    left = select(VaultSeal.id).where(VaultSeal.digest.like(f"{PARTIAL}%"), VaultSeal.made_at < before)
    ids = session.scalars(left).all()
    session.execute(delete(VaultChunk).where(VaultChunk.seal_id.in_(ids)))
    session.execute(delete(VaultSeal).where(VaultSeal.id.in_(ids)))
    return len(ids)


class _Writing:
    """One seal under way. Up to 1000 rows: one statement in one transaction. More: a transaction a chunk."""

    def __init__(self, vault: Vault, key: str, purpose: Purpose) -> None:
        self.vault = vault
        self.key = key
        self.purpose = purpose
        self.id = str(uuid.uuid4())
        self.wrapped, self.secret = keyring().new()
        self.mac = hmac.new(keyring().derive(f"vault/{vault.controller}"), digestmod=hashlib.sha256)
        self.rows = 0
        self.chunks = 0
        self.first = b""
        self.begun = False

    def add(self, rows: list[Row]) -> None:
        packed = codec.pack_rows(rows)
        self.mac.update(len(packed).to_bytes(8, "big") + packed)
        sealed = seal(self.secret, zlib.compress(packed, 1), _place(self.id, self.chunks))
        if self.chunks == 0:
            self.first = sealed
        else:
            self._begin()
            chunk = {"seal_id": self.id, "n": self.chunks, "rows": len(rows), "sealed": sealed}
            with transaction() as tx:
                bulk.insert(tx.session, VaultChunk, [chunk])
        self.rows += len(rows)
        self.chunks += 1

    def finish(self) -> Seal:
        digest = self.mac.hexdigest()
        with transaction() as tx:
            taken = self._settle(tx.session, digest) if self.begun else self._insert(tx.session, digest)
            found = None if taken else self.existing(tx.session, digest)
            if found is not None and self.begun:
                self._delete(tx.session)
        _still_kept(found)
        return _receipt(self, digest, found)

    def undo(self) -> None:
        if self.begun:
            with transaction() as tx:
                self._delete(tx.session)

    def _begin(self) -> None:
        if not self.begun:
            with transaction() as tx:
                self._insert(tx.session, PARTIAL + self.id)
            self.begun = True

    def _insert(self, session: Session, digest: str) -> bool:
        """Write the seal with its first chunk, unless there is one of this key, purpose and digest."""
        statement = bulk.dialect_insert(session)(VaultSeal).values(**self.columns(digest))
        kept = statement.on_conflict_do_nothing().returning(VaultSeal.id)
        return session.execute(kept).scalar_one_or_none() is not None

    def columns(self, digest: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "controller": self.vault.controller,
            "reference": self.vault.reference,
            "system": self.vault.system,
            "key": self.key,
            "purpose": self.purpose.value,
            "rows": self.rows,
            "digest": digest,
            "wrapped_key": self.wrapped,
            "sealed": self.first
            or seal(self.secret, zlib.compress(codec.pack_rows([]), 1), _place(self.id, 0)),
            "roles": self.vault.roles,
            "made_at": self.vault.now,
            "destroy_on": self.vault.destroy_on,
        }

    def _settle(self, session: Session, digest: str) -> bool:
        """Turn the half-written seal into a whole one, unless the same rows were sealed before."""
        if self.existing(session, digest) is not None:
            return False
        session.execute(
            update(VaultSeal).where(VaultSeal.id == self.id).values(digest=digest, rows=self.rows)
        )
        return True

    def existing(self, session: Session, digest: str) -> VaultSeal | None:
        same = (
            VaultSeal.key == self.key,
            VaultSeal.purpose == self.purpose.value,
            VaultSeal.digest == digest,
        )
        return session.scalar(select(VaultSeal).where(*same))

    def _delete(self, session: Session) -> None:
        session.execute(delete(VaultChunk).where(VaultChunk.seal_id == self.id))
        session.execute(delete(VaultSeal).where(VaultSeal.id == self.id))


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _place(seal_id: str, n: int) -> bytes:
    return aad("vault", seal_id, n)


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


def _rows(found: VaultSeal) -> Iterator[Row]:
    secret = keyring().unwrap(found.wrapped_key or b"")
    for n, sealed in _sealed_chunks(found):
        yield from codec.unpack_rows(zlib.decompress(unseal(secret, sealed, _place(found.id, n))))


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
    return one.purpose != Purpose.SET_ASIDE and one.destroy_on is not None and one.destroy_on <= _day(now)


def _day(now: datetime) -> date:
    """The date that has come everywhere on Earth (UTC-12): no row goes before its date where it counts."""
    return (now.astimezone(UTC) - timedelta(hours=12)).date()
