"""The plan of a restriction (a flag, or rows set aside in the vault) and of lifting it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from connectors import _words as words
from connectors._map.model import Collection
from dsr.contract import Change, Intent, Item, Record, Step, Verb

from . import tally, wishes
from .naming import titled
from .plans import Draft, Work, begun, refuse_drafts
from .referring import follow, resolve
from .store import Store
from .tally import Group
from .targets import Target
from .wishes import Wish


def plan(store: Store, connection: sa.Connection, intents: Sequence[Intent], today: date) -> list[Step]:
    """One step per intent. Rows that refer to rows set aside go with them."""
    work = begun(store, connection, intents, today)
    if not refuse_drafts(work):
        wishing: dict[int, dict[str, list[Wish]]] = {n: {} for n in range(len(work.drafts))}
        for number, draft in enumerate(work.drafts):
            for record in draft.intent.records:
                _choose(work, draft, record, wishing[number])
        for target in work.targets:
            count(work, target)
        follow(work)
        resolve(work)
        _marks(work, wishing)
    return [draft.step(store) for draft in work.drafts]


def _choose(work: Work, draft: Draft, record: Record, wishing: dict[str, list[Wish]]) -> None:
    collection = work.store.map.collection(record.collection)
    name, title = collection.name, titled(work.store, record.collection)
    if not wishes.acceptable(record, collection):
        reason = words.not_only_hers(title)
        draft.group(Group(f"keep:{name}:shared", Verb.KEEP, name, reason=reason), record)
    elif collection.restrict == "set_aside":
        draft.group(Group(f"restrict:{name}", Verb.RESTRICT, name), record)
    elif collection.restrict == "flag" and collection.restrict_flag:
        field, value = collection.restrict_flag
        wish = wishes.made(work.store, draft, Wish(f"mark:{name}", Verb.MARK, (Change(field, value),)), name)
        wishing[record.id] = [wish] if wish else []
        draft.group(Group(f"marked:{name}", Verb.MARK, name), record)
    else:
        draft.group(Group(f"open:{name}", Verb.KEEP, name, reason=words.not_restricted(title)), record)


def count(work: Work, target: Target) -> None:
    """The rows of each record into the group it was put in."""
    groups = {
        (number, record.id): [
            g
            for g in work.drafts[number].groups.values()
            if g.collection == target.route.end and record.id in g.records and g.verb is not Verb.STOP
        ]
        for wants in target.bases.values()
        for number, record in wants
    }
    for wants, digest, _ in tally.rows(work.store, work.connection, target):
        for number, record in wants:
            for group in groups[number, record.id]:
                group.digests.append(digest)


def _marks(work: Work, wishing: dict[int, dict[str, list[Wish]]]) -> None:
    """Marks for what was not set aside after all; and a conflict for what nobody decided."""
    for number, draft in enumerate(work.drafts):
        for key, group in list(draft.groups.items()):
            collection = work.store.map.collection(group.collection)
            if key.startswith("marked:"):
                del draft.groups[key]
                continue
            if group.verb is Verb.RESTRICT:
                for record in group.records:
                    wishing[number].pop(record, None)
            elif key.startswith("open:") and collection.restrict != "none":
                why = words.unanswered(titled(work.store, group.collection), "restrict")
                draft.conflict("unknown", group.collection, why, "restrict")
    wishes.count(work, wishing)


def lift(store: Store, connection: sa.Connection, intents: Sequence[Intent], today: date) -> list[Step]:
    """Seals to give back, and flags to take away."""
    work = begun(store, connection, intents, today)
    if not refuse_drafts(work):
        wishing = {
            n: {
                record.id: _unmark(work, draft, store.map.collection(record.collection))
                for record in draft.intent.records
                if wishes.acceptable(record, store.map.collection(record.collection))
            }
            for n, draft in enumerate(work.drafts)
        }
        wishes.count(work, wishing)
    for draft in work.drafts:
        _emptied(work, draft)
        draft.extra += [_seal(store, seal) for seal in draft.intent.seals]
    return [draft.step(store) for draft in work.drafts]


def _seal(store: Store, seal: str) -> Item:
    names = [one.name for one in store.map.collections if one.restrict == "set_aside" or one.set_aside]
    name = names[0] if names else store.map.collections[0].name
    return Item(f"lift:{seal}", Verb.LIFT, name, (), 0, sentence=words.given_back())


def _unmark(work: Work, draft: Draft, collection: Collection) -> list[Wish]:
    if collection.restrict != "flag" or not collection.restrict_flag:
        return []
    field, value = collection.restrict_flag
    name = f"mark:{collection.name}"
    there = wishes.made(work.store, draft, Wish(name, Verb.MARK, (Change(field, value),)), collection.name)
    if there is None:
        return []
    # What stands there is compared as the column stores it: 1 where the map says true.
    change = Change(field, _opposite(value), there.changes[0].new)
    if change.new is None:
        return [Wish(name, Verb.MARK, (change,))]
    fit = wishes.made(work.store, draft, Wish(name, Verb.MARK, (change,)), collection.name)
    return [fit] if fit else []


def _emptied(work: Work, draft: Draft) -> None:
    """A flag without an opposite is emptied where no seal holds what stood there: a conflict if it cannot be."""
    for group in list(draft.groups.values()):
        if group.verb is Verb.MARK and not draft.intent.seals:
            wishes.made(work.store, draft, Wish(group.id, group.verb, group.changes), group.collection)


def _opposite(value: Any) -> Any:
    """The value of a flag that is not set; empty where it is not a yes or no."""
    if isinstance(value, bool):
        return not value
    return {1: 0, 0: 1}.get(value) if isinstance(value, int) else None
