"""Fields of rows that the law keeps: taken out, put under a pseudonym, or set aside in the vault with a way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors._kept import ways
from connectors._map.model import Collection
from dsr.contract import Change, KeepRule

from . import values
from .naming import titled
from .plans import Draft
from .store import Store
from .tally import Group
from .targets import Target
from .values import Unfit, fitted, unique_sets
from .wishes import Found, Wish, is_set


def groups(store: Store, draft: Draft, collection: Collection, rule: KeepRule) -> Iterator[Group]:
    """What happens to the fields of kept rows of a collection; conflicts for values that cannot be written."""
    for way in ways(collection, titled(store, collection.name), rule):
        changes = tuple(changed(store, draft, collection, way.wanted))
        made = Group(way.id, way.verb, collection.name, changes=changes, reason=way.reason)
        made.fields = tuple(one.field for one in changes)
        made.citation = way.citation
        yield made


def changed(
    store: Store, draft: Draft, collection: Collection, wanted: Mapping[str, Any]
) -> Iterator[Change]:
    """The changes as the columns take them; a conflict for each that cannot be written."""
    name = collection.name
    for field, value in wanted.items():
        asked = Change(field, value)
        try:
            yield Change(field, fitted(store, name, field, value))
        except Unfit as unfit:
            draft.conflict(unfit.kind, name, values.unfit(store, name, asked, unfit.kind), field)
        constant = value is not None and not isinstance(value, dict)
        if constant and (field,) in unique_sets(store, name):
            draft.conflict("unique", name, values.unfit(store, name, asked, "unique"), field)


def note(group: Group, digest: bytes, target: Target, found: Found, *, writes: bool) -> None:
    """A kept row in which something is still to be changed, or (``done``) nothing more."""
    if is_set(Wish(group.id, group.verb, group.changes), found.now):
        group.done.append(digest)
        return
    group.digests.append(digest)
    if group.citation:
        group.until = max((one for one in (group.until, found.until) if one), default=None)
    if writes:
        remember(group, digest, target, found)


def remember(group: Group, digest: bytes, target: Target, found: Found) -> None:
    """A row that is about to get values of its own; once, whatever leads to it."""
    if digest not in group.noted:
        group.noted.add(digest)
        group.found.append((target, found))
