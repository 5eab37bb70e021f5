"""Random text in the place of what leads to a person: a link or pixel of an old mail finds nobody with it.

Written as ``{token: true}`` in a map. It begins with ``gone-``, so that a row that was treated is known
again, and the rest is random, so that nobody can guess it and bring a row back to life by opening it.
"""

from __future__ import annotations

from typing import Any

PREFIX = "gone-"
SHORTEST = 16
"""Characters that a column must take."""


def is_token(value: Any) -> bool:
    """Whether a map asks for random text: ``{token: true}``."""
    return isinstance(value, dict) and value.get("token") is True


def is_gone(value: Any) -> bool:
    """Whether such a text stands there already."""
    return isinstance(value, str) and value.startswith(PREFIX)
