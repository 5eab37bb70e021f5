"""One pass over a file: the rows that name somebody who is looked for, and what hangs on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from connectors._people import Seen, addresses, plain
from dsr.contract import Key, Record, key_digest

from .book import Book
from .sheets import Line, Sheet

MENTION = ("mention",)


class Group(NamedTuple):
    """What makes rows one ``Record``: whose, in which collection, named how (as stored), reached how."""

    who: str
    collection: str
    anchor: str
    seen: Seen
    path: tuple[str, ...]


class Hit(NamedTuple):
    """One row of one group, and the row before it in the file."""

    group: Group
    sheet: Sheet
    line: Line
    key: Key
    previous: Line | None

    @property
    def above(self) -> bytes:
        """Stands for the row before this one in the file; b'' for the first."""
        return key_digest(self.sheet.key(self.previous.cells)) if self.previous else b""

    @property
    def gap(self) -> int:
        """How far behind the row before it starts: empty lines of a CSV file lie between."""
        return self.line.start - self.previous.stop if self.previous else 0


class Wanted(Protocol):
    """Who is looked for."""

    def named(self, collection: str, seen: Seen) -> Iterable[str]:
        """The keys of the subjects that a row with these identifiers names."""

    def mentioned(self, address: str) -> Iterable[str]:
        """The keys of the subjects whose address this is."""


class Known:
    """Looks for the rows of known records: the identifiers must stand there exactly as they were seen."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._named: dict[tuple[str, Seen], dict[str, None]] = {}
        self._mentioned: dict[str, dict[str, None]] = {}
        for record in records:
            if record.path == MENTION:
                for kind, value in record.seen:
                    self._mentioned.setdefault(plain(kind, value), {})[record.subject] = None
            else:
                self._named.setdefault((record.anchor[0], record.seen), {})[record.subject] = None

    def named(self, collection: str, seen: Seen) -> Iterable[str]:
        """See ``Wanted``."""
        return self._named.get((collection, seen), ())

    def mentioned(self, address: str) -> Iterable[str]:
        """See ``Wanted``."""
        return self._mentioned.get(plain("email", address), ())


def group_of(record: Record) -> Group:
    """The group behind a record."""
    return Group(record.subject, record.collection, record.anchor[0], record.seen, record.path)


Base = tuple[str, str, Seen, tuple[str, ...]]
"""Whose, anchor collection, seen, path."""


def walk(book: Book, wanted: Wanted) -> Iterator[Hit]:
    """Every row that is somebody's, in the order of the file, once for each person."""
    links: dict[tuple[str, int], dict[tuple[str, ...], list[Base]]] = {}
    for sheet in book.sheets:
        ordinals: Counter[Key] = Counter()
        parents = _parents(book, sheet, links)
        here: Line | None = None
        for line in book.lines(sheet):
            previous, here = here, line
            bases = _bases(sheet, line, wanted, parents)
            if not bases or not sheet.counts(line.cells):
                continue
            key = sheet.key(line.cells)
            if sheet.keyless:
                ordinals[key] += 1
                key = (*key, ordinals[key])
            _link(book, sheet, line, bases, links)
            for who, anchor, seen, path in bases:
                yield Hit(Group(who, sheet.name, anchor, seen, path), sheet, line, key, previous)


Parents = Sequence[tuple[tuple[str, ...], Mapping[str, object], str, dict[tuple[str, ...], list[Base]]]]


def _parents(
    book: Book, sheet: Sheet, links: dict[tuple[str, int], dict[tuple[str, ...], list[Base]]]
) -> Parents:
    """The references of this sheet to sheets of the same file: (columns, where, step of the path, bases)."""
    inside = {one.name for one in book.sheets} - {sheet.name}
    return [
        (
            one.columns,
            one.where,
            f"{sheet.name}.{','.join(one.columns)}",
            links.setdefault((sheet.name, n), {}),
        )
        for n, one in enumerate(sheet.collection.references)
        if one.target in inside
    ]


def _bases(sheet: Sheet, line: Line, wanted: Wanted, parents: Parents) -> list[Base]:
    seen = sheet.seen(line.cells)
    found: dict[str, Base] = {}
    if seen:
        for who in wanted.named(sheet.name, seen):
            found[who] = (who, sheet.name, seen, ())
    for columns, where, step, bases in parents:
        if bases and sheet.holds(line.cells, where):
            for who, anchor, above, path in bases.get(sheet.tuple_of(line.cells, columns), ()):
                found.setdefault(who, (who, anchor, above, (*path, step)))
    for place in sheet.free_text:
        cell = line.cells[place] if place < len(line.cells) else None
        if isinstance(cell, str):
            for address in addresses(cell):
                for who in wanted.mentioned(address):
                    found.setdefault(who, (who, sheet.name, (("email", address),), MENTION))
    return list(found.values())


def _link(
    book: Book,
    sheet: Sheet,
    line: Line,
    bases: Iterable[Base],
    links: dict[tuple[str, int], dict[tuple[str, ...], list[Base]]],
) -> None:
    """Remember the row for the sheets that refer to it; a mere mention leads nowhere."""
    hers = [base for base in bases if base[3] != MENTION]
    if not hers:
        return
    for other in book.sheets:
        for number, one in enumerate(other.collection.references):
            if one.target == sheet.name and other is not sheet:
                value = sheet.tuple_of(line.cells, one.target_columns)
                if value:
                    links.setdefault((other.name, number), {}).setdefault(value, []).extend(hers)


def by_digest(book: Book, wanted: Mapping[str, set[bytes]]) -> Iterator[tuple[Sheet, Line, bytes]]:
    """Rows whose key has one of these digests, by collection, whosever they are. In a keyless sheet equal
    rows have equal digests here."""
    for sheet in book.sheets:
        digests = wanted.get(sheet.name)
        if not digests:
            continue
        for line in book.lines(sheet):
            digest = key_digest(sheet.key(line.cells))
            if digest in digests:
                yield sheet, line, digest
