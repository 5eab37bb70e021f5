"""The identifiers a file holds, a stretch of rows at a time: what lets us notice erased people who came back."""

from __future__ import annotations

import json
from itertools import islice

from dsr.contract import ConnectorError, Listed

from .book import Book

ROWS = 20_000
"""Rows of one page: a file has to be read from its beginning each time."""


def identifiers(book: Book, after: str | None, rows: int = ROWS) -> Listed:
    """One page of (kind, value), sheet by sheet along the rows. Rows that are taken out of the file meanwhile
    let others slip by until the next time."""
    sheets = book.sheets
    number, start = _cursor(after, len(sheets))
    if number >= len(sheets):
        return Listed(())
    sheet = sheets[number]
    found: dict[tuple[str, str], None] = {}
    read = 0
    for line in islice(book.lines(sheet), start, start + rows):
        read += 1
        if sheet.counts(line.cells):
            found |= dict.fromkeys(sheet.seen(line.cells))
    if read == rows:
        return Listed(tuple(found), json.dumps([number, start + rows]))
    more = number + 1 < len(sheets)
    return Listed(tuple(found), json.dumps([number + 1, 0]) if more else None)


def _cursor(after: str | None, most: int) -> tuple[int, int]:
    if after is None:
        return 0, 0
    try:
        number, start = json.loads(after)
        if isinstance(number, int) and isinstance(start, int) and 0 <= number < most and start >= 0:
            return number, start
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of this list; start again", permanent=True)
