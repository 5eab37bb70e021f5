"""A person at a screen: looks at pages in chromium at two widths and collects what is wrong with them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.serving import make_server

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HARMLESS = re.compile(r"status of (404|410|422)")
WIDTHS = (1280, 375)
SMALL = WIDTHS[1:]
TONGUES = (("es-ES", WIDTHS), ("en-GB", WIDTHS), ("pt-BR", SMALL))
"""In which languages pages are looked at, and how wide: what is longest has the least room on a telephone."""
VIOLATIONS = """async (tags) => {
    const found = await axe.run({runOnly: {type: "tag", values: tags}})
    return found.violations.map(one => `${one.id} ${one.nodes[0].target}`)
}"""
"""What axe finds wrong; of what it finds right, megabytes for each page, nothing leaves the browser."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


class Walk:
    """Goes from page to page; ``seen`` pages were looked at, ``endpoints`` among them, ``faults`` found."""

    def __init__(self, page: Any, app: Flask, address: str, widths: Sequence[int] = WIDTHS) -> None:
        self.page, self.app, self.address, self.widths = page, app, address, widths
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
        # A page that was sent back to stays loaded, and axe in it.
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        for width in self.widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.faults += [f"{name} {width}: {one}" for one in self.page.evaluate(VIOLATIONS, RULES)]
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            if self.page.evaluate(wide):
                self.faults.append(f"{name} {width}: wider than the screen")

    def rest(self, part: str, **values: str) -> None:
        """Every page of a blueprint that was not looked at yet and can be reached with these values."""
        for rule in self._rules(part):
            if rule.endpoint in self.endpoints or not rule.arguments <= set(values):
                continue
            with self.app.test_request_context():
                path = url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            self.page.goto(self.address + path)
            if not self._endpoints() & self.endpoints:
                self.look(path, opened=True)
            self.endpoints.add(rule.endpoint)

    def unseen(self, *parts: str) -> set[str]:
        """Pages of these blueprints that were never looked at."""
        return {rule.endpoint for part in parts for rule in self._rules(part)} - self.endpoints

    def _rules(self, part: str) -> list[Rule]:
        every = self.app.url_map.iter_rules()
        mine = [rule for rule in every if rule.endpoint.partition(".")[0] == part]
        return sorted(
            (rule for rule in mine if "GET" in (rule.methods or ())), key=lambda rule: rule.endpoint
        )

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


class Watch:
    """What hostile data set off in a browser; ``faults`` stays empty where they are only shown.

    Hostile texts carry ``MARK`` wherever they would call, load or lead somewhere.
    """

    MARK = "owned"
    LIVE = """mark => {
        const leads = /^(src|srcset|href|xlink:href|action|formaction|poster|data)$/, runs = /^(style|content|on\\w+)$/
        const elsewhere = text => {
            const to = new URL(text, location.href)
            return !["http:", "file:", "data:"].includes(to.protocol) || to.host !== location.host && to.host
                || to.pathname.includes(mark)
        }
        return [...document.querySelectorAll("*")].flatMap(one => [
            ...[...one.attributes].filter(a => a.value.includes(mark)
                && (runs.test(a.name) || leads.test(a.name) && elsewhere(a.value)))
                .map(a => one.tagName + " " + a.name),
            ...(/^(script|style)$/i.test(one.tagName) && one.textContent.includes(mark) ? [one.tagName] : []),
        ])
    }"""
    HIDDEN = (
        r"/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/"
        ".test(document.body.innerText)"
    )

    def __init__(self, context: Any, *origins: str) -> None:
        self.origins, self.faults = origins, list[str]()
        context.expose_function(self.MARK, lambda *_: self.faults.append("a script ran"))
        context.on("request", lambda request: self._asked(request.url))
        context.on("dialog", self._asks)
        self.page = context.new_page()
        context.on("page", lambda page: self.faults.append(f"a window opened: {page.url}"))

    def look(self, name: str, holds: str = "") -> None:
        """The page that is open now, with everything unfolded; ``holds``: a hostile text that must be there."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        self.page.wait_for_timeout(50)
        found = self.page.evaluate(self.LIVE, self.MARK)
        self.faults += [f"{name}: {one} is alive" for one in found]
        if self.page.evaluate(self.HIDDEN):
            self.faults.append(f"{name}: shows a control")
        if holds not in self.page.inner_text("body"):
            self.faults.append(f"{name}: does not show the text")

    def _asked(self, url: str) -> None:
        if not url.startswith((*self.origins, "data:image/svg")) or self.MARK in urlsplit(url).path:
            self.faults.append(f"a request left: {url}")

    def _asks(self, dialog: Any) -> None:
        self.faults.append(f"a dialog: {dialog.message}")
        dialog.dismiss()
