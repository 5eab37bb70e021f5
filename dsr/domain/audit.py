"""What can stand in the audit log, and the hash chain over it.

An entry carries no personal data: officers by number, cases by reference, counts and digests. The
chain is per controller: ``hash = SHA-256(previous hash || canonical bytes)``. The checkpoint is the
RFC 6962 Merkle tree head over the entries' canonical bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

GENESIS = bytes(32)


class Kind(StrEnum):
    """Every kind of entry. Sentences are made in templates."""

    SUBMITTED = "case.submitted"
    PROVED = "identity.proved"
    POWER_CONFIRMED = "identity.power_confirmed"
    PROOF_FAILED = "identity.failed"
    PLANNED = "case.planned"
    PROPOSAL = "case.proposal_decided"
    WITHHELD = "case.withheld"
    APPROVED = "case.approved"
    SECONDED = "case.second_approved"
    SENT_BACK = "case.sent_back"
    PAUSED = "clock.paused"
    RESUMED = "clock.resumed"
    EXTENDED = "clock.extended"
    REFUSED = "case.refused"
    PART_REFUSED = "case.part_refused"
    FEE_OFFERED = "case.fee_offered"
    FORWARDED = "case.forwarded"
    DECISION_REVIEWED = "case.decision_reviewed"
    COMPLAINT_ANSWERED = "case.complaint_answered"
    AUTHORITY_CAME = "authority.forwarded"
    AUTHORITY_ANSWERED = "authority.answered"
    KEPT_ENDED = "case.kept_ended"
    CANCELLED = "case.cancelled"
    WITHDRAWN = "case.withdrawn"
    EXPIRED = "case.expired"
    ACTED = "case.acted"
    CONFLICT = "case.conflict"
    FAILED = "case.failed"
    VERIFIED = "case.verified"
    RETRIED = "case.retried"
    ANSWERED = "case.answered"
    WENT_ON = "case.went_on"
    PROMISE_SETTLED = "case.promise_settled"
    CLOSED = "case.closed"
    REASSIGNED = "case.assigned"
    NOTED = "case.noted"
    MESSAGE = "case.message"
    VALUES_OPENED = "case.values_opened"
    EVIDENCE_OPENED = "case.evidence_opened"
    TASK_DONE = "task.completed"
    SEALED = "vault.sealed"
    OPENING_ASKED = "vault.opening_asked"
    OPENING_APPROVED = "vault.opening_approved"
    OPENING_DENIED = "vault.opening_denied"
    VAULT_OPENED = "vault.opened"
    CERTIFIED = "vault.certificate"
    LEGAL_KEY = "vault.key"
    LIFTED = "vault.lifted"
    DESTROYED = "vault.destroyed"
    PACKAGE_VIEWED = "package.viewed"
    PACKAGE_FETCHED = "package.fetched"
    PACKAGE_GONE = "package.destroyed"
    HANDED_OVER = "answer.handed_over"
    LETTER_SENT = "mail.accepted"
    MAIL_FAILED = "mail.failed"
    MAIL_BOUNCED = "mail.bounced"
    MAIL_SETTLED = "mail.settled"
    MAIL_REPLIED = "mail.replied"
    RECIPIENT = "recipient.noted"
    REMINDED = "clock.reminded"
    TRACKERS_SOUGHT = "inventory.trackers"
    SURVEYED = "inventory.surveyed"
    SYSTEM_ADDED = "system.added"
    SYSTEM_SECRET = "system.secret"  # noqa: S105 - the name of an event
    SYSTEM_MODE = "system.mode"
    SYSTEM_HELD = "system.held"
    SYSTEM_CHECKED = "system.checked"
    PREVIEWED = "system.previewed"
    PLACE = "system.place"
    STAFF_ADDED = "staff.added"
    STAFF_CHANGED = "staff.changed"
    SIGNED_IN = "staff.signed_in"
    SIGN_IN_FAILED = "staff.sign_in_failed"
    TOKEN_MADE = "token.made"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - the name of an event
    HOOK_MADE = "hook.made"
    HOOK_ENDED = "hook.ended"
    HOOK_FAILED = "hook.failed"
    CHECKPOINT = "audit.checkpoint"
    DOSSIER = "case.dossier_made"
    DUTY_DONE = "case.duty_done"
    REGISTER = "register.made"
    FORGOTTEN = "case.forgotten"
    PROOF_FORGOTTEN = "case.proof_forgotten"
    RESURRECTED = "case.resurrected"
    REPLAYED = "case.replayed"
    HELD = "case.held"
    RELEASED = "case.released"
    SUPPRESSED = "suppression.added"
    UNSUPPRESSED = "suppression.withdrawn"
    SUPPRESSION_EXPORTED = "suppression.exported"
    SWEPT = "system.swept"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what (``kind``), when, on which case (``reference`` or ''), by whom, with which facts."""

    controller: str
    seq: int
    at: datetime
    kind: str
    reference: str
    actor: str
    data: dict[str, Any]


def canonical(entry: Entry) -> bytes:
    """All fields of an entry as one unambiguous byte string (sorted JSON, UTC with microseconds)."""
    fields = [
        entry.controller,
        entry.seq,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.kind,
        entry.reference,
        entry.actor,
        entry.data,
    ]
    return json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def link(previous: bytes, body: bytes) -> bytes:
    """The hash of an entry: SHA-256 over the previous hash and the canonical bytes."""
    return hashlib.sha256(previous + body).digest()


def leaf(body: bytes) -> bytes:
    """RFC 6962 leaf hash."""
    return hashlib.sha256(b"\x00" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    """RFC 6962 interior hash."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def push(peaks: list[tuple[int, bytes]], body: bytes) -> None:
    """Add one leaf to the peaks (height, hash) of a growing RFC 6962 tree, in place."""
    height, value = 0, leaf(body)
    while peaks and peaks[-1][0] == height:
        value = node(peaks.pop()[1], value)
        height += 1
    peaks.append((height, value))


def root(peaks: Sequence[tuple[int, bytes]]) -> bytes:
    """The tree head of the peaks; of an empty tree, SHA-256 of nothing (RFC 6962, 2.1)."""
    if not peaks:
        return hashlib.sha256().digest()
    value = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        value = node(left, value)
    return value


def tree_head(bodies: Iterable[bytes]) -> bytes:
    """The RFC 6962 root over many canonical bodies."""
    peaks: list[tuple[int, bytes]] = []
    for body in bodies:
        push(peaks, body)
    return root(peaks)
