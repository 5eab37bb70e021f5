"""Taking requests: one filing, one or several rights, each a case. Nothing is searched here."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dsr import store
from dsr.contract import Identifier
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.identity import InvalidIdentifier, identify, kind_of
from dsr.domain.law import MAJORITY
from dsr.domain.organisation import Controller
from dsr.domain.rights import CHANNELS, GROUNDS, Right, rule
from dsr.domain.workflow import Status
from dsr.store import keys
from dsr.store.models import Case, Identity, Submission
from dsr.store.session import Transaction

from . import clocks, country, identity, sealing, timeline
from .house import house

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, 1, I, L, O, U: a reference is read out on the phone."""

RETURN, LIFT = "return", "lift"
"""Of cases that follow others: a sweep found data, or a restriction was lifted and gave them back."""
CHANNELS_IN = (
    "portal", "post", "phone", "mail", "visit", "cli", "api", "import", RETURN, LIFT, "processor",
)  # fmt: skip
BEHALF = ("", "representative", "parent", "heir")
"""Who asks: the person herself, or somebody whose power an officer confirms before anything is done."""
ANSWER_BY = ("mail", "post", "collection")
MAX_WORDS = 10_000
MAX_IDENTIFIERS = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """One right asked for, with what that right needs.

    ``changes``: (category, from, to) for rectification. ``channels`` of rights.CHANNELS for objection
    and withdrawal. ``ground`` of rights.GROUNDS for restriction. ``reason``: her own words.
    """

    right: str
    local_right: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    channels: tuple[str, ...] = ()
    ground: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """A filled form. ``identifiers``: (kind, value as typed). ``verified_reason``: an officer's proof.

    ``behalf``: who asks (``BEHALF``), with the ``representative`` and, for a parent, the ``child_age``.
    ``forwarded_by``: the processor that passed the request on (channel ``processor``).
    """

    controller: str
    language: str
    jurisdiction: str
    rights: tuple[Wanted, ...]
    identifiers: tuple[tuple[str, str], ...]
    country: str = ""
    name: str = ""
    message: str = ""
    behalf: str = ""
    representative: str = ""
    child_age: int | None = None
    forwarded_by: str = ""
    channel: str = "portal"
    received_at: datetime | None = None
    answer_by: str = "mail"
    postal_address: str = ""
    verified_reason: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the person keeps: the reference, and the secret of her status page."""

    reference: str
    token: str
    cases: tuple[str, ...] = field(default=())
    verified: bool = False


def submit(filing: Filing, *, by: str, now: datetime) -> Receipt:
    """File the request: cases with running clocks, waiting for proof of identity.

    Afterwards the same is true for known and unknown people: a receipt, and one mail to the address
    typed. Refusals: ``right.unknown``, ``identifier.*``, ``filing.*``, ``law.unknown``.
    """
    identifiers = checked(filing, now=now)
    token = secrets.token_urlsafe(32)
    with store.transaction() as tx:
        submission = file_in(tx, filing, identifiers, token=token, by=by, now=now)
    numbers = tuple(case.reference for case in submission.cases)
    return Receipt(submission.reference, token, numbers, bool(filing.verified_reason))


def checked(filing: Filing, *, now: datetime) -> list[Identifier]:
    """The canonical identifiers of a filing that can be taken; otherwise the Refusals of ``submit``."""
    house().controller(filing.controller)
    identifiers = _identifiers(filing)
    _check(filing, identifiers, filing.received_at or now, now)
    return identifiers


def file_in(
    tx: Transaction,
    filing: Filing,
    identifiers: Sequence[Identifier],
    *,
    token: str,
    by: str,
    now: datetime,
) -> Submission:
    """As ``submit`` does with a checked filing, in the caller's transaction."""
    submission = submit_in(tx, filing, identifiers, token=token, by=by, now=now)
    if filing.verified_reason:
        identity.verified(tx, submission, how="officer", by=by, now=now)
    else:
        key = sealing.key_of(submission)
        identity.send_first_code(tx, submission, key, submission.identifiers, now=now)
    return submission


