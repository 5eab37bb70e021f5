"""Reading the audit log back: export, verification with and without a database, proof of one entry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from dsr.domain.audit import GENESIS, Entry, canonical, leaf, link, node, push, root
from dsr.domain.errors import Refusal

from . import chain, checkpoints, notes
from .checkpoints import checkpoint, latest, public_key, sign
from .operations import AuditEntry
from .session import reading

__all__ = [
    "Problem", "Verdict", "checkpoint", "export", "inclusion_proofs", "latest", "lines_of",
    "proof_holds", "public_key", "sign", "signed_size", "verify_chain", "verify_entries",
]  # fmt: skip

PAGE = 1000
MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a log: a stable ``code``, the number of the entry (0: the whole), a sentence."""

    code: str
    seq: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. ``root`` is the RFC 6962 root over the ``size`` entries read."""

    controller: str
    size: int
    root: bytes
    problems: tuple[Problem, ...]
    signed: int = 0
    """How many of the entries the checkpoint vouches for; 0 without one."""

    @property
    def holds(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems


def export(controller: str, since: int = 0) -> Iterator[str]:
    """The entries after number ``since``, one JSON object a line, as ``verify_entries`` reads them."""
    for entry, digest in _stored(controller, since):
        yield _line(entry, digest)


def verify_entries(lines: Iterable[str | bytes], checkpoint: str = "", public_key: str = "") -> Verdict:
    """Verify an exported log without any database.

    Finds edited, removed and moved entries; with ``checkpoint`` (a signed note) and ``public_key`` (as
    ``public_key`` gave it) also a log cut at its end or written anew. Both or none; Refusals of
    ``notes.read``.
    """
    signed = notes.read(checkpoint, public_key) if checkpoint or public_key else None
    walk = _Walk(signed)
    for number, line in enumerate(lines, start=1):
        parsed = _parse(line)
        if parsed is None:
            walk.problem("unreadable", walk.seq + 1, f"Line {number} is not an entry of an audit log.")
        else:
            walk.step(*parsed)
    return walk.verdict()


def verify_chain(controller: str) -> Verdict:
    """Verify the log in the database, against its head and the last checkpoint of the instance."""
    note = checkpoints.latest(controller)
    signed = notes.read(note, checkpoints.public_key(controller)) if note else None
    walk = _Walk(signed, controller)
    while True:
        before = walk.seq
        for entry, digest in _stored(controller, walk.seq):
            walk.step(entry, digest)
        with reading() as session:
            head = chain.read(session, controller)
        # Entries may have come since the last page; only a head that stays ahead of them is wrong.
        if head.seq <= walk.seq or walk.seq == before:
            break
    if (head.seq, head.hash, head.peaks) != (walk.seq, walk.hash, walk.peaks):
        walk.problem(
            "head", 0, f"The log ends at entry {walk.seq}, its head says {head.seq} or another hash."
        )
    return walk.verdict()


def lines_of(controller: str, references: Sequence[str], size: int) -> list[tuple[int, str]]:
    """(number, exported line) of the entries about these cases among the first ``size``, oldest first."""
    with reading() as session:
        rows = session.execute(
            select(*AuditEntry.__table__.columns)
            .where(
                AuditEntry.controller == controller,
                AuditEntry.reference.in_(references),
                AuditEntry.seq <= size,
            )
            .order_by(AuditEntry.seq)
        ).all()
    return [
        (
            row.seq,
            _line(Entry(controller, row.seq, row.at, row.kind, row.reference, row.actor, row.data), row.hash),
        )
        for row in rows
    ]


def signed_size(note: str, controller: str) -> int:
    """How many entries a checkpoint of this instance vouches for. Refusals of ``notes.read``."""
    return notes.read(note, public_key(controller)).size


def inclusion_proofs(controller: str, seqs: Sequence[int], size: int) -> dict[int, list[bytes]]:
    """The audit paths of several entries, from one reading of the log."""
    if any(not 1 <= seq <= size for seq in seqs):
        raise ValueError("an entry is one of the first size entries")
    level = []
    for entry, _ in _stored(controller, 0):
        level.append(leaf(canonical(entry)))
        if len(level) == size:
            break
    if len(level) < size:
        raise Refusal("audit.short", f"The log of {controller} has only {len(level)} entries.")
    paths: dict[int, list[bytes]] = {seq: [] for seq in seqs}
    places = {seq: seq - 1 for seq in seqs}
    while len(level) > 1:
        for seq, index in places.items():
            if index ^ 1 < len(level):
                paths[seq].append(level[index ^ 1])
        level = [node(*pair) if len(pair) == 2 else pair[0] for pair in _pairs(level)]
        places = {seq: index >> 1 for seq, index in places.items()}
    return paths


def proof_holds(line: str, proof: Sequence[bytes], size: int, root_hash: bytes) -> bool:
    """Whether the exported entry stands in the signed tree (RFC 9162, section 2.1.3.2)."""
    parsed = _parse(line)
    if parsed is None or not 1 <= parsed[0].seq <= size:
        return False
    index, last, value = parsed[0].seq - 1, size - 1, leaf(canonical(parsed[0]))
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            value = node(sibling, value)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            value = node(value, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and value == root_hash


class _Walk:
    """Reads a chain entry by entry and notes what does not fit."""

    def __init__(self, signed: notes.Checkpoint | None, controller: str = "") -> None:
        self.signed = signed
        self.controller = controller
        self.seq = 0
        self.hash = GENESIS
        self.peaks: chain.Peaks = []
        self.signed_root: bytes | None = root([]) if signed and signed.size == 0 else None
        self.problems: list[Problem] = []

    def step(self, entry: Entry, digest: bytes) -> None:
        self.controller = self.controller or entry.controller
        body = canonical(entry)
        if entry.controller != self.controller:
            self.problem("controller", entry.seq, f"Entry {entry.seq} belongs to another log.")
        if entry.seq != self.seq + 1:
            sentence = f"Entry {entry.seq} follows entry {self.seq}: entries are missing or out of order."
            self.problem("order", entry.seq, sentence)
        elif link(self.hash, body) != digest:
            sentence = f"Entry {entry.seq} was changed, or what stood before it."
            self.problem("changed", entry.seq, sentence)
        self.seq, self.hash = entry.seq, digest
        push(self.peaks, body)
        if self.signed is not None and self.seq == self.signed.size:
            self.signed_root = root(self.peaks)

    def problem(self, code: str, seq: int, sentence: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(code, seq, sentence))

    def verdict(self) -> Verdict:
        if self.signed is not None:
            self._compare(self.signed)
        size = self.signed.size if self.signed is not None else 0
        return Verdict(self.controller, self.seq, root(self.peaks), tuple(self.problems), signed=size)

    def _compare(self, signed: notes.Checkpoint) -> None:
        if self.controller and signed.origin != notes.origin(self.controller):
            self.problem("origin", 0, f"The checkpoint is of {signed.origin}, the log of {self.controller}.")
        elif self.signed_root is None:
            sentence = f"The log ends at entry {self.seq}, but {signed.size} entries were signed."
            self.problem("truncated", self.seq, sentence)
        elif self.signed_root != signed.root:
            self.problem("rewritten", 0, f"The first {signed.size} entries are not those that were signed.")


def _stored(controller: str, since: int) -> Iterator[tuple[Entry, bytes]]:
    """Entries with their hashes in order, page by page, each page a reading of its own."""
    while True:
        with reading() as session:
            page = session.execute(
                select(*AuditEntry.__table__.columns)
                .where(AuditEntry.controller == controller, AuditEntry.seq > since)
                .order_by(AuditEntry.seq)
                .limit(PAGE)
            ).all()
        for row in page:
            since = row.seq
            yield Entry(controller, row.seq, row.at, row.kind, row.reference, row.actor, row.data), row.hash
        if len(page) < PAGE:
            return


def _line(entry: Entry, digest: bytes) -> str:
    fields: dict[str, Any] = {
        "controller": entry.controller,
        "seq": entry.seq,
        "at": entry.at.isoformat(timespec="microseconds"),
        "kind": entry.kind,
        "reference": entry.reference,
        "actor": entry.actor,
        "data": entry.data,
        "hash": digest.hex(),
    }
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":"))


def _parse(line: str | bytes) -> tuple[Entry, bytes] | None:
    """The entry of an exported line; None when it is not one, whatever else it may be."""
    try:
        fields = json.loads(line)
        digest = bytes.fromhex(fields.pop("hash"))
        entry = Entry(**fields | {"at": datetime.fromisoformat(fields["at"])})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    texts = (entry.controller, entry.kind, entry.reference, entry.actor)
    right = all(isinstance(text, str) for text in texts) and isinstance(entry.data, dict)
    return (entry, digest) if right and type(entry.seq) is int and entry.at.tzinfo is not None else None


def _pairs(level: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (level[start : start + 2] for start in range(0, len(level), 2))
