"""Single changes: made once, looked at when the answer got lost, and never believed before they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors._http import REFUSED, Lost
from dsr.contract import ConnectorError

from .calling import Scope
from .deeds import Deed, changes_of
from .holding import Held, Source, chunks
from .wanted import is_set, is_stopped


@dataclass(frozen=True)
class Writer:
    """Makes changes through ``source``; looks with sources that ask anew."""

    source: Source
    refused: set[str] = field(default_factory=set)
    """Names of calls that the vendor did not accept."""

    def delete(self, rows: Sequence[Held]) -> None:
        """Delete rows of one collection with the vendor's calls, many at once where it can."""
        calls = rows[0].collection.erase_calls if rows else ()
        for name in calls:
            # What a call before the last one deletes may lie in a bin, and that is what it was sent for.
            still = left if name == calls[-1] else again
            mine = [one for one in rows if one.values or name == calls[-1]]
            for some in chunks(mine, self.source.vendor.calls[name].many):
                scope = {**some[0].scope(), "ids": [one.key[-1] for one in some]}
                self._once(name, scope, lambda some=some, still=still: not still(self.source.fresh(), some))  # type: ignore[misc]

    def set(self, row: Held, deed: Deed) -> None:
        """Set the values of a row."""
        values = deed.sets(row)
        if values:
            told = [one.update for one in row.collection.fields if one.name in values and one.update]
            self.put(row, changes_of(row, deed), lambda now: is_set(now, values), *told[:1])

    def put(
        self, row: Held, changes: dict[str, Any], applied: Callable[[Held], bool], update: str = ""
    ) -> None:
        """Send changes of a row to ``update``, the collection's own if none is told."""
        scope = {**row.scope(), "changes": changes}
        self._once(update or row.collection.update, scope, lambda: self._is(row, applied))

    def stop(self, row: Held, deed: Deed) -> None:
        """Make the call that stops what a row stands for."""
        stop = deed.stop
        if stop is None or stop.sets:
            self.set(row, deed)
            return
        for name in filter(None, (stop.first, stop.call)):
            self._once(name, row.scope(), lambda: self._is(row, lambda now: is_stopped(stop, now)))

    def _is(self, row: Held, applied: Callable[[Held], bool]) -> bool:
        now = again(self.source.fresh(), [row])
        return bool(now) and all(applied(one) for one in now)

    def _once(self, name: str, scope: Scope, applied: Callable[[], bool]) -> None:
        """One change. Its answer got lost: look; not made: once more; lost again and not made: say so."""
        error: ConnectorError | None = None
        for _ in range(2):
            try:
                answer = self.source.api.change(name, scope)
            except Lost as lost:
                error = lost.error
                if applied():
                    return
            else:
                if answer.status in REFUSED:
                    self.refused.add(name)
                return
        raise error or ConnectorError(f"{self.source.vendor.name} gives no answer", permanent=False)


def again(source: Source, rows: Sequence[Held]) -> list[Held]:
    """The same rows as they are now, read by id, or by what they hang on where they have no call of their own."""
    found: list[Held] = []
    for collection in {one.collection.name: one.collection for one in rows}.values():
        mine = [one for one in rows if one.collection is collection]
        if not collection.of:
            found += source.roots(collection, [one.id for one in mine]).values()
            continue
        if collection.get:
            found += source.by_id(collection, mine)
            continue
        keys = {one.key for one in mine}
        parents = list({one.parent.id: one.parent for one in mine if one.parent}.values())
        listed = source.children(collection, parents)
        found += [one for held in listed.values() for one in held if one.key in keys]
    return found


def left(source: Source, rows: Iterable[Held]) -> list[Held]:
    """Those of the rows that can still be read, in the vendor's bin too where a call of ours empties it."""
    rows = list(rows)
    there = again(source, rows) if rows else []
    known = {(one.collection.name, one.key) for one in there}
    return there + [
        one
        for one in rows
        if (one.collection.name, one.key) not in known
        and one.collection.empties_bin
        and source.is_binned(one)
    ]
