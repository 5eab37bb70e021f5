"""Webhooks: other programs of the organisation are told when a case moves on.

What happened is written to the audit log in the transaction that does it; each webhook remembers up to
which entry it was told. Turning entries into messages and moving that mark is one transaction, so that
nothing is lost or told twice; a message is sent until the receiver accepts it, always with the same id.
A message names the case and what happened to it: no personal data.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dsr import store, webhook
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.store import keys
from dsr.store.operations import Hook, Message
from dsr.store.queries import messages, remote
from dsr.store.session import Transaction

from . import outbox, sealing
from .house import house

CHANNEL = "webhook"
MOST = 10
"""Webhooks of one controller."""
STRIDE = 500
"""Entries of the log that one transaction looks at."""
ROUNDS = 20

EVENTS = (
    Kind.SUBMITTED,
    Kind.PROVED,
    Kind.PLANNED,
    Kind.PROPOSAL,
    Kind.WITHHELD,
    Kind.APPROVED,
    Kind.SECONDED,
    Kind.SENT_BACK,
    Kind.PAUSED,
    Kind.RESUMED,
    Kind.EXTENDED,
    Kind.REFUSED,
    Kind.FORWARDED,
    Kind.DECISION_REVIEWED,
    Kind.COMPLAINT_ANSWERED,
    Kind.AUTHORITY_CAME,
    Kind.AUTHORITY_ANSWERED,
    Kind.FEE_OFFERED,
    Kind.CANCELLED,
    Kind.WITHDRAWN,
    Kind.EXPIRED,
    Kind.CONFLICT,
    Kind.FAILED,
    Kind.RETRIED,
    Kind.ANSWERED,
    Kind.WENT_ON,
    Kind.PROMISE_SETTLED,
    Kind.CLOSED,
    Kind.LIFTED,
)
"""What is told: everything that changes the status or the date of a case."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new webhook; ``secret`` is for checking signatures and is never shown again."""

    number: int
    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HookView:
    """A webhook and how it fares: messages that wait to be accepted, and that were given up."""

    number: int
    url: str
    made_at: datetime
    waiting: int
    failed: int


def check(url: str) -> None:
    """Refusal ``hook.url`` for an address a webhook may not lead to. Looks up the name: not in a transaction."""
    try:
        webhook.check(url, house().policy.hook_networks)
    except webhook.WebhookError as error:
        raise Refusal("hook.url", f"This cannot be called: {error}.") from error


def add(tx: Transaction, controller: str, url: str, *, by: str, now: datetime) -> Made:
    """A webhook to a checked address, told of everything from now on. Refusal ``hook.many``."""
    if len(remote.hooks(tx.session, controller)) >= MOST:
        raise Refusal("hook.many", f"There are {MOST} webhooks already; take one away first.")
    secret = webhook.new_secret()
    row = Hook(
        controller=controller,
        url=url,
        sealed_secret=sealing.seal(_key(), {"secret": secret.hex()}, "hook"),
        active=True,
        made_at=now,
        seen_seq=remote.log_end(tx.session, controller),
    )
    tx.session.add(row)
    tx.session.flush()
    tx.audit(controller, Kind.HOOK_MADE, actor=by, at=now, hook=row.id)
    return Made(row.id, url, webhook.written(secret))


def all_of(controller: str) -> tuple[HookView, ...]:
    """The webhooks of a controller."""
    with store.reading() as session:
        return tuple(
            HookView(row.id, row.url, row.made_at, counts.get("waiting", 0), counts.get("failed", 0))
            for row in remote.hooks(session, controller)
            for counts in [remote.message_counts(session, CHANNEL, _whom(row))]
        )


def remove(tx: Transaction, controller: str, number: int, *, by: str, now: datetime) -> None:
    """Take a webhook away; what waits for it is dropped. Refusal ``hook.unknown``."""
    row = remote.hook(tx.session, controller, number)
    if row is None:
        raise Refusal("hook.unknown", "There is no such webhook.")
    _end(tx, row, by, now, "removed")


def tick(*, now: datetime) -> None:
    """Turn what happened into messages, and send what is due."""
    tell(now=now)
    flush(now=now)


def tell(*, now: datetime) -> int:
    """Write the messages of everything that happened since; returns how many."""
    made = 0
    for _ in range(ROUNDS):
        with store.reading() as session:
            behind = remote.hooks_behind(session)
        if not behind:
            break
        made += sum(_tell(number, now) for number in behind)
    return made


