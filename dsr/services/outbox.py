"""Messages to people: written in the transaction that decides them, sent after it, sealed until accepted."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dsr import documents, mail, store
from dsr.domain.audit import Kind
from dsr.domain.letters import ControllerFacts
from dsr.domain.organisation import Controller
from dsr.store import keys
from dsr.store.models import Case, Submission
from dsr.store.operations import Message
from dsr.store.queries import messages
from dsr.store.session import Transaction

from . import holding, proofs, sealing
from .house import house

BACKOFF = (10, 60, 300, 900, 3600)
"""Seconds until the next try; the last one repeats. A day without a server loses nothing."""
GIVE_UP = 200
CLAIM_SECONDS = 900
"""Longer than twenty messages can take on servers that answer none of them."""
CONFIRM = "confirm"
"""The mail with the code of a request whose identity nobody proved yet."""

ANSWER = "answer_ready"
"""The mail that says where the answer lies: once a server accepted it, the answer was made available."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be: ``kind`` of the mail templates, address, language, values of the template.

    ``crucial``: when it fails for good, the case moves to an officer. ``letter``: digest of the letter it
    announces; what becomes of it is then kept as proof.
    """

    kind: str
    to: str
    language: str
    facts: dict[str, Any] = field(default_factory=dict)
    submission: Submission | None = None
    case: Case | None = None
    controller: str = ""
    crucial: bool = False
    letter: str = ""


def put(tx: Transaction, draft: Draft, *, now: datetime) -> None:
    """Write one message into the outbox of this transaction."""
    tx.session.add(Message(**row(draft, now=now)))


def row(draft: Draft, *, now: datetime) -> dict[str, Any]:
    """The outbox row of a draft, for one or a bulk insert."""
    submission = draft.submission or (draft.case.submission if draft.case else None)
    key = draft.controller or (submission.controller if submission else "")
    controller = house().controller(key)
    rendered = documents.render_mail(draft.kind, draft.language, _facts(draft, controller))
    wrapped, secret = keys.keyring().new()
    content = {"to": draft.to, "subject": rendered.subject, "text": rendered.text, "html": rendered.html}
    return {
        "controller": controller.key,
        "case_id": draft.case.id if draft.case else None,
        "submission_id": submission.id if submission else None,
        "kind": draft.kind,
        "channel": "smtp",
        "message_id": f"<{secrets.token_hex(16)}@{house().mail_from.rpartition('@')[2]}>",
        "state": "waiting",
        "crucial": draft.crucial,
        "letter": draft.letter,
        "attempts": 0,
        "made_at": now,
        "next_at": now,
        "claimed_by": "",
        "answer": "",
        "recipient_hash": keys.keyring().lookup(controller.key, "email", draft.to),
        "wrapped_key": wrapped,
        "sealed": sealing.seal(secret, content, "message"),
    }


def flush(*, now: datetime, by: str = "system", limit: int = 20) -> int:
    """Send what is due; returns how many a server accepted.

    A message is claimed by an update that states what it saw, sent outside any transaction, and its
    result written afterwards. What a process that died had claimed is let go by ``release``; the
    Message-ID is stable, so a server that already took it can tell.
    """
    until = now + timedelta(seconds=CLAIM_SECONDS)
    with store.transaction() as tx:
        due = messages.claim(tx.session, now, until, limit, owner=house().owner)
    accepted = 0
    for message in due:
        answer, error = _send(message)
        with store.transaction() as tx:
            accepted += _settle(tx, message.id, answer, error, by, now)
    return accepted


def release(alive: Collection[str], *, now: datetime) -> None:
    """Let go of messages that processes no longer ``alive`` were sending."""
    with store.transaction() as tx:
        messages.release(tx.session, alive, now)


def let_go(*, now: datetime) -> None:
    """Let go of what this process had claimed and does not send any more."""
    with store.transaction() as tx:
        messages.let_go(tx.session, house().owner, now)


def returned(tx: Transaction, message: Message, status: str, *, now: datetime) -> None:
    """A server took the message and sent it back (``status``: RFC 3463). Said once, however many reports come."""
    if message.bounced_at is not None:
        return
    case = tx.session.get(Case, message.case_id) if message.case_id else None
    if case is not None and message.letter:
        proofs.of_message(tx, case, message, "bounced", status, now=now)
    message.bounced_at, message.answer = now, status
    _note(tx, Kind.MAIL_BOUNCED, message, case, "system", now)
    _undelivered(tx, message, case, now)


def _facts(draft: Draft, controller: Controller) -> documents.MailFacts:
    submission = draft.submission or (draft.case.submission if draft.case else None)
    portal = house().portal_of(controller)
    link = f"{portal}/s/{submission.reference}" if submission else house().desk_url
    reference = draft.case.reference if draft.case else submission.reference if submission else ""
    own: dict[str, Any] = {"reference": reference, "link": link}
    return documents.MailFacts(controller=controller_facts(controller), **(own | draft.facts))


def controller_facts(controller: Controller) -> ControllerFacts:
    """The organisation as letters and mails name it."""
    contact = controller.contact
    return ControllerFacts(
        name=controller.name,
        address=controller.address,
        mail=contact.email,
        phone=contact.phone,
        officer=contact.name,
        portal_url=house().portal_of(controller),
    )


def _send(message: Message) -> tuple[str, mail.MailError | None]:
    if message.wrapped_key is None or message.sealed is None:
        return "", mail.MailError("the body is gone", permanent=True)
    secret = keys.keyring().unwrap(message.wrapped_key)
    content = sealing.unseal(secret, message.sealed, dict, "message")
    outgoing = mail.Outgoing(message_id=message.message_id, sender=house().mail_from, **content)
    error: mail.MailError | None = None
    for transport in house().transports:
        try:
            return transport(outgoing), None
        except mail.MailError as caught:
            error = caught
    return "", error or mail.MailError("no mail server is configured", permanent=False)


def _settle(
    tx: Transaction, message_id: int, answer: str, error: mail.MailError | None, by: str, now: datetime
) -> int:
    found = messages.waiting(tx.session, message_id)
    if found is None:
        return 0
    message, case, awaited = found
    if error is None:
        if case is not None and message.letter:
            proofs.of_message(tx, case, message, "accepted", answer, now=now)
        message.state, message.accepted_at, message.answer = "accepted", now, answer[:240]
        message.sealed = message.wrapped_key = None
        _note(tx, Kind.LETTER_SENT, message, case, by, now)
        if case is not None and awaited and message.kind == ANSWER:
            holding.release(tx, case, now=now)
        return 1
    message.attempts += 1
    message.claimed_by = ""
    if error.permanent or message.attempts >= GIVE_UP:
        _failed(tx, message, case, str(error), by, now)
    else:
        wait = BACKOFF[min(message.attempts, len(BACKOFF)) - 1]
        message.next_at, message.answer = now + timedelta(seconds=wait), str(error)[:240]
    return 0


def _failed(tx: Transaction, message: Message, case: Case | None, why: str, by: str, now: datetime) -> None:
    if case is not None and message.letter:
        proofs.of_message(tx, case, message, "failed", why, now=now)
    message.state, message.answer = "failed", why[:240]
    _note(tx, Kind.MAIL_FAILED, message, case, by, now)
    _undelivered(tx, message, case, now)


def _undelivered(tx: Transaction, message: Message, case: Case | None, now: datetime) -> None:
    """No server brings it to her: a crucial message moves on to a person, who is told at once."""
    if message.kind == CONFIRM and message.submission_id is not None:
        _never_asked(tx.session.get_one(Submission, message.submission_id))
    if case is None or not message.crucial:
        return
    case.bounced = True
    controller = house().controller(case.controller)
    facts = {"link": f"{house().desk_url}/cases/{case.reference}"}
    draft = Draft("undelivered", controller.contact.email, controller.language, facts, case=case)
    # The alarm belongs to the case, not to the person: what becomes of it is not hers to see.
    tx.session.add(Message(**(row(draft, now=now) | {"submission_id": None})))
    if message.kind == ANSWER:
        holding.undelivered(tx, case, now=now)


def _never_asked(submission: Submission) -> None:
    """Her code never came: the queue shows it. Nobody is written to, for anybody can mistype an address."""
    if submission.verified_at is None:
        for one in submission.cases:
            one.bounced = True


def _note(tx: Transaction, kind: Kind, message: Message, case: Case | None, by: str, now: datetime) -> None:
    """One line of the audit log about a message, with the digest of the letter that it brings."""
    tx.audit(
        message.controller,
        kind,
        reference=case.reference if case else "",
        actor=by,
        at=now,
        mail=message.kind,
        message_id=message.message_id,
        **({"letter": message.letter} if message.letter else {}),
    )
