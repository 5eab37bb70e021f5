"""Read: rows in key order, page by page, each page no longer than asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from dsr.contract import ConnectorError, Key, Record, Row, RowPage

from .api import Bound
from .selecting import chosen
from .tables import Store, Table, quoted


def read(store: Store, records: Sequence[Record], after: str | None) -> RowPage:
    """Up to a page of rows from where the cursor stands: (number of the record, last key given)."""
    number, last = _cursor(after, len(records))
    found: list[tuple[str, Row]] = []
    while number < len(records):
        record, bound = records[number], Bound()
        table, free = store.table(record.collection), store.page - len(found)
        rows = page(store, table, chosen(store, record, bound), bound, (last, free), mapped(table))
        found += [(record.id, row) for row in rows]
        if len(rows) == free:
            return RowPage(tuple(found), json.dumps([number, rows[-1].key]))
        number, last = number + 1, None
    return RowPage(tuple(found))


def mapped(table: Table) -> tuple[str, ...]:
    """The columns that the map names."""
    return tuple(one.name for one in table.collection.fields)


def page(
    store: Store,
    table: Table,
    where: str,
    bound: Bound,
    place: tuple[Key | None, int],
    names: Sequence[str],
) -> list[Row]:
    """The rows that follow a key, at most so many."""
    last, most = place
    beyond = f" AND {table.key_is('>', last, bound)}" if last is not None else ""
    shown = ", ".join(quoted(one) for one in (*table.collection.key, *names))
    raws = store.api.rows(
        f"SELECT {shown} FROM {table.sql} WHERE ({where}){beyond} ORDER BY {table.key} LIMIT {int(most)}",  # noqa: S608
        bound,
    )
    width = len(table.collection.key)
    withheld = tuple(f.name for f in table.collection.fields if f.free_text or f.third_party)
    return [
        Row(
            table.collection.name,
            table.key_of(raw[:width]),
            {n: table.columns[n].value(v) for n, v in zip(names, raw[width:], strict=True)},
            withheld,
        )
        for raw in raws
    ]


def whole(store: Store, table: Table, where: str) -> Iterator[Row]:
    """Every row, with every column, a page in memory at a time. The condition needs no values."""
    last: Key | None = None
    while True:
        rows = page(store, table, where, Bound(), (last, store.page), tuple(table.columns))
        yield from rows
        if len(rows) < store.page:
            return
        last = rows[-1].key


def _cursor(after: str | None, most: int) -> tuple[int, Key | None]:
    if after is None:
        return 0, None
    try:
        number, last = json.loads(after)
        if isinstance(number, int) and 0 <= number < most and isinstance(last, list):
            return number, tuple(last)
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of this reading; start again", permanent=True)
