"""What every plan shares: intents in, items and conflicts by intent out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from connectors import _words as words
from dsr.contract import Conflict, Intent, Item, Record, Step, Text

from .naming import titled
from .store import Store
from .tally import Group
from .targets import Target, targets


@dataclass
class Draft:
    """The plan of one intent in the making. ``blocked``: conflicts, each said once."""

    intent: Intent
    on: date
    groups: dict[str, Group] = field(default_factory=dict)
    blocked: dict[tuple[str, str, str], Conflict] = field(default_factory=dict)
    extra: list[Item] = field(default_factory=list)

    def group(self, made: Group, record: Record) -> Group:
        """The group of this id, with one more record."""
        found = self.groups.setdefault(made.id, made)
        found.add(record)
        return found

    def conflict(self, kind: str, collection: str, why: Text, detail: str = "") -> None:
        """Note why this cannot be carried out."""
        self.blocked.setdefault((kind, collection, detail), Conflict(kind, collection, why))

    def step(self, store: Store) -> Step:
        """The finished plan, parents first."""
        order = {one.name: n for n, one in enumerate(store.map.collections)}
        groups = sorted(self.groups.values(), key=lambda g: (order[g.collection], g.id))
        items = tuple(item for group in groups if (item := group.item()).count)
        return Step(self.intent, (*items, *self.extra), tuple(self.blocked.values()))


@dataclass
class Work:
    """Drafts of a batch with the targets of their records."""

    store: Store
    connection: sa.Connection
    drafts: list[Draft]
    targets: list[Target]
    writes: bool = False
    """Whether kept rows are noted as they are counted, because their fields are about to be changed."""


def begun(store: Store, connection: sa.Connection, intents: Sequence[Intent], today: date) -> Work:
    """Empty drafts for these intents."""
    drafts = [Draft(intent, intent.on or today) for intent in intents]
    pairs = [(n, record) for n, intent in enumerate(intents) for record in intent.records]
    return Work(store, connection, drafts, targets(store, connection, pairs))


def refuse_drafts(work: Work) -> bool:
    """A map that nobody has confirmed is never acted on."""
    if not work.store.map.draft:
        return False
    for draft in work.drafts:
        for name in dict.fromkeys(record.collection for record in draft.intent.records):
            draft.conflict("unknown", name, words.unconfirmed(titled(work.store, name)))
    return True
