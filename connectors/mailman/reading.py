"""Read: the rows of records, page by page."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dsr.contract import ConnectorError, Record, Row, RowPage

from .holding import Source, rows


def read(source: Source, records: Sequence[Record], after: str | None, page: int) -> RowPage:
    """Up to ``page`` rows from where the cursor stands: (number of the record, rows of it given)."""
    number, given = _cursor(after, len(records))
    found: list[tuple[str, Row]] = []
    while number < len(records):
        mine = rows(source, records[number], whole=True)[given:]
        room = page - len(found)
        found += [(records[number].id, row) for row in mine[:room]]
        if len(mine) > room:
            return RowPage(tuple(found), json.dumps([number, given + room]))
        number, given = number + 1, 0
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
