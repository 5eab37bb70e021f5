"""A step while it is carried out, and the sealed rows that return with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dsr.contract import Change, Item, Row, Seal, State, Step, key_digest

from .rules import WRITING
from .sheets import Line, Sheet
from .surveying import Draft, Lot


@dataclass
class Return:
    """One sealed row on its way back: to be inserted (``line`` None), or values to be put back on ``line``: those
    under a flag, or (``refills``) those of single fields of a kept row."""

    item: str
    sheet: Sheet
    row: Row
    source: Mapping[str, Any]
    line: Line | None = None
    after: int | None = None
    changes: tuple[Change, ...] = ()
    refills: bool = False

    @property
    def rows(self) -> int:
        """Rows that are given back, whole or in part: a flag is not one."""
        return 0 if self.changes and not self.refills else 1

    @property
    def digest(self) -> bytes:
        """Stands for the row in the file."""
        return key_digest(self.row.key[:1] if self.sheet.keyless else self.row.key)


@dataclass
class Job:
    """One step while it is carried out. ``strangers``: planned keys that are there, but not as hers."""

    step: Step
    draft: Draft
    state: State | None = None
    strangers: dict[str, list[tuple[bytes, bool]]] = field(default_factory=dict)
    seals: list[Seal] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)

    @property
    def items(self) -> list[Item]:
        """The items that write to rows."""
        return [item for item in self.step.items if item.verb in WRITING]

    @property
    def refilled(self) -> int:
        """Kept rows that get values back."""
        return sum(one.refills for one in self.returns)

    def lot(self, item: Item) -> Lot | None:
        """The rows of an item as they are now."""
        return self.draft.lots.get(item.id)
