"""Keys and values of a change wait in tables of ours, so that no command of a mutation holds a value.

``system.mutations`` and the files of a table keep the text of every command: it names these tables alone.
They live in the server's memory (engine Memory) and are dropped afterwards.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from connectors._tokens import is_grave, is_token, random_text
from dsr.contract import Change, ConnectorError, Row

from .api import Bound, Failed
from .planning import digests, new_value
from .selecting import identities, leads_somewhere, text_of
from .tables import Store, Table, quoted, stored

PREFIX = "dsr_stage_"
ITEM, SEEN = "dsr_item", "dsr_seen"
TOKENS = 10_000
"""Tokens that are here at once."""
Tombstone = Callable[[str], str]


def whose(table: Table) -> str:
    """A number made of what tells whose a row is: its identities, and the columns by which it hangs on another."""
    one = table.collection
    names = [each.name for each in identities(one)] + [
        name for each in one.references for name in each.columns
    ]
    texts = [f"ifNull(toString({quoted(name)}), '')" for name in dict.fromkeys(names)]
    return f"cityHash64({', '.join(texts)})" if texts else "toUInt64(0)"


class Stage:
    """The keys of rows of one table, by the number of the item they belong to."""

    def __init__(self, store: Store, table: Table) -> None:
        self.store, self.table = store, table
        self.name = PREFIX + secrets.token_hex(8)
        self.sql = f"{quoted(store.api.database)}.{quoted(self.name)}"
        self._keys = ", ".join(quoted(one) for one in table.collection.key)
        self._whose = whose(table)

    def create(self) -> None:
        """An empty table with the types of the key."""
        columns = f"toUInt32(0) AS {ITEM}, toUInt64(0) AS {SEEN}, {self._keys}"
        self.store.api.run(
            f"CREATE TABLE {self.sql} ENGINE = Memory AS SELECT {columns} FROM {self.table.sql} WHERE 0"  # noqa: S608
        )

    def drop(self) -> None:
        """Its keys leave the server's memory."""
        self.store.api.run(f"DROP TABLE IF EXISTS {self.sql} SYNC")

    def fill(self, number: int, where: str, bound: Bound) -> None:
        """Add the keys of rows, each once, with whose they are now; they do not leave the server."""
        chosen = f"toUInt32({int(number)}), {self._whose}, {self._keys}"
        self.store.api.run(
            f"INSERT INTO {self.sql} SELECT {chosen} FROM {self.table.sql}"  # noqa: S608
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

    def still(self, numbers: Iterable[int]) -> str:
        """Rows that belong to these items and to the same person as when they were staged."""
        some = ", ".join(str(int(one)) for one in numbers)
        same = f"SELECT {self._keys}, {SEEN} FROM {self.sql} WHERE {ITEM} IN ({some})"  # noqa: S608
        return f"({self._keys}, {self._whose}) IN ({same})"

    def count(self, number: int) -> int:
        """Keys of an item."""
        return self.store.api.number(f"SELECT count() FROM {self.sql} WHERE {ITEM} = {int(number)}")  # noqa: S608

    def present(self, number: int, *, masked: bool = True) -> int:
        """Rows of the table with keys of an item."""
        where = self.matches([number])
        return self.store.api.number(f"SELECT count() FROM {self.table.sql} WHERE {where}", masked=masked)  # noqa: S608

    def delete(self, numbers: Sequence[int]) -> None:
        """Mark the rows as deleted, then write the parts anew without them."""
        self._mutate(f"DELETE FROM {self.table.sql} WHERE {self.still(numbers)}")  # noqa: S608
        self._mutate(f"ALTER TABLE {self.table.sql} APPLY DELETED MASK")

    def update(
        self,
        number: int,
        changes: Sequence[Change],
        tombstone: Tombstone | None = None,
        *,
        returned: bool = False,
    ) -> None:
        """Set values in the rows of an item; the values wait in a table of their own, and so does what ``tombstone``
        makes of each token. ``returned``: rows that came back, whoever they are of."""
        values = f"{quoted(self.store.api.database)}.{quoted(self.name + '_v')}"
        bound = Bound()
        said = [(n, one) for n, one in enumerate(changes) if not is_grave(one.new)]
        made = ", ".join(["1 AS v", *(f"{new_value(self.table, one, bound)} AS v{n}" for n, one in said)])
        api = self.store.api
        try:
            api.run(f"CREATE TABLE {values} ENGINE = Memory AS SELECT {made}", bound)
            # A scalar subquery keeps NULL as it is.
            stand = {n: f"(SELECT v{n} FROM {values} LIMIT 1)" for n, _ in said}  # noqa: S608
            for n, one in enumerate(changes):
                if n not in stand:
                    bury = tombstone if is_token(one.new) and tombstone else lambda _: random_text()
                    stand[n] = self._tombstones(number, n, one.field, bury)
            sets = ", ".join(f"{quoted(one.field)} = {stand[n]}" for n, one in enumerate(changes))
            where = self.matches([number]) if returned else self.still([number])
            self._mutate(f"ALTER TABLE {self.table.sql} UPDATE {sets} WHERE {where}")
        finally:
            for name in (values, *(self._graves(n) for n in range(len(changes)) if n not in dict(said))):
                api.run(f"DROP TABLE IF EXISTS {name} SYNC")

    def _graves(self, place: int) -> str:
        """The table that holds what stands for each token of one field."""
        return f"{quoted(self.store.api.database)}.{quoted(f'{self.name}_t{place}')}"

    def _tombstones(self, number: int, place: int, field: str, tombstone: Tombstone) -> str:
        """The new value of a field with tokens, as an expression that names a table alone. What is empty or was treated
        stays. Only its distinct tokens come here, some at a time."""
        api, graves, held = self.store.api, self._graves(place), text_of(self.table, field)
        # In memory alone: nothing of it is written to a disk.
        api.run(
            f"CREATE TABLE {graves} (old String, new String) ENGINE = Join(ANY, LEFT, old) SETTINGS persistent = 0"
        )
        last, rest = "", f"{self.matches([number])} AND {leads_somewhere(held)}"
        while True:
            bound = Bound()
            found = api.rows(
                f"SELECT DISTINCT {held} AS dsr_token FROM {self.table.sql}"  # noqa: S608
                f" WHERE {rest} AND {held} > {bound.string(last)} ORDER BY dsr_token LIMIT {TOKENS}",
                bound,
            )
            tokens = [str(one[0]) for one in found]
            if tokens:
                api.insert(graves, [{"old": one, "new": tombstone(_readable(one))} for one in tokens])
            if len(tokens) < TOKENS:
                break
            last = tokens[-1]
        told = f"joinGetOrNull({graves}, 'new', {held})"
        return f"CAST(if(isNull({told}), {quoted(field)}, {told}) AS {self.table.columns[field].type})"

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


def _readable(token: str) -> str:
    """A token whose bytes may be no text (they came as lone surrogates)."""
    return token.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@contextmanager
def staged(store: Store, table: Table) -> Iterator[Stage]:
    """A stage that is dropped afterwards, whatever happens."""
    stage = Stage(store, table)
    try:
        stage.create()
        yield stage
    finally:
        stage.drop()
