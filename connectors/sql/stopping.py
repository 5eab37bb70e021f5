"""The plan of an objection or a withdrawal: what to set so that it stops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from connectors._map.model import Collection
from dsr.contract import Change, Intent, Step, Verb

from . import wishes
from .plans import Draft, begun, refuse_drafts
from .store import Store
from .wishes import Wish

ALL = ("grounds", "")
"""An objection on grounds of her situation (Article 21(1) GDPR) stops every channel."""


def plan(store: Store, connection: sa.Connection, intents: Sequence[Intent], today: date) -> list[Step]:
    """One step per intent."""
    work = begun(store, connection, intents, today)
    if not refuse_drafts(work):
        wishing = {
            n: {
                record.id: _of_collection(store, draft, store.map.collection(record.collection))
                for record in draft.intent.records
                if wishes.acceptable(record, store.map.collection(record.collection))
            }
            for n, draft in enumerate(work.drafts)
        }
        wishes.count(work, wishing)
    return [draft.step(store) for draft in work.drafts]


def _of_collection(store: Store, draft: Draft, collection: Collection) -> list[Wish]:
    channels = draft.intent.channels
    everything = not channels or any(one in ALL for one in channels)
    found = []
    for channel, values in collection.stop.items():
        if everything or channel in channels:
            changes = tuple(Change(field, value) for field, value in values.items())
            wish = Wish(f"stop:{collection.name}:{channel}", Verb.STOP, changes)
            fit = wishes.made(store, draft, wish, collection.name)
            if fit is not None:
                found.append(fit)
    return found
