"""What the records of an intent hold now, with the identity of the row they hang on checked again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from connectors._people import addresses, plain
from dsr.contract import ConnectorError, Intent, Match, Record

from .filling import texts
from .holding import Held, Named, Source, ghost, is_same
from .model import Collection

THERE, GONE, OTHER = "there", "gone", "other"


@dataclass(frozen=True)
class Group:
    """The rows of one record. ``root``: there, gone, or somebody else's by now (then there are no rows)."""

    record: Record
    collection: Collection
    root: str
    rows: tuple[Held, ...]

    @property
    def alone(self) -> bool:
        """Whether the rows are hers alone and certain enough to be changed."""
        return self.record.match in (Match.EXACT, Match.PROPOSED)


def groups(source: Source, intent: Intent) -> list[Group]:
    """The groups of an intent, in the order of its records."""
    prefetch(source, intent.records)
    named = (*intent.subject.proved, *intent.subject.claimed)
    asked = {(one.kind, plain(one.kind, form)) for one in named for form in one.forms()}
    renamed = {
        (kind, plain(kind, one.old)): (kind, plain(kind, one.new))
        for one in intent.changes
        for kind in dict.fromkeys(kind for kind, _ in asked)
        if one.old is not None
    }
    own = hers(source, intent.records)
    return [group(source, record, asked, own[record.subject], renamed) for record in intent.records]


def hers(source: Source, records: Iterable[Record]) -> dict[str, frozenset[str]]:
    """By subject: the ids of the records that are certainly hers, where the vendor's ids tell all rows apart."""
    found: dict[str, frozenset[str]] = {}
    for one in records:
        sure = one.match is Match.EXACT and source.vendor.unique_ids
        mine = frozenset({str(one.anchor[1][-1])}) if sure else frozenset()
        found[one.subject] = found.get(one.subject, frozenset()) | mine
    return found


def prefetch(source: Source, records: Iterable[Record]) -> None:
    """Read the rows that many records hang on together, and what hangs on them, with few calls."""
    wanted: dict[str, dict[str, None]] = {}
    below: dict[str, dict[str, None]] = {}
    ghosts: dict[tuple[str, str], Held] = {}
    for record in records:
        anchor, key = record.anchor
        ghosts[anchor, str(key[-1])] = ghost(known(source, anchor), record)
        wanted.setdefault(anchor, {})[str(key[-1])] = None
        if record.path:
            below.setdefault(record.collection, {})[str(key[-1])] = None
    source.ahead([one for anchor, ids in wanted.items() for one in source.unread(known(source, anchor), ids)])
    there = {anchor: source.roots(known(source, anchor), ids) for anchor, ids in wanted.items()}
    # What hung on a row that is gone is looked for as well (``group``).
    gone = [one for one in ghosts.values() if one.id not in there[one.collection.name]]
    source.deepen(
        {
            anchor: [*rows.values(), *(o for o in gone if o.collection.name == anchor)]
            for anchor, rows in there.items()
        },
        {name: ids for name, ids in below.items() if known(source, name).of},
    )
    for anchor, roots in there.items():
        for name, mine in below.items():
            collection = known(source, name)
            if collection in tuple(source.tree(known(source, anchor))):
                source.below(collection, [roots[one] for one in mine if one in roots])


def known(source: Source, name: str) -> Collection:
    """A collection; ConnectorError for one that the file no longer has."""
    try:
        return source.vendor.collection(name)
    except KeyError:
        raise ConnectorError(
            f"there is no collection '{name}' any more; search again", permanent=True
        ) from None


def group(
    source: Source,
    record: Record,
    asked: Iterable[Named],
    own: frozenset[str],
    renamed: Mapping[Named, Named] | None = None,
) -> Group:
    """What one record holds now. ``own``: ids of her other records."""
    collection, anchor = known(source, record.collection), known(source, record.anchor[0])
    id = str(record.anchor[1][-1])
    held = source.roots(anchor, [id]).get(id)
    if record.match is Match.MENTIONED:
        return _mention(record, collection, held)
    if held is not None and not is_same(record, held, asked, renamed or {}):
        return Group(record, collection, OTHER, ())
    root = held or ghost(anchor, record)
    rows = source.below(collection, [root]).get(root.id, ())
    shared = record.match is Match.SHARED
    mine = tuple(one for one in rows if not collection.of or bool(one.others(own)) is shared)
    return Group(record, collection, THERE if held else GONE, mine)


def _mention(record: Record, collection: Collection, held: Held | None) -> Group:
    """Somebody else's row, while it still mentions her."""
    if held is None:
        return Group(record, collection, GONE, ())
    named = {plain("email", one) for text in texts(held.values) for one in addresses(text)}
    if not named & {plain(kind, value) for kind, value in record.seen}:
        return Group(record, collection, OTHER, ())
    return Group(record, collection, THERE, (replace(held, foreign=True),))
