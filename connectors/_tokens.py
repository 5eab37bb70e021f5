"""What stands in the place of a token that leads to a person: a link or pixel of an old mail finds nobody with it.

Written as ``{token: true}`` in a map: a tombstone, made of the token by our key (``Keeper.tombstone``), the same for
the same token wherever it stands, so that nobody can guess it and bring a row back to life by opening it.
``{random: true}`` is other text for each row, for an identifier of a row that is to be anonymous: our key makes
nothing of it again. Both begin with ``gone-``, and a row that was treated is known by their form (docs/adr/0035).
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from dsr.contract import Change, Keeper, is_pseudonym, is_tombstone

PREFIX = "gone-"
_RANDOM = re.compile(r"gone-[0-9a-f]{11,32}")
GONE = "^gone-([a-z2-7]{11,16}|[0-9a-f]{11,32})$"
"""The form of both, for a store that compares by itself."""


def is_token(value: Any) -> bool:
    """Whether a map asks for a tombstone: ``{token: true}``."""
    return isinstance(value, dict) and value.get("token") is True


def is_random(value: Any) -> bool:
    """Whether a map asks for random text: ``{random: true}``."""
    return isinstance(value, dict) and value.get("random") is True


def is_grave(value: Any) -> bool:
    """Whether a map asks for either."""
    return is_token(value) or is_random(value)


def tombstone(keeper: Keeper, key: str, token: Any, length: int | None = None) -> str:
    """What stands for a token from now on, under intent ``key``; a field of ``length`` takes its beginning.

    Blanks around it, with which columns of fixed length and cells are filled, are none of it."""
    return keeper.tombstone(key, str(token).strip())[:length]


def random_text() -> str:
    """Another one each time."""
    return PREFIX + secrets.token_hex(16)


PSEUDONYM = {"pseudonym": True}
"""Stands as the new value in a plan where a kept row gets a pseudonym of what is there."""


def is_pseudonymous(change: Change) -> bool:
    """Whether a change puts a pseudonym in the place of what is there."""
    return isinstance(change.new, dict) and change.new.get("pseudonym") is True


def said(change: Change, kind: str) -> str:
    """Why such a value does not fit, as ``_words.UNFIT`` has it; ``kind`` as in a Conflict."""
    if is_pseudonymous(change):
        return f"pseudonym_{kind}"
    return f"token_{kind}" if is_grave(change.new) and kind in ("type", "length") else kind


def is_bare(value: Any) -> bool:
    """Whether nothing is left to be put under a pseudonym."""
    return value is None or is_pseudonym(value) or (isinstance(value, str) and not value.strip())


def is_gone(value: Any) -> bool:
    """Whether no token is left: nothing stands there, or a text of ours."""
    if value is None:
        return True
    return isinstance(value, str) and (
        not value.strip() or is_tombstone(value) or _RANDOM.fullmatch(value.strip()) is not None
    )
