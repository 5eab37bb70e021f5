"""The database, the keys, the vault and the sealed files: everything that lasts.

``with store.transaction() as tx`` writes, ``with store.reading() as session`` reads.
"""

from __future__ import annotations

from . import (
    audit,
    bulk,
    custody,
    files,
    instance,
    keys,
    legal,
    models,
    office,
    operations,
    staff,
    telling,
    vault,
)
from .application import attach, attached, init_app, reach, reach_apart, upgrade
from .durable import AWAY, StorageError
from .session import Transaction, apart, db, reading, transaction

__all__ = [
    "AWAY",
    "StorageError",
    "Transaction",
    "apart",
    "attach",
    "attached",
    "audit",
    "bulk",
    "custody",
    "db",
    "files",
    "init_app",
    "instance",
    "keys",
    "legal",
    "models",
    "office",
    "operations",
    "reach",
    "reach_apart",
    "reading",
    "staff",
    "telling",
    "transaction",
    "upgrade",
    "vault",
]
