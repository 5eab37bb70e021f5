"""Correct and mark: one field of one row, written for the version that was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from connectors import _words
from connectors._entries import Entry, Moved, Refused
from connectors._map.matching import covers
from connectors._people import plain
from dsr.contract import Change, Conflict, ConnectorError, Intent

from . import words
from .fields import FIELDS
from .folders import STAMP, Held, contact, held_of
from .kinds import IDENTIFIERS, MECHANISMS, PARTIES, number

if TYPE_CHECKING:
    from .entries import Parties

OBJECTION = "objection"
LONGEST = 2000


def corrections(source: Parties, entry: Entry, intent: Intent) -> tuple[list[Change], list[Conflict]]:
    """The fields of this row that the changes mean, with the values there now."""
    found: list[Change] = []
    trouble: list[Conflict] = []
    for change in intent.changes:
        name = _meant(source, entry, change)
        if name is None:
            continue
        if not _is_text(change.new):
            why = _words.unfit(source.place.titles[entry.collection], name, "type")
            trouble.append(Conflict("type", entry.collection, why))
        elif change.old is None and _several(source, entry, name):
            trouble.append(Conflict("unknown", entry.collection, words.WHICH_ONE))
        else:
            now = value(source, entry.held, name)
            found.append(Change(name, _as_tryton(name, str(change.new)), now))
    return found, trouble


def _meant(source: Parties, entry: Entry, change: Change) -> str | None:
    fields = [
        one
        for one in FIELDS[entry.collection]
        if one.rectifiable and any(covers(category, change.field) for category in one.categories)
    ]
    there = {one.name: value(source, entry.held, one.name) for one in fields}
    if change.old is not None:
        return next((name for name, now in there.items() if now and _same(name, now, change.old)), None)
    exact = [one.name for one in fields if change.field in one.categories] or list(there)
    return next((name for name in exact if there[name] is not None), None)


def _same(name: str, now: Any, old: Any) -> bool:
    return plain(name, now) == plain(name, old)


def _several(source: Parties, entry: Entry, name: str) -> bool:
    """Whether other rows of hers have the field too, so that nobody knows which one is wrong."""
    folder = source.folder(int(str(entry.anchor[1][0])))
    rows = folder.of(entry.collection) if folder and entry.collection != PARTIES else ()
    return sum(value(source, one, name) is not None for one in rows) > 1


def _as_tryton(name: str, new: str) -> str:
    """The form in which Tryton keeps it: no separators in a number, the domain of an address in lower case."""
    if name == "phone":
        return plain("phone", new)
    if name == "email":
        local, at, domain = new.strip().rpartition("@")
        return f"{local}{at}{domain.lower()}"
    return new.strip()


def _is_text(new: object) -> bool:
    good = isinstance(new, str) and bool(new.strip()) and len(new) <= LONGEST
    return good and all(one == "\n" or ord(one) >= 32 for one in str(new))


def value(source: Parties, held: Held, name: str) -> Any:
    """A field as it is compared: contacts by their kind, numbers compact, the objection as a switch."""
    if name == OBJECTION:
        return _category(source) in (held.values.get("categories") or ())
    if held.kind.name == MECHANISMS and name in ("email", "phone"):
        known = contact(held.values)
        if known is None or known[0] != name:
            return None
        return plain("phone", known[1]) if name == "phone" else known[1]
    if held.kind.name == IDENTIFIERS and name == "code":
        known = number(held.values.get("type"), held.values.get("code"))
        return known[1] if known else held.values.get("code")
    found = held.values.get(name)
    return bool(found) if name == "active" else found or None


def _category(source: Parties) -> int:
    """The category that stands for an objection."""
    found = [number for number, name in source.categories().items() if name == source.options.category]
    if len(found) != 1:
        told = "the setting 'objection_category' must name one category of parties in Tryton"
        raise ConnectorError(told, permanent=True)
    return found[0]


def correct(source: Parties, entry: Entry, changes: Sequence[Change]) -> None:
    """Write; Moved where the values or the version are not those that were looked at, or Tryton refuses them."""
    held: Held = entry.held
    row = source.api.one(held.kind.model, held.id, [*held.kind.fields, STAMP])
    if row is None:
        raise Moved
    now = held_of(held.kind, row)
    if any(value(source, now, one.field) != one.old for one in changes):
        raise Moved
    values = dict(_written(source, one) for one in changes)
    try:
        source.api.write(held.kind.model, [held.id], values, {held.ref: now.stamp})
    except Refused:
        raise Refused(words.NOT_ACCEPTED) from None
    finally:
        source.forget(int(str(entry.anchor[1][0])))


def _written(source: Parties, change: Change) -> tuple[str, Any]:
    if change.field == OBJECTION:
        return "categories", [["add" if change.new else "remove", [_category(source)]]]
    return ("value" if change.field in ("email", "phone") else change.field), change.new
