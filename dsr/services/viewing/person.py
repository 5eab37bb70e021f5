"""The person of a case: what was typed, what is proved, what her own records revealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dsr.domain.identity import kind_of, mask, shared_address
from dsr.services import intents, sealing
from dsr.store.models import Case, Identity


@dataclass(frozen=True, slots=True)
class IdentifierView:
    """One identifier, masked. ``provenance`` 'typed' or the system whose record revealed it.

    ``provable``: control of it, or an officer's word, can prove who somebody is. ``shared``: a role
    address such as info@, which several people may read.
    """

    id: int
    kind: str
    masked: str
    provenance: str
    proved_at: datetime | None
    how: str
    provable: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    """Who asks. ``forgotten``: the key was destroyed, nothing can be read any more."""

    reference: str
    language: str
    country: str
    behalf: str
    channel: str
    received_at: datetime
    verified_at: datetime | None
    verified_how: str
    identifiers: tuple[IdentifierView, ...] = ()
    name: str = ""
    message: str = ""
    postal_address: str = ""
    answer_by: str = ""
    verified_reason: str = ""
    representative: str = ""
    child_age: int | None = None
    forwarded_by: str = ""
    forgotten: bool = False
    siblings: tuple[tuple[str, str, str], ...] = ()


def key_of(case: Case) -> bytes | None:
    """The key of the case; None after it was destroyed."""
    return sealing.key_of(case.submission) if case.submission.wrapped_key is not None else None


def person(case: Case, key: bytes | None) -> PersonView:
    """The person behind a case, with the other rights of the same submission (reference, right, status)."""
    submission = case.submission
    said: dict[str, Any] = {}
    if key is not None and submission.sealed is not None:
        said = sealing.unseal(key, submission.sealed, dict, "submission")
    return PersonView(
        reference=submission.reference,
        language=submission.language,
        country=submission.country,
        behalf=submission.behalf,
        channel=submission.channel,
        received_at=submission.received_at,
        verified_at=submission.verified_at,
        verified_how=submission.verified_how,
        identifiers=tuple(_identifier(one, key) for one in submission.identifiers),
        name=said.get("name", ""),
        message=said.get("message", ""),
        postal_address=said.get("postal_address", ""),
        answer_by=said.get("answer_by", ""),
        verified_reason=said.get("verified_reason", ""),
        representative=said.get("representative", ""),
        child_age=said.get("child_age"),
        forwarded_by=said.get("forwarded_by", ""),
        forgotten=key is None,
        siblings=tuple((one.reference, one.right, one.status) for one in submission.cases if one is not case),
    )


def wishes(case: Case, key: bytes | None) -> intents.CaseWords:
    """What she wants changed, stopped or limited, and why."""
    return intents.words(case, key) if key is not None and case.sealed else intents.CaseWords()


def value(row: Identity, key: bytes) -> str:
    """An identifier in full."""
    return str(sealing.unseal(key, row.sealed or b"", dict, "identity")["value"])


def _identifier(row: Identity, key: bytes | None) -> IdentifierView:
    full = value(row, key) if key is not None and row.sealed else ""
    return IdentifierView(
        id=row.id,
        kind=row.kind,
        masked=mask(row.kind, full) if full else "",
        provenance=row.provenance,
        proved_at=row.proved_at,
        how=row.how,
        provable=kind_of(row.kind).proof != "never",
        shared=row.kind == "email" and bool(full) and shared_address(full),
    )
