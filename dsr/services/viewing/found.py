"""What every system found, why it matched, and what officers decided of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from dsr.contract import Description, FieldInfo, Record, Text
from dsr.domain.identity import InvalidIdentifier, mask
from dsr.domain.letters import category_words
from dsr.domain.organisation import SystemConfig
from dsr.domain.plan import Verdicts, open_proposals
from dsr.services import sealing
from dsr.services.officers import closed_to
from dsr.services.records import fault_words
from dsr.store.models import Search

FAILED = ("failed", "not_answered")
SHOWN, AT_ONCE = 25, 100
"""How many records of a collection a page shows, and how many proposals to decide."""


@dataclass(frozen=True, slots=True)
class RecordView:
    """A group of rows found in one collection. ``seen``: (kind, masked value) as the store has it.

    ``verdict``: '' (counts as matched), 'accept', 'reject' or 'withhold'; ``open``: an officer must decide.
    ``fields`` (name, label) can be redacted one by one; ``redacted`` are. ``path``: the collections between
    what names her and this one, by title. ``who``: the same number where ``seen`` was the same before masking.
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
    who: int = 0


@dataclass(frozen=True, slots=True)
class GroupView:
    """Records of one collection that need no decision, shown as one line until it is opened.

    ``records`` holds the first of ``many``: somebody followed for years has tens of thousands.
    """

    title: str
    count: int
    many: int
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
    def open_count(self) -> int:
        """How many of ``records`` an officer must accept or reject."""
        return sum(one.open for one in self.records)

    @property
    def undecided(self) -> tuple[RecordView, ...]:
        """The first of those that an officer must accept or reject."""
        return tuple(islice((one for one in self.records if one.open), AT_ONCE))

    @property
    def groups(self) -> tuple[GroupView, ...]:
        """Everything else, by collection."""
        by_title: dict[str, list[RecordView]] = {}
        for one in self.records:
            if not one.open:
                by_title.setdefault(one.title, []).append(one)
        return tuple(
            GroupView(title, sum(one.count for one in records), len(records), tuple(records[:SHOWN]))
            for title, records in by_title.items()
        )


@dataclass(frozen=True, slots=True)
class LikelyView:
    """Proposed records that name the same somebody, whatever system they lie in: decided together.

    ``records``: (key of the system, its title, record), in the order of the systems.
    """

    seen: tuple[tuple[str, str], ...]
    records: tuple[tuple[str, str, RecordView], ...]

    @property
    def systems(self) -> int:
        """In how many systems they lie."""
        return len({system for system, _title, _record in self.records})


def likely(found: Iterable[SearchView]) -> tuple[LikelyView, ...]:
    """What an officer must accept or reject, by whom it names; the first ``AT_ONCE`` records of each system."""
    by_who: dict[int, list[tuple[str, str, RecordView]]] = {}
    for one in found:
        for record in one.undecided:
            by_who.setdefault(record.who, []).append((one.system, one.title, record))
    return tuple(LikelyView(records[0][2].seen, tuple(records)) for records in by_who.values())


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
    people: dict[frozenset[Any], int] = {}
    return tuple(
        _search(
            row, systems.get(row.system), described.get(row.system), verdicts, people, key, roles, language
        )
        for row in sorted(rows, key=lambda row: order.get(row.system, len(order)))
    )


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
    people: dict[frozenset[Any], int],
    key: bytes | None,
    roles: frozenset[str],
    language: str,
) -> SearchView:
    closed = closed_to(config, roles)
    records: Sequence[Record] = records_of(row, key) if key is not None and not closed else ()
    to_decide = {one.id for one in open_proposals(row.system, records, verdicts)}
    views = [
        replace(
            _record(one, row.system, description, verdicts, language, to_decide=one.id in to_decide),
            who=people.setdefault(frozenset(one.seen), len(people)),
        )
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
        why=_why(row, language) if row.why else "",
        closed=closed,
        records=tuple(sorted(views, key=lambda one: (not one.open, one.title, one.id))),
    )


def _why(row: Search, language: str) -> str:
    """What a system says of its search; a fault of it in the language of the reader."""
    return fault_words.of(row.why, language) if row.found in FAILED else said(row.why, language)


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
    named = titles(description, language)
    labels = field_labels(description, record.collection, language)
    return RecordView(
        id=record.id,
        collection=record.collection,
        title=named.get(record.collection, record.collection),
        count=record.count,
        match=record.match.value,
        why=said(record.why, language),
        seen=tuple((kind, _masked(kind, value)) for kind, value in record.seen if value),
        path=_route(record.path, named),
        others=record.others,
        reveals=tuple((one.kind, _masked(one.kind, one.value)) for one in record.reveals),
        verdict=verdict,
        open=to_decide,
        fields=labels,
        redacted=tuple(sorted(dict(labels).get(f, f) for s, r, f in verdicts.redacted if (s, r) == name)),
    )


def _route(path: Iterable[str], named: Mapping[str, str]) -> tuple[str, ...]:
    """The collections that a path of joins (``tickets.contact_id``) goes through, by title; '' for one step."""
    steps = (one.lstrip("^").partition(".")[0] for one in path)
    route = tuple(dict.fromkeys(named[one] for one in steps if one in named))
    return route if len(route) > 1 else ()


def field_labels(
    description: Description | None, collection: str, language: str
) -> tuple[tuple[str, str], ...]:
    infos: list[Any] = []
    if description is not None:
        infos = [one for each in description.collections if each.name == collection for one in each.fields]
    return tuple((one.name, said(one.description, language) or _by_category(one, language)) for one in infos)


def _by_category(info: FieldInfo, language: str) -> str:
    """What kind of data a field holds, and its name there, because several hold the same kind."""
    words = category_words(info.categories[0], language) if info.categories else ""
    return f"{words} ({info.name})" if words and words != info.categories[0] else info.name


def _masked(kind: str, stored: str) -> str:
    try:
        return mask(kind, stored)
    except InvalidIdentifier:
        return mask("other", stored)
