"""May the rows go? Whatever still refers to them afterwards turns deletion into anonymity, or stops it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors import _words as words
from dsr.contract import Record, Verb, key_digest

from . import keys
from .incoming import Incoming, continued, incoming, referring
from .naming import titled
from .plans import Draft, Work
from .routes import Route
from .statements import chunks, values_of
from .store import Store
from .strategies import anonymous
from .tally import Group
from .targets import Raw, Target

DELETING = (Verb.DELETE, Verb.SEAL_THEN_DELETE, Verb.RESTRICT)
Mine = tuple[Raw, int, Record]


def resolve(work: Work) -> None:
    """Children first, so that it is known what stays when its parents are looked at."""
    for target in reversed(work.targets):
        for draft, other in sorted(
            {(n, other) for n, other in obstacles(work, target)}, key=lambda pair: (pair[0], pair[1])
        ):
            _stop(work.store, work.drafts[draft], target.route.end, other)


def follow(work: Work) -> None:
    """Rows that refer to rows set aside are set aside with them, parents before children."""
    for target in work.targets:
        for one in incoming(work.store, target.route.end):
            route = continued(work.store, target.route, one)
            for draft in work.drafts if route else ():
                if route is not None and f"restrict:{target.route.end}" in draft.groups:
                    _follow(draft, one.child)


def _follow(draft: Draft, name: str) -> None:
    groups = [
        (key, g) for key, g in draft.groups.items() if g.collection == name and g.verb is not Verb.RESTRICT
    ]
    for key, group in groups:
        if group.id.endswith(":shared"):
            continue
        made = draft.groups.setdefault(f"restrict:{name}", Group(f"restrict:{name}", Verb.RESTRICT, name))
        made.records |= group.records
        made.digests += group.digests
        made.several = len(made.records) > 1
        del draft.groups[key]


def obstacles(work: Work, target: Target) -> Iterator[tuple[int, str]]:
    """(number of the draft, what refers) for rows of a target that are to be deleted and may not."""
    mine = [
        (base, number, record)
        for base, wanted in target.bases.items()
        for number, record in wanted
        if _deleting(work.drafts[number], target.route.end, record)
    ]
    if not mine:
        return
    for one in incoming(work.store, target.route.end):
        if one.frees:
            continue
        route = continued(work.store, target.route, one)
        if route is None:
            yield from _counted(work, target.route, one, mine)
            continue
        paths = {(n, r.anchor) for n, draft in enumerate(work.drafts) for r in draft.intent.records
                 if r.path == route.path}  # fmt: skip
        yield from (
            (n, one.child) for _, n, r in mine if (n, r.anchor) in paths and _stays(work.drafts[n], one)
        )
        absent = [(base, n, r) for base, n, r in mine if (n, r.anchor) not in paths]
        yield from _counted(work, target.route, one, absent)


def _deleting(draft: Draft, collection: str, record: Record) -> bool:
    return any(
        group.verb in DELETING and record.id in group.records and group.digests
        for group in draft.groups.values()
        if group.collection == collection
    )


def _stays(draft: Draft, one: Incoming) -> bool:
    """Rows of the referring collection that stay and still refer."""
    return any(
        group.digests and group.verb not in DELETING and not _freed(group, one)
        for group in draft.groups.values()
        if group.collection == one.child
    )


def _freed(group: Group, one: Incoming) -> bool:
    """The reference itself is set to NULL."""
    return any(c.field in one.reference.columns and c.new is None for c in group.changes)


def _counted(work: Work, route: Route, one: Incoming, mine: Sequence[Mine]) -> Iterator[tuple[int, str]]:
    """Ask the database what refers to these rows and is not deleted with them."""
    owners: dict[Raw, list[int]] = {}
    for base, number, _ in mine:
        owners.setdefault(base, []).append(number)
    if not owners:
        return
    start = len(work.store.map.collection(route.base).key)
    gone: dict[int, set[bytes]] = {}
    for some in chunks(values_of(owners, start)):
        for row in work.connection.execute(referring(work.store, route, one), {"keys": some}):
            for number in owners.get(tuple(row[:start]), ()):
                if not one.child:
                    yield number, one.table.name
                    continue
                mine_gone = gone.get(number)
                if mine_gone is None:
                    mine_gone = gone[number] = _gone(work.drafts[number], one)
                if key_digest(keys.encode(row[start:])) not in mine_gone:
                    yield number, one.child


def _gone(draft: Draft, one: Incoming) -> set[bytes]:
    return {
        digest
        for group in draft.groups.values()
        if group.collection == one.child and (group.verb in DELETING or _freed(group, one))
        for digest in group.digests
    }


def _stop(store: Store, draft: Draft, name: str, other: str) -> None:
    """Anonymous instead of deleted where the map says how; else a conflict."""
    collection = store.map.collection(name)
    for key, group in list(draft.groups.items()):
        if group.collection != name or group.verb not in DELETING:
            continue
        if not collection.anonymise or group.verb is Verb.RESTRICT:
            mapped = any(one.name == other for one in store.map.collections)
            told = titled(store, other) if mapped else other
            draft.conflict("foreign_key", name, words.still_referred(titled(store, name), told), other)
            continue
        made = anonymous(store, draft, collection)
        made.records, made.digests, made.several = group.records, group.digests, group.several
        del draft.groups[key]
        draft.groups[made.id] = made
