"""Try a system with one person: what would be found, read-only, masked, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dsr import store
from dsr.contract import Connector, Match, Record, Subject, Text
from dsr.domain import evidence
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.identity import identify
from dsr.store import keys

from .house import house
from .officers import Officer

SAMPLE_ROWS = 3
MASK = "•••"


@dataclass(frozen=True, slots=True)
class Previewed:
    """One record that would be found: how it matched, how many rows, a sample (masked unless opened)."""

    collection: str
    match: Match
    count: int
    why: Text
    sample: tuple[dict[str, str], ...]


def run(
    controller: str,
    system: str,
    identifiers: Sequence[tuple[str, str]],
    *,
    opened: bool,
    reason: str,
    by: Officer,
    now: datetime,
) -> list[Previewed]:
    """Search one system for somebody without a case. The audit log gets who, why, how many, no values.

    Refusals: ``reason.missing``, ``identifier.*``. Raises ConnectorError when the system is unreachable.
    """
    if not reason.strip():
        raise Refusal("reason.missing", "Say why you look somebody up.")
    who = Subject("preview", tuple(identify(kind, value) for kind, value in identifiers))
    with house().registry.open(controller, system, now=now, read_only=True) as connector:
        records = _located(connector, who, house().controller(controller).jurisdiction[:2])
        found = [_previewed(connector, record, opened) for record in records]
    looked_for = [keys.keyring().lookup(controller, one.kind, one.value).hex()[:16] for one in who.proved]
    with store.transaction() as tx:
        tx.audit(
            controller,
            Kind.PREVIEWED,
            actor=by.actor,
            at=now,
            system=system,
            opened=opened,
            subjects=looked_for,
            found=len(found),
        )
    return found


def _located(connector: Connector, who: Subject, region: str) -> Sequence[Record]:
    records: list[Record] = []
    cursor: str | None = None
    while True:
        page = connector.locate([who], cursor)
        records += evidence.judged(page.records, who, who.proved, region)
        if page.cursor is None:
            return records
        cursor = page.cursor


def _previewed(connector: Connector, record: Record, opened: bool) -> Previewed:
    rows = connector.read([record]).rows[:SAMPLE_ROWS]
    show = str if opened else _masked
    sample = tuple({name: show(value) for name, value in row.values.items()} for _, row in rows)
    return Previewed(record.collection, record.match, record.count, record.why, sample)


def _masked(value: object) -> str:
    text = "" if value is None else str(value)
    return text[:1] + MASK if text else ""
