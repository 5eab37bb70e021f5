"""The keeper handed to a connector for a batch: each intent's rows go to the vault of its own case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from dsr.contract import Purpose, Row, Seal
from dsr.store import vault
from dsr.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Blocked:
    """What is blocked of a case: rows, Merkle root over its sealed sets, and until when."""

    sets: int
    rows: int
    root: str
    until: date | None


@dataclass
class Keeper:
    """``vaults`` by intent key. ``lock``: the legal keys, where they were read. ``given`` remembers which seals

    were read, to mark them as given back.
    """

    vaults: Mapping[str, Vault]
    lock: vault.Lock | None = None
    given: set[str] = field(default_factory=set)

    def seal(self, key: str, purpose: Purpose, rows: Iterable[Row]) -> Seal:
        """Into the vault of the case that ``key`` belongs to; KeyError for a foreign key."""
        return self.vaults[key].seal(key, purpose, rows)

    def seal_all(self, sets: Iterable[tuple[str, Purpose, Iterable[Row]]]) -> list[Seal]:
        """All sets of a batch."""
        return vault.seal_all(
            ((self.vaults[key], key, purpose, rows) for key, purpose, rows in sets), self.lock
        )

    def pseudonym(self, key: str, value: str) -> str:
        """By the key of the controller that the case of ``key`` belongs to."""
        return self.vaults[key].pseudonym(value)

    def tombstone(self, key: str, token: str) -> str:
        """By the key of the controller that the case of ``key`` belongs to."""
        return self.vaults[key].tombstone(token)

    def rows(self, seal: str) -> Iterator[Row]:
        """The rows of a seal that one of the lifting cases of this batch owns."""
        owner = next((vault for vault in self.vaults.values() if seal in vault.lifting), None)
        if owner is None:
            raise KeyError("this seal is not being lifted")
        self.given.add(seal)
        return owner.rows(seal)
