"""Plan: what would happen to each person, item by item; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from connectors import _words as words
from dsr.contract import Action, Change, Conflict, Intent, Item, Match, Record, Step, Text, Verb, key_digests

from .holding import Held, held, is_hers
from .keeping import Parted, parted, rule_of
from .source import Entries, Kept

REMOVING = frozenset({Verb.DELETE, Verb.SEAL_THEN_DELETE, Verb.ANONYMISE, Verb.RESTRICT})
WRITING = frozenset({Verb.CORRECT, Verb.MARK, Verb.STOP})


def plan(source: Entries, intent: Intent) -> Step:
    """One step. A record that reaches nothing any more is no work."""
    return PLANS[intent.action](source, intent)


def loosened(record: Record, items: Iterable[Item]) -> Record:
    """The record without the identifiers that the items themselves change: they are not what it is known by."""
    old = {value for item in items for change in item.changes for value in values_of(change.old)}
    return replace(record, seen=tuple(one for one in record.seen if one[1] not in old))


def values_of(value: object) -> tuple[object, ...]:
    """The values of a field that may have none, one or several."""
    return () if value is None else tuple(value) if isinstance(value, list | tuple) else (value,)


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
    """Her records go together; those of several people stay and are said to, and so is what the law keeps."""
    found = parted(source, intent, [one for one in held(source, intent.records) if one.entries])
    hers = [(one.going.record, one.going.entries) for one in found if is_hers(source, one.going.record)]
    staying, doubts = source.stays(intent, hers) if intent.action is Action.ERASE else ({}, ())
    items: list[Item] = []
    for one in found:
        kept = staying.get(one.going.record.id)
        items += [_stayed(one.going, kept)] if kept else _lines(source, intent, one, verb)
    going = [entry for record, entries in hers if record.id not in staying for entry in entries]
    conflicts = (*doubts, *source.obstacles(intent.action, going))
    return Step(intent, tuple(items), conflicts, atomic=len(going) <= 1)


def _stayed(one: Held, kept: Kept) -> Item:
    item = _item(one, Verb.KEEP, reason=kept.reason)
    return replace(item, citation=kept.citation, until=kept.until)


def _lines(source: Entries, intent: Intent, one: Parted, verb: Verb) -> Iterator[Item]:
    if not is_hers(source, one.going.record):
        yield _kept(source, one.going)
        return
    if one.staying.entries:
        rule, title = rule_of(source, intent), source.place.titles[one.staying.record.collection]
        citation = rule.citation if rule else ""
        made = _item(one.staying, Verb.KEEP, reason=words.kept_by_law(title, citation))
        yield replace(made, id=f"keep:{made.id}", citation=citation, until=one.until)
    if one.going.entries:
        blanks = verb is Verb.DELETE and one.going.record.collection in source.place.blanked
        yield _item(one.going, Verb.ANONYMISE if blanks else verb)


def _erase(source: Entries, intent: Intent) -> Step:
    if source.place.keep is not None and rule_of(source, intent) is None:
        names = dict.fromkeys(one.collection for one in intent.records if is_hers(source, one))
        unknown = (
            Conflict("unknown", name, words.unanswered(source.place.titles[name], "rule")) for name in names
        )
        return Step(intent, (), tuple(unknown))
    blocked = intent.block and not source.place.unblocked
    return _removed(source, intent, Verb.SEAL_THEN_DELETE if blocked else Verb.DELETE)


def _restrict(source: Entries, intent: Intent) -> Step:
    if source.place.restriction == "set_aside":
        return _removed(source, intent, Verb.RESTRICT)
    mark = source.place.mark
    if source.place.restriction == "none" or mark is None:
        return _unsupported(source, intent)
    items = tuple(_marked(source, intent, mark, Verb.MARK))
    return Step(intent, items, atomic=len(items) <= 1)


def _marked(source: Entries, intent: Intent, mark: Change, verb: Verb) -> Iterator[Item]:
    for one in held(source, intent.records):
        if one.entries and not is_hers(source, one.record):
            yield _kept(source, one)
        elif one.entries and not one.record.path:
            change = replace(mark, old=source.value(one.entries[0], mark.field))
            yield replace(_item(one, verb, fields=(mark.field,)), changes=(change,))


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
    """Most such sources send and track nothing; some have a mark for those who do not want to be written to."""
    stop = source.place.stop
    items = tuple(_marked(source, intent, stop, Verb.STOP)) if stop else ()
    return Step(intent, items, atomic=len(items) <= 1)


PLANS: Mapping[Action, Callable[[Entries, Intent], Step]] = {
    Action.EXPORT: _export,
    Action.ERASE: _erase,
    Action.RECTIFY: _rectify,
    Action.RESTRICT: _restrict,
    Action.LIFT: _lift,
    Action.STOP: _stop,
}
