"""The plan of an erasure: delete, make anonymous or keep, row by row of the whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from connectors import _words as words
from connectors._map.model import Collection
from dsr.contract import Intent, Step

from . import slices, tally
from .naming import titled
from .plans import Draft, Work, begun, refuse_drafts
from .referring import resolve
from .store import Store
from .strategies import groups_of, rule_of
from .tally import Group
from .targets import Target


def plan(store: Store, connection: sa.Connection, intents: Sequence[Intent], today: date) -> list[Step]:
    """One step per intent."""
    work = begun(store, connection, intents, today)
    if not refuse_drafts(work):
        for target in work.targets:
            count(work, target)
        resolve(work)
        for draft in work.drafts:
            _ask_for_dates(store, draft)
    return [draft.step(store) for draft in work.drafts]


def _ask_for_dates(store: Store, draft: Draft) -> None:
    for group in draft.groups.values():
        if group.undated:
            why = words.unanswered(titled(store, group.collection), "date")
            draft.conflict("unknown", group.collection, why, "date")


def count(work: Work, target: Target) -> None:
    """Put the rows of one target into the groups of their owners."""
    collection = work.store.map.collection(target.route.end)
    groups: dict[tuple[int, str], tuple[Group | None, Group | None]] = {}
    for wanted in target.bases.values():
        for number, record in wanted:
            groups[number, record.id] = groups_of(work, number, record, collection)
    dated = collection.erase == "keep" and collection.keep is not None
    further = (collection.keep.date,) if dated and collection.keep else ()
    for wanted, digest, more in tally.rows(work.store, work.connection, target, further):
        for number, record in wanted:
            kept, gone = groups[number, record.id]
            if kept is not None and gone is not None and more:
                _dated(kept, gone, work.drafts[number], digest, slices.as_date(more[0]), collection)
            elif (one := kept or gone) is not None:
                one.digests.append(digest)


def _dated(
    kept: Group, gone: Group, draft: Draft, digest: bytes, day: date | None, collection: Collection
) -> None:
    rule = rule_of(draft.intent, collection)
    if day is None or rule is None:
        kept.undated = True
        kept.digests.append(digest)
        return
    end = slices.until(day, rule.period)
    if end < draft.on:
        gone.digests.append(digest)
        return
    kept.digests.append(digest)
    kept.until = end if kept.until is None else max(kept.until, end)
