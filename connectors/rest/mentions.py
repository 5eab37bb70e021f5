"""Rows of others that mention an address: found by the vendor's own search, compared by us, shown to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors import _words as words
from connectors._people import Asked
from dsr.contract import Match, Record, Subject

from .filling import pick, texts
from .holding import Held, Source, chunks

MENTION = "mention"
Named = tuple[str, str, str]
"""The subject, what the vendor calls the kind of row, its id."""


def find(source: Source, subjects: Sequence[Subject], hers: Sequence[Record]) -> Iterator[Record]:
    """Rows that hold a proved address anywhere and are not already in ``hers``, the records of these people."""
    addresses = [
        Subject(one.key, tuple(i for i in one.proved if i.kind == "email") or one.proved) for one in subjects
    ]
    asked = Asked(addresses)
    values = [one for one in asked.by_kind.get("email", ()) if "@" in one]
    if source.vendor.mentions is None or not values:
        return
    own = _own(source, hers)
    for held in _rows(source, values):
        seen = {
            number: form
            for _, form in asked.mentioned(texts(held.values))
            for number, _ in asked.who("email", form)
        }
        for number, form in seen.items():
            if (subjects[number].key, held.collection.called, held.id) not in own:
                yield _record(source, subjects[number].key, held, form)


def _rows(source: Source, values: Sequence[str]) -> Iterator[Held]:
    """What the search gives, read by id; it may lag, and finds parts of words."""
    told = source.vendor.mentions
    places = {one.called: one for one in source.vendor.collections if one.mentions}
    if told is None or not places:
        return
    found: dict[str, dict[str, None]] = {}
    for some in chunks(values, source.vendor.calls[told.call].many):
        for entry in source.api.read(told.call, {"values": some, "objects": list(places)}):
            for kind in pick(entry, told.kind):
                found.setdefault(str(kind), {}).update(
                    dict.fromkeys(str(one) for one in pick(entry, told.key))
                )
    source.ahead(
        [one for kind, ids in found.items() if kind in places for one in source.unread(places[kind], ids)]
    )
    for kind, ids in found.items():
        if kind in places:
            yield from source.roots(places[kind], ids).values()


def _own(source: Source, hers: Sequence[Record]) -> set[Named]:
    """The rows of these records, known since they were counted."""
    found: set[Named] = set()
    for one in hers:
        collection, id = source.vendor.collection(one.collection), str(one.anchor[1][-1])
        roots = list(source.roots(source.vendor.collection(one.anchor[0]), [id]).values())
        rows = source.below(collection, roots).get(id, ())
        found |= {(one.subject, collection.called, row.id) for row in rows}
    return found


def _record(source: Source, subject: str, held: Held, form: str) -> Record:
    name = held.collection.name
    return Record(
        id=source.record_id(name, held.key, name, MENTION),
        subject=subject,
        collection=name,
        anchor=(name, held.key),
        path=(MENTION,),
        count=1,
        seen=(("email", form),),
        match=Match.MENTIONED,
        why=words.mentioned(held.collection.title),
    )
