"""Keys and values of a change wait in tables of ours, so that no command of a mutation holds a value.

``system.mutations`` and the files of a table keep the text of every command: it names these tables alone.
They live in the server's memory (engine Memory) and are dropped afterwards.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from connectors._tokens import PREFIX as PREFIX_OF_TOKENS
from connectors._tokens import is_token
from dsr.contract import Change, ConnectorError, Row

from .api import Bound, Failed
from .planning import digests, new_value
from .tables import Store, Table, quoted, stored

PREFIX = "dsr_stage_"
ITEM = "dsr_item"
RANDOM = f"concat('{PREFIX_OF_TOKENS}', replaceAll(toString(generateUUIDv4()), '-', ''))"


class Stage:
    """The keys of rows of one table, by the number of the item they belong to."""

    def __init__(self, store: Store, table: Table) -> None:
        self.store, self.table = store, table
        self.name = PREFIX + secrets.token_hex(8)
        self.sql = f"{quoted(store.api.database)}.{quoted(self.name)}"
        self._keys = ", ".join(quoted(one) for one in table.collection.key)

    def create(self) -> None:
        """An empty table with the types of the key."""
        columns = f"toUInt32(0) AS {ITEM}, {self._keys}"
        self.store.api.run(
            f"CREATE TABLE {self.sql} ENGINE = Memory AS SELECT {columns} FROM {self.table.sql} WHERE 0"  # noqa: S608
        )

    def drop(self) -> None:
        """Its keys leave the server's memory."""
        self.store.api.run(f"DROP TABLE IF EXISTS {self.sql} SYNC")

    def fill(self, number: int, where: str, bound: Bound) -> None:
        """Add the keys of rows, each once; they do not leave the server."""
        self.store.api.run(
            f"INSERT INTO {self.sql} SELECT toUInt32({int(number)}), {self._keys} FROM {self.table.sql}"  # noqa: S608
            f" WHERE ({where}) AND {self.table.key} NOT IN (SELECT {self.table.key} FROM {self.sql})",
            bound,
        )

    def fill_rows(self, number: int, rows: Iterable[Row]) -> None:
        """Add the keys of sealed rows."""
        names = self.table.collection.key
        made = [{ITEM: number, **{n: stored(row.values[n]) for n in names}} for row in rows]
        self.store.api.insert(self.sql, made)

    def digests(self, number: int) -> bytes:
        """The digests of the keys of an item."""
        return digests(self.store, self.table, lambda _: f"{ITEM} = {int(number)}", self.sql)

    def matches(self, numbers: Iterable[int]) -> str:
        """Rows of the table that belong to these items, as a condition without values."""
        some = ", ".join(str(int(one)) for one in numbers)
        return f"{self.table.key} IN (SELECT {self.table.key} FROM {self.sql} WHERE {ITEM} IN ({some}))"  # noqa: S608

    def count(self, number: int) -> int:
        """Keys of an item."""
        return self.store.api.number(f"SELECT count() FROM {self.sql} WHERE {ITEM} = {int(number)}")  # noqa: S608

    def present(self, number: int, *, masked: bool = True) -> int:
        """Rows of the table with keys of an item."""
        where = self.matches([number])
        return self.store.api.number(f"SELECT count() FROM {self.table.sql} WHERE {where}", masked=masked)  # noqa: S608

    def delete(self, numbers: Sequence[int]) -> None:
        """Mark the rows as deleted, then write the parts anew without them."""
        self._mutate(f"DELETE FROM {self.table.sql} WHERE {self.matches(numbers)}")  # noqa: S608
        self._mutate(f"ALTER TABLE {self.table.sql} APPLY DELETED MASK")

    def update(self, number: int, changes: Sequence[Change], only: str = "1") -> None:
        """Set values in the rows of an item; the values wait in a table of their own, random texts are made row by
        row."""
        values = f"{quoted(self.store.api.database)}.{quoted(self.name + '_v')}"
        bound = Bound()
        said = [(n, one) for n, one in enumerate(changes) if not is_token(one.new)]
        made = ", ".join(["1 AS v", *(f"{new_value(self.table, one, bound)} AS v{n}" for n, one in said)])
        api = self.store.api
        try:
            api.run(f"CREATE TABLE {values} ENGINE = Memory AS SELECT {made}", bound)
            # A scalar subquery keeps NULL as it is.
            stand = {n: f"(SELECT v{n} FROM {values} LIMIT 1)" for n, _ in said}  # noqa: S608
            sets = ", ".join(f"{quoted(one.field)} = {stand.get(n, RANDOM)}" for n, one in enumerate(changes))
            where = f"{self.matches([number])} AND ({only})"
            self._mutate(f"ALTER TABLE {self.table.sql} UPDATE {sets} WHERE {where}")
        finally:
            api.run(f"DROP TABLE IF EXISTS {values} SYNC")

    def _mutate(self, sql: str) -> None:
        """A mutation that did not end is taken back: it would wait for ever for a table that is dropped."""
        try:
            self.store.api.run(sql)
        except ConnectorError:
            bound = Bound()
            ours = f"position(command, {bound.string(self.name)}) > 0"
            with suppress(Failed):
                self.store.api.run(f"KILL MUTATION WHERE {ours} SYNC", bound)
            raise


@contextmanager
def staged(store: Store, table: Table) -> Iterator[Stage]:
    """A stage that is dropped afterwards, whatever happens."""
    stage = Stage(store, table)
    try:
        stage.create()
        yield stage
    finally:
        stage.drop()
