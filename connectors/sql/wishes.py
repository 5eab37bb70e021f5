"""Values to set: corrections, marks and stops, as wishes on the rows of a collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from connectors._map.model import Collection
from connectors._tokens import is_bare, is_gone, is_grave, is_pseudonymous
from dsr.contract import Change, Item, Match, Record, Verb

from . import tally, values
from .plans import Draft, Work
from .store import Store
from .tally import Group
from .targets import Raw, Target
from .values import Unfit, fitted

SETTING = (Verb.CORRECT, Verb.MARK, Verb.STOP)


@dataclass(frozen=True)
class Wish:
    """Set these fields; with ``old`` only where the field holds it (blanks and A-Z aside)."""

    id: str
    verb: Verb
    changes: tuple[Change, ...]


@dataclass
class Found:
    """One row that a wish changes: its key and its values now."""

    raw: Raw
    base: Raw
    record: Record
    now: dict[str, Any]
    until: date | None = None
    """Until when the law keeps it."""


def of_item(item: Item) -> Wish:
    """The wish behind a line of a plan."""
    return Wish(item.id, item.verb, item.changes)


def fold(value: Any) -> str:
    """For comparing with what a person typed: trimmed, A-Z without case."""
    return "".join(c.lower() if c.isascii() else c for c in str(value).strip())


def applies(wish: Wish, now: Mapping[str, Any]) -> bool:
    """Whether the row holds the old values, where the wish names them."""
    return all(
        c.old is None or (now[c.field] is not None and fold(now[c.field]) == fold(c.old))
        for c in wish.changes
    )


def is_set(wish: Wish, now: Mapping[str, Any]) -> bool:
    """Whether the row already has every value. A flag is taken away where anything else stands."""
    if wish.verb is Verb.MARK and any(c.old is not None for c in wish.changes):
        return not applies(wish, now)
    return all(_holds(now[change.field], change) for change in wish.changes)


def _holds(now: Any, change: Change) -> bool:
    if is_pseudonymous(change):
        return is_bare(now)
    return is_gone(now) if is_grave(change.new) else bool(now == change.new)


def acceptable(record: Record, collection: Collection) -> bool:
    """Only rows that are hers alone are changed."""
    return record.match not in (Match.SHARED, Match.MENTIONED) and collection.owner != "shared"


def made(store: Store, draft: Draft, wish: Wish, collection: str) -> Wish | None:
    """The wish with values as the columns store them; None and a conflict where one does not fit."""
    changes = []
    for change in wish.changes:
        try:
            new = fitted(store, collection, change.field, change.new)
        except Unfit as unfit:
            why = values.unfit(store, collection, change, unfit.kind)
            draft.conflict(unfit.kind, collection, why, change.field)
            return None
        changes.append(Change(change.field, new, change.old))
    return Wish(wish.id, wish.verb, tuple(changes))


def scan(
    store: Store,
    connection: sa.Connection,
    target: Target,
    wanted: Mapping[tuple[int, str], Sequence[Wish]],
) -> Iterable[tuple[int, Wish, bytes, Found]]:
    """Every row of a target with each wish: (job, wish, digest, row). ``wanted`` by (job, record id)."""
    mine = {name: wishes for name, wishes in wanted.items() if wishes}
    fields = sorted({c.field for wishes in mine.values() for w in wishes for c in w.changes})
    if not fields:
        return
    key = store.map.collection(target.route.end).key
    further = (*key, *(name for name in fields if name not in key))
    bases = {id(wants): base for base, wants in target.bases.items()}
    for wants, digest, more in tally.rows(store, connection, target, further):
        now = dict(zip(further, more, strict=True))
        raw = tuple(now[name] for name in key)
        for number, record in wants:
            for wish in mine.get((number, record.id), ()):
                yield number, wish, digest, Found(raw, bases[id(wants)], record, now)


def count(work: Work, wishing: Mapping[int, Mapping[str, Sequence[Wish]]]) -> None:
    """Groups of the rows that each wish changes. ``wishing``: by draft and record id."""
    for target in work.targets:
        wanted = {
            (number, record.id): wishing.get(number, {}).get(record.id, ())
            for wants in target.bases.values()
            for number, record in wants
        }
        for number, wish, digest, found in scan(work.store, work.connection, target, wanted):
            if not applies(wish, found.now) or is_set(wish, found.now):
                continue
            draft, end = work.drafts[number], target.route.end
            fields = tuple(c.field for c in wish.changes)
            group = draft.group(
                Group(wish.id, wish.verb, end, fields=fields, changes=wish.changes), found.record
            )
            group.digests.append(digest)
            group.found.append(found)
