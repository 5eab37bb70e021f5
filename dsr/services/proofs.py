"""Delivery proof: what servers, the person and fresh reads said, sealed under the key that outlives the case.

The controller must be able to show that it answered (GDPR 5(2), 12). "Accepted by a server" is kept as
that and nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dsr import store
from dsr.store import keys
from dsr.store.models import Case
from dsr.store.operations import Message
from dsr.store.queries import people, proofs
from dsr.store.session import Transaction
from dsr.store.telling import DeliveryProof

from . import sealing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Proved:
    """One proof, opened. ``words``: to, answer, message_id, systems... as far as the kind knows them."""

    kind: str
    at: datetime
    letter: str
    words: Mapping[str, Any]


def row(
    case: Case, kind: str, words: Mapping[str, Any], *, now: datetime, letter: str = ""
) -> dict[str, Any]:
    """A proof for one or a bulk insert."""
    return {
        "controller": case.controller,
        "case_id": case.id,
        "kind": kind,
        "at": now,
        "letter": letter,
        "sealed": sealing.seal(sealing.proof_key_of(case.submission), dict(words), "proof"),
    }


def keep(
    tx: Transaction, case: Case, kind: str, words: Mapping[str, Any], *, now: datetime, letter: str = ""
) -> None:
    """Keep one proof; after the proof key was destroyed there is nothing to keep it for."""
    if case.submission.proof_key is not None:
        tx.session.add(DeliveryProof(**row(case, kind, words, now=now, letter=letter)))


def of_message(
    tx: Transaction, case: Case, message: Message, kind: str, answer: str, *, now: datetime
) -> None:
    """What a server said about a mail that announces a letter."""
    words = {"mail": message.kind, "message_id": message.message_id, "answer": answer, "to": _to(message)}
    keep(tx, case, kind, words, now=now, letter=message.letter)


def once(case_id: int, kind: str, letter: str, *, now: datetime) -> None:
    """Keep that something happened, the first time."""
    with store.transaction() as tx:
        if not proofs.has(tx.session, case_id, kind, letter):
            keep(tx, tx.session.get_one(Case, case_id), kind, {}, now=now, letter=letter)


def of_case(reference: str, controllers: tuple[str, ...] | None) -> tuple[Proved, ...]:
    """Every proof of a case, the oldest first. Refusal ``case.unknown``."""
    with store.reading() as session:
        return opened(session, people.case(session, reference, controllers))


def opened(session: Session, case: Case) -> tuple[Proved, ...]:
    """Every proof of this case, the oldest first; none after the proof key was destroyed."""
    if case.submission.proof_key is None:
        return ()
    key = sealing.proof_key_of(case.submission)
    return tuple(
        Proved(one.kind, one.at, one.letter, sealing.unseal(key, one.sealed or b"", dict, "proof"))
        for one in proofs.of_case(session, case.id)
    )


def _to(message: Message) -> str:
    """The address, while the message still holds it."""
    if message.sealed is None or message.wrapped_key is None:
        return ""
    to: str = sealing.unseal(keys.keyring().unwrap(message.wrapped_key), message.sealed, dict, "message")[
        "to"
    ]
    return to
