"""A keeper that lives in memory: the vault's promises without its files, and deaths on order."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from dsr.contract import Purpose, Row, Seal

_LOSSLESS = (str, int, float, bool, bytes, Decimal, datetime, date, time, timedelta, UUID, type(None))


class KeeperDied(Exception):
    """The process that keeps the rows went away. A connector lets it through: it is no answer of a system."""


class MemoryKeeper:
    """Implements ``dsr.contract.Keeper``; the same key, purpose and rows give the same seal.

    ``die`` makes the first ``seal`` fail: 'before' anything was kept, or 'after' all was durable but before
    the connector heard of it. Later calls work, as after a restart.
    """

    def __init__(self, die: Literal["", "before", "after"] = "") -> None:
        self._die = die
        self._rows: dict[str, tuple[Row, ...]] = {}
        self._seals: dict[tuple[str, Purpose, str], Seal] = {}

    def seal(self, key: str, purpose: Purpose, rows: Iterable[Row]) -> Seal:
        """Keep a copy of the rows. KeeperDied as ordered; TypeError for a value that would lose something."""
        return self.seal_all([(key, purpose, rows)])[0]

    def seal_all(self, sets: Iterable[tuple[str, Purpose, Iterable[Row]]]) -> list[Seal]:
        """Keep many sets: all of them, or none."""
        die, self._die = self._die, ""
        if die == "before":
            raise KeeperDied
        copies = [(key, purpose, tuple(_copied(row) for row in rows)) for key, purpose, rows in sets]
        seals = [self._keep(key, purpose, rows) for key, purpose, rows in copies]
        if die == "after":
            raise KeeperDied
        return seals

    def _keep(self, key: str, purpose: Purpose, rows: tuple[Row, ...]) -> Seal:
        digest = hashlib.sha256(repr([_exact(row) for row in rows]).encode()).hexdigest()
        new = Seal(f"seal-{len(self._seals) + 1}", purpose, len(rows), digest)
        seal = self._seals.setdefault((key, purpose, digest), new)
        self._rows.setdefault(seal.id, rows)
        return seal

    def pseudonym(self, key: str, value: str) -> str:
        """A stable one for each value, of the form that ours have."""
        return f"ps-{_keyed(b'test', value)}"

    def tombstone(self, key: str, token: str) -> str:
        """A stable one for each token, of the form that ours have."""
        return f"gone-{_keyed(b'tombs', token)}"

    def rows(self, seal: str) -> Iterator[Row]:
        """Copies of the rows of a seal in the order in which they came. KeyError for a foreign seal."""
        return (_copied(row) for row in self._rows[seal])

    @property
    def seals(self) -> tuple[Seal, ...]:
        """Everything that is kept, oldest first."""
        return tuple(self._seals.values())


def _keyed(key: bytes, value: str) -> str:
    made = hmac.new(key, value.encode(), hashlib.sha256).digest()[:10]
    return base64.b32encode(made).decode().lower()


def _copied(row: Row) -> Row:
    for name, value in row.values.items():
        _check(name, value)
    return Row(row.collection, row.key, copy.deepcopy(dict(row.values)), row.withheld)


def _check(name: str, value: Any) -> None:
    """Values must be of types that a vault gives back as they were."""
    if isinstance(value, Mapping):
        for inner in value.values():
            _check(name, inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _check(name, inner)
    elif not isinstance(value, _LOSSLESS):
        raise TypeError(f"{name}: {type(value).__name__} cannot be kept without loss")


def _exact(row: Row) -> tuple[Any, ...]:
    return (row.collection, row.key, [(name, type(v).__name__, v) for name, v in sorted(row.values.items())])
