"""What a careful colleague would write: one person at a time, plain SQL, no software of ours."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.populace import STORES, Table, address
from servers import postgres


class Raw:
    """Connections to the three stores; ``mark`` is the placeholder and ``folded`` the indexed expression."""

    def __init__(self, urls: dict[str, str]) -> None:
        self.stores = {}
        for key, url in urls.items():
            if url.startswith("sqlite"):
                connection = sqlite3.connect(url.removeprefix("sqlite:///"))
                connection.execute("pragma foreign_keys = on")
                self.mark, self.folded = "?", "lower(trim(email))"
            else:
                connection = postgres.connect(url)
                connection.autocommit = False
                self.mark, self.folded = "%s", "lower(email)"
            self.stores[key] = connection

    def access(self, folder: Path, number: int) -> None:
        """Find her by e-mail in every store, read all rows, write them to a JSON file."""
        found = {key: self._rows(key, number) for key in self.stores}
        (folder / f"{number}.json").write_text(json.dumps(found))

    def erasure(self, _: Path, number: int) -> None:
        """Delete her in every store, children first, in one transaction each, then look again."""
        for key, connection in self.stores.items():
            ids = self._ids(key, number)
            for table in reversed(STORES[key]):
                chosen = [row[0] for row in ids[table.name]]
                if chosen:
                    connection.execute(
                        f"delete from {table.name} where id in ({self._marks(chosen)})", chosen
                    )
            connection.commit()
        for key in self.stores:
            if self._rows(key, number)[STORES[key][0].name]:
                raise AssertionError(f"person {number} is still in {key}")

    def _rows(self, key: str, number: int) -> dict[str, list[Sequence[object]]]:
        """All rows of a person, table by table, each found by the keys of the one above."""
        connection, found = self.stores[key], {}
        keys: dict[str, list[object]] = {}
        for table in STORES[key]:
            condition, values = self._condition(table, keys, number)
            query = f"select * from {table.name} where {condition}"
            found[table.name] = connection.execute(query, values).fetchall() if values else []
            keys[table.name] = [row[0] for row in found[table.name]]
        connection.commit()
        return found

    def _ids(self, key: str, number: int) -> dict[str, list[Sequence[object]]]:
        connection, found = self.stores[key], {}
        keys: dict[str, list[object]] = {}
        for table in STORES[key]:
            condition, values = self._condition(table, keys, number)
            query = f"select id from {table.name} where {condition}"
            found[table.name] = connection.execute(query, values).fetchall() if values else []
            keys[table.name] = [row[0] for row in found[table.name]]
        return found

    def _condition(
        self, table: Table, keys: dict[str, list[object]], number: int
    ) -> tuple[str, list[object]]:
        if not table.parent:
            return f"{self.folded} = {self.mark}", [address(number)]
        values = keys[table.parent]
        return f"{table.link} in ({self._marks(values)})", values

    def _marks(self, values: Sequence[object]) -> str:
        return ", ".join([self.mark] * len(values))

    def close(self) -> None:
        for connection in self.stores.values():
            connection.close()

    def road(self, right: str) -> Callable[[Path, int], None]:
        """The work of one right."""
        return {"access": self.access, "erasure": self.erasure}[right]
