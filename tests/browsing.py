"""A person at a screen: looks at pages in chromium at two widths and collects what is wrong with them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HARMLESS = re.compile(r"status of (404|410|422)")
WIDTHS = (1280, 375)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


class Walk:
    """Goes from page to page; ``seen`` pages were looked at, ``endpoints`` among them, ``faults`` found."""

    def __init__(self, page: Any, app: Flask, address: str) -> None:
        self.page, self.app, self.address = page, app, address
        self.faults: list[str] = []
        self.endpoints: set[str] = set()
        self.seen = 0
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("request", lambda request: self._asked(request.url))

    def go(self, path: str, *, opened: bool = False) -> None:
        self.page.goto(self.address + path)
        self.look(path, opened=opened)

    def send(self, name: str, button: str) -> None:
        self.page.click(button)
        self.look(name)

    def look(self, name: str, *, opened: bool = False) -> None:
        """Once at each width; ``opened``: with everything unfolded."""
        self.seen += 1
        self.endpoints |= self._endpoints()
        if opened:
            self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": RULES}})
            for one in found.response["violations"]:
                self.faults.append(f"{name} {width}: {one['id']} {one['nodes'][0]['target']}")
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            if self.page.evaluate(wide):
                self.faults.append(f"{name} {width}: wider than the screen")

    def unseen(self, *parts: str) -> set[str]:
        """Pages of these blueprints that were never looked at."""
        every = {
            rule.endpoint
            for rule in self.app.url_map.iter_rules()
            if rule.endpoint.partition(".")[0] in parts and "GET" in (rule.methods or ())
        }
        return every - self.endpoints

    def _endpoints(self) -> set[str]:
        adapter = self.app.url_map.bind("127.0.0.1")
        path, found = urlsplit(self.page.url).path, set()
        for method in ("GET", "POST"):
            try:
                found.add(adapter.match(path, method)[0])
            except HTTPException:
                continue
        return found

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not HARMLESS.search(text):
            self.faults.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:image/svg")):
            self.faults.append(f"a request left: {url}")
