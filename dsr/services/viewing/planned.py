"""The plan as lines with counts, its conflicts, and what became of it in every system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from dsr.contract import Description, Item, State, Step, Verb
from dsr.domain.plan import UNMARK, reduced_in, told_as
from dsr.domain.plan import conflicts as conflicts_in
from dsr.domain.plan import opened as opened_plan
from dsr.services import giving_back
from dsr.services.giving_back import NEWER
from dsr.services.records import fault_words
from dsr.store import keys
from dsr.store.models import Plan, Work

from .found import field_labels, said, titles

UNSAID = "•••"
SHOWN_CHANGES = frozenset({Verb.CORRECT, Verb.MARK})
"""Verbs whose new values an officer must read; what is made anonymous needs its fields only."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One verb on one collection of one system. ``sentence``: the system's own words, may be empty.

    ``verb`` as ``plan.told_as`` says it; ``roles``: who may see what is kept.
    ``changes``: (field, old, new); an old value that the person did not name herself stays masked.
    """

    system: str
    system_title: str
    verb: str
    collection: str
    count: int
    fields: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    reason: str
    citation: str
    until: date | None
    sentence: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TellView:
    """A recipient that will be told. ``until``: by when the law wants it, if the plan is carried out on its day."""

    name: str
    channel: str
    about: tuple[str, ...]
    until: date | None
    citation: str


@dataclass(frozen=True, slots=True)
class ConflictView:
    """Why something cannot be carried out."""

    system_title: str
    kind: str
    collection: str
    why: str


@dataclass(frozen=True, slots=True)
class DoneView:
    """What happened to one item: ``verb`` as ``plan.told_as`` says it; ``fields`` of rows that stay."""

    verb: str
    collection: str
    before: int
    changed: int
    kept: int
    why: str
    citation: str
    until: date | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkView:
    """The work of the current plan in one system. ``newer``: what lifting left as it is, by collection."""

    system: str
    system_title: str
    state: str
    verified: str
    why: str
    attempts: int
    done_at: datetime | None
    check_after: datetime | None
    final_on: date | None
    items: tuple[DoneView, ...]
    left: int
    newer: tuple[tuple[str, int], ...] = ()


def opened(row: Plan, key: bytes) -> tuple[dict[str, Step], tuple[Item, ...]]:
    """A stored plan: its steps by system, and who is told."""
    return opened_plan(keys.unseal(key, row.sealed or b"", b"plan"))


def tells(
    items: Iterable[Item], names: Mapping[str, str], described: Mapping[str, Description], language: str
) -> tuple[TellView, ...]:
    """Who is told of what, by which channel and until when."""
    return tuple(
        TellView(
            name=said(item.reason, language),
            channel=str(item.changes[0].new),
            about=tuple(_about(place, names, described, language) for place in item.fields),
            until=item.until,
            citation=item.citation,
        )
        for item in items
    )


def _about(place: str, names: Mapping[str, str], described: Mapping[str, Description], language: str) -> str:
    system, _, collection = place.partition(":")
    title = titles(described.get(system), language).get(collection, collection)
    return f"{title} ({names.get(system, system)})"


def lines(
    steps: Mapping[str, Step],
    names: Mapping[str, str],
    described: Mapping[str, Description],
    known: frozenset[str],
    language: str,
    back: Mapping[str, giving_back.Set],
) -> tuple[LineView, ...]:
    """The plan, acts before what is kept, system by system. ``known``: values the person named herself;
    ``back``: what lifting gives back."""
    words = {system: _Words(described.get(system), language) for system in steps}
    found = [
        _line((system, names.get(system, system)), item, words[system], known, step)
        for system, step in steps.items()
        for item in giving_back.planned(step, back.get(system, {}))
        if item.count or item.changes or item.verb is Verb.LIFT
    ]
    return tuple(_summed(found))


def conflicts(
    steps: Mapping[str, Step], names: Mapping[str, str], described: Mapping[str, Description], language: str
) -> tuple[ConflictView, ...]:
    """Everything that stands in the way."""
    return tuple(
        ConflictView(
            names.get(system, system),
            one.kind,
            titles(described.get(system), language).get(one.collection, one.collection),
            said(one.why, language),
        )
        for system, one in conflicts_in(steps)
    )


def works(
    rows: Iterable[Work], names: Mapping[str, str], described: Mapping[str, Description], language: str
) -> tuple[WorkView, ...]:
    """How far every system is."""
    return tuple(
        _work(row, names.get(row.system, row.system), _Words(described.get(row.system), language))
        for row in rows
    )


class _Words:
    """What a system calls its collections and fields, in one language."""

    def __init__(self, description: Description | None, language: str) -> None:
        self.description, self.language = description, language
        self.titles = titles(description, language)

    def collection(self, name: str) -> str:
        return self.titles.get(name, name)

    def fields(self, collection: str) -> dict[str, str]:
        return dict(field_labels(self.description, collection, self.language))


def _line(place: tuple[str, str], item: Item, words: _Words, known: frozenset[str], step: Step) -> LineView:
    labels = words.fields(item.collection)
    changed = item.verb in SHOWN_CHANGES
    taken_off = giving_back.is_lift(step) and item.verb is Verb.MARK
    verb = UNMARK if taken_off else item.verb.value
    return LineView(
        system=place[0],
        system_title=place[1],
        verb=told_as(verb, item.fields if item.collection in reduced_in(step) else ()),
        collection=words.collection(item.collection),
        count=item.count,
        fields=tuple(labels.get(name, name) for name in item.fields or [one.field for one in item.changes]),
        changes=tuple(
            (labels.get(one.field, one.field), _old(one.old, known), str(one.new))
            for one in item.changes
            if changed
        ),
        reason=said(item.reason, words.language),
        citation=item.citation,
        until=item.until,
        sentence=said(item.sentence, words.language),
    )


def _old(value: Any, known: frozenset[str]) -> str:
    text = "" if value is None else str(value)
    return text if not text or text in known else UNSAID


def _summed(found: Iterable[LineView]) -> Iterable[LineView]:
    """Lines that differ only in their count become one; a system's own sentence names its count already."""
    merged: dict[LineView, LineView] = {}
    for number, one in enumerate(found):
        name = replace(one, count=-number if one.sentence else 0)
        before = merged.get(name)
        merged[name] = replace(before, count=before.count + one.count) if before else one
    return merged.values()


