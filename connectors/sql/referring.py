"""May the rows go? Whatever still refers to them afterwards stops the deletion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors import _words as words
from dsr.contract import Action, Record, Verb, key_digest

from . import keys
from . import words as own
from .incoming import Incoming, continued, incoming, referring
from .naming import titled
from .plans import Draft, Work
from .routes import Route
from .statements import chunks, values_of
from .store import Store
from .tally import Group
from .targets import Raw, Target

DELETING = (Verb.DELETE, Verb.SEAL_THEN_DELETE, Verb.RESTRICT)
Mine = tuple[Raw, int, Record]


def resolve(work: Work) -> None:
    """Children first, so that it is known what stays when its parents are looked at."""
    for target in reversed(work.targets):
        for draft, other in sorted(set(obstacles(work, target))):
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
        for digest in group.digests:
            made.digests.append(digest)
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
    # What the database frees of its reference is no obstacle, unless the rows shall come back to be referred to.
    aside = [one for one in mine if work.drafts[one[1]].intent.action is Action.RESTRICT]
    for one in incoming(work.store, target.route.end):
        held = aside if one.frees else mine
        route = continued(work.store, target.route, one)
        if route is None:
            yield from _counted(work, target.route, one, held)
            continue
        below = {
            (n, r.anchor): r.id
            for n, draft in enumerate(work.drafts)
            for r in draft.intent.records
            if r.path == route.path
        }
        for _, number, record in held:
            name = below.get((number, record.anchor))
            if name is not None and _stays(work.drafts[number], one, name):
                yield number, one.child
        absent = [one_of_mine for one_of_mine in held if (one_of_mine[1], one_of_mine[2].anchor) not in below]
        yield from _counted(work, target.route, one, absent)


def _deleting(draft: Draft, collection: str, record: Record) -> bool:
    return any(
        group.verb in DELETING and record.id in group.records and group.digests
        for group in draft.groups.values()
        if group.collection == collection
    )


def _stays(draft: Draft, one: Incoming, record: str) -> bool:
    """Rows of this record, which refer, stay and still refer."""
    mine = [group for group in draft.groups.values() if record in group.records]
    freed = any(_freed(group, one) for group in mine)
    return not freed and any(group.digests and group.verb not in DELETING for group in mine)


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
    """The conflict that names what still refers."""
    mapped = any(one.name == other for one in store.map.collections)
    told = titled(store, other) if mapped else other
    said = words.still_referred if draft.intent.action is Action.ERASE else own.not_set_aside
    draft.conflict("foreign_key", name, said(titled(store, name), told), other)
