"""Random text in the place of what leads to a person: a link or pixel of an old mail finds nobody with it.

Written as ``{token: true}`` in a map. It begins with ``gone-``, so that a row that was treated is known
again, and the rest is random, so that nobody can guess it and bring a row back to life by opening it.
"""

from __future__ import annotations

from typing import Any

from dsr.contract import Change, is_pseudonym

PREFIX = "gone-"
SHORTEST = 16
"""Characters that a column must take."""


def is_token(value: Any) -> bool:
    """Whether a map asks for random text: ``{token: true}``."""
    return isinstance(value, dict) and value.get("token") is True


PSEUDONYM = {"pseudonym": True}
"""Stands as the new value in a plan where a kept row gets a pseudonym of what is there."""


def is_pseudonymous(change: Change) -> bool:
    """Whether a change puts a pseudonym in the place of what is there."""
    return isinstance(change.new, dict) and change.new.get("pseudonym") is True


def is_bare(value: Any) -> bool:
    """Whether nothing is left to be put under a pseudonym."""
    return value is None or is_pseudonym(value) or (isinstance(value, str) and not value.strip())


def is_gone(value: Any) -> bool:
    """Whether such a text stands there already."""
    return isinstance(value, str) and value.startswith(PREFIX)
