"""What the conformance kit asks besides of connectors that list the identifiers they hold."""

from __future__ import annotations

import pytest

from connectors._entries import listing
from dsr.contract import Action, ConnectorError, Lister
from dsr.testing import ANA
from dsr.testing.stage import Stage


class ListingKit(Stage):
    """Erased people who came back can be noticed; who is gone is not listed."""

    def listed(self) -> tuple[set[str], int]:
        """(the e-mail addresses of our people that are listed, how many pages it took)."""
        known = {one.email.lower() for one in self.everyone}
        found: set[str] = set()
        pages, after = 0, None
        with self.opened(read_only=True) as connector:
            assert isinstance(connector, Lister)
            while True:
                page = connector.identifiers(after)
                found |= {value.lower() for kind, value in page.identifiers if kind == "email"}
                pages, after = pages + 1, page.cursor
                if after is None:
                    return found & known, pages

    def test_everybody_is_listed_page_by_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        everybody = {one.email.lower() for one in self.everyone}
        assert self.listed() == (everybody, 1)
        monkeypatch.setattr(listing, "MANY", 4)
        found, pages = self.listed()
        assert (found, pages > 1) == (everybody, True)

    def test_who_was_erased_is_not_listed_any_more(self) -> None:
        self.act(self.plan([ANA], Action.ERASE))
        others = {one.email.lower() for one in self.everyone if one is not ANA}
        assert self.listed()[0] == others

    @pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "\u0661", "9" * 13])
    def test_a_cursor_of_another_list_is_refused(self, cursor: str) -> None:
        with (
            self.opened(read_only=True) as connector,
            pytest.raises(ConnectorError, match="not of this list"),
        ):
            assert isinstance(connector, Lister)
            connector.identifiers(cursor)