def submit_in(
    tx: Transaction,
    filing: Filing,
    identifiers: Sequence[Identifier],
    *,
    token: str,
    by: str,
    now: datetime,
) -> Submission:
    """File a checked request in the caller's transaction; its cases wait for proof of identity."""
    controller = house().controller(filing.controller)
    received_at = filing.received_at or now
    submission, key = _submission(filing, token, received_at, now)
    submission.identifiers = _identities(submission, key, identifiers, filing, now)
    submission.cases = [
        _case(submission, key, wanted, filing, controller, received_at, now)
        for wanted in _distinct(filing.rights)
    ]
    tx.session.add(submission)
    for case in submission.cases:
        timeline.record(
            tx,
            case,
            Kind.SUBMITTED,
            by=by,
            now=now,
            right=case.right,
            channel=filing.channel,
            due_on=str(case.due_on),
            pack=case.pack,
        )
    return submission


def new_reference() -> str:
    """A public number such as 7F3K-92QD: 40 bits, no personal data, sayable on the phone."""
    letters = [secrets.choice(ALPHABET) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def _identifiers(filing: Filing) -> list[Identifier]:
    """Canonical identifiers without repeats; Refusal ``identifier.<code>`` with the index of a wrong one."""
    if not 0 < len(filing.identifiers) <= MAX_IDENTIFIERS:
        raise Refusal("identifier.none", "Give at least one way to find the person, and at most twelve.")
    found: dict[tuple[str, str], Identifier] = {}
    for index, (kind, value) in enumerate(filing.identifiers):
        try:
            one = identify(kind, value, country=filing.country or None)
        except InvalidIdentifier as error:
            raise Refusal(f"identifier.{error.code}", str(error), index=index, kind=kind) from error
        found[one.kind, one.value] = one
    return list(found.values())


def _check(filing: Filing, identifiers: Sequence[Identifier], received_at: datetime, now: datetime) -> None:
    if not filing.rights:
        raise Refusal("filing.no_right", "Choose at least one right.")
    if received_at > now:
        raise Refusal("filing.future", "The date of receipt lies in the future.")
    if filing.channel not in CHANNELS_IN:
        raise Refusal("filing.channel", f"Unknown channel. Known: {', '.join(CHANNELS_IN)}.")
    if filing.answer_by not in ANSWER_BY:
        raise Refusal("filing.answer_by", f"Unknown way to answer. Known: {', '.join(ANSWER_BY)}.")
    if len(filing.message) > MAX_WORDS or len(filing.postal_address) > MAX_WORDS:
        raise Refusal("filing.too_long", f"A text is longer than {MAX_WORDS} characters.")
    for wanted in filing.rights:
        _check_wanted(wanted)
    _check_local(filing, received_at)
    _check_who(filing, received_at)
    reachable = any(identifier.kind == "email" for identifier in identifiers)
    if filing.answer_by == "mail" and not reachable and not filing.verified_reason:
        raise Refusal(
            "filing.no_mail", "Without an e-mail address, choose an answer by post or on collection."
        )


def _check_local(filing: Filing, received_at: datetime) -> None:
    """A right by the name of a law must be one of that law, and be answered as it is asked for."""
    zone = house().controller(filing.controller).zone
    for wanted in filing.rights:
        if not wanted.local_right:
            continue
        pack = clocks.pack_for(filing.jurisdiction, received_at, zone)
        found = pack.rights.get(wanted.local_right)
        if found is None or wanted.right not in (found.canonical, found.served_by):
            raise Refusal(
                "filing.local_right", f"The law of {pack.id} has no such right.", right=wanted.local_right
            )


def _check_who(filing: Filing, received_at: datetime) -> None:
    """May whoever asks, ask? From the pack's age a child asks alone; heirs only where the law says so."""
    if filing.behalf not in BEHALF:
        raise Refusal("filing.behalf", f"Who asks is one of: {', '.join(BEHALF[1:])}, or empty.")
    if filing.channel == "processor" and not filing.forwarded_by.strip():
        raise Refusal("filing.processor", "Say which processor passed the request on.")
    if filing.behalf not in ("parent", "heir"):
        return
    pack = clocks.pack_for(filing.jurisdiction, received_at, house().controller(filing.controller).zone)
    alone = pack.child_age.years if pack.child_age else MAJORITY
    if filing.behalf == "parent":
        if filing.child_age is not None and filing.child_age >= alone:
            raise Refusal("filing.child", f"From the age of {alone} a child asks alone there.", years=alone)
        return
    lacking = sorted(
        {wanted.right for wanted in filing.rights} - set(pack.heirs.rights if pack.heirs else ())
    )
    if lacking:
        named = ", ".join(lacking)
        raise Refusal(
            "filing.heirs", f"The law of {pack.id} gives heirs no such right: {named}.", rights=lacking
        )


def _check_wanted(wanted: Wanted) -> None:
    asks = rule(wanted.right).asks
    if "channels" in asks and (not wanted.channels or set(wanted.channels) - set(CHANNELS)):
        raise Refusal("filing.channels", f"Say what to stop: {', '.join(CHANNELS)}.", right=wanted.right)
    if "changes" in asks and not any(new.strip() for _, _, new in wanted.changes):
        raise Refusal("filing.changes", "Say what is wrong and what is right.", right=wanted.right)
    if "ground" in asks and wanted.ground not in GROUNDS:
        raise Refusal("filing.ground", f"Choose a ground: {', '.join(GROUNDS)}.", right=wanted.right)
    if len(wanted.reason) > MAX_WORDS or any(len("".join(c)) > MAX_WORDS for c in wanted.changes):
        raise Refusal("filing.too_long", f"A text is longer than {MAX_WORDS} characters.")


def _distinct(rights: Sequence[Wanted]) -> list[Wanted]:
    """One case per right, by its own name there; access before erasure, so that erasure can wait for the copy."""
    order = list(Right)
    by_right = {(Right(wanted.right), wanted.local_right): wanted for wanted in rights}
    return [by_right[name] for name in sorted(by_right, key=lambda name: order.index(name[0]))]


def _submission(filing: Filing, token: str, received_at: datetime, now: datetime) -> tuple[Submission, bytes]:
    ring = keys.keyring()
    wrapped, key = ring.new()
    proof, _ = ring.new()
    words = {
        "name": filing.name.strip()[:200],
        "message": filing.message,
        "postal_address": filing.postal_address,
        "answer_by": filing.answer_by,
        "verified_reason": filing.verified_reason,
        "representative": filing.representative.strip()[:400],
        "child_age": filing.child_age,
        "forwarded_by": filing.forwarded_by.strip()[:200],
    }
    submission = Submission(
        controller=filing.controller,
        reference=new_reference(),
        language=filing.language,
        country=filing.country,
        channel=filing.channel,
        received_at=received_at,
        created_at=now,
        behalf=filing.behalf,
        token_hash=ring.token_hash(token),
        wrapped_key=wrapped,
        proof_key=proof,
        sealed=sealing.seal(key, words, "submission"),
    )
    return submission, key


def _identities(
    submission: Submission, key: bytes, identifiers: Sequence[Identifier], filing: Filing, now: datetime
) -> list[Identity]:
    proved = bool(filing.verified_reason)
    return [
        Identity(
            controller=submission.controller,
            kind=one.kind,
            lookup_hash=keys.keyring().lookup(submission.controller, one.kind, one.value),
            sealed=sealing.seal(key, {"value": one.value}, "identity"),
            proved_at=now if proved and kind_of(one.kind).proof != "never" else None,
            how="officer" if proved else "",
            provenance="typed",
        )
        for one in identifiers
    ]


def _case(
    submission: Submission,
    key: bytes,
    wanted: Wanted,
    filing: Filing,
    controller: Controller,
    received_at: datetime,
    now: datetime,
) -> Case:
    right = Right(wanted.right)
    words: dict[str, Any] = {
        "changes": [list(change) for change in wanted.changes],
        "channels": list(wanted.channels),
        "ground": wanted.ground,
        "reason": wanted.reason,
    }
    own_law = filing.jurisdiction == controller.jurisdiction
    clock = clocks.start(
        filing.jurisdiction,
        right,
        received_at,
        controller.zone,
        local_right=wanted.local_right,
        doubt=country.candidates(filing.country, controller) if own_law else (),
    )
    return Case(
        controller=submission.controller,
        reference=new_reference(),
        right=right.value,
        local_right=wanted.local_right,
        status=Status.UNVERIFIED.value,
        jurisdiction=filing.jurisdiction,
        received_at=received_at,
        auto=right.value in controller.auto_approve,
        sealed=sealing.seal(key, words, "case"),
        **clock,
    )
