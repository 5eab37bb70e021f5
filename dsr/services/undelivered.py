"""A mail to the person came back: it is sent again, to another address of hers, or she was reached otherwise.

Until an officer says which, the case stays marked. Another address opens the answer to whoever reads that
mailbox, so it counts as a proof of identity: only the officer role gives it, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.identity import InvalidIdentifier, identify
from dsr.domain.workflow import after
from dsr.store import keys
from dsr.store.models import Case, Identity
from dsr.store.operations import Message
from dsr.store.queries import messages
from dsr.store.session import Transaction

from . import identity, letters, outbox, sealing, timeline
from .letters import RETURNED
from .officers import Officer, case_for, said

AGAIN, ADDRESS, OTHERWISE = "again", "address", "otherwise"
WAYS = (AGAIN, ADDRESS, OTHERWISE)
SETTLED = "settled"
"""The state of a mail that did not arrive and needs nobody any more."""

AS_BEFORE = frozenset({outbox.ANSWER, "info_requested", "extended", "lifting_notice", "cancelled"})
"""Mails that can be written again from what the case knows. Each names what waits, and nothing personal."""

ELSEWHERE = frozenset({"recipient_notice", "holder_task", "undelivered"})
"""Mails of a case that do not go to the person."""


def settle(reference: str, way: str, reason: str, *, address: str = "", by: Officer, now: datetime) -> int:
    """Settle the mails of a case that did not arrive; how many there were.

    ``way``: 'again' (the mailbox works now), 'address' (the person gave ``address``, and how that is sure is the
    ``reason``), 'otherwise' (she was reached by post or telephone). Refusals: ``mail.way``, ``mail.none``,
    ``identifier.*``, ``workflow.role``, ``reason.*``, ``case.own``. While no identity is proved only a code can have
    come back; another address is then a proof of identity (``identity.prove``) and refused here: ``workflow.illegal``.
    """
    if way not in WAYS:
        raise Refusal("mail.way", f"Say one of: {', '.join(WAYS)}.")
    words = said(reason)
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        after(case.status, "correct_address" if way == ADDRESS else "settle_mail", roles=by.roles)
        lost = [one for one in messages.undelivered(tx.session, case) if one.kind not in ELSEWHERE]
        if not lost:
            raise Refusal("mail.none", "No mail to the person of this case came back.")
        coded = any(one.kind == outbox.CONFIRM for one in lost)
        if way == ADDRESS:
            _replace(tx, case, address, reason, by, now)
        for one in lost:
            one.state = SETTLED
        case.bounced = False
        if coded:
            _end_of_code(tx, case, again=way == AGAIN, now=now)
        timeline.record(
            tx, case, Kind.MAIL_SETTLED, by=by.actor, now=now, words=words, how=way, mails=len(lost)
        )
        if way != OTHERWISE:
            _send_again(tx, case, [one for one in lost if one.kind != outbox.CONFIRM], now)
        return len(lost)


def _end_of_code(tx: Transaction, case: Case, *, again: bool, now: datetime) -> None:
    """A code is of all that was asked for together; another one is sent where the mailbox works now."""
    for one in case.submission.cases:
        one.bounced = False
    if again:
        identity.send_codes(tx, case.submission, identity.VERIFY, now=now)


def _replace(tx: Transaction, case: Case, address: str, reason: str, by: Officer, now: datetime) -> None:
    """The new address is proved by the officer's word; to the old ones nothing is sent any more."""
    submission = case.submission
    try:
        one = identify("email", address.strip(), country=submission.country or None)
    except InvalidIdentifier as error:
        raise Refusal(f"identifier.{error.code}", str(error), kind="email") from error
    hashed = keys.keyring().lookup(submission.controller, one.kind, one.value)
    known = next((row for row in submission.identifiers if row.lookup_hash == hashed), None)
    for row in submission.identifiers:
        if row.kind == "email" and row.provenance == "typed" and row is not known:
            row.how = RETURNED
    if known is None:
        known = Identity(
            controller=submission.controller,
            kind=one.kind,
            lookup_hash=hashed,
            sealed=sealing.seal(sealing.key_of(submission), {"value": one.value}, "identity"),
        )
        submission.identifiers.append(known)
    known.provenance, known.proved_at, known.how = "typed", now, "officer"
    timeline.record(
        tx,
        case,
        Kind.PROVED,
        by=by.actor,
        now=now,
        words={"reason": reason.strip(), "how": "address"},
        how="officer",
    )


def _send_again(tx: Transaction, case: Case, lost: Sequence[Message], now: datetime) -> None:
    """Each as what it was, so that she knows what waits on her page; codes and the rest as a message."""
    for letter, kind in dict.fromkeys((one.letter, _kind(one, case)) for one in lost):
        facts = {"due_on": case.due_on} if kind == "extended" else {}
        crucial = kind == outbox.ANSWER or bool(letter)
        letters.notify(tx, case, kind, facts, now=now, crucial=crucial, letter=letter)


def _kind(message: Message, case: Case) -> str:
    if message.kind == "extended" and case.due_on is None:
        return "message"
    return message.kind if message.kind in AS_BEFORE else "message"
