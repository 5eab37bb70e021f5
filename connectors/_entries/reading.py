"""Read: the rows of records, page by page, never more bytes at once than a page may hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dsr.contract import ConnectorError, Record, Row, RowPage

from .source import Entries

MOST_BYTES = 32 * 1024 * 1024


def read(source: Entries, records: Sequence[Record], after: str | None, page: int) -> RowPage:
    """Up to ``page`` rows from where the cursor stands: (number of the record, rows of it given)."""
    number, given = _cursor(after, len(records))
    found: list[tuple[str, Row]] = []
    size = 0
    while number < len(records):
        for entry in source.reach(records[number])[given:]:
            if len(found) == page or size >= MOST_BYTES:
                return RowPage(tuple(found), json.dumps([number, given]))
            row = source.row(entry, whole=False)
            found.append((records[number].id, row))
            size += sum(weight(value) for value in row.values.values())
            given += 1
        number, given = number + 1, 0
    return RowPage(tuple(found))


def weight(value: Any) -> int:
    """About how many bytes a value takes."""
    if isinstance(value, list | tuple):
        return sum(weight(one) for one in value)
    return len(value) if isinstance(value, str | bytes) else 8


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
