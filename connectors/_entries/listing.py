"""The identifiers a source of entries holds, a stretch at a time: what lets us notice erased people who came back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Protocol

from dsr.contract import ConnectorError, Context, Listed

from .connector import Closing, EntryConnector, Options

MANY = 20_000
"""Identifiers of one page: a source is gone through from its beginning each time."""


class Listing(Closing, Protocol):
    """Entries that can all be gone through."""

    def known(self) -> Iterator[tuple[str, str]]:
        """(kind, value as stored) of every entry that an erasure removes, always in the same order. What stays after
        an erasure is left out: it would look as if somebody came back."""


class ListingConnector(EntryConnector[Options]):
    """Implements ``dsr.contract.Lister`` besides."""

    @abstractmethod
    def source(self, context: Context, options: Options) -> Listing:
        """A source that knows nothing yet. ConnectorError: it cannot be reached."""

    def identifiers(self, after: str | None = None) -> Listed:
        """One page. Entries that are taken out meanwhile let others slip by until the next time."""
        start = _cursor(after)
        with closing(self.source(*self._opened)) as source:
            found = list(islice(source.known(), start, start + MANY))
        more = str(start + MANY) if len(found) == MANY else None
        return Listed(tuple(dict.fromkeys(found)), more)


def _cursor(after: str | None) -> int:
    if after is None:
        return 0
    if after.isascii() and after.isdigit() and len(after) <= 12:
        return int(after)
    raise ConnectorError("this cursor is not of this list; start again", permanent=True)
