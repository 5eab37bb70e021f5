"""The plan of an erasure: delete, make anonymous or keep, row by row of the whole batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from connectors import _words as words
from connectors._map.model import Collection
from dsr.contract import Intent, Step

from . import slices, tally
from .naming import titled
from .plans import Draft, Work, begun, refuse_drafts
from .referring import resolve
from .store import Store
from .strategies import Fate, fate_of, rule_of
from .tally import Group
from .targets import Target
from .wishes import Wish, is_set


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
    further = (keep.date, *collection.anonymise) if keep else ()
    for wanted, digest, more in tally.rows(work.store, work.connection, target, further):
        for number, record in wanted:
            fate = fates[number, record.id]
            if fate.kept is None or fate.gone is None:
                if (one := fate.kept or fate.gone) is not None:
                    one.digests.append(digest)
            elif _stays(
                fate.kept, fate.gone, work.drafts[number], digest, slices.as_date(more[0]), collection
            ):
                _strip(fate.stripped, digest, dict(zip(collection.anonymise, more[1:], strict=True)))


def _stays(
    kept: Group, gone: Group, draft: Draft, digest: bytes, day: date | None, collection: Collection
) -> bool:
    """Put a row to those that stay or those past their end; whether it stays."""
    rule = rule_of(draft.intent, collection)
    if day is None or rule is None:
        kept.undated = True
        kept.digests.append(digest)
        return False
    end = slices.until(day, rule.period)
    if end < draft.on:
        gone.digests.append(digest)
        return False
    kept.digests.append(digest)
    kept.until = end if kept.until is None else max(kept.until, end)
    return True


def _strip(stripped: Group | None, digest: bytes, now: Mapping[str, Any]) -> None:
    """A kept row out of which something is still to be taken, or (``found``) nothing more."""
    if stripped is None:
        return
    wish = Wish(stripped.id, stripped.verb, stripped.changes)
    if is_set(wish, now):
        stripped.found.append(digest)
    else:
        stripped.digests.append(digest)