def flush(*, now: datetime, limit: int = 50) -> int:
    """Send what is due; returns how many receivers accepted.

    Claimed as ``outbox.flush`` claims mails; a process that dies in between leaves a claim that runs out.
    """
    until = now + timedelta(seconds=outbox.CLAIM_SECONDS)
    with store.transaction() as tx:
        due = messages.claim(tx.session, now, until, limit, CHANNEL, owner=house().owner)
    accepted = 0
    for message in due:
        error = _send(message, now)
        with store.transaction() as tx:
            accepted += _settle(tx, message.id, error, now)
    return accepted


def _tell(number: int, now: datetime) -> int:
    with store.transaction() as tx:
        hook = remote.lock_hook(tx.session, number)
        if hook is None:
            return 0
        until = min(hook.seen_seq + STRIDE, remote.log_end(tx.session, hook.controller))
        found = remote.told(tx.session, hook, until, [kind.value for kind in EVENTS])
        tx.session.add_all(_messages(hook, found, now))
        hook.seen_seq = until
        return len(found)


def _messages(hook: Hook, found: Sequence[remote.Told], now: datetime) -> list[Message]:
    made = []
    for one in found:
        wrapped, secret = keys.keyring().new()
        content = {"hook": hook.id, "body": _body(one)}
        made.append(
            Message(
                controller=hook.controller,
                kind="hook",
                channel=CHANNEL,
                message_id=f"hook_{hook.id}_{one.seq}",
                made_at=now,
                next_at=now,
                recipient_hash=_whom(hook),
                wrapped_key=wrapped,
                sealed=sealing.seal(secret, content, "message"),
            )
        )
    return made


def _body(one: remote.Told) -> dict[str, Any]:
    """What a receiver is told: the form that ``docs/api.md`` describes."""
    case = {"reference": one.reference, "right": one.right, "status": one.data.get("status", "")}
    return {"type": one.kind, "timestamp": one.at.isoformat(), "data": case | {"at": one.at.isoformat()}}


def _send(message: Message, now: datetime) -> webhook.WebhookError | None:
    secret = keys.keyring().unwrap(message.wrapped_key or b"")
    content = sealing.unseal(secret, message.sealed or b"", dict, "message")
    with store.reading() as session:
        hook = remote.hook(session, message.controller, content["hook"])
    if hook is None:
        return webhook.WebhookError("the webhook was taken away", gone=True)
    call = webhook.Call(
        id=message.message_id,
        url=hook.url,
        body=json.dumps(content["body"], separators=(",", ":"), sort_keys=True).encode(),
        secret=bytes.fromhex(sealing.unseal(_key(), hook.sealed_secret, dict, "hook")["secret"]),
    )
    try:
        webhook.send(call, allowed=house().policy.hook_networks, now=now)
    except webhook.WebhookError as error:
        return error
    return None


def _settle(tx: Transaction, message_id: int, error: webhook.WebhookError | None, now: datetime) -> int:
    message = tx.session.get(Message, message_id)
    if message is None or message.state != "waiting":
        return 0
    if error is None:
        tx.session.delete(message)
        return 1
    message.attempts += 1
    if error.gone:
        _receiver_left(tx, message, now)
    elif message.attempts >= outbox.GIVE_UP:
        message.state, message.answer = "failed", str(error)[:240]
        tx.audit(
            message.controller,
            Kind.HOOK_FAILED,
            actor="system",
            at=now,
            message_id=message.message_id,
            attempts=message.attempts,
        )
    else:
        wait = outbox.BACKOFF[min(message.attempts, len(outbox.BACKOFF)) - 1]
        message.next_at, message.answer = now + timedelta(seconds=wait), str(error)[:240]
    return 0


def _receiver_left(tx: Transaction, message: Message, now: datetime) -> None:
    """The receiver answered 410: it is told nothing any more."""
    for hook in remote.hooks(tx.session, message.controller):
        if _whom(hook) == message.recipient_hash:
            _end(tx, hook, "system", now, "gone")
            return
    tx.session.delete(message)


def _end(tx: Transaction, hook: Hook, by: str, now: datetime, why: str) -> None:
    hook.active = False
    remote.drop_messages(tx.session, CHANNEL, _whom(hook))
    tx.audit(hook.controller, Kind.HOOK_ENDED, actor=by, at=now, hook=hook.id, why=why)


def _whom(hook: Hook) -> bytes:
    return keys.keyring().lookup(hook.controller, CHANNEL, str(hook.id))


def _key() -> bytes:
    return keys.keyring().derive("hooks")
