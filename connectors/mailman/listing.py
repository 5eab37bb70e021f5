"""The addresses a server holds, page by page: what lets us notice erased people who came back."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dsr.contract import ConnectorError, Listed

from .holding import Source


def identifiers(source: Source, after: str | None) -> Listed:
    """One page of addresses: all of the server's, or those in the lists that this system speaks for."""
    places = sorted(source.options.lists) or [""]
    number, page = _cursor(after, places)
    emails, more = source.api.listed(places[number], page)
    found = tuple(("email", one) for one in emails)
    if more:
        return Listed(found, json.dumps([places[number], page + 1]))
    rest = places[number + 1 :]
    return Listed(found, json.dumps([rest[0], 1]) if rest else None)


def _cursor(after: str | None, places: Sequence[str]) -> tuple[int, int]:
    if after is None:
        return 0, 1
    try:
        name, page = json.loads(after)
        if isinstance(page, int) and page > 0:
            return places.index(name), page
    except (ValueError, TypeError):
        pass
    raise ConnectorError("this cursor is not of this list; start again", permanent=True)
