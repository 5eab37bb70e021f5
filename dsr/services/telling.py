"""The clock of recipients: write their letters, send them by mail or webhook, remind, take their answers.

Each notice is claimed before it is worked on; a process that dies leaves a claim that runs out. The mail
carries a link and nothing personal; what a webhook carries is signed and goes over https.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from dsr import registry, store, webhook
from dsr.contract import ConnectorError
from dsr.domain.deadlines import Event as ClockEvent
from dsr.domain.errors import Refusal
from dsr.domain.letters import LetterKind, RecipientFacts, localised
from dsr.domain.organisation import Controller, Recipient
from dsr.store import keys
from dsr.store.models import Case
from dsr.store.operations import Message
from dsr.store.queries import notices, timing
from dsr.store.session import Transaction
from dsr.store.telling import RecipientNotice

from . import clocks, letter_facts, letters, outbox, sealing
from .composing import Composed, today
from .house import house
from .recipients import (
    FAILED,
    MANUAL,
    OPEN,
    PLANNED,
    SENDING,
    TOLD,
    configured,
    items_in_words,
    settle,
)

CLAIM = timedelta(minutes=5)
LOOK_AGAIN = timedelta(seconds=30)
ANSWER_DAYS = 14
"""Days a recipient is given to confirm; after ``REMIND`` of silence it is reminded, once."""

REMIND = timedelta(days=10)
DUE_DAYS = 2
"""Working days of warning are short in these laws: two days before, the officers are told."""

NO_WORDS = {
    "es": "la persona de esta referencia",
    "en": "the person of this reference",
    "pt": "a pessoa desta referência",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a recipient's link opens: the letter as a document, and who asks."""

    controller: Controller
    name: str
    html: str
    language: str


def tick(*, now: datetime) -> None:
    """Everything that is due now; each notice in transactions of its own."""
    with store.reading() as session:
        found = notices.due(session, (PLANNED, SENDING, TOLD), now)
    for number in found:
        with store.transaction() as tx:
            if not notices.claim(tx.session, number, (PLANNED, SENDING, TOLD), now, now + CLAIM):
                continue
            row = tx.session.get_one(RecipientNotice, number)
            state, channel = row.state, row.channel
        if state == PLANNED:
            _write(number, now)
        elif state == TOLD:
            _remind(number, now)
        elif channel == "webhook":
            _call(number, now)
        else:
            _look(number, now)
    for controller in house().controllers.values():
        _warn(controller, now)


def question(token: str) -> Asked | None:
    """The letter of an unanswered link; None for a link that opens nothing."""
    with store.reading() as session:
        found = notices.by_token(session, keys.keyring().token_hash(token))
        if found is None or found[0].submission.proof_key is None:
            return None
        content = _content(*found)
    controller = house().controller(found[0].controller)
    return Asked(controller, localised(content["name"], "es"), content["html"], content["language"])


def answer(token: str, state: str, why: str, *, now: datetime) -> bool:
    """Take the answer of a recipient, once; False when the link opens nothing any more.

    Refusals ``notice.state`` and ``notice.why``.
    """
    with store.transaction() as tx:
        found = notices.by_token(tx.session, keys.keyring().token_hash(token))
        if found is None or found[0].submission.proof_key is None:
            return False
        if state == TOLD:
            raise Refusal("notice.state", "Choose one.")
        settle(tx, found[0], found[1], state, why, by="recipient", now=now)
        return True


def _write(number: int, now: datetime) -> None:
    """The letter, in the recipient's language, and the order to send it."""
    with store.reading() as session:
        row = session.get_one(RecipientNotice, number)
        case = session.get_one(Case, row.case_id)
        content = _content(case, row)
        controller = house().controller(case.controller)
        known = configured(controller, content["name"])
        language = (known.language if known else "") or controller.language
        token = secrets.token_urlsafe(24)
        link = _link(case, token) if known and row.channel != MANUAL else ""
        items = content["items"]
        base = letter_facts.base(case, now=now)
        to = RecipientFacts(
            name=localised(content["name"], language),
            deed=content["deed"],
            known_as=_known_as(case, known) or (NO_WORDS[language],),
            items=(),
            on=clocks.local_day(datetime.fromisoformat(content["done_at"]), controller.zone),
            answer_by=today(case, now) + timedelta(days=ANSWER_DAYS),
            link=link,
        )
        due_on = _due_on(case, to.on)
    to = replace(to, items=items_in_words(items, controller, language, now))
    facts = replace(base, recipient=to, language=language, person="", postal_address="")
    content |= {
        "html": letters.rendered(Composed(LetterKind.RECIPIENT, facts)),
        "language": language,
        "token": token,
        "body": _body(to, items, number),
    }
    with store.transaction() as tx:
        row = tx.session.get_one(RecipientNotice, number)
        if row.state == PLANNED:
            _order(tx, tx.session.get_one(Case, row.case_id), row, known, content, due_on, now)


def _order(
    tx: Transaction,
    case: Case,
    row: RecipientNotice,
    known: Recipient | None,
    content: dict[str, Any],
    due_on: date | None,
    now: datetime,
) -> None:
    row.due_on = due_on
    row.sealed = sealing.seal(sealing.proof_key_of(case.submission), content, "notice")
    if known is None or row.channel != known.channel or known.channel == MANUAL:
        row.channel, row.state, row.next_at = MANUAL, MANUAL, None
        return
    row.state, row.next_at = SENDING, now
    row.token_hash = keys.keyring().token_hash(content["token"])
    if known.channel == "mail":
        row.message_id = _mail(tx, case, known, content, now)


