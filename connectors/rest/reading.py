"""Read: the rows of records as they are now, page by page."""

from __future__ import annotations

import json
from collections.abc import Sequence

from connectors._people import plain
from dsr.contract import ConnectorError, Record, Row, RowPage

from .grouping import group, hers, prefetch
from .holding import Source

AHEAD = 100
"""Records whose rows are asked for together."""


def read(source: Source, records: Sequence[Record], after: str | None, page: int) -> RowPage:
    """Up to ``page`` rows from where the cursor stands: (number of the record, rows of it given)."""
    number, given = _cursor(after, len(records))
    prefetched, own = number, hers(source, records)
    found: list[tuple[str, Row]] = []
    while number < len(records):
        if number >= prefetched:
            prefetched = number + min(AHEAD, page)
            prefetch(source, records[number:prefetched])
        record = records[number]
        # Whoever reads a record was given it: the row must still carry all that was seen at it.
        asked = {(kind, plain(kind, value)) for kind, value in record.seen}
        mine = [one.row() for one in group(source, record, asked, own[record.subject]).rows][given:]
        room = page - len(found)
        found += [(record.id, row) for row in mine[:room]]
        if len(mine) > room:
            return RowPage(tuple(found), json.dumps([number, given + room]))
        number, given = number + 1, 0
    source.told()
    return RowPage(tuple(found))


def _cursor(after: str | None, most: int) -> tuple[int, int]:
    if after is None:
        return 0, 0
    try:
        number, given = json.loads(after)
        if isinstance(number, int) and isinstance(given, int) and 0 <= number < most and given >= 0:
            return number, given
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of this reading; start again", permanent=True)
