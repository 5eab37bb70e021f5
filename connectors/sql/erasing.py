"""The plan of an erasure: delete, make anonymous or keep, row by row of the whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from connectors import _words as words
from connectors._map.model import Collection
from dsr.contract import Intent, Record, Step

from . import fields, slices, tally
from .deleting import buries
from .naming import titled
from .plans import Draft, Work, begun, refuse_drafts
from .referring import resolve
from .store import Store
from .strategies import Fate, fate_of, rule_of
from .tally import Group
from .targets import Raw, Target
from .wishes import Found


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
    fates: dict[tuple[int, str], Fate] = {}
    for wanted in target.bases.values():
        for number, record in wanted:
            fates[number, record.id] = fate_of(work, number, record, collection)
    keep = collection.keep if collection.erase == "keep" else None
    buried = {id(one.gone) for one in fates.values() if work.writes and one.gone and buries(one.gone)}
    changing = collection.changed_fields if keep or buried else ()
    dated = (keep.date,) if keep else ()
    further = tuple(dict.fromkeys((*dated, *(collection.key if changing else ()), *changing)))
    bases = {id(wanted): base for base, wanted in target.bases.items()} if changing else {}
    for wanted, digest, more in tally.rows(work.store, work.connection, target, further):
        now = dict(zip(further, more, strict=True)) if changing else {}
        for number, record in wanted:
            fate = fates[number, record.id]
            if fate.kept is None or fate.gone is None:
                if (one := fate.kept or fate.gone) is not None:
                    one.digests.append(digest)
                    if id(one) in buried:
                        fields.remember(
                            one, digest, target, _found(collection, now, bases[id(wanted)], record)
                        )
            else:
                day = slices.as_date(more[0])
                end = _stays(fate.kept, fate.gone, work.drafts[number], digest, day, collection)
                if end is not None and fate.fields:
                    found = _found(collection, now, bases[id(wanted)], record, end)
                    for group in fate.fields:
                        fields.note(group, digest, target, found, writes=work.writes)


def _found(
    collection: Collection, now: dict[str, Any], base: Raw, record: Record, end: date | None = None
) -> Found:
    return Found(tuple(now[name] for name in collection.key), base, record, now, end)


def _stays(
    kept: Group, gone: Group, draft: Draft, digest: bytes, day: date | None, collection: Collection
) -> date | None:
    """Put a row to those that stay or those past their end; until when it stays, if it does."""
    rule = rule_of(draft.intent, collection)
    if day is None or rule is None:
        kept.undated = True
        kept.digests.append(digest)
        return None
    end = slices.until(day, rule.period)
    if end < draft.on:
        gone.digests.append(digest)
        return None
    kept.digests.append(digest)
    kept.until = end if kept.until is None else max(kept.until, end)
    return end
