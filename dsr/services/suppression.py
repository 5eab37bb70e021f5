"""'Do not contact again': who is not to be written to, known by keyed hashes, until she changes her mind.

Entries are made by the answer to an objection, a withdrawal of consent or an erasure, or by an officer. The
hash is keyed for each controller, so that two lists never meet. Where the law lets the address be kept for
this purpose (pack, ``suppression.address``), it is kept sealed, for objections only. The portal never asks
this list: nobody can learn from it whether somebody is on it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dsr import laws, store
from dsr.contract import Identifier
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.identity import InvalidIdentifier, identify
from dsr.domain.rights import Right
from dsr.store import bulk, keys
from dsr.store.models import Case, Submission
from dsr.store.operations import Suppression
from dsr.store.queries import suppressed
from dsr.store.session import Transaction

from . import clocks, intents, sealing
from .house import house

ALL, MARKETING, TRACKING = "all", "marketing", "tracking"
CHANNELS = (ALL, MARKETING, TRACKING)
KINDS = ("email", "phone")
FORMS = ("sha256", "md5", "address")
REASONS = {Right.OBJECTION: "objection", Right.WITHDRAWAL: "withdrawal", Right.ERASURE: "erasure"}
SOME = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. ``known``: the address can still be told (sealed here, or its case lives)."""

    id: int
    kind: str
    channel: str
    reason: str
    since_on: date
    reference: str
    by: str
    known: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of a list about to be imported that must not be: its line in the file, channel, since when."""

    line: int
    channel: str
    since_on: date


@dataclass(frozen=True, slots=True)
class Exported:
    """Lines for a mailing tool; ``unknown``: people on the list that they leave out, whose address is known no
    more or may not be told.
    """

    header: str
    lines: tuple[str, ...]
    unknown: int


def wanted(case: Case) -> tuple[str, ...]:
    """The channels that the answer to this case puts on the list."""
    if case.right == Right.ERASURE:
        return (ALL,)
    if case.right not in REASONS:
        return ()
    asked = intents.words(case, sealing.key_of(case.submission)).channels
    return tuple(one for one in (MARKETING, TRACKING) if one in asked)


def note(tx: Transaction, cases: Iterable[Case], *, now: datetime) -> None:
    """Put the proved addresses and numbers of these answered cases on the list."""
    rows = [row for case in cases for row in _rows(case, now)]
    if not rows:
        return
    insert = bulk.dialect_insert(tx.session)(Suppression).values(rows)
    made = tx.session.execute(
        insert.on_conflict_do_nothing().returning(
            Suppression.controller, Suppression.reference, Suppression.channel, Suppression.reason
        )
    ).all()
    for controller, reference, channel, reason in sorted(set(made)):
        tx.audit(
            controller,
            Kind.SUPPRESSED,
            reference=reference,
            actor="system",
            at=now,
            channel=channel,
            reason=reason,
        )


def entries(controller: str, *, limit: int = 100, before: int | None = None) -> list[Entry]:
    """The list, the newest first."""
    with store.reading() as session:
        rows = suppressed.page(session, controller, limit, before)
        known = suppressed.known_hashes(session, controller, [row.lookup_hash for row in rows])
    return [
        Entry(
            row.id,
            row.kind,
            row.channel,
            row.reason,
            row.since_on,
            row.reference,
            row.by,
            row.sealed is not None or row.lookup_hash in known,
        )
        for row in rows
    ]


def find(controller: str, value: str, kind: str = "email") -> list[Entry]:
    """The entries of one address or number. Refusal ``suppression.value``."""
    found = _hash(controller, kind, value)
    with store.reading() as session:
        rows = suppressed.of_hashes(session, controller, [found])
    return [
        Entry(
            row.id,
            row.kind,
            row.channel,
            row.reason,
            row.since_on,
            row.reference,
            row.by,
            row.sealed is not None,
        )
        for row in rows
    ]


def add(controller: str, value: str, channel: str, *, kind: str = "email", by: str, now: datetime) -> bool:
    """Put an address on the list by hand; False when it stands there. Refusals ``suppression.*``."""
    if channel not in CHANNELS:
        raise Refusal("suppression.channel", f"Unknown channel. Known: {', '.join(CHANNELS)}.")
    row = {
        "controller": controller,
        "lookup_hash": _hash(controller, kind, value),
        "channel": channel,
        "reference": "",
        "since_on": clocks.local_day(now, house().controller(controller).zone),
        "kind": kind,
        "reason": "officer",
        "by": by,
        "sealed": None,
    }
    with store.transaction() as tx:
        insert = bulk.dialect_insert(tx.session)(Suppression).values([row])
        made = tx.session.execute(insert.on_conflict_do_nothing().returning(Suppression.id)).all()
        if made:
            tx.audit(controller, Kind.SUPPRESSED, actor=by, at=now, channel=channel, reason="officer")
    return bool(made)


def withdraw(
    controller: str,
    *,
    number: int | None = None,
    value: str = "",
    kind: str = "email",
    by: str,
    now: datetime,
) -> int:
    """Take off an entry by its number, or every entry of an address: she changed her mind. How many."""
    found = _hash(controller, kind, value) if number is None else None
    with store.transaction() as tx:
        gone = suppressed.remove(tx.session, controller, number=number, lookup_hash=found)
        for channel, reference in gone:
            tx.audit(controller, Kind.UNSUPPRESSED, reference=reference, actor=by, at=now, channel=channel)
    if not gone:
        raise Refusal("suppression.none", "There is no such entry.")
    return len(gone)


def export(controller: str, form: str, channel: str = MARKETING, *, by: str, now: datetime) -> Exported:
    """What a mailing tool is given: hashes of the address in lower case, or the address where the law allows.

    Only entries of e-mail addresses that are still known, and as addresses only those that the law lets be
    kept for this: after an erasure nobody gets the address again. Entries for all channels count for each.
    Refusals ``suppression.form``, ``suppression.law``.
    """
    if form not in FORMS:
        raise Refusal("suppression.form", f"Unknown form. Known: {', '.join(FORMS)}.")
    if form == "address" and not _may_keep(house().controller(controller).jurisdiction, now):
        raise Refusal(
            "suppression.law", "The law here does not let the addresses themselves be used for this."
        )
    with store.reading() as session:
        wanted_ones = CHANNELS if channel == ALL else (channel, ALL)
        rows = suppressed.of_channels(session, controller, wanted_ones, "email")
        cases = suppressed.sealed_identifiers(session, controller, [row.lookup_hash for row in rows])
        session.expunge_all()
    found: dict[bytes, str] = {}
    for row in rows:
        address = _address(controller, row, None if form == "address" else cases.get(row.lookup_hash))
        if address:
            found[row.lookup_hash] = _formed(address.lower(), form)
    hashes = {row.lookup_hash for row in rows}
    with store.transaction() as tx:
        tx.audit(
            controller,
            Kind.SUPPRESSION_EXPORTED,
            actor=by,
            at=now,
            form=form,
            channel=channel,
            lines=len(found),
        )
    header = "email" if form == "address" else f"email_{form}"
    return Exported(header, tuple(sorted(found.values())), len(hashes) - len(found))


def check(
    controller: str, lines: Iterable[str], channel: str = MARKETING, *, column: str = "", kind: str = "email"
) -> Iterator[Hit]:
    """Which rows of a CSV file about to be imported must not be: line by line, nothing of it is kept.

    ``column``: its name in the first line; empty: every cell that can be such an identifier.
    Refusal ``suppression.column``.
    """
    reader = csv.reader(lines)
    head = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
    if column and column not in head:
        raise Refusal("suppression.column", f"The file has no column {column!r}.")
    at = [head.index(column)] if column else list(range(len(head)))
    some: list[tuple[int, bytes]] = []
    for row in reader:
        cells = [row[number] for number in at if number < len(row)]
        some += [(reader.line_num, one) for one in _hashes(controller, kind, cells)]
        if len(some) >= SOME:
            yield from _hits(controller, some, channel)
            some = []
    yield from _hits(controller, some, channel)


def _hits(controller: str, some: Sequence[tuple[int, bytes]], channel: str) -> Iterator[Hit]:
    with store.reading() as session:
        rows = suppressed.of_hashes(session, controller, [one for _, one in some])
    listed = {row.lookup_hash: row for row in rows if channel == ALL or row.channel in (channel, ALL)}
    for line, one in some:
        if one in listed:
            yield Hit(line, listed[one].channel, listed[one].since_on)


def keeps_address(case: Case, now: datetime) -> bool:
    """Is the address itself kept, sealed, to respect this decision?"""
    return case.right == Right.OBJECTION and _may_keep(case.jurisdiction, now)


def _rows(case: Case, now: datetime) -> list[dict[str, Any]]:
    submission, reason = case.submission, REASONS.get(Right(case.right), "")
    keeps = keeps_address(case, now)
    return [
        {
            "controller": case.controller,
            "lookup_hash": row.lookup_hash,
            "channel": channel,
            "reference": case.reference,
            "since_on": clocks.local_day(now, house().controller(case.controller).zone),
            "kind": row.kind,
            "reason": reason,
            "by": "system",
            "sealed": _sealed(case.controller, _typed(submission, row.sealed)) if keeps else None,
        }
        for channel in wanted(case)
        for row in submission.identifiers
        if row.kind in KINDS and row.proved_at is not None and row.provenance == "typed" and row.sealed
    ]


def _typed(submission: Submission, sealed: bytes | None) -> str:
    value: str = sealing.unseal(sealing.key_of(submission), sealed or b"", dict, "identity")["value"]
    return value


def _address(controller: str, row: Suppression, case: tuple[bytes, bytes] | None) -> str:
    if row.sealed is not None:
        return sealing.unseal(_key(controller), row.sealed, str, "suppression")
    if case is None:
        return ""
    wrapped, sealed = case
    value: str = sealing.unseal(keys.keyring().unwrap(wrapped), sealed, dict, "identity")["value"]
    return value


def _formed(address: str, form: str) -> str:
    if form == "address":
        return address
    made = hashlib.sha256 if form == "sha256" else hashlib.md5
    return made(address.encode(), usedforsecurity=False).hexdigest()


def _hash(controller: str, kind: str, value: str) -> bytes:
    found = _hashes(controller, kind, [value])
    if not found:
        raise Refusal("suppression.value", "This is not an address or number of that kind.")
    return found[0]


def _hashes(controller: str, kind: str, values: Iterable[str]) -> list[bytes]:
    country, ring, found = house().controller(controller).jurisdiction[:2], keys.keyring(), []
    for value in values:
        try:
            one: Identifier = identify(kind, value, country=country)
        except InvalidIdentifier:
            continue
        found.append(ring.lookup(controller, one.kind, one.value))
    return found


def _sealed(controller: str, value: str) -> bytes:
    return sealing.seal(_key(controller), value, "suppression")


def _key(controller: str) -> bytes:
    return keys.keyring().derive(f"suppression/{controller}")


def _may_keep(jurisdiction: str, now: datetime) -> bool:
    """Does this law let the address itself be kept so that nobody writes to it?"""
    rule = laws.in_force(jurisdiction, now.date()).suppression
    return rule is not None and rule.address