def _mail(tx: Transaction, case: Case, known: Recipient, content: Mapping[str, Any], now: datetime) -> str:
    """The mail says that a letter waits behind the link, and nothing else."""
    link = _link(case, content["token"])
    facts = {"link": link, "reference": case.reference}
    draft = outbox.Draft(
        "recipient_notice", known.mail, content["language"], facts, controller=case.controller
    )
    row = outbox.row(draft, now=now)
    tx.session.add(Message(**row))
    return str(row["message_id"])


def _look(number: int, now: datetime) -> None:
    """What became of the mail: accepted by a server, or given up."""
    with store.transaction() as tx:
        row = tx.session.get_one(RecipientNotice, number)
        message = notices.message(tx.session, row.message_id)
        case = tx.session.get_one(Case, row.case_id)
        if message is None or message.state == "failed" or message.bounced_at is not None:
            row.state, row.next_at = FAILED, None
            row.problem = (message.answer if message else "the mail is gone")[:240]
        elif message.state == "accepted":
            settle(tx, case, row, TOLD, "", by="system", now=now)
            row.next_at = now + REMIND
        else:
            row.next_at = now + LOOK_AGAIN


def _call(number: int, now: datetime) -> None:
    """Deliver a webhook; the same id every time, so that the receiver can tell a repeat."""
    with store.reading() as session:
        row = session.get_one(RecipientNotice, number)
        case = session.get_one(Case, row.case_id)
        content = _content(case, row)
        known = configured(house().controller(case.controller), content["name"])
        identifiers = _identifiers(case, known)
    problem = ""
    try:
        if known is None or not known.url or known.secret is None:
            raise webhook.WebhookError("this recipient has no address any more")
        body = content["body"] | {"person": identifiers, "answer": _link(case, content["token"])}
        call = webhook.Call(
            id=f"recipient_{number}",
            url=known.url,
            body=json.dumps(body, separators=(",", ":"), sort_keys=True).encode(),
            secret=webhook.read_secret(registry.read_secret(known.name, known.secret)),
        )
        webhook.send(call, allowed=house().policy.hook_networks, now=now)
    except (webhook.WebhookError, ConnectorError) as error:
        problem = str(error)
    with store.transaction() as tx:
        row = tx.session.get_one(RecipientNotice, number)
        if row.state != SENDING:
            return
        if not problem:
            settle(tx, tx.session.get_one(Case, row.case_id), row, TOLD, "", by="system", now=now)
            return
        row.attempts, row.problem = row.attempts + 1, problem[:240]
        wait = outbox.BACKOFF[min(row.attempts, len(outbox.BACKOFF)) - 1]
        row.next_at = now + timedelta(seconds=wait)
        if row.attempts >= outbox.GIVE_UP:
            row.state, row.next_at = FAILED, None


def _remind(number: int, now: datetime) -> None:
    """Told and silent: the same link once more."""
    with store.transaction() as tx:
        row = tx.session.get_one(RecipientNotice, number)
        case = tx.session.get_one(Case, row.case_id)
        row.next_at = None
        known = configured(house().controller(case.controller), _content(case, row)["name"])
        if row.reminded_at is None and row.channel == "mail" and known is not None:
            _mail(tx, case, known, _content(case, row), now)
            row.reminded_at = now


def _warn(controller: Controller, now: datetime) -> None:
    """Two days before the law wants it told, the officers hear of what is not told; once for each notice."""
    until = now + timedelta(days=DUE_DAYS)
    waiting = tuple(state for state in OPEN if state != TOLD)
    with store.transaction() as tx:
        found = notices.nearly_due(tx.session, controller.key, waiting, until)
        mine = (
            timing.claim(tx.session, [f"notice:{row.id}:{row.due_on}" for row in found], now) if found else ()
        )
        rows = [row for row in found if f"notice:{row.id}:{row.due_on}" in mine]
        if not rows:
            return
        link = f"{house().desk_url}/recipients/{controller.key}"
        facts = {
            "link": link,
            "due_on": rows[0].due_on,
            "lines": tuple(row.key.partition(":")[0] for row in rows),
        }
        draft = outbox.Draft(
            "recipients_due", controller.contact.email, controller.language, facts, controller=controller.key
        )
        outbox.put(tx, draft, now=now)


def _content(case: Case, row: RecipientNotice) -> dict[str, Any]:
    found: dict[str, Any] = sealing.unseal(
        sealing.proof_key_of(case.submission), row.sealed or b"", dict, "notice"
    )
    return found


def _link(case: Case, token: str) -> str:
    return f"{house().portal_of(house().controller(case.controller))}/n/{token}"


def _body(to: RecipientFacts, items: list[list[str]], number: int) -> dict[str, Any]:
    """What a program of the recipient reads; ``person`` and ``answer`` are added when it is sent."""
    changed = [{"collection": one[1], "field": one[2], "new": one[3]} for one in items]
    return {"type": f"recipient.{to.deed}", "notice": number, "on": to.on.isoformat(), "items": changed}


def _due_on(case: Case, done_on: date) -> date | None:
    """Until when the law of the case wants recipients told; None where it says 'without delay'."""
    return clocks.own(case, "notify_recipients", more=[ClockEvent("done", on=done_on)])


def _identifiers(case: Case, known: Recipient | None) -> dict[str, str]:
    """The identifiers this recipient knows the person by: of the kinds that its entry names."""
    kinds = known.known_by if known else ()
    found: dict[str, str] = {}
    if case.submission.wrapped_key is None:
        return found
    key = sealing.key_of(case.submission)
    for row in case.submission.identifiers:
        if row.kind in kinds and row.proved_at is not None and row.sealed:
            found.setdefault(row.kind, sealing.unseal(key, row.sealed, dict, "identity")["value"])
    return found


def _known_as(case: Case, known: Recipient | None) -> tuple[str, ...]:
    return tuple(_identifiers(case, known).values())
