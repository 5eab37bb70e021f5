"""Sealing rows: many sets with one durable write, large ones chunk by chunk, each under a key of its own."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from dsr.contract import Purpose, Row, Seal
from dsr.domain import audit, codec
from dsr.domain.errors import Refusal

from . import bulk, legal
from .keys import aad, keyring, seal
from .models import VaultChunk, VaultSeal
from .session import reading, transaction

if TYPE_CHECKING:
    from .vault import Vault

CHUNK = 1000
PAGE_SEALS = 200
"""Seals written by one statement."""

PARTIAL = "partial:"
"""Digest of a seal that is still being written."""


def seal_all(
    sets: Iterable[tuple[Vault, str, Purpose, Iterable[Row]]], lock: Lock | None = None
) -> list[Seal]:
    """Seal many sets (vault, intent key, purpose, rows); all are durable when it returns, in this order.

    Sets of up to 1000 rows are written together in one transaction; larger ones in their own.
    ``lock``: with legal keys that were read a moment ago; without it they are read.
    """
    writings: list[Writing] = []
    lock = lock or Lock()
    try:
        for vault, key, purpose, rows in sets:
            writings.append(Writing(vault, key, Purpose(purpose), lock))
            for chunk in chunks_of(rows):
                writings[-1].add(chunk)
        small = [writing for writing in writings if not writing.begun]
        done = {writing.id: writing.finish() for writing in writings if writing.begun}
        return [done.get(writing.id) or seal for writing, seal in _together(writings, small)]
    except BaseException:  # sealed chunks without their set are taken back, whatever ended it
        for writing in writings:
            writing.undo()
        raise


def _together(writings: Sequence[Writing], small: Sequence[Writing]) -> list[tuple[Writing, Seal]]:
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


def _insert_many(session: Session, small: Sequence[Writing], digests: Mapping[str, str]) -> set[str]:
    """The ids of the seals that were new."""
    taken: set[str] = set()
    for start in range(0, len(small), PAGE_SEALS):
        columns = [writing.columns(digests[writing.id]) for writing in small[start : start + PAGE_SEALS]]
        taken |= bulk.insert_new(session, VaultSeal, columns)
    return taken


def _receipt(writing: Writing, digest: str, found: VaultSeal | None) -> Seal:
    held = tuple(sorted(writing.held.items()))
    return Seal(found.id if found else writing.id, writing.purpose, writing.rows, digest, held)


def _still_kept(found: VaultSeal | None) -> None:
    if found is not None and (found.destroyed_at or found.returned_at):
        raise Refusal("vault.destroyed", "These rows were sealed before, and that seal is over.")


class Lock:
    """Data keys for seals; the public legal key of a controller is read once, unless it is ``known``."""

    def __init__(self, known: Mapping[str, tuple[str, bytes]] | None = None) -> None:
        self.public = dict(known or {})

    def key(self, controller: str, purpose: Purpose, seal: str) -> tuple[str, bytes, bytes]:
        """(fingerprint of the legal key or '', wrapped, secret)."""
        if purpose not in legal.BLOCKED:
            return "", *keyring().new()
        if controller not in self.public:
            with reading() as session:
                found = legal.current(session, controller)
                self.public[controller] = found.id, found.public
        fingerprint, public = self.public[controller]
        secret = secrets.token_bytes(32)
        return fingerprint, legal.wrap(public, secret, seal), secret


class Writing:
    """One seal under way. Up to 1000 rows: one statement in one transaction. More: a transaction a chunk."""

    def __init__(self, vault: Vault, key: str, purpose: Purpose, lock: Lock) -> None:
        self.vault = vault
        self.key = key
        self.purpose = purpose
        self.id = str(uuid.uuid4())
        self.legal_key, self.wrapped, self.secret = lock.key(vault.controller, purpose, self.id)
        self.peaks: list[tuple[int, bytes]] = []
        self.mac = hmac.new(keyring().derive(f"vault/{vault.controller}"), digestmod=hashlib.sha256)
        self.rows = 0
        self.held: Counter[str] = Counter()
        self.chunks = 0
        self.first = b""
        self.begun = False

    def add(self, rows: list[Row]) -> None:
        packed = codec.pack_rows(rows)
        self.mac.update(len(packed).to_bytes(8, "big") + packed)
        audit.push(self.peaks, leaf(self.secret, packed))
        sealed = seal(self.secret, zlib.compress(packed, 1), place(self.id, self.chunks))
        if self.chunks == 0:
            self.first = sealed
        else:
            self._begin()
            chunk = {"seal_id": self.id, "n": self.chunks, "rows": len(rows), "sealed": sealed}
            with transaction() as tx:
                bulk.insert(tx.session, VaultChunk, [chunk])
        self.rows += len(rows)
        self.held.update(row.collection for row in rows)
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
            "root": audit.root(self.peaks).hex(),
            "legal_key": self.legal_key,
            "wrapped_key": self.wrapped,
            "sealed": self.first
            or seal(self.secret, zlib.compress(codec.pack_rows([]), 1), place(self.id, 0)),
            "roles": self.vault.roles,
            "made_at": self.vault.now,
            "destroy_on": self.vault.aside_until
            if self.purpose is Purpose.SET_ASIDE
            else self.vault.destroy_on,
        }

    def _settle(self, session: Session, digest: str) -> bool:
        """Turn the half-written seal into a whole one, unless the same rows were sealed before."""
        if self.existing(session, digest) is not None:
            return False
        session.execute(
            update(VaultSeal)
            .where(VaultSeal.id == self.id)
            .values(digest=digest, rows=self.rows, root=audit.root(self.peaks).hex())
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


def chunks_of(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def place(seal_id: str, n: int) -> bytes:
    return aad("vault", seal_id, n)


def leaf(secret: bytes, packed: bytes) -> bytes:
    """What stands for a chunk in the tree: nobody without the key can try rows against it."""
    return hmac.new(secret, packed, hashlib.sha256).digest()
