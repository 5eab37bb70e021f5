"""Rows that the law orders to keep, and their fields one by one: taken out, under a pseudonym, set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from connectors import _kept as kept
from connectors import _words as words
from connectors._periods import day_of, last_day, longest
from connectors._tokens import is_bare, is_pseudonymous
from dsr.contract import Change, Item, KeepRule, Row, Verb

from .filling import pick
from .grouping import Group, known
from .holding import Held, Source
from .model import Collection
from .wanted import alike

if TYPE_CHECKING:
    from .deeds import Deed, Deeds


def keep(deeds: Deeds, group: Group, removing: Verb) -> None:
    """Rows go when their time is over; the others stay, whole but for the fields that the map names."""
    told, title = group.collection.keep, group.collection.title
    rule = longest(deeds.intent.keep, told.rules) if told is not None else None
    if told is None or rule is None:
        deeds.conflict("unknown", group, words.unanswered(title, "rule"))
        return
    ends = {one: _end(one, told.date, rule) for one in group.rows}
    on = deeds.intent.on or date.min
    stay = [one for one, end in ends.items() if end is None or end >= on]
    expired = [one for one in group.rows if one not in stay]
    until = max((end for one in stay if (end := ends[one]) is not None), default=None)
    if stay:
        deeds.add(
            Verb.KEEP, group, stay, fields=_staying(group.collection), citation=rule.citation, until=until,
            reason=words.kept_by_law(title, rule.citation),
        )  # fmt: skip
        for way in kept.ways(group.collection, title, rule):
            _reduce(deeds, group, stay, way, until)
    deeds.add(removing, group, expired, name="delete")


def _end(row: Held, name: str, rule: KeepRule) -> date | None:
    found = pick(row.values, row.collection.field(name).path)
    day = day_of(found[0]) if found else None
    return last_day(day, rule.period) if day else None


def _staying(collection: Collection) -> tuple[str, ...]:
    """The fields that stay as they are; none are named where all do."""
    gone = {*collection.reduced, *collection.key}
    return tuple(one.name for one in collection.fields if one.name not in gone) if collection.reduced else ()


def _reduce(deeds: Deeds, group: Group, stay: Sequence[Held], way: kept.Way, until: date | None) -> None:
    changes = tuple(Change(name, value) for name, value in way.wanted.items())
    for one in changes:
        values = [_now(row, one.field) for row in stay] if is_pseudonymous(one) else []
        if not all(is_bare(value) or isinstance(value, str) for value in values):
            why = words.unfit(group.collection.title, one.field, "pseudonym_type")
            deeds.conflict("type", group, why)
    todo = [row for row in deeds.able(group, stay) if _left(row, changes)]
    deeds.add(
        way.verb, group, stay, todo, name=way.id, fields=tuple(way.wanted), changes=changes, reason=way.reason,
        citation=way.citation, until=until if way.citation else None, sets=lambda row: _values(deeds, row, changes),
    )  # fmt: skip


def _now(row: Held, path: str) -> Any:
    return (pick(row.values, path) or [None])[0]


def _left(row: Held, changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes that a row still lacks: a pseudonym of a pseudonym would lead nowhere. Nothing is written where
    nothing can be read: what stood there could not be kept."""
    return tuple(one for one in changes if (found := pick(row.values, one.field)) and not _is_as(found, one))


def _is_as(found: Sequence[Any], change: Change) -> bool:
    return is_bare(found[0]) if is_pseudonymous(change) else alike(found, change.new)


def _values(deeds: Deeds, row: Held, changes: Sequence[Change]) -> Mapping[str, Any]:
    """What a row is to get, by path; pseudonyms only while it is carried out."""
    left = _left(row, changes)
    if deeds.keeper is None:
        left = tuple(one for one in left if not is_pseudonymous(one))
    else:
        now = {one.field: _now(row, one.field) for one in left}
        left = kept.made(left, now, deeds.keeper, deeds.intent.key)
    return {one.field: emptied(one.new, empties=deeds.empties) for one in left}


def emptied(value: Any, *, empties: bool) -> Any:
    """A value as the vendor takes it."""
    return "" if value is None and empties else value


def is_aside(deed: Deed) -> bool:
    """Whether a line sets values of kept rows aside."""
    return deed.verb is Verb.RESTRICT


def former(row: Held, deed: Deed) -> Row:
    """What the vault holds of a kept row: the values that are set aside of it alone."""
    left = _left(row, deed.changes)
    return Row(
        row.collection.name, row.key, kept.aside(left, {one.field: _now(row, one.field) for one in left})
    )


def lacking(source: Source, item: Item) -> int:
    """How many of the rows of an item, read by their own ids, are not as it wants them."""
    collection = known(source, item.collection)
    rows = source.by_id(collection, [Held(collection, key, {}) for key in item.keys])
    return sum(bool(_left(row, item.changes)) for row in rows)
