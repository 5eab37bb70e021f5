"""Plan: which rows would be changed, record by record; only counted and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors import _words
from connectors._map import Collection, covers
from connectors._tokens import is_grave, said
from dsr.contract import Action, Change, Conflict, Intent, Item, Match, Record, Step, Verb

from . import keeping, words
from .api import Bound, Failed
from .selecting import chosen, leads_somewhere, plain, text_of
from .tables import Store, Table, quoted

REMOVING = frozenset({Verb.DELETE, Verb.SEAL_THEN_DELETE, Verb.RESTRICT})
WRITING = frozenset({Verb.CORRECT, Verb.MARK, Verb.STOP, Verb.ANONYMISE})
PORTABLE = frozenset({"consent", "contract"})
GIVEN = frozenset({"provided", "observed"})
DIGESTS = 2_000_000
"""In one answer, which is thus of sixteen megabytes at most."""
Line = Item | Conflict
Made = Iterator[Line]


def plan(store: Store, intent: Intent) -> Step:
    """One step; nothing here is atomic, because the server has no transactions over tables."""
    made = list(PLANS[intent.action](store, intent))
    items = tuple(one for one in made if isinstance(one, Item))
    conflicts = dict.fromkeys((one.kind, one.collection) for one in made if isinstance(one, Conflict))
    first = (
        next(c for c in made if isinstance(c, Conflict) and (c.kind, c.collection) == k) for k in conflicts
    )
    return Step(intent, items, tuple(first), atomic=not items)


def open_rows(store: Store, intent: Intent, item: Item, record: Record, bound: Bound) -> str:
    """The rows of a record that an item still has to change, as a condition."""
    table = store.table(record.collection)
    parts = [f"({chosen(store, record, bound)})"]
    if item.verb in REMOVING:
        parts += keeping.expired(table, intent, bound)
    if item.changes:
        parts.append("(" + " OR ".join(_differs(table, one, bound) for one in item.changes) + ")")
    for one in item.changes:
        if one.old is not None and item.verb is Verb.CORRECT:
            old = "".join(c.lower() if c.isascii() else c for c in plain(one.old).strip())
            parts.append(f"lower(trimBoth({text_of(table, one.field)})) = {bound.string(old)}")
    return " AND ".join(parts)


def new_value(table: Table, change: Change, bound: Bound) -> str:
    """The value to set, in the type of its column."""
    value = None if change.new is None else plain(change.new)
    return f"CAST({bound.text(value)} AS {table.columns[change.field].type})"


def _differs(table: Table, change: Change, bound: Bound) -> str:
    if is_grave(change.new):
        return leads_somewhere(text_of(table, change.field))
    now, new = f"toString({quoted(change.field)})", f"toString({new_value(table, change, bound)})"
    return f"ifNull({now}, '\\\\N') != ifNull({new}, '\\\\N')"


def digests(store: Store, table: Table, where: Callable[[Bound], str], source: str = "") -> bytes:
    """The sorted digests of the keys of rows, joined: made by the server, so that no key of a million comes here.

    ``source`` is another table with the same key."""
    made = f"CAST(substring(SHA256(toString({table.key})), 1, 8) AS FixedString(8))"
    parts: list[bytes] = []
    while not parts or len(parts[-1]) == 8 * DIGESTS:
        bound = Bound()
        parts.append(
            store.api.binary(
                f"SELECT {made} AS digest FROM {source or table.sql} WHERE {where(bound)}"  # noqa: S608
                f" ORDER BY digest LIMIT {DIGESTS} OFFSET {DIGESTS * len(parts)}",
                bound,
            )
        )
    return b"".join(parts)


def _counted(store: Store, record: Record, where: str, bound: Bound, item: Item) -> Iterator[Item]:
    """A line about rows that are not changed: their number, and no digests of their keys."""
    table = store.table(record.collection)
    count = store.api.number(f"SELECT count() FROM {table.sql} WHERE {where}", bound)  # noqa: S608
    if count:
        yield replace(item, count=count)


def _whole(store: Store, record: Record, verb: Verb, **more: Any) -> Iterator[Item]:
    bound = Bound()
    item = Item(record.id, verb, record.collection, (record.id,), 0, **more)
    yield from _counted(store, record, chosen(store, record, bound), bound, item)


def _item(
    store: Store, intent: Intent, record: Record, verb: Verb, changes: tuple[Change, ...] = ()
) -> Iterator[Item]:
    """The line of a record, unless nothing is to do."""
    name = "." + "+".join(one.field for one in changes) if changes else ""
    fields = tuple(one.field for one in changes)
    bare = Item(record.id + name, verb, record.collection, (record.id,), 0, fields=fields, changes=changes)
    table = store.table(record.collection)
    found = digests(store, table, lambda bound: open_rows(store, intent, bare, record, bound))
    if found:
        yield replace(bare, count=len(found) // 8, digests=found)


def _mine(store: Store, intent: Intent) -> Iterator[tuple[Record, Table] | Line]:
    """Records that may be changed; what is not hers alone stays, what nobody decided is a conflict."""
    for record in intent.records:
        table = store.table(record.collection)
        owner, name = table.collection.owner, table.collection.name
        if record.match is Match.MENTIONED:
            yield from _whole(store, record, Verb.KEEP, reason=_words.by_hand(table.title))
        elif record.match is Match.SHARED or owner in ("shared", "other"):
            yield from _whole(store, record, Verb.KEEP, reason=_words.not_only_hers(table.title))
        elif store.map.draft:
            yield Conflict("unknown", name, _words.unconfirmed(table.title))
        elif owner == "unknown":
            yield Conflict("unknown", name, _words.unanswered(table.title, "owner"))
        elif store.engine(name) == "":
            yield Conflict("unsupported", name, words.engine(table.title))
        else:
            yield record, table


def _export(store: Store, intent: Intent) -> Made:
    for record in intent.records:
        collection = store.table(record.collection).collection
        if intent.scope != "portable":
            fields = tuple(one.name for one in collection.fields)
        elif not collection.basis:
            yield Conflict("unknown", collection.name, _words.unanswered(collection.title, "basis"))
            continue
        else:
            given = (one.name for one in collection.fields if one.origin in GIVEN)
            fields = tuple(given) if collection.basis in PORTABLE else ()
        if fields:
            yield from _whole(store, record, Verb.EXPORT, fields=fields)


def _erase(store: Store, intent: Intent) -> Made:
    for one in _mine(store, intent):
        if not isinstance(one, tuple):
            yield one
            continue
        record, table = one
        way = table.collection.erase
        if way == "delete":
            yield from _item(store, intent, record, going(table, intent))
        elif way == "keep":
            yield from _keep(store, intent, record, table)
        elif way == "anonymise":
            blank = tuple(Change(name, value) for name, value in table.collection.anonymise.items())
            yield from _written(store, intent, record, Verb.ANONYMISE, blank)
        else:
            yield Conflict("unknown", record.collection, _words.unanswered(table.title, "erase"))


def going(table: Table, intent: Intent) -> Verb:
    """Sealed before it goes where the law wants it blocked and does not exempt it."""
    sealed = intent.block and not table.collection.unblocked
    return Verb.SEAL_THEN_DELETE if sealed else Verb.DELETE


def _keep(store: Store, intent: Intent, record: Record, table: Table) -> Made:
    """Rows whose time is over go; the others stay whole, each by every rule that the map names."""
    rule = keeping.rule_of(table, intent)
    if rule is None:
        yield Conflict("unknown", record.collection, _words.unanswered(table.title, "rule"))
        return
    bound = Bound()
    over = " AND ".join(keeping.expired(table, intent, bound))
    where = f"({chosen(store, record, bound)}) AND NOT ({over})"
    last = keeping.until(store, table, rule, where, bound)
    reason = _words.kept_by_law(table.title, rule.citation)
    kept = Item(f"keep:{record.id}", Verb.KEEP, record.collection, (record.id,), 0, reason=reason)
    yield from _counted(store, record, where, bound, replace(kept, citation=rule.citation, until=last))
    yield from _item(store, intent, record, going(table, intent))


def _restrict(store: Store, intent: Intent) -> Made:
    for one in _mine(store, intent):
        if not isinstance(one, tuple):
            yield one
            continue
        record, table = one
        flag, way = table.collection.restrict_flag, table.collection.restrict
        if way == "set_aside":
            yield from _item(store, intent, record, Verb.RESTRICT)
        elif way == "flag" and flag is not None:
            yield from _written(store, intent, record, Verb.MARK, (Change(*flag),))
        elif way == "none":
            yield from _whole(store, record, Verb.KEEP, reason=_words.not_restricted(table.title))
        else:
            yield Conflict("unknown", record.collection, _words.unanswered(table.title, "restrict"))


def _rectify(store: Store, intent: Intent) -> Made:
    for one in _mine(store, intent):
        if isinstance(one, tuple):
            for change in _meant(one[1].collection, intent.changes):
                yield from _written(store, intent, one[0], Verb.CORRECT, (change,))
        else:
            yield one


def _meant(collection: Collection, changes: Sequence[Change]) -> Iterator[Change]:
    for change in changes:
        for field in collection.fields:
            if field.rectifiable and any(covers(one, change.field) for one in field.categories):
                yield Change(field.name, change.new, change.old)


def _stop(store: Store, intent: Intent) -> Made:
    for one in _mine(store, intent):
        if not isinstance(one, tuple):
            yield one
            continue
        ways = one[1].collection.stop
        asked = [
            values for name, values in ways.items() if not any(intent.channels) or name in intent.channels
        ]
        merged = {field: value for values in asked for field, value in values.items()}
        if merged:
            changes = tuple(Change(f, v) for f, v in merged.items())
            yield from _written(store, intent, one[0], Verb.STOP, changes)


def _written(store: Store, intent: Intent, record: Record, verb: Verb, changes: tuple[Change, ...]) -> Made:
    name, table = record.collection, store.table(record.collection)
    for one in changes:
        if table.columns[one.field].fixed or one.field in table.collection.key:
            yield Conflict("key", name, _words.unfit(table.title, one.field, "key"))
            return
        if one.new is None and "Nullable" not in table.columns[one.field].type:
            yield Conflict("not_null", name, _words.unfit(table.title, one.field, "not_null"))
            return
        if is_grave(one.new) and table.columns[one.field].plain != "String":
            yield Conflict("type", name, _words.unfit(table.title, one.field, said(one, "type")))
            return
    plainly = [one for one in changes if not is_grave(one.new)]
    bound = Bound()
    try:
        store.api.rows(
            f"SELECT {', '.join(['1', *(f'toString({new_value(table, one, bound)})' for one in plainly)])}",
            bound,
        )
    except Failed as failed:
        if not failed.permanent:
            raise
        yield Conflict("type", name, _words.unfit(table.title, plainly[0].field, "type"))
        return
    yield from _item(store, intent, record, verb, changes)


def _lift(store: Store, intent: Intent) -> Made:
    name = store.map.collections[0].name
    yield from (Item(seal, Verb.LIFT, name, (), 0) for seal in intent.seals)


PLANS: Mapping[Action, Callable[[Store, Intent], Made]] = {
    Action.EXPORT: _export,
    Action.ERASE: _erase,
    Action.RECTIFY: _rectify,
    Action.RESTRICT: _restrict,
    Action.LIFT: _lift,
    Action.STOP: _stop,
}
