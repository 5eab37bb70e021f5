"""Read: the rows of records in the order of the file, page after page out of one pass."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from dsr.contract import ConnectorError, Record, Row, RowPage

from .book import Book
from .walking import Known, group_of, walk

Pair = tuple[str, Row]


class Reading:
    """Gives pages; asked for the next one it goes on where it stopped, for any other it starts again."""

    def __init__(self) -> None:
        self._state: tuple[str, tuple[str, ...]] | None = None
        self._rows: Iterator[Pair] = iter(())
        self._ahead: list[Pair] = []
        self._book: Book | None = None
        self._digest = hashlib.sha256()

    def page(
        self, make: Callable[[], Book], records: Sequence[Record], after: str | None, size: int
    ) -> RowPage:
        """One page. ConnectorError(permanent=False) when the file changed between two pages."""
        ids = tuple(record.id for record in records)
        start, was, given = _cursor(after)
        if after is None or self._state != (after, ids) or self._book is None:
            self._begin(make(), records)
            if after is not None and self._marked() != was:
                raise ConnectorError("the file was changed while it was read; start again", permanent=False)
            if len([self._told(pair) for pair in islice(self._rows, start)]) < start:
                raise _strange()
            if after is not None and self._digest.hexdigest() != given:
                raise ConnectorError(
                    "the rows were changed while they were read; start again", permanent=False
                )
        found = (*self._ahead, *islice(self._rows, size - len(self._ahead)))
        for pair in found:
            self._told(pair)
        self._ahead = list(islice(self._rows, 1))
        if not self._ahead:
            self.close()
            return RowPage(found)
        cursor = json.dumps([start + len(found), self._marked(), self._digest.hexdigest()])
        self._state = (cursor, ids)
        return RowPage(found, cursor)

    def _told(self, pair: Pair) -> Pair:
        """A row that was given: the digest of them all tells whether another reading gives the same."""
        row = pair[1]
        self._digest.update(repr((row.collection, row.key, sorted(row.values.items()))).encode())
        return pair

    def _begin(self, book: Book, records: Sequence[Record]) -> None:
        self.close()
        self._book, self._digest = book, hashlib.sha256()
        self._rows = _rows(book, records)

    def _marked(self) -> list[int]:
        return list(self._book.mark) if self._book else []

    def close(self) -> None:
        """Let go of the file."""
        self._state, self._rows, self._ahead = None, iter(()), []
        if self._book is not None:
            self._book.close()
            self._book = None


def _rows(book: Book, records: Sequence[Record]) -> Iterator[Pair]:
    groups: dict[object, list[Record]] = {}
    for record in records:
        groups.setdefault(group_of(record), []).append(record)
    for hit in walk(book, Known(records)):
        for record in groups.get(hit.group, ()):
            yield (
                record.id,
                Row(hit.sheet.name, hit.key, hit.sheet.values(hit.line.cells), hit.sheet.withheld),
            )


def _cursor(after: str | None) -> tuple[int, list[int], str]:
    if after is None:
        return 0, [], ""
    try:
        start, marked, given = json.loads(after)
        if isinstance(start, int) and start > 0 and isinstance(marked, list) and isinstance(given, str):
            return start, marked, given
    except (ValueError, TypeError):
        pass
    raise _strange()


def _strange() -> ConnectorError:
    return ConnectorError("this cursor is not of these records; start again", permanent=True)
