"""Half-filled forms: sealed files under a key that only the browser's cookie holds, gone after a day.

Nothing of them is in the database, and without the cookie nobody, we included, can read one.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app

from dsr.domain import codec
from dsr.domain.errors import Refusal
from dsr.store.files import Shelf

KEPT = timedelta(days=1)


def keep(words: dict[str, Any], ticket: str = "") -> str:
    """Store what was filled in so far; returns the new ticket. The file of the old one is destroyed."""
    new = keep_file([codec.dumps(words)])
    drop(ticket)
    return new


def recall(ticket: str) -> dict[str, Any]:
    """What was filled in, empty for a ticket that is none, too old or not ours."""
    with suppress(Refusal):
        return codec.loads(b"".join(read_file(ticket)), dict)
    return {}


def keep_file(stream: Iterable[bytes]) -> str:
    """Store a file that belongs to a form; returns its ticket."""
    key = secrets.token_bytes(32)
    stored = _shelf().write(stream, key)
    return f"{stored.name}.{base64.urlsafe_b64encode(key).decode()}"


def read_file(ticket: str) -> Iterator[bytes]:
    """The bytes of a kept file; Refusal ``file.unknown`` or ``file.broken``."""
    name, key = _parts(ticket)
    return _shelf().read(name, key)


def drop(ticket: str) -> None:
    """Destroy what a ticket stands for; one that stands for nothing is fine."""
    with suppress(Refusal):
        name, _ = _parts(ticket)
        _shelf().destroy(name)


def sweep(*, now: datetime) -> int:
    """Destroy drafts that nobody came back to within a day; returns how many."""
    shelf, gone = _shelf(), 0
    for path in shelf.root.glob("[0-9a-f]*") if shelf.root.is_dir() else ():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < (now - KEPT).timestamp():
                shelf.destroy(path.name)
                gone += 1
    return gone


def _shelf() -> Shelf:
    return Shelf(Path(current_app.instance_path) / "drafts")


def _parts(ticket: str) -> tuple[str, bytes]:
    name, _, key = ticket.partition(".")
    try:
        found = base64.urlsafe_b64decode(key)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != 32:
        raise Refusal("file.unknown", "This form was not kept.")
    return name, found
