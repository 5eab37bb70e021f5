"""Fields of rows that the law keeps: taken out, put under a pseudonym, or set aside in the vault with a way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors import _kept_words as words
from connectors._map.model import Collection
from connectors._tokens import PSEUDONYM, is_bare, is_pseudonymous
from dsr.contract import Change, Item, KeepRule, Verb

from . import values
from .naming import titled
from .plans import Draft
from .store import Store
from .tally import Group
from .targets import Target
from .values import Unfit, fitted, unique_sets
from .wishes import Found, Wish, is_set

OF_FIELDS = ("strip:", "pseudonym:", "aside:")
"""Begin the ids of the items that change single fields of kept rows."""
STRIP, PSEUDONYM_OF, ASIDE = OF_FIELDS


def is_of_fields(item: Item) -> bool:
    """Whether an item changes single fields of rows that stay."""
    return item.id.startswith(OF_FIELDS)


def groups(store: Store, draft: Draft, collection: Collection, rule: KeepRule) -> Iterator[Group]:
    """What happens to the fields of kept rows of a collection; conflicts for values that cannot be written."""
    name, title = collection.name, titled(store, collection.name)
    ways: tuple[tuple[str, Verb, Mapping[str, Any], Any], ...] = (
        (STRIP, Verb.ANONYMISE, collection.anonymise, ""),
        (
            PSEUDONYM_OF,
            Verb.PSEUDONYMISE,
            dict.fromkeys(collection.pseudonymise, PSEUDONYM),
            words.pseudonymised(title, rule.citation),
        ),
        (ASIDE, Verb.RESTRICT, collection.set_aside, words.set_aside(title, rule.citation)),
    )
    for beginning, verb, wanted, reason in ways:
        if wanted:
            changes = tuple(changed(store, draft, collection, wanted))
            made = Group(f"{beginning}{name}", verb, name, changes=changes, reason=reason)
            made.fields = tuple(one.field for one in changes)
            made.citation = rule.citation if reason else ""
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
    if writes and digest not in group.noted:
        group.noted.add(digest)
        group.found.append((target, found))


def as_wanted(now: Any, change: Change) -> bool:
    """Whether a field holds what a change puts there."""
    return is_bare(now) if is_pseudonymous(change) else bool(now == change.new)