def _work(row: Work, title: str, words: _Words) -> WorkView:
    return WorkView(
        system=row.system,
        system_title=title,
        state=row.state,
        verified=row.verified,
        why=_why(row, words.language) if row.why else "",
        attempts=row.attempts,
        done_at=row.done_at,
        check_after=row.check_after,
        final_on=row.final_on,
        items=tuple(_done(one, words) for one in row.outcome.get("items", [])),
        left=int(row.outcome.get("left", 0)),
        newer=tuple(
            (words.collection(name), count) for name, count in sorted(row.outcome.get(NEWER, {}).items())
        ),
    )


def _why(row: Work, language: str) -> str:
    """What a system says of its work; a fault of it in the language of the reader."""
    troubled = row.state in (State.FAILED, State.PENDING)
    return fault_words.of(row.why, language) if troubled else said(row.why, language)


def _done(item: Mapping[str, Any], words: _Words) -> DoneView:
    labels = words.fields(item["collection"])
    fields = item.get("fields", ())
    return DoneView(
        verb=told_as(item["verb"], fields),
        collection=words.collection(item["collection"]),
        before=item["before"],
        changed=item["changed"],
        kept=item["kept"],
        why=said(item["why"], words.language) if item["why"] else "",
        citation=item["citation"],
        until=date.fromisoformat(item["until"]) if item["until"] else None,
        fields=tuple(labels.get(name, name) for name in fields),
    )
