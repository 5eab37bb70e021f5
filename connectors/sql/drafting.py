"""``dsr map draft`` for a database."""

from __future__ import annotations

from pathlib import Path

from connectors._draft import propose

from . import engines
from .sketching import sketches


def draft(url: str) -> str:
    """A first data map (YAML) of a database, every guess marked. ConnectorError as everywhere."""
    name = Path(engines.parsed(url).database or "").stem
    found, left = sketches(url)
    return propose(found, key=name or "database", left=left)
