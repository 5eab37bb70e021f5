"""Writes that are sent twice happen once: an idempotency key, kept with the answer it got.

Behaviour as in the IETF draft "The Idempotency-Key HTTP Header Field"
(draft-ietf-httpapi-idempotency-key-header). An answer is kept for a day, sealed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dsr import store
from dsr.domain.errors import Refusal
from dsr.store import keys
from dsr.store.queries import remote
from dsr.store.session import Transaction

from . import sealing

Body = dict[str, Any]

KEPT = timedelta(days=1)
ABANDONED = timedelta(minutes=1)
"""After this long a write that was begun and not answered may be tried again: its process is gone."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One write of one token: ``key`` as the caller chose it, ``digest`` of what it asks for."""

    token: int
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer, and whether it was given before."""

    body: Body
    again: bool = False


def once(slot: Slot, status: int, work: Callable[[Transaction], Body], *, now: datetime) -> Answer:
    """Do ``work`` in one transaction with its answer, unless it was done: then the answer it got.

    Refusals: ``idempotency.other`` (the key stands for something else), those of ``work``.
    """
    with store.transaction() as tx:
        known = _claim(tx, slot, now)
        if known is not None:
            return known
        body = work(tx)
        _keep(tx, slot, status, body)
    return Answer(body)


def once_guarded(slot: Slot, status: int, work: Callable[[], Body], *, now: datetime) -> Answer:
    """As ``once``, for work with transactions of its own that the state of a case allows only once.

    When its process dies between the work and its answer, a repeat is refused by that state.
    Refusals: ``idempotency.other``, ``idempotency.running``, those of ``work``: the key is free again.
    """
    with store.transaction() as tx:
        known = _claim(tx, slot, now)
    if known is not None:
        return known
    try:
        body = work()
    except Refusal:
        with store.transaction() as tx:
            remote.drop_key(tx.session, slot.token, slot.key)
        raise
    with store.transaction() as tx:
        _keep(tx, slot, status, body)
    return Answer(body)


def _claim(tx: Transaction, slot: Slot, now: datetime) -> Answer | None:
    remote.drop_keys_before(tx.session, slot.token, now - KEPT)
    row = remote.claim_key(tx.session, slot.token, slot.key, slot.digest, now)
    if row is None:
        return None
    if row.digest != slot.digest:
        raise Refusal(
            "idempotency.other", "This Idempotency-Key was used for something else; take a new one."
        )
    if row.status:
        return Answer(_open(row.answer), again=True)
    abandoned = now - row.at >= ABANDONED
    if not abandoned or not remote.take_over_key(tx.session, slot.token, slot.key, row.at, now):
        raise Refusal("idempotency.running", "The same write is under way; ask again in a minute.")
    return None


def _keep(tx: Transaction, slot: Slot, status: int, body: Body) -> None:
    sealed = sealing.seal(_key(), body, "idempotency")
    kept = {"sealed": base64.b64encode(sealed).decode()}
    remote.keep_answer(tx.session, slot.token, slot.key, status, kept)


def _open(kept: Body) -> Body:
    return sealing.unseal(_key(), base64.b64decode(kept["sealed"]), dict, "idempotency")


def _key() -> bytes:
    return keys.keyring().derive("idempotency")
