"""Locate: for a whole batch, the rows that name each person and, counted, all that hang on them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from connectors import _words as words
from dsr.contract import ConnectorError, Found, Key, Located, Match, Record, Searched, Subject, Text

from . import anchors, bases, engines, mentions, revealing, tally
from .anchors import Anchor
from .naming import record_id, titled
from .people import Asked, forms
from .routes import Route
from .statements import chunks, counting, values_of
from .store import Store
from .targets import targets

PEOPLE = 500


def locate(store: Store, system: str, subjects: Sequence[Subject], after: str | None) -> Located:
    """One page: the records of up to 500 people. The last page has the answer for everyone."""
    start, counts = _cursor(after, len(subjects))
    some = subjects[start : start + PEOPLE]
    store.reflect()
    with engines.reading(store.engine) as connection:
        records = search(store, connection, system, some)
        records += mentions.find(store, connection, system, some, records)
        counts += _totals(store, connection, some, records)
    if start + PEOPLE < len(subjects):
        return Located(tuple(records), (), json.dumps([start + PEOPLE, counts]))
    return Located(tuple(records), tuple(_answer(s, n) for s, n in zip(subjects, counts, strict=True)))


def _cursor(after: str | None, most: int) -> tuple[int, list[int]]:
    if after is None:
        return 0, []
    try:
        start, counts = json.loads(after)
        if isinstance(start, int) and 0 < start < most and len(counts) == start:
            return start, [int(n) for n in counts]
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of this search; start again", permanent=True)


def _totals(
    store: Store, connection: sa.Connection, subjects: Sequence[Subject], records: Sequence[Record]
) -> list[int]:
    """The rows of each person; a row that several of her records lead to counts once, as it will in the plan."""
    numbers = {subject.key: n for n, subject in enumerate(subjects)}
    mine: dict[tuple[int, str], list[Record]] = {}
    for record in records:
        mine.setdefault((numbers[record.subject], record.collection), []).append(record)
    totals, several = [0] * len(subjects), []
    for (number, _), some in mine.items():
        if len({(record.anchor[0], record.path) for record in some}) > 1:
            several += [(number, record) for record in some]
        else:
            totals[number] += sum(record.count for record in some)
    digests: dict[tuple[int, str], tally.Digests] = {}
    for target in targets(store, connection, several):
        for wanted, digest, _ in tally.rows(store, connection, target):
            for number, record in wanted:
                digests.setdefault((number, record.collection), tally.Digests()).append(digest)
    for (number, _), found in digests.items():
        totals[number] += len(found.joined(once=True)) // 8
    return totals


def _answer(subject: Subject, count: int) -> Searched:
    return Searched(subject.key, Found.FOUND if count else Found.NOTHING, count)


def search(store: Store, connection: sa.Connection, system: str, subjects: Sequence[Subject]) -> list[Record]:
    """The records of all these people, without mere mentions."""
    asked = Asked(subjects)
    found = anchors.find(store, connection, asked)
    records: list[Record] = []
    for name, group in groupby(found, key=lambda one: one.collection):
        mine = list(group)
        records += _of_collection(store, connection, system, subjects, name, mine)
    return records


def _of_collection(
    store: Store,
    connection: sa.Connection,
    system: str,
    subjects: Sequence[Subject],
    name: str,
    found: list[Anchor],
) -> list[Record]:
    """All routes from the anchors of one collection; those with a base above them leave from there."""
    records: list[Record] = []
    left = {(one.subject, one.key): one for one in found}
    for up in dict.fromkeys(route.up for route in store.layout.by_anchor[name] if route.up):
        above = bases.of(store, connection, name, up, [one.raw for one in found])
        climbed = _climb(store, connection, up, found, subjects, above)
        routes = [route for route in store.layout.by_anchor[name] if route.up is up]
        records += _records(store, connection, system, subjects, routes, climbed)
        left = {number: one for number, one in left.items() if one.key not in above}
    flat = [(one, one.raw, 0) for one in left.values()]
    routes = [route for route in store.layout.by_anchor[name] if not route.up]
    return records + _records(store, connection, system, subjects, routes, flat)


Based = tuple[Anchor, tuple[Any, ...], int]
"""An anchor, the key of its base row, and how many other people are named there."""


def _climb(
    store: Store,
    connection: sa.Connection,
    up: bases.Up,
    found: Sequence[Anchor],
    subjects: Sequence[Subject],
    above: Mapping[Key, tuple[Any, ...]],
) -> list[Based]:
    """One anchor per person and base row: the first, with everything seen by the others."""
    merged: dict[tuple[int, tuple[Any, ...]], Anchor] = {}
    for one in sorted(found, key=lambda a: json.dumps(a.key)):
        base = above.get(one.key)
        if base is None:
            continue
        first = merged.get((one.subject, base))
        if first is None:
            merged[one.subject, base] = replace(one, kinds=list(one.kinds))
        else:
            first.seen = tuple(dict.fromkeys((*first.seen, *one.seen)))
            first.reveals = tuple(dict.fromkeys((*first.reveals, *one.reveals)))
            first.kinds += one.kinds
            first.proved = first.proved or one.proved
            first.shared = first.shared or one.shared
    named = bases.names(store, connection, found[0].collection, up, list({base for _, base in merged}))
    return [
        (one, base, _others(subjects[number], one, named.get(base, set())))
        for (number, base), one in merged.items()
    ]


def _others(subject: Subject, anchor: Anchor, named: set[tuple[str, str]]) -> int:
    hers = forms(subject)
    return sum(kind in anchor.kinds and (kind, value) not in hers for kind, value in named)


def _records(
    store: Store,
    connection: sa.Connection,
    system: str,
    subjects: Sequence[Subject],
    routes: Sequence[Route],
    based: Sequence[Based],
) -> list[Record]:
    if not based:
        return []
    raws = list(dict.fromkeys(base for _, base, _ in based))
    hers: dict[int, set[tuple[Any, ...]]] = {}
    for anchor, base, _ in based:
        hers.setdefault(anchor.subject, set()).add(base)
    found = []
    for route in routes:
        told = revealing.below(store, connection, route, raws)
        owners = revealing.owners(store, connection, route, told)
        counts = _counts(store, connection, route, raws)
        sharing = _sharing(store, connection, route, raws) if route.shared and route.down else {}
        for anchor, base, others in based:
            count = counts.get(base, 0)
            if count:
                met = others + max(0, sharing.get(base, 0) - 1)
                mine = hers[anchor.subject]
                new = tuple(i for i in told.get(base, ()) if owners.get(i, frozenset()) <= mine)
                one = _record(store, system, route, anchor, met)
                found.append(
                    replace(
                        one, subject=subjects[anchor.subject].key, count=count, reveals=new or one.reveals
                    )
                )
    return found


def _counts(
    store: Store, connection: sa.Connection, route: Route, raws: Sequence[tuple[Any, ...]]
) -> Mapping[tuple[Any, ...], int]:
    if not route.down and not route.up:
        return dict.fromkeys(raws, 1)
    width = len(store.map.collection(route.base).key)
    found: dict[tuple[Any, ...], int] = {}
    for some in chunks(values_of(raws, width)):
        for row in connection.execute(counting(store, route), {"keys": some}):
            found[tuple(row[:width])] = row[width]
    return found


def _sharing(
    store: Store, connection: sa.Connection, route: Route, raws: Sequence[tuple[Any, ...]]
) -> Mapping[tuple[Any, ...], int]:
    """How many base rows refer to the same shared row."""
    if not route.down[-1].up or len(route.down) != 1:
        return {}
    table, other = store.table(route.base).alias(), store.table(route.base).alias()
    key = store.map.collection(route.base).key
    columns = route.down[0].reference.columns
    start = [table.c[name] for name in key]
    both = sa.and_(*[table.c[name] == other.c[name] for name in columns])
    keyed = sa.tuple_(*start).in_(raws) if len(start) > 1 else start[0].in_([raw[0] for raw in raws])
    made = sa.select(*start, sa.func.count()).select_from(table.join(other, both)).where(keyed)
    return {tuple(row[:-1]): row[-1] for row in connection.execute(made.group_by(*start))}


def _record(store: Store, system: str, route: Route, anchor: Anchor, others: int) -> Record:
    """The record of a route from an anchor; whose it is and how many rows are filled in by the caller."""
    match = _match(route, anchor, others)
    return Record(
        id=record_id(system, route.end, anchor.collection, anchor.key, route.path),
        subject="",
        collection=route.end,
        anchor=(anchor.collection, anchor.key),
        path=route.path,
        count=0,
        seen=anchor.seen,
        match=match,
        why=_why(store, route, anchor, match),
        others=others,
        reveals=anchor.reveals if not route.down else (),
    )


def _match(route: Route, anchor: Anchor, others: int) -> Match:
    if anchor.shared or route.shared or (others and not route.down) or (others and route.up):
        return Match.SHARED
    return Match.EXACT if anchor.proved else Match.PROPOSED


def _why(store: Store, route: Route, anchor: Anchor, match: Match) -> Text:
    """The sentence; the same for all records of a route and kinds, so it is made once."""
    name = ("why", route, tuple(anchor.kinds), match)
    found: Text | None = store.made.get(name)
    if found is None:
        title, by = titled(store, route.end), tuple(anchor.kinds)
        if match is Match.SHARED:
            found = words.shared(title)
        elif match is Match.PROPOSED and not route.path:
            found = words.claimed(title, by)
        elif route.path:
            found = words.below(title, titled(store, route.anchor), by)
        else:
            found = words.direct(title, by)
        store.made[name] = found
    return found
