"""The plan of a rectification: which fields get which value, and why one cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from connectors import _words as words
from connectors._map import covers
from connectors._map.model import Collection, Field
from dsr.contract import Change, Intent, Record, Step, Verb

from . import wishes
from .naming import titled
from .plans import Draft, Work, begun, refuse_drafts
from .store import Store
from .tally import Group
from .values import unique_sets
from .wishes import Wish

LOOKED_AT = 200
"""Rows of one group whose collisions are looked for one by one."""


def plan(store: Store, connection: sa.Connection, intents: Sequence[Intent], today: date) -> list[Step]:
    """One step per intent."""
    work = begun(store, connection, intents, today)
    if not refuse_drafts(work):
        wishes.count(work, {n: _wishing(work, draft) for n, draft in enumerate(work.drafts)})
        for draft in work.drafts:
            _finish(work, draft)
    return [draft.step(store) for draft in work.drafts]


def _wishing(work: Work, draft: Draft) -> Mapping[str, Sequence[Wish]]:
    found: dict[str, list[Wish]] = {}
    done: dict[str, list[Wish]] = {}
    for record in draft.intent.records:
        collection = work.store.map.collection(record.collection)
        if collection.name not in done:
            done[collection.name] = list(_of_collection(work.store, draft, collection))
        if wishes.acceptable(record, collection):
            found[record.id] = done[collection.name]
        elif done[collection.name]:
            _leave(work.store, draft, record, collection)
    _ask_for_fields(work, draft)
    return found


def _of_collection(store: Store, draft: Draft, collection: Collection) -> Iterator[Wish]:
    for change in draft.intent.changes:
        for one in _meant(collection, change):
            changes = (Change(one.name, change.new, change.old),)
            wanted = Wish(f"correct:{collection.name}:{one.name}", Verb.CORRECT, changes)
            fit = wishes.made(store, draft, wanted, collection.name)
            if fit is not None:
                yield fit


def _meant(collection: Collection, change: Change) -> list[Field]:
    """The fields of the category. Without an old value to tell them apart it is one: of exactly this
    category (a whole name does not go into the given name), and the first (a mobile number does not go
    into the one of the household); the officer sees it in the plan."""
    found = [
        f for f in collection.fields if f.rectifiable and any(covers(c, change.field) for c in f.categories)
    ]
    if change.old is not None:
        return found
    exact = [one for one in found if change.field in one.categories]
    return (exact or found)[:1]


def _leave(store: Store, draft: Draft, record: Record, collection: Collection) -> None:
    title = titled(store, collection.name)
    draft.conflict("shared", collection.name, words.not_only_hers(title), record.collection)


def _ask_for_fields(work: Work, draft: Draft) -> None:
    """A field that is asked for and that the map lets nobody change, anywhere in this system."""
    held = [work.store.map.collection(n) for n in dict.fromkeys(r.collection for r in draft.intent.records)]
    for change in draft.intent.changes:
        named = [(c, f) for c in held for f in c.fields if any(covers(k, change.field) for k in f.categories)]
        if named and not any(f.rectifiable for _, f in named):
            collection, one = named[0]
            why = words.unfit(titled(work.store, collection.name), one.name, "fixed")
            draft.conflict("unknown", collection.name, why, one.name)


def _finish(work: Work, draft: Draft) -> None:
    """Old values where they are all the same, and collisions with other rows."""
    for group in draft.groups.values():
        change = group.changes[0]
        stored = list(dict.fromkeys(repr(one.now[change.field]) for one in group.found))
        old = group.found[0].now[change.field] if len(stored) == 1 else change.old
        group.changes = (replace(change, old=old),)
        if _collides(work, group, change):
            why = words.unfit(titled(work.store, group.collection), change.field, "unique")
            draft.conflict("unique", group.collection, why, change.field)


def _collides(work: Work, group: Group, change: Change) -> bool:
    """Whether the new value would stand twice where it may stand once."""
    if change.new is None:
        return False
    for columns in unique_sets(work.store, group.collection):
        if change.field not in columns:
            continue
        others = [name for name in columns if name != change.field]
        if not others and len(set(group.digests)) > 1:
            return True
        if any(_taken(work, group.collection, change, others, one.raw) for one in group.found[:LOOKED_AT]):
            return True
    return False


def _taken(work: Work, name: str, change: Change, others: Sequence[str], raw: tuple[Any, ...]) -> bool:
    table = work.store.table(name)
    mine, other = table.alias(), table.alias()
    key = work.store.map.collection(name).key
    made = (
        sa.select(sa.literal(1))
        .select_from(mine.join(other, sa.and_(sa.true(), *[mine.c[o] == other.c[o] for o in others])))
        .where(*[mine.c[k] == v for k, v in zip(key, raw, strict=True)])
        .where(other.c[change.field] == change.new)
        .where(sa.or_(*[mine.c[k] != other.c[k] for k in key]))
        .limit(1)
    )
    return work.connection.execute(made).first() is not None
