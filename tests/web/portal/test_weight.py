"""How much a first visit costs: an old telephone on a slow line."""

from __future__ import annotations

from typing import Any

import pytest

from browsing import served

pytestmark = pytest.mark.browser

MOST_BYTES = 120_000


@pytest.mark.parametrize("path", ["/", "/ask", "/help"])
def test_a_first_visit_transfers_120_kb_at_most(browser: Any, portal: Any, path: str) -> None:
    sizes: list[int] = []
    with served(portal.app) as address:
        context = browser.new_context(locale="es-ES")
        page = context.new_page()
        page.on("requestfinished", lambda request: sizes.append(weight(request)))
        page.goto(address + path, wait_until="networkidle")
        context.close()

    assert (0 < sum(sizes) <= MOST_BYTES, len(sizes) > 2) == (True, True), sizes


def weight(request: Any) -> int:
    found = request.sizes()
    return int(found["responseBodySize"] + found["responseHeadersSize"])
