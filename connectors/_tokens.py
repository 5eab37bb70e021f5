"""What stands in the place of a token that leads to a person: a link or pixel of an old mail finds nobody with it.

Written as ``{token: true}`` in a map. It begins with ``gone-``, so that a row that was treated is known
again. The rest is random, or made of the token by our key (``tombstone``), so that nobody can guess it and bring a row
back to life by opening it.
"""

from __future__ import annotations

from typing import Any

from dsr.contract import Change, Keeper, is_pseudonym

PREFIX = "gone-"
SHORTEST = 16
"""Characters that a column must take."""


def is_token(value: Any) -> bool:
    """Whether a map asks for random text: ``{token: true}``."""
    return isinstance(value, dict) and value.get("token") is True


def tombstone(keeper: Keeper, key: str, token: str) -> str:
    """What stands for a token from now on, in the system of intent ``key``: the same for the same token, so that a
    repeat, or a copy that brings the token back, ends where the first time did; another one in every other system, and
    nobody without our key can try tokens against it."""
    return PREFIX + keeper.pseudonym(key, token).removeprefix("ps-")


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
