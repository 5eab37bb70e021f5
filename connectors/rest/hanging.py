"""What hangs on rows: listed, read by id where the listing gives keys alone, and asked whose it is besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsr.contract import Key

from .calling import holds
from .filling import pick
from .model import Collection, Listing, Owners
from .together import Asking, Request

if TYPE_CHECKING:
    from .holding import Entry, Held, Source

Hanging = Mapping[str, "tuple[Held, ...]"]


def listed(source: Source, collection: Collection, parents: Sequence[Held]) -> Asking[Hanging]:
    """The rows of ``collection`` that hang on each parent, by the parent's id; other people's are dropped."""
    found: dict[str, dict[Key, Held]] = {one.id: {} for one in parents}
    linked: dict[str, list[Held]] = {}
    yield [
        (call, scope)
        for listing in collection.list
        for call, scope, _ in _asked(source, collection, listing, parents)
    ]
    for listing in collection.list:
        for call, scope, some in _asked(source, collection, listing, parents):
            for entry in source.read(call, scope):
                owners = {str(one) for path in listing.parent for one in pick(entry, path)}
                mine = [one for one in some if one.id in owners] if listing.parent else list(some)
                if not mine:
                    source.drop()
                elif listing.ids:
                    for one in _ids(source, collection, listing, entry, mine[0]):
                        linked.setdefault(one, []).extend(mine)
                else:
                    _add(source, found, collection, entry, mine, owners)
    if linked:
        above = {id: whose[0] for id, whose in linked.items()}
        yield source.gets(collection, list(linked), above)
        for held in source.got(collection, list(linked), above):
            for parent in linked[held.id]:
                found[parent.id][held.key] = replace(held, parent=parent)
    rows = {parent: tuple(mine.values()) for parent, mine in found.items()}
    ids = list(dict.fromkeys(one.id for mine in rows.values() for one in mine))
    yield [request for owners in collection.owners for request in _whom(source, collection, owners, ids)]
    return _owned(source, collection, rows, ids)


def _asked(
    source: Source, collection: Collection, listing: Listing, parents: Sequence[Held]
) -> Iterator[tuple[str, dict[str, Any], list[Held]]]:
    """The requests of a listing, each with the parents it is about."""
    for some in source.chunked(listing.call, parents):
        ids = [one.id for one in some]
        yield listing.call, {"parent": some[0].scope(), "parents": ids, **source.about(collection)}, some


def _ids(source: Source, collection: Collection, listing: Listing, entry: Entry, parent: Held) -> list[str]:
    """The keys of children in an entry; all of them, page by page, where the entry is not complete."""
    if listing.more and pick(entry, listing.more):
        scope = {"parent": parent.scope(), "collection": collection.called}
        return [str(one) for e in source.read(listing.all, scope) for one in pick(e, listing.all_ids)]
    return [str(one) for one in pick(entry, listing.ids)]


def _add(
    source: Source,
    found: dict[str, dict[Key, Held]],
    collection: Collection,
    entry: Entry,
    mine: Sequence[Held],
    owners: set[str],
) -> None:
    for parent in mine:
        held = source.held(collection, entry, parent)
        if held is not None:
            sharers = held.sharers | (owners - {parent.id})
            found[parent.id][held.key] = replace(held, sharers=sharers)


def _whom(source: Source, collection: Collection, owners: Owners, ids: Sequence[str]) -> list[Request]:
    """The requests that tell whose rows are."""
    some_of = source.chunked(owners.call, ids)
    return [(owners.call, {"id": some[0], "ids": some, **source.about(collection)}) for some in some_of]


def _owned(source: Source, collection: Collection, rows: Hanging, ids: Sequence[str]) -> Hanging:
    """The rows with the other records each hangs on, where the vendor tells that apart."""
    whose: dict[str, set[str]] = {}
    for owners in collection.owners:
        for call, scope in _whom(source, collection, owners, ids):
            for entry in source.read(call, scope):
                if owners.when is not None and not holds(owners.when, entry, {}):
                    continue
                if owners.unless is not None and holds(owners.unless, entry, {}):
                    continue
                for child in pick(entry, owners.child):
                    whose.setdefault(str(child), set()).update(
                        str(one) for one in pick(entry, owners.parents)
                    )
    return {
        parent: tuple(
            replace(one, sharers=(one.sharers | whose.get(one.id, set())) - {parent}) for one in mine
        )
        for parent, mine in rows.items()
    }
