"""Proof of identity: a code and a link to the address typed, or an officer's reasoned word.

The mail goes to the address *typed*, whether or not any system knows it; control of it is the proof
for that address only. Spent, expired, wrong and unknown look alike.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.identity import code_digest, code_matches, kind_of
from dsr.domain.workflow import Role, Status, after
from dsr.store import keys
from dsr.store.models import Challenge, Identity, Submission
from dsr.store.queries import people
from dsr.store.session import Transaction

from . import batches, limits, outbox, sealing, timeline
from .house import house
from .letters import RETURNED
from .officers import Officer, case_for, refuse_own

DAY = 86_400
VERIFY, SECOND = "verify", "second"


@dataclass(frozen=True, slots=True)
class Proof:
    """How an officer knows who asks: ``how`` (document_seen, call_back, in_person, customer_area...), why."""

    how: str
    reason: str


def send_first_code(
    tx: Transaction, submission: Submission, key: bytes, rows: Sequence[Identity], *, now: datetime
) -> None:
    """Inside the filing transaction: a code and a link to every e-mail address typed."""
    tx.session.flush()
    for row in rows:
        if row.kind == "email":
            _send(tx, submission, key, row, VERIFY, now)


def send_code(reference: str, *, now: datetime) -> None:
    """Send a new code to the typed addresses of an unverified submission; silent when there is none."""
    _resend(reference, VERIFY, now)


def send_second_code(reference: str, *, now: datetime) -> None:
    """Send the fresh code that opens an answer (second step) to the proved addresses."""
    _resend(reference, SECOND, now)


def confirm_code(reference: str, typed: str, *, now: datetime) -> bool:
    """Spend the typed code of a submission; True when it proved the address it was sent to."""
    return _spend(reference, typed, VERIFY, now)


def pass_second_step(reference: str, typed: str, *, now: datetime) -> bool:
    """Spend the code of the second step; True when the answer may be opened in this session."""
    return _spend(reference, typed, SECOND, now)


def confirm_link(token: str, *, now: datetime) -> str | None:
    """Spend a link; the submission's reference, or None when it is spent, expired or unknown."""
    with store.transaction() as tx:
        challenge = people.spend_link(tx.session, keys.keyring().token_hash(token), now)
        if challenge is None:
            return None
        submission = people.submission(tx.session, challenge.submission_id)
        _proved_by_challenge(tx, submission, challenge, now)
        return submission.reference


def prove(
    reference: str,
    identity_ids: Sequence[int],
    proof: Proof,
    *,
    by: str,
    now: datetime,
    address: str = "",
) -> None:
    """An officer records proof by other means for identifiers of a case's submission.

    ``address``: her own, so that she does not prove herself (Refusal ``case.own``).

    Refusal ``identity.reason`` without a reason, ``identity.never`` for a kind that cannot be proof.
    """
    if not proof.reason.strip():
        raise Refusal("identity.reason", "Say how you made sure who the person is.")
    with store.transaction() as tx:
        case = people.case(tx.session, reference)
        refuse_own(case, address)
        submission = case.submission
        chosen = [row for row in submission.identifiers if row.id in set(identity_ids)]
        if not chosen or any(kind_of(row.kind).proof == "never" for row in chosen):
            raise Refusal("identity.never", "Choose identifiers that can prove who somebody is.")
        for row in chosen:
            row.proved_at, row.how = now, proof.how[:32]
        words = {"reason": proof.reason, "how": proof.how}
        timeline.record(tx, case, Kind.PROVED, by=by, now=now, words=words, how="officer")
        verified(tx, submission, how="officer", by=by, now=now)


def confirm_power(reference: str, proof: Proof, *, by: Officer, now: datetime) -> None:
    """An officer confirms that whoever asks for the person may do so: for the whole submission.

    Until then nothing is acted on and nothing is answered. Refusals: ``identity.reason``, ``behalf.none``
    when the person asks herself, ``case.own``.
    """
    if not proof.reason.strip() or not proof.how.strip():
        raise Refusal("identity.reason", "Say which document you saw, or how else you know.")
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        after(case.status, "confirm_power", roles=by.roles)
        if not case.submission.behalf:
            raise Refusal("behalf.none", "The person asks herself; there is no power to confirm.")
        case.submission.power_at, case.submission.power_by = now, by.actor
        words = {"reason": proof.reason, "how": proof.how}
        for one in case.submission.cases:
            timeline.record(tx, one, Kind.POWER_CONFIRMED, by=by.actor, now=now, words=words, how=proof.how)


