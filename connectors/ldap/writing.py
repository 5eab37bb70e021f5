"""Write: corrections guarded by the identity, and entries that come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors import _words
from connectors._entries import Entry, Moved
from connectors._entries.planning import values_of
from connectors._entries.source import bytes_of
from dsr.contract import Change, Conflict, Row

from . import names, words
from .directory import CLASS, EXISTS_VALUE, NO_ATTRIBUTE, NO_OBJECT, Directory

LONGEST = 4000
REFUSED = (17, 19, 20, 21, CLASS)
"""Undefined type, constraint, value there already, syntax, class (RFC 4511, 4.1.9)."""


def unfit(entry: Entry, name: str, change: Change) -> Conflict | None:
    """Why a value cannot be written into an attribute; None when it can."""
    kind = ""
    if name.lower() in names.rdn_attributes(str(entry.key[1])):
        kind = "key"
    elif change.new is not None and not is_text(change.new):
        kind = "type"
    elif isinstance(change.new, str) and len(change.new) > LONGEST:
        kind = "length"
    if not kind:
        return None
    return Conflict(kind, entry.collection, _words.unfit(words.TITLES[entry.collection], name, kind))


def is_text(value: object) -> bool:
    """Whether an attribute can hold it: a text that says something, in one line or several, without NUL."""
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def replaced(now: Any, name: str, change: Change) -> Change:
    """The change of an attribute: of one value among several where the old one tells which."""
    held = values_of(now)
    if change.old is not None and len(held) > 1:
        new = tuple(change.new if one == change.old else one for one in held)
        return Change(name, tuple(one for one in new if one is not None), held)
    return Change(name, change.new, now)


def correct(directory: Directory, dn: str, guard: str, changes: Sequence[Change]) -> None:
    """One modify: the old values must be there, and the entry must be hers. Moved otherwise."""
    wanted: dict[str, list[tuple[str, list[bytes]]]] = {}
    for change in changes:
        old, new = _raw(change.old), _raw(change.new)
        gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
        steps = wanted.setdefault(change.field, [])
        steps += [("MODIFY_DELETE", gone)] if gone else []
        steps += [("MODIFY_ADD", come)] if come else []
    code = directory.change(dn, {name: steps for name, steps in wanted.items() if steps}, guard)
    if code in (NO_ATTRIBUTE, NO_OBJECT, EXISTS_VALUE) or code in REFUSED:
        raise Moved
    directory.check(code)


def restore(directory: Directory, row: Row) -> bool:
    """Add an entry with the values it had. False: it is there, the same. Moved: another one is."""
    dn = str(row.values["dn"])
    values = {name: _raw(value) for name, value in row.values.items() if name != "dn"}
    if directory.add(dn, values):
        return True
    node = directory.read(dn)
    if node is None or any(set(node.values.get(name, ())) != set(many) for name, many in values.items()):
        raise Moved
    return False


def _raw(value: Any) -> list[bytes]:
    return [bytes_of(one) for one in values_of(value) if isinstance(one, str | bytes)]
