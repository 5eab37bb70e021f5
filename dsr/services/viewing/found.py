"""What every system found, why it matched, and what officers decided of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dsr.contract import Description, Record, Text
from dsr.domain.identity import InvalidIdentifier, mask
from dsr.domain.organisation import SystemConfig
from dsr.domain.plan import Verdicts, open_proposals
from dsr.services import sealing
from dsr.store.models import Search


@dataclass(frozen=True, slots=True)
class RecordView:
    """A group of rows found in one collection. ``seen``: (kind, masked value) as the store has it.

    ``verdict``: '' (counts as matched), 'accept', 'reject' or 'withhold'; ``open``: an officer must decide.
    ``fields`` (name, label) can be redacted one by one; ``redacted`` are.
    """

    id: str
    collection: str
    title: str
    count: int
    match: str
    why: str
    seen: tuple[tuple[str, str], ...]
    path: tuple[str, ...]
    others: int
    reveals: tuple[tuple[str, str], ...]
    verdict: str
    open: bool
    fields: tuple[tuple[str, str], ...]
    redacted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """Records of one collection that need no decision, shown as one line until it is opened."""

    title: str
    count: int
    records: tuple[RecordView, ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """The answer of one system. ``closed``: its rows are not for this officer's roles."""

    system: str
    title: str
    found: str
    count: int
    proposals: int
    rounds: int
    at: datetime
    why: str
    closed: bool
    records: tuple[RecordView, ...] = ()

    @property
    def undecided(self) -> tuple[RecordView, ...]:
        """What an officer must accept or reject."""
        return tuple(one for one in self.records if one.open)

    @property
    def groups(self) -> tuple[GroupView, ...]:
        """Everything else, by collection."""
        by_title: dict[str, list[RecordView]] = {}
        for one in self.records:
            if not one.open:
                by_title.setdefault(one.title, []).append(one)
        return tuple(
            GroupView(title, sum(one.count for one in records), tuple(records))
            for title, records in by_title.items()
        )


def searches(
    rows: Iterable[Search],
    systems: Mapping[str, SystemConfig],
    described: Mapping[str, Description],
    verdicts: Verdicts,
    *,
    key: bytes | None,
    roles: frozenset[str],
    language: str,
) -> tuple[SearchView, ...]:
    """Every system's answer in the order of the configuration, proposals to decide first within each."""
    order = {name: number for number, name in enumerate(systems)}
    return tuple(
        _search(row, systems.get(row.system), described.get(row.system), verdicts, key, roles, language)
        for row in sorted(rows, key=lambda row: order.get(row.system, len(order)))
    )


def closed_to(config: SystemConfig | None, roles: frozenset[str]) -> bool:
    """Are the rows of this system hidden from these roles? (``roles`` in systems.toml)"""
    return config is not None and bool(config.roles) and not roles & set(config.roles)


def records_of(row: Search, key: bytes) -> tuple[Record, ...]:
    """The records of a search, opened."""
    return tuple(sealing.unseal(key, row.sealed, list[Record], "search")) if row.sealed else ()


def said(words: Mapping[str, str] | Text, language: str) -> str:
    """Words for people in this language: one text, or one per language ('' = the same for all)."""
    if isinstance(words, str):
        return words
    return words.get(language) or words.get("") or words.get("en") or next(iter(words.values()), "")


def titles(description: Description | None, language: str) -> dict[str, str]:
    """The titles of the collections of a system, by name."""
    if description is None:
        return {}
    return {one.name: said(one.title, language) or one.name for one in description.collections}


def _search(
    row: Search,
    config: SystemConfig | None,
    description: Description | None,
    verdicts: Verdicts,
    key: bytes | None,
    roles: frozenset[str],
    language: str,
) -> SearchView:
    closed = closed_to(config, roles)
    records: Sequence[Record] = records_of(row, key) if key is not None and not closed else ()
    to_decide = {one.id for one in open_proposals(row.system, records, verdicts)}
    views = [
        _record(one, row.system, description, verdicts, language, to_decide=one.id in to_decide)
        for one in records
    ]
    return SearchView(
        system=row.system,
        title=config.title if config else row.system,
        found=row.found,
        count=row.count,
        proposals=row.proposals,
        rounds=row.rounds,
        at=row.at,
        why=said(row.why, language) if row.why else "",
        closed=closed,
        records=tuple(sorted(views, key=lambda one: (not one.open, one.title, one.id))),
    )


def _record(
    record: Record,
    system: str,
    description: Description | None,
    verdicts: Verdicts,
    language: str,
    *,
    to_decide: bool,
) -> RecordView:
    name = (system, record.id)
    verdict = next(
        (
            word
            for word, names in (
                ("withhold", verdicts.withheld),
                ("reject", verdicts.rejected),
                ("accept", verdicts.accepted),
            )
            if name in names
        ),
        "",
    )
    return RecordView(
        id=record.id,
        collection=record.collection,
        title=titles(description, language).get(record.collection, record.collection),
        count=record.count,
        match=record.match.value,
        why=said(record.why, language),
        seen=tuple((kind, _masked(kind, value)) for kind, value in record.seen if value),
        path=record.path,
        others=record.others,
        reveals=tuple((one.kind, _masked(one.kind, one.value)) for one in record.reveals),
        verdict=verdict,
        open=to_decide,
        fields=field_labels(description, record.collection, language),
        redacted=tuple(sorted(f for s, r, f in verdicts.redacted if (s, r) == name)),
    )


def field_labels(
    description: Description | None, collection: str, language: str
) -> tuple[tuple[str, str], ...]:
    infos: list[Any] = []
    if description is not None:
        infos = [one for each in description.collections if each.name == collection for one in each.fields]
    return tuple((one.name, said(one.description, language) or one.name) for one in infos)


def _masked(kind: str, stored: str) -> str:
    try:
        return mask(kind, stored)
    except InvalidIdentifier:
        return mask("other", stored)
