"""Locate: events that name a person, compared again in our own code, and what hangs on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors import _words as words
from connectors._people import Asked
from dsr.contract import ConnectorError, Found, Identifier, Located, Match, Record, Searched, Subject

from . import mentions
from .api import Bound
from .selecting import chosen, identities, meant, record_id, strangers, text_of
from .tables import Store, Table


def locate(store: Store, subjects: Sequence[Subject], after: str | None) -> Located:
    """Every record of these people; they all come in one page, because each stands for many rows."""
    if after is not None:
        raise ConnectorError("this cursor is not of this search; start again", permanent=True)
    hers = tuple(search(store, subjects))
    records = (*hers, *mentions.find(store, subjects, hers))
    counts = {one.key: 0 for one in subjects}
    for record in records:
        counts[record.subject] += record.count
    answers = ((one.key, counts[one.key]) for one in subjects)
    return Located(records, tuple(Searched(k, Found.FOUND if n else Found.NOTHING, n) for k, n in answers))


def search(store: Store, subjects: Sequence[Subject]) -> Iterator[Record]:
    """Records in the order of the map."""
    asked = Asked(subjects)
    for collection in store.map.collections:
        if identities(collection):
            for record in _named(store, store.table(collection.name), asked, subjects):
                yield record
                yield from _below(store, record)


def _named(store: Store, table: Table, asked: Asked, subjects: Sequence[Subject]) -> Iterator[Record]:
    fields = identities(table.collection)
    for *held, count, first in _groups(store, table, asked):
        seen = tuple((f.identity, str(v)) for f, v in zip(fields, held, strict=True) if str(v).strip())
        hits: dict[int, tuple[bool, list[str]]] = {}
        for kind, value in seen:
            for number, proved in asked.who(kind, value):
                before, kinds = hits.get(number, (False, []))
                hits[number] = (before or proved, [*kinds, kind])
        several = sum(proved for proved, _ in hits.values()) > 1
        for number, (proved, kinds) in hits.items():
            match = Match.PROPOSED if not proved else Match.SHARED if several else Match.EXACT
            subject, anchor = subjects[number].key, (table.collection.name, table.key_of(first))
            yield _record(store, table, (subject, anchor, seen, tuple(kinds)), int(count), match)


def _groups(store: Store, table: Table, asked: Asked) -> list[list[Any]]:
    """The identities that rows hold, with their number and the first key: candidates, not yet hers."""
    bound, parts = Bound(), []
    for one in identities(table.collection):
        forms = tuple(asked.forms.get(one.identity, ()))
        if forms and one.identity == "email":
            lowered = dict.fromkeys(
                "".join(c.lower() if c.isascii() else c for c in f.strip()) for f in forms
            )
            parts.append(f"lower(trimBoth({text_of(table, one.name)})) IN {bound.strings(lowered)}")
        elif forms:
            parts.append(f"{text_of(table, one.name)} IN {bound.strings(forms)}")
    if not parts:
        return []
    held = ", ".join(text_of(table, one.name) for one in identities(table.collection))
    return store.api.rows(
        f"SELECT {held}, count(), min({table.key}) FROM {table.sql}"  # noqa: S608
        f" WHERE ({' OR '.join(parts)}) AND {meant(table, bound)} GROUP BY {held} ORDER BY {held}",
        bound,
    )


def _record(
    store: Store, table: Table, found: tuple[str, Any, Any, tuple[str, ...]], count: int, match: Match
) -> Record:
    subject, anchor, seen, kinds = found
    why = words.claimed if match is Match.PROPOSED else words.direct
    reveals = {f.identity: f.reveals or f.identity for f in identities(table.collection)}
    return Record(
        id=record_id(store, anchor, ()),
        subject=subject,
        collection=table.collection.name,
        anchor=anchor,
        path=(),
        count=count,
        seen=seen,
        match=match,
        why=words.shared(table.title) if match is Match.SHARED else why(table.title, kinds),
        reveals=tuple(Identifier(reveals[k], v) for k, v in seen) if match is Match.EXACT else (),
    )


def _below(store: Store, parent: Record) -> Iterator[Record]:
    """What declared references lead to, level by level."""
    for child, _ in {c.name: (c, r) for c, r in store.map.children(parent.collection)}.values():
        if child.name == parent.collection:
            continue
        for number, reference in enumerate(child.references):
            if reference.target == parent.collection:
                record = _child(store, parent, child.name, number)
                if record.count:
                    yield record
                    yield from _below(store, record)


def _child(store: Store, parent: Record, name: str, number: int) -> Record:
    table, path = store.table(name), (*parent.path, f"{name}#{number}")
    why = words.below(table.title, store.table(parent.collection).title, tuple(k for k, _ in parent.seen))
    bare = replace(
        parent,
        id=record_id(store, parent.anchor, path),
        collection=name,
        path=path,
        count=0,
        reveals=(),
        why=why,
    )
    bound = Bound()
    count = store.api.number(f"SELECT count() FROM {table.sql} WHERE {chosen(store, bare, bound)}", bound)  # noqa: S608
    bound = Bound()
    others = store.api.number(strangers(store, bare, bound), bound) if count else 0
    match = Match.SHARED if others and parent.match is Match.EXACT else parent.match
    told = words.shared(table.title) if others else why
    return replace(bare, count=count, others=others, match=match, why=told)
