"""Locate: one pass for a whole batch; rows of a person that name her alike are one record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors import _words as words
from connectors._people import Asked, Seen, plain
from dsr.contract import Found, Identifier, Key, Located, Match, Record, Searched, Subject, Text

from .book import Book
from .walking import MENTION, Group, Hit, walk


class Hunt:
    """The subjects of a batch as ``Wanted``; knows afterwards by what a row named each of them."""

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self._asked = Asked(subjects)
        self._keys = [subject.key for subject in subjects]
        self._numbers = {subject.key: n for n, subject in enumerate(subjects)}

    def named(self, collection: str, seen: Seen) -> Iterable[str]:
        """See ``walking.Wanted``."""
        found = {n: None for kind, value in seen for n, _ in self._asked.who(kind, value)}
        return [self._keys[n] for n in found]

    def mentioned(self, address: str) -> Iterable[str]:
        """See ``walking.Wanted``: only proved addresses."""
        return [self._keys[n] for n, proved in self._asked.who("email", address) if proved]

    def by_what(self, who: str, seen: Seen) -> tuple[tuple[str, ...], bool]:
        """(kinds by which the row names this person, whether one of them is proved)."""
        number = self._numbers[who]
        kinds: list[str] = []
        certain = False
        for kind, value in seen:
            proofs = [proved for n, proved in self._asked.who(kind, value) if n == number]
            kinds += [kind] if proofs else []
            certain = certain or any(proofs)
        return tuple(dict.fromkeys(kinds)), certain


@dataclass
class Rows:
    """The rows of one group, counted. ``key``: of the first row that holds the identifier."""

    key: Key
    title: Text
    anchor_title: Text
    count: int = 0
    shared: bool = False
    reveals: dict[Identifier, None] = field(default_factory=dict)


def locate(book: Book, system: str, subjects: Sequence[Subject]) -> Located:
    """Everything in one page: the file has been read to its end anyway."""
    hunt = Hunt(subjects)
    groups = collected(book, hunt)
    records = tuple(_record(system, group, rows, hunt) for group, rows in groups.items())
    counts = dict.fromkeys((subject.key for subject in subjects), 0)
    for record in records:
        counts[record.subject] += record.count
    return Located(records, tuple(_answer(key, count) for key, count in counts.items()))


def collected(book: Book, hunt: Hunt) -> Mapping[Group, Rows]:
    """The groups of everyone, each with its first key and the number of its rows."""
    groups: dict[Group, Rows] = {}
    titles = {sheet.name: sheet.title for sheet in book.sheets}
    last: Hit | None = None
    for hit in walk(book, hunt):
        rows = groups.get(hit.group)
        if rows is None:
            above = groups.get(hit.group._replace(collection=hit.group.anchor, path=()))
            key = above.key if hit.group.path and hit.group.path != MENTION and above else hit.key
            rows = groups[hit.group] = Rows(key, hit.sheet.title, titles[hit.group.anchor])
            rows.shared = hit.sheet.collection.owner in ("shared", "other")
        rows.count += 1
        if not hit.group.path:
            rows.reveals |= dict.fromkeys(_canonical(one) for one in hit.sheet.reveals(hit.line.cells))
        if last is not None and last.line is hit.line and MENTION not in (last.group.path, hit.group.path):
            rows.shared = groups[last.group].shared = True
        last = hit
    return groups


def _canonical(one: Identifier) -> Identifier:
    return Identifier(one.kind, plain(one.kind, one.value)) if one.kind == "email" else one


def _answer(key: str, count: int) -> Searched:
    return Searched(key, Found.FOUND if count else Found.NOTHING, count)


def _record(system: str, group: Group, rows: Rows, hunt: Hunt) -> Record:
    kinds, certain = hunt.by_what(group.who, group.seen)
    match = match_of(group, rows.shared, certain)
    return Record(
        id=_record_id(system, group, rows.key),
        subject=group.who,
        collection=group.collection,
        anchor=(group.anchor, rows.key),
        path=group.path,
        count=rows.count,
        seen=group.seen,
        match=match,
        why=_why(group, rows, kinds, match),
        reveals=tuple(rows.reveals),
    )


def match_of(group: Group, shared: bool, certain: bool) -> Match:
    """How sure it is that the rows of a group are hers, and hers alone."""
    if group.path == MENTION:
        return Match.MENTIONED
    if shared:
        return Match.SHARED
    return Match.EXACT if certain else Match.PROPOSED


def _record_id(system: str, group: Group, key: Key) -> str:
    """The same group has the same id; nothing can be read in it."""
    parts = [system, group.collection, group.anchor, key, group.path]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def _why(group: Group, rows: Rows, kinds: tuple[str, ...], match: Match) -> Text:
    if match is Match.MENTIONED:
        return words.mentioned(rows.title)
    if match is Match.SHARED:
        return words.shared(rows.title)
    if match is Match.PROPOSED:
        return words.claimed(rows.title, kinds)
    return (
        words.below(rows.title, rows.anchor_title, kinds) if group.path else words.direct(rows.title, kinds)
    )
