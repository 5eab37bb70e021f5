"""Which machine this database belongs to: a copy neither writes to systems nor mails until it is told."""

from __future__ import annotations

import hmac

from sqlalchemy import select

from .operations import Instance
from .session import reading, transaction


def recognises(identity: str) -> bool:
    """True when this is the machine that the database was made on, or was given to (``adopt``)."""
    with reading() as session:
        return hmac.compare_digest(session.scalars(select(Instance.identity)).one(), identity)


def adopt(identity: str) -> None:
    """Make this machine the one the database belongs to."""
    with transaction() as tx:
        tx.session.get_one(Instance, 1).identity = identity
