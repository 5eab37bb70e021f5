"""Free text that mentions an address: shown to a person, never acted on.

The server looks for the letters of the addresses, table by table and once for all people of a batch; what it gives
is compared in our own code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors import _words as words
from connectors._people import Asked, addresses
from dsr.contract import Match, Record, Subject

from .api import Bound
from .selecting import MENTION, chosen, meant, mentioning, record_id, text_of, texts
from .tables import Store, Table, quoted

MOST = 20_000
"""Rows of one table that are shown."""


def find(store: Store, subjects: Sequence[Subject], records: Sequence[Record]) -> Iterator[Record]:
    """Rows whose text mentions a proved address and that are not already in the ``records`` of the same person."""
    proved = [Subject(one.key, one.proved) for one in subjects]
    for collection in store.map.collections:
        table = store.table(collection.name)
        if texts(table):
            own = [one for one in records if one.collection == collection.name]
            yield from _in(store, table, proved, own)


def _in(store: Store, table: Table, subjects: Sequence[Subject], own: Sequence[Record]) -> Iterator[Record]:
    asked, key = Asked(subjects), len(table.collection.key)
    for raw in _hits(store, table, subjects, own):
        named = [address for text in raw[key + 1 :] for address in addresses(text)]
        found = {number: one for one in reversed(named) for number, _ in asked.who("email", one)}
        yield from (
            _record(store, table, subjects[number].key, raw[:key], found[number])
            for number in sorted(found)
            if raw[key][number]
        )


def _hits(store: Store, table: Table, subjects: Sequence[Subject], own: Sequence[Record]) -> list[list[Any]]:
    """Key, for each person whether the row may mention her and is not hers, and the texts of a row."""
    bound = Bound()
    flags = []
    for one in subjects:
        forms = [form for each in one.proved if each.kind == "email" for form in each.forms()]
        hers = [f"NOT ({chosen(store, record, bound)})" for record in own if record.subject == one.key]
        flags.append(" AND ".join([mentioning(table, forms, bound), *hers]) if forms else "0")
    if set(flags) == {"0"}:
        return []
    shown = ", ".join(quoted(one) for one in table.collection.key)
    written = ", ".join(text_of(table, one) for one in texts(table))
    may = ", ".join(f"toUInt8({one})" for one in flags)
    return store.api.rows(
        f"SELECT {shown}, [{may}] AS dsr_may, {written} FROM {table.sql}"  # noqa: S608
        f" WHERE has(dsr_may, 1) AND {meant(table, bound)} ORDER BY {table.key} LIMIT {MOST}",
        bound,
    )


def _record(store: Store, table: Table, subject: str, key: list[Any], address: str) -> Record:
    anchor = (table.collection.name, table.key_of(key))
    return Record(
        id=record_id(store, anchor, MENTION),
        subject=subject,
        collection=table.collection.name,
        anchor=anchor,
        path=MENTION,
        count=1,
        seen=(("email", address),),
        match=Match.MENTIONED,
        why=words.mentioned(table.title),
    )
