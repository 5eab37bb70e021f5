"""Plan: what would happen to each person, item by item; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from connectors import _words as words
from dsr.contract import Action, Change, Conflict, Intent, Item, Match, Record, Step, Text, Verb, key_digests

from .source import Entries, Entry

REMOVING = frozenset({Verb.DELETE, Verb.SEAL_THEN_DELETE, Verb.RESTRICT})
WRITING = frozenset({Verb.CORRECT, Verb.MARK})
NOBODYS = frozenset({Match.SHARED, Match.MENTIONED})


@dataclass(frozen=True)
class Held:
    """A record with what it reaches now."""

    record: Record
    entries: tuple[Entry, ...]


def plan(source: Entries, intent: Intent) -> Step:
    """One step. A record that reaches nothing any more is no work."""
    return PLANS[intent.action](source, intent)


def held(source: Entries, records: Iterable[Record]) -> tuple[Held, ...]:
    """Everything these records reach now, no row twice."""
    seen: set[tuple[object, ...]] = set()
    found = []
    for record in records:
        mine = [one for one in source.reach(record) if (one.collection, one.key) not in seen]
        seen |= {(one.collection, one.key) for one in mine}
        found.append(Held(record, tuple(mine)))
    return tuple(found)


def loosened(record: Record, item: Item) -> Record:
    """The record without the identifiers that the item itself changes: they are not what it is known by."""
    old = {value for change in item.changes for value in values_of(change.old)}
    return replace(record, seen=tuple(one for one in record.seen if one[1] not in old))


def values_of(value: object) -> tuple[object, ...]:
    """The values of a field that may have none, one or several."""
    return () if value is None else tuple(value) if isinstance(value, list | tuple) else (value,)


def is_hers(source: Entries, record: Record) -> bool:
    """Whether a record may be acted on; what several people share, what mentions her, or what the system lets
    nobody change may not."""
    return record.match not in NOBODYS and record.collection not in source.place.untouched


def _item(one: Held, verb: Verb, *, reason: Text = "", fields: tuple[str, ...] = ()) -> Item:
    return Item(
        id=one.record.id,
        verb=verb,
        collection=one.record.collection,
        records=(one.record.id,),
        count=len(one.entries),
        digests=key_digests(entry.key for entry in one.entries),
        fields=fields,
        reason=reason,
    )


def _export(source: Entries, intent: Intent) -> Step:
    if intent.scope == "portable" and not source.place.is_portable:
        return Step(intent, ())
    found = [one for one in held(source, intent.records) if one.entries]
    items = (_item(one, Verb.EXPORT, fields=source.place.fields[one.record.collection]) for one in found)
    return Step(intent, tuple(items))


def _kept(source: Entries, one: Held) -> Item:
    title = source.place.titles[one.record.collection]
    untouched = source.place.untouched.get(one.record.collection)
    if untouched and one.record.match is not Match.SHARED:
        return _item(one, Verb.KEEP, reason=untouched)
    mentioned = one.record.match is Match.MENTIONED
    return _item(one, Verb.KEEP, reason=(words.by_hand if mentioned else words.not_only_hers)(title))


def _removed(source: Entries, intent: Intent, verb: Verb) -> Step:
    """Her records go together; those of several people stay and are said to."""
    found = [one for one in held(source, intent.records) if one.entries]
    going = [entry for one in found if is_hers(source, one.record) for entry in one.entries]
    items = [_item(one, verb) if is_hers(source, one.record) else _kept(source, one) for one in found]
    conflicts = tuple(source.obstacles(intent.action, going))
    return Step(intent, tuple(items), conflicts, atomic=len(going) <= 1)


def _erase(source: Entries, intent: Intent) -> Step:
    return _removed(source, intent, Verb.SEAL_THEN_DELETE if intent.block else Verb.DELETE)


def _restrict(source: Entries, intent: Intent) -> Step:
    if source.place.restriction == "set_aside":
        return _removed(source, intent, Verb.RESTRICT)
    mark = source.place.mark
    if source.place.restriction == "none" or mark is None:
        return _unsupported(source, intent)
    items = tuple(_marked(source, intent, mark))
    return Step(intent, items, atomic=len(items) <= 1)


def _marked(source: Entries, intent: Intent, mark: Change) -> Iterator[Item]:
    for one in held(source, intent.records):
        if one.entries and not is_hers(source, one.record):
            yield _kept(source, one)
        elif one.entries and not one.record.path:
            change = replace(mark, old=source.value(one.entries[0], mark.field))
            yield replace(_item(one, Verb.MARK, fields=(mark.field,)), changes=(change,))


def _fixed(source: Entries, intent: Intent) -> Step:
    """What is not corrected here stays and is said to, with the reason."""
    found = [one for one in held(source, intent.records) if one.entries and is_hers(source, one.record)]
    return Step(intent, tuple(_item(one, Verb.KEEP, reason=source.place.fixed) for one in found))


def _rectify(source: Entries, intent: Intent) -> Step:
    if source.place.fixed:
        return _fixed(source, intent)
    items: list[Item] = []
    conflicts: list[Conflict] = []
    for one in held(source, intent.records):
        if one.entries and one.record.collection in source.place.untouched:
            items.append(_kept(source, one))
        if not one.entries or not is_hers(source, one.record):
            continue
        for entry in one.entries:
            changes, trouble = source.corrections(entry, intent)
            conflicts += trouble
            if changes:
                fields = tuple(change.field for change in changes)
                item = _item(one, Verb.CORRECT, fields=fields)
                items.append(replace(item, changes=tuple(changes)))
    unique = tuple(dict.fromkeys((c.kind, c.collection) for c in conflicts))
    first = {name: next(c for c in conflicts if (c.kind, c.collection) == name) for name in unique}
    return Step(intent, tuple(items), tuple(first.values()), atomic=len(items) <= 1)


def _lift(source: Entries, intent: Intent) -> Step:
    name = next(iter(source.place.titles))
    items = tuple(Item(seal, Verb.LIFT, name, (), 0) for seal in intent.seals)
    return Step(intent, items, atomic=False)


def _unsupported(source: Entries, intent: Intent) -> Step:
    """A person does it; what is not hers to change is no conflict."""
    mine = [one for one in intent.records if is_hers(source, one)]
    return Step(
        intent,
        (),
        tuple(
            Conflict("unsupported", name, words.not_done_here(source.place.titles[name]))
            for name in dict.fromkeys(one.collection for one in mine)
        ),
    )


def _stop(source: Entries, intent: Intent) -> Step:
    """Such sources send and track nothing."""
    return Step(intent, ())


PLANS: Mapping[Action, Callable[[Entries, Intent], Step]] = {
    Action.EXPORT: _export,
    Action.ERASE: _erase,
    Action.RECTIFY: _rectify,
    Action.RESTRICT: _restrict,
    Action.LIFT: _lift,
    Action.STOP: _stop,
}
