"""Names of record groups and collections."""

from __future__ import annotations

import hashlib
import json

from dsr.contract import Key, Text

from .store import Store


def titled(store: Store, name: str) -> Text:
    """The title of a collection, or its name."""
    return store.map.collection(name).title or name


def record_id(system: str, collection: str, anchor: str, key: Key, path: tuple[str, ...]) -> str:
    """The same group of rows always has the same id; nothing can be read in it."""
    return hashlib.sha256(json.dumps([system, collection, anchor, key, path]).encode()).hexdigest()[:24]
