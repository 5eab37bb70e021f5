"""The growing end of the audit chains: entries are added here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from dsr.domain.audit import GENESIS, Entry, Kind, canonical, link, push

from . import bulk
from .operations import AuditEntry, AuditHead

Peaks = list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that has no place in the chain yet."""

    controller: str
    at: datetime
    kind: str
    reference: str
    actor: str
    data: dict[str, Any]


@dataclass(slots=True)
class End:
    """The end of one chain: entries so far, last hash, peaks of the Merkle tree."""

    seq: int
    hash: bytes
    peaks: Peaks


def draft(
    controller: str, kind: Kind, reference: str, actor: str, at: datetime, data: dict[str, Any]
) -> Draft:
    """A draft whose time and data are already as they will be read back (UTC, plain JSON)."""
    if at.tzinfo is None:
        raise ValueError("an audit entry needs a time with a zone")
    plain: dict[str, Any] = json.loads(json.dumps(data, allow_nan=False))
    return Draft(controller, at.astimezone(UTC), kind.value, reference, actor, plain)


def append(session: Session, drafts: Sequence[Draft]) -> dict[str, End]:
    """Add the drafts to their chains, in order. The last act of a transaction: it locks the heads.

    Returns the new ends, for ``remember`` once they are committed.
    """
    if not drafts:
        return {}
    controllers = sorted({one.controller for one in drafts})
    known = _known.get(session.get_bind(), {})
    if len(controllers) == 1 and (end := known.get(controllers[0])) is not None:
        # Where this process left it, unless another one went on: then nothing moves, and it is read.
        ends = {controllers[0]: End(end.seq, end.hash, list(end.peaks))}
        if _extended(session, ends, drafts):
            return ends
    ends = _lock(session, controllers)
    if not _extended(session, ends, drafts):
        raise RuntimeError("an audit chain moved while it was locked")
    return ends


def remember(session: Session, ends: Mapping[str, End]) -> None:
    """Keep ends that were committed: the next entry of this process need not read them."""
    if ends:
        bind = session.get_bind()
        _known[bind] = {**_known.get(bind, {}), **ends}


_known: WeakKeyDictionary[Engine | Connection, Mapping[str, End]] = WeakKeyDictionary()
"""Ends by database and controller, never changed in place."""


def _extended(session: Session, ends: Mapping[str, End], drafts: Sequence[Draft]) -> bool:
    """Move the heads and write the entries; False when a head is not where ``ends`` says."""
    before = {controller: (end.seq, end.hash) for controller, end in ends.items()}
    rows = [_added(ends[one.controller], one) for one in drafts]
    for controller in sorted(ends):
        if not _move(session, controller, before[controller], ends[controller]):
            return False
    bulk.insert(session, AuditEntry, rows)
    return True


def read(session: Session, controller: str) -> End:
    """The end of a chain as it stands; of a chain that has not begun, the beginning."""
    head = session.execute(
        select(AuditHead.seq, AuditHead.hash, AuditHead.peaks).where(AuditHead.controller == controller)
    ).one_or_none()
    return End(0, GENESIS, []) if head is None else End(head.seq, head.hash, unfold(head.peaks))


def _lock(session: Session, controllers: Sequence[str]) -> dict[str, End]:
    ends = _locked(session, controllers)
    missing = [controller for controller in controllers if controller not in ends]
    if not missing:
        return ends
    first = [{"controller": one, "seq": 0, "hash": GENESIS, "peaks": []} for one in missing]
    session.execute(bulk.dialect_insert(session)(AuditHead).values(first).on_conflict_do_nothing())
    return _locked(session, controllers)


def _locked(session: Session, controllers: Sequence[str]) -> dict[str, End]:
    """Heads in one order, so that two transactions never wait for each other (SQLite locks as a whole)."""
    heads = session.execute(
        select(AuditHead.controller, AuditHead.seq, AuditHead.hash, AuditHead.peaks)
        .where(AuditHead.controller.in_(controllers))
        .order_by(AuditHead.controller)
        .with_for_update()
    )
    return {controller: End(seq, digest, unfold(peaks)) for controller, seq, digest, peaks in heads}


def _added(end: End, one: Draft) -> dict[str, Any]:
    end.seq += 1
    entry = Entry(one.controller, end.seq, one.at, one.kind, one.reference, one.actor, one.data)
    body = canonical(entry)
    end.hash = link(end.hash, body)
    push(end.peaks, body)
    return {
        "controller": entry.controller,
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "reference": entry.reference,
        "actor": entry.actor,
        "data": entry.data,
        "hash": end.hash,
    }


_HEADS = bulk.table_of(AuditHead)
_MOVE = (
    update(_HEADS)
    .where(
        _HEADS.c.controller == bindparam("whose"),
        _HEADS.c.seq == bindparam("old_seq"),
        _HEADS.c.hash == bindparam("old_hash"),
    )
    .values(seq=bindparam("new_seq"), hash=bindparam("new_hash"), peaks=bindparam("new_peaks"))
    .returning(_HEADS.c.seq)
)
"""Made once: every transaction that says something ends with it."""


def _move(session: Session, controller: str, before: tuple[int, bytes], end: End) -> bool:
    names = {"whose": controller, "old_seq": before[0], "old_hash": before[1]}
    new = {"new_seq": end.seq, "new_hash": end.hash, "new_peaks": fold(end.peaks)}
    return len(session.connection().execute(_MOVE, names | new).all()) == 1


def fold(peaks: Iterable[tuple[int, bytes]]) -> list[Any]:
    """Peaks as the head keeps them."""
    return [[height, value.hex()] for height, value in peaks]


def unfold(kept: Iterable[Sequence[Any]]) -> Peaks:
    """Peaks as domain.audit wants them."""
    return [(int(height), bytes.fromhex(value)) for height, value in kept]
