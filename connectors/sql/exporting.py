"""The plan of an access or portability answer: which rows and fields are given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from connectors import _words as words
from connectors._map.model import Collection
from dsr.contract import PORTABLE_BASES, PORTABLE_ORIGINS, Intent, Step, Verb

from . import tally
from .naming import titled
from .plans import Draft, Work, begun
from .store import Store
from .tally import Group
from .targets import Target


def plan(store: Store, connection: sa.Connection, intents: Sequence[Intent], today: date) -> list[Step]:
    """One step per intent."""
    work = begun(store, connection, intents, today)
    for target in work.targets:
        _take(work, target)
    for target in work.targets:
        _count(work, target)
    return [draft.step(store) for draft in work.drafts]


def _take(work: Work, target: Target) -> None:
    """Put the records that are given into the group of their collection."""
    collection = work.store.map.collection(target.route.end)
    for wanted in target.bases.values():
        for number, record in wanted:
            draft = work.drafts[number]
            fields = _fields(work.store, draft, collection)
            if fields:
                made = Group(f"export:{collection.name}", Verb.EXPORT, collection.name, fields=fields)
                draft.group(made, record).counted += record.count


def _count(work: Work, target: Target) -> None:
    """Several records may lead to the same row, so theirs are counted by their keys; one record was counted
    when it was found.
    """
    name = f"export:{target.route.end}"
    several = {
        base: wanted
        for base, wanted in target.bases.items()
        if any(name in work.drafts[n].groups and work.drafts[n].groups[name].several for n, _ in wanted)
    }
    if not several:
        return
    for wanted, digest, _ in tally.rows(work.store, work.connection, Target(target.route, several)):
        for number, _ in wanted:
            group = work.drafts[number].groups.get(name)
            if group is not None and group.several:
                group.digests.append(digest)


def _fields(store: Store, draft: Draft, collection: Collection) -> tuple[str, ...]:
    """All fields; for portability those the person gave or that were observed (Art. 20(1) GDPR; WP 242)."""
    if draft.intent.scope != "portable":
        return tuple(store.fields(collection.name))
    title = titled(store, collection.name)
    if not collection.basis:
        draft.conflict("unknown", collection.name, words.unanswered(title, "basis"), "basis")
        return ()
    if collection.basis not in PORTABLE_BASES:
        return ()
    if any(one.origin == "unknown" and not one.primary_key for one in collection.fields):
        draft.conflict("unknown", collection.name, words.unanswered(title, "origin"), "origin")
        return ()
    return tuple(one.name for one in collection.fields if one.origin in PORTABLE_ORIGINS)
