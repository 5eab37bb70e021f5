"""What is blocked (LOPDGDD 32): its list, opening it for an authority, the certificate of its end.

Opening takes four things: the role legal, the reference of an authority, the approval of another person
who signed in herself, and the private legal key, which is not kept here. What was opened is handed over
once. Each step is an entry of the audit log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app

from dsr import documents, store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.workflow import Role
from dsr.store import keys, legal, vault
from dsr.store.custody import VaultOpening
from dsr.store.models import VaultSeal, Work
from dsr.store.queries import people, work
from dsr.store.queries import vault as queries
from dsr.store.queries.vault import BlockedSet

from . import clocks, outbox, results, sealing
from .house import house
from .officers import Officer

DAYS = 7
"""How long an opening may be approved and fetched after it was asked for."""

ASKED, APPROVED, DENIED, FETCHED, EXPIRED = "asked", "approved", "denied", "fetched", "expired"
APPROVERS = frozenset({Role.LEGAL, Role.DPO})
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Mandate:
    """Why something is opened: the authority, the reference of its writing, what it wants."""

    authority: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class OpeningView:
    """One line of the list of openings. ``state`` of this module; ``gone``: nothing of it is left to be opened."""

    id: int
    reference: str
    state: str
    mandate: Mandate
    asked_by: int
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    fetched_at: datetime | None
    expires_at: datetime
    gone: bool


@dataclass(frozen=True, slots=True)
class KeyView:
    """One legal key: its fingerprint; ``here``: its private half lies on this machine."""

    id: str
    made_at: datetime
    retired_at: datetime | None
    here: bool


def sets(controller: str, *, limit: int = 100, offset: int = 0) -> Sequence[BlockedSet]:
    """What is blocked, by case: counts and dates only."""
    with store.reading() as session:
        return queries.blocked_sets(session, controller, limit, offset)


def openings(controller: str, *, now: datetime) -> list[OpeningView]:
    """Who asked to open what, and what became of it."""
    with store.reading() as session:
        rows = queries.openings(session, controller)
        seals = queries.blocked_seals(session, controller, [row.reference for row in rows])
        kept = {seal.reference for seal in seals if seal.destroyed_at is None}
        return [_view(row, now, gone=row.reference not in kept) for row in rows]


def key_states(controller: str) -> list[KeyView]:
    """The legal keys of a controller, the newest last."""
    here = _here()
    with store.reading() as session:
        rows = legal.of(session, controller)
        return [KeyView(row.id, row.made_at, row.retired_at, row.id in here) for row in rows]


def ask(controller: str, reference: str, mandate: Mandate, *, by: Officer, now: datetime) -> int:
    """Ask to open what is blocked of a case; the number of the opening.

    Refusals: ``vault.role``, ``vault.mandate`` (something was not said), ``vault.unknown``, ``vault.destroyed``.
    """
    _must(by, controller, frozenset({Role.LEGAL}))
    words = _said(mandate)
    with store.transaction() as tx:
        seals = _closed(queries.blocked_seals(tx.session, controller, [reference]))
        wrapped, secret = keys.keyring().new()
        row = VaultOpening(
            controller=controller,
            reference=reference,
            state=ASKED,
            asked_by=by.number,
            asked_at=now,
            expires_at=now + timedelta(days=DAYS),
            wrapped_key=wrapped,
            sealed=sealing.seal(secret, words, "opening"),
        )
        tx.session.add(row)
        tx.session.flush()
        facts = {"opening": row.id, "seals": [seal.id for seal in seals]}
        tx.audit(controller, Kind.OPENING_ASKED, reference=reference, actor=by.actor, at=now, **facts)
        return row.id


def approve(controller: str, number: int, *, by: Officer, now: datetime) -> None:
    """The second person says yes. Refusals ``vault.role``, ``vault.same``, ``vault.opening_over``."""
    _decide(controller, number, APPROVED, Kind.OPENING_APPROVED, by, now)


def deny(controller: str, number: int, *, by: Officer, now: datetime) -> None:
    """The second person says no. Refusals as in ``approve``."""
    _decide(controller, number, DENIED, Kind.OPENING_DENIED, by, now)


def fetch(
    controller: str, number: int, key_file: bytes | None, *, by: Officer, now: datetime
) -> Iterator[bytes]:
    """The blocked rows as a ZIP, once, for the person who asked.

    ``key_file``: the text of the file with the private legal key; without it the one on this machine, if
    there is one. Nothing is spent or noted as opened before that key is known to fit.

    Refusals: ``vault.role``, ``vault.other`` (another person asked), ``vault.opening_over``, ``legal.missing``,
    ``legal.malformed``.
    """
    _must(by, controller, frozenset({Role.LEGAL}))
    private = legal.parse(key_file) if key_file else _here()
    with store.reading() as session:
        row = queries.opening(session, controller, number)
        seals = _closed(queries.blocked_seals(session, controller, [row.reference]))
    if row.asked_by != by.number:
        raise Refusal("vault.other", "Only the person who asked for it may fetch it.")
    if _state(row, now) != APPROVED:
        raise Refusal("vault.opening_over", "This opening is not approved, or is over.")
    vault.check_key([seal.id for seal in seals], controller=controller, private=private)
    with store.transaction() as tx:
        if not queries.move_opening(tx.session, row, APPROVED, state=FETCHED, fetched_at=now):
            raise Refusal("vault.opening_over", "This opening is not approved, or is over.")
        tx.audit(
            controller,
            Kind.VAULT_OPENED,
            reference=row.reference,
            actor=by.actor,
            at=now,
            opening=number,
            second=f"staff:{row.decided_by}",
            seals=[[seal.id, seal.rows, seal.root] for seal in seals],
        )
    mandate = _mandate(row)
    return documents.opened_zip(
        [_part(seal, controller, private) for seal in seals],
        {"case": row.reference, "opening": number, "at": now.isoformat(), "number": mandate.number},
        made_at=now,
    )


def certificate(controller: str, reference: str, language: str, *, by: str, now: datetime) -> bytes:
    """The certificate of destruction of what was blocked of a case, as a PDF; noted in the log.

    Refusals ``vault.unknown``; ``vault.kept`` while something is still there.
    """
    with store.transaction() as tx:
        seals = queries.blocked_seals(tx.session, controller, [reference])
        if not seals:
            raise Refusal("vault.unknown", "Nothing was blocked for this case.")
        if any(seal.destroyed_at is None for seal in seals):
            raise Refusal("vault.kept", "These rows are still blocked; there is nothing to certify yet.")
        entry = queries.destruction(tx.session, controller, reference)
        case = people.case(tx.session, reference)
        held = _held(controller, work.works(tx.session, [case.id]), language, now)
        made = documents.destruction_pdf(_certified(controller, reference, seals, entry, held), language)
        tx.audit(controller, Kind.CERTIFIED, reference=reference, actor=by, at=now, seals=len(seals))
    return made


def rotate(
    controller: str, path: Path, key_file: bytes | None, *, by: str, now: datetime
) -> tuple[str, int, int]:
    """A new legal key; (fingerprint, sets wrapped anew, sets left under a key that was not given)."""
    old = legal.parse(key_file) if key_file else _here()
    found = legal.rotate(controller, path, old, now=now)
    with store.transaction() as tx:
        tx.audit(
            controller, Kind.LEGAL_KEY, actor=by, at=now, key=found[0], rewrapped=found[1], left=found[2]
        )
    return found


def _decide(controller: str, number: int, state: str, kind: Kind, by: Officer, now: datetime) -> None:
    _must(by, controller, APPROVERS)
    with store.transaction() as tx:
        row = queries.opening(tx.session, controller, number)
        if row.asked_by == by.number:
            raise Refusal("vault.same", "The second approval must come from another person.")
        moved = _state(row, now) == ASKED and queries.move_opening(
            tx.session, row, ASKED, state=state, decided_by=by.number, decided_at=now
        )
        if not moved:
            raise Refusal("vault.opening_over", "This opening was decided already, or is over.")
        tx.audit(controller, kind, reference=row.reference, actor=by.actor, at=now, opening=number)


def _must(by: Officer, controller: str, roles: frozenset[Role]) -> None:
    """A person (not a program) with one of the roles, for this controller."""
    ours = by.controllers is None or controller in by.controllers
    if by.is_program or not by.number or not ours or not roles & set(by.roles):
        raise Refusal("vault.role", "Your role may not open this.")


def _said(mandate: Mandate) -> dict[str, str]:
    words = {name: getattr(mandate, name).strip() for name in ("authority", "number", "reason")}
    if not all(words.values()) or any(len(text) > LONGEST for text in words.values()):
        raise Refusal("vault.mandate", "Name the authority, the reference of its writing, and what it wants.")
    return words


def _closed(seals: Sequence[VaultSeal]) -> list[VaultSeal]:
    """Those that still hold something; Refusal when there are none."""
    if not seals:
        raise Refusal("vault.unknown", "Nothing is blocked for this case.")
    held = [seal for seal in seals if seal.destroyed_at is None]
    if not held:
        raise Refusal("vault.destroyed", "These rows were destroyed.")
    return held


def _part(seal: VaultSeal, controller: str, private: legal.Private) -> documents.OpenedSet:
    def rows() -> Iterator[Any]:
        return vault.open_for(seal.id, controller=controller, roles=[Role.LEGAL], private=private)

    return documents.OpenedSet(
        seal.id, seal.system, seal.purpose, seal.rows, seal.root, seal.made_at, seal.destroy_on, rows
    )


def _view(row: VaultOpening, now: datetime, *, gone: bool) -> OpeningView:
    return OpeningView(
        row.id,
        row.reference,
        _state(row, now),
        _mandate(row),
        row.asked_by,
        row.asked_at,
        row.decided_by,
        row.decided_at,
        row.fetched_at,
        row.expires_at,
        gone,
    )


def _mandate(row: VaultOpening) -> Mandate:
    secret = keys.keyring().unwrap(row.wrapped_key)
    return Mandate(**sealing.unseal(secret, row.sealed, dict, "opening"))


def _state(row: VaultOpening, now: datetime) -> str:
    return EXPIRED if row.state in (ASKED, APPROVED) and row.expires_at <= now else row.state


def _here() -> legal.Private:
    """The private keys that (still) lie on this machine."""
    return legal.read(Path(current_app.config["LEGAL_KEY_FILE"]))


def _certified(
    controller: str,
    reference: str,
    seals: Sequence[VaultSeal],
    entry: tuple[int, str] | None,
    held: Mapping[str, tuple[documents.HeldRows, ...]],
) -> documents.Destruction:
    known = house().controller(controller)
    titles = {one.key: one.title for one in house().registry.for_controller(controller, retired=True)}
    lines = tuple(
        documents.DestroyedSet(
            seal.id,
            titles.get(seal.system, seal.system),
            seal.rows,
            seal.root,
            *_days(seal, known.zone),
            held.get(seal.id, ()),
        )
        for seal in seals
    )
    return documents.Destruction(outbox.controller_facts(known), reference, lines, entry)


def _held(
    controller: str, rows: Sequence[Work], language: str, now: datetime
) -> dict[str, tuple[documents.HeldRows, ...]]:
    """By seal, what the work of a case says that it held: collections, rows, and the fields that changed."""
    said = results.described(controller, {row.system for row in rows}, now)
    found = {}
    for row in rows:
        of_system = said.get(row.system)
        for seal, _, _, *held in row.outcome.get("seals", []):
            found[seal] = tuple(
                documents.HeldRows(
                    results.collection_words(of_system, name, language),
                    count,
                    results.changed_fields(row.outcome, name, of_system, language),
                )
                for name, count in (*held, [])[0]
            )
    return found


def _days(seal: VaultSeal, zone: str) -> tuple[date, date | None, date]:
    gone = seal.destroyed_at or seal.made_at
    return clocks.local_day(seal.made_at, zone), seal.destroy_on, clocks.local_day(gone, zone)