def check_power(submission: Submission) -> None:
    """Refusal ``behalf.unconfirmed`` while nobody confirmed the power of whoever asks for the person."""
    if submission.behalf and submission.power_at is None:
        raise Refusal("behalf.unconfirmed", "Confirm first that this representative may ask for the person.")


def verified(tx: Transaction, submission: Submission, *, how: str, by: str, now: datetime) -> None:
    """Move every waiting case of a proved submission on and order the search, once."""
    if submission.verified_at is None:
        submission.verified_at, submission.verified_how = now, how
    moved = []
    for case in submission.cases:
        if case.status != Status.UNVERIFIED:
            continue
        case.status, case.bounced = after(case.status, "verify", roles=[Role.SYSTEM]).value, False
        timeline.record(tx, case, Kind.PROVED, by=by, now=now, how=how)
        moved.append(case)
    if moved:
        batches.make(tx, moved, "collect", now=now)


def _resend(reference: str, purpose: str, now: datetime) -> None:
    with store.transaction() as tx:
        submission = people.by_reference(tx.session, reference)
        if submission is None or (purpose == VERIFY and submission.verified_at is not None):
            return
        send_codes(tx, submission, purpose, now=now)


def send_codes(tx: Transaction, submission: Submission, purpose: str, *, now: datetime) -> None:
    """A code to every typed address that mail reaches; for the second step (SECOND) only to proved ones."""
    key = sealing.key_of(submission)
    for row in submission.identifiers:
        proved_enough = purpose == VERIFY or row.proved_at is not None
        if row.kind == "email" and row.provenance == "typed" and proved_enough and row.how != RETURNED:
            _send(tx, submission, key, row, purpose, now)


def _send(
    tx: Transaction, submission: Submission, key: bytes, row: Identity, purpose: str, now: datetime
) -> None:
    address = sealing.unseal(key, row.sealed or b"", dict, "identity")["value"]
    policy = house().policy
    allowed = limits.take(
        tx,
        submission.controller,
        purpose,
        address,
        limit=policy.mails_per_recipient,
        seconds=DAY,
        now=now,
    )
    if not allowed:
        return
    portal = house().portal_of(house().controller(submission.controller))
    code, token = f"{secrets.randbelow(10**8):08d}", secrets.token_urlsafe(24)
    ring = keys.keyring()
    expires = now + timedelta(minutes=policy.code_minutes)
    tx.session.add(
        Challenge(
            controller=submission.controller,
            submission_id=submission.id,
            identity_id=row.id,
            purpose=purpose,
            code_hash=code_digest(code, _code_key(submission)).encode(),
            token_hash=ring.token_hash(token),
            attempts=0,
            created_at=now,
            expires_at=expires,
        )
    )
    outbox.put(
        tx,
        outbox.Draft(
            kind=outbox.CONFIRM if purpose == VERIFY else "second_code",
            to=address,
            language=submission.language,
            facts={
                "code": f"{code[:4]} {code[4:]}",
                "link": f"{portal}/confirm/{token}" if purpose == VERIFY else "",
                "minutes": policy.code_minutes,
            },
            submission=submission,
        ),
        now=now,
    )


def _spend(reference: str, typed: str, purpose: str, now: datetime) -> bool:
    """Count the attempt in one statement first, compare afterwards: no number of parallel tries helps."""
    limit = house().policy.code_attempts
    with store.transaction() as tx:
        submission = people.by_reference(tx.session, reference)
        if submission is None:
            return False
        tried = people.count_attempts(tx.session, submission.id, purpose, limit, now)
        hit = next((c for c in tried if _matches(c, typed, submission)), None)
        if hit is None or not people.spend(tx.session, hit.id, now):
            tx.audit(submission.controller, Kind.PROOF_FAILED, actor="person", at=now, purpose=purpose)
            return False
        if purpose == VERIFY:
            _proved_by_challenge(tx, submission, hit, now)
        return True


def _matches(challenge: Challenge, typed: str, submission: Submission) -> bool:
    return code_matches(challenge.code_hash.decode(), typed, _code_key(submission))


def _code_key(submission: Submission) -> bytes:
    return keys.keyring().lookup(submission.controller, "code", submission.reference)


def _proved_by_challenge(
    tx: Transaction, submission: Submission, challenge: Challenge, now: datetime
) -> None:
    for row in submission.identifiers:
        if row.id == challenge.identity_id and row.proved_at is None:
            row.proved_at, row.how = now, "code"
    verified(tx, submission, how="mail", by="person", now=now)
