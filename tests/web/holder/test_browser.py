"""The pages of a holder in a real browser: the question, what was wrong, thanks, and a link that is spent."""

from __future__ import annotations

from typing import Any

import pytest

from browsing import TONGUES, Walk, served

pytestmark = pytest.mark.browser

SEND = "main .actions button"


@pytest.mark.parametrize(("language", "widths"), TONGUES)
def test_every_page_is_accessible_and_fits(browser: Any, desk: Any, language: str, widths: Any) -> None:
    link = desk.submit()
    with served(desk.app) as address:
        context = browser.new_context(locale=language)
        walk = Walk(context.new_page(), desk.app, address, widths)

        walk.go(link)
        walk.send("nothing chosen", SEND)
        walk.page.check("input[value=nothing]")
        walk.send("thanks", SEND)
        walk.go(link)

        context.close()
    assert (walk.faults, walk.unseen("holder")) == ([], set())
