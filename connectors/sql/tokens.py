"""Random text made by the database, another one for each row."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement

from connectors._tokens import PREFIX

from .store import Store

LENGTH = len(PREFIX) + 32


def token(store: Store, collection: str, field: str) -> ColumnElement[Any]:
    """``gone-`` and up to 32 hexadecimal digits, as many as the column takes."""
    if store.dialect == "sqlite":
        made: ColumnElement[Any] = sa.func.lower(sa.func.hex(sa.func.randomblob(16)), type_=sa.Text)
    elif store.dialect == "postgresql":
        made = sa.func.replace(sa.cast(sa.func.gen_random_uuid(), sa.Text), "-", "")
    else:
        made = sa.func.md5(sa.func.concat(sa.func.rand(), sa.func.uuid()))
    made = PREFIX + made if store.dialect == "sqlite" else sa.func.concat(PREFIX, made)
    length = store.columns[collection][field].length
    return sa.func.substr(made, 1, length) if length and length < LENGTH else made
