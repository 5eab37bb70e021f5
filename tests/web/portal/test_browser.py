"""The portal in a real browser: every page at two widths in two languages, with and without scripts."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select
from werkzeug.serving import make_server

from dsr import store
from dsr.store.models import Submission

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEND = "form#ask .actions button"
HARMLESS = re.compile(r"status of (404|422)")


class Walk:
    """A person at a screen; collects what is wrong with each page she sees."""

    def __init__(self, page: Any, portal: Any, address: str) -> None:
        self.page, self.portal, self.address = page, portal, address
        self.faults: list[str] = []
        self.seen = 0
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("request", lambda request: self._asked(request.url))

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.look(path)

    def send(self, name: str, button: str = SEND) -> None:
        self.page.click(button)
        self.look(name)

    def look(self, name: str) -> None:
        self.seen += 1
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": RULES}})
        for one in found.response["violations"]:
            self.faults.append(f"{name}: {one['id']} {one['nodes'][0]['target']}")
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        if self.page.evaluate(wide):
            self.faults.append(f"{name}: wider than the screen")

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not HARMLESS.search(text):
            self.faults.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:image/svg")):
            self.faults.append(f"a request left: {url}")


@pytest.fixture
def address(portal: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, portal.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("language", ["es-ES", "en-GB"])
def test_every_page_is_accessible_and_fits(
    browser: Any, portal: Any, address: str, answer: Callable[..., None], width: int, language: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
    walk = Walk(context.new_page(), portal, address)

    around(walk)
    asked(walk)
    answered(walk, answer)

    context.close()
    assert (walk.faults, walk.seen) == ([], 25)


def around(walk: Walk) -> None:
    for path in ("/", "/help", "/privacy", "/accessibility", "/s", "/nowhere"):
        walk.go(path)


def asked(walk: Walk) -> None:
    page = walk.page
    walk.go("/ask")
    walk.send("nothing ticked")
    for right in ("access", "rectification", "restriction", "objection", "erasure"):
        page.check(f"input[value={right}]")
    walk.send("who")
    page.check("input[value=parent]")
    walk.send("behalf")
    page.fill("[name=representative]", "Ana, +34 612 34 56 78")
    page.fill("[name=age]", "15")
    walk.send("too old")
    page.fill("[name=age]", "9")
    walk.send("find")
    page.fill("[name=email]", "ana@@example")
    walk.send("wrong address")
    page.fill("[name=email]", "ana@example.com")
    walk.send("rectification")
    page.select_option("[name=category0]", "user.name")
    page.fill("[name=right0]", "Ana")
    page.click(SEND)
    walk.look("erasure")
    page.click(SEND)
    page.check("input[value=accuracy]")
    walk.send("objection")
    page.check("input[value=tracking]")
    walk.send("check")
    walk.send("sent")


def answered(walk: Walk, answer: Callable[..., None]) -> None:
    page = walk.page
    walk.go("/no-mailbox")
    walk.go(walk.portal.link())
    walk.send("follow", "main .actions button")
    with walk.portal.app.app_context(), store.reading() as session:
        reference = session.scalars(select(Submission.reference)).one()
    answer(walk.portal, reference)
    walk.go(f"/s/{reference}?to=answer")
    page.click("main form button >> nth=0")
    page.fill("[name=code]", walk.portal.code())
    walk.send("answer", "#door-form button")
    page.click(".letter-line a >> nth=0")
    walk.look("letter")
    page.go_back()
    page.click(".tables a >> nth=0")
    walk.look("table")


def test_enter_in_a_field_continues_and_does_not_switch_the_language(browser: Any, address: str) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(address + "/ask")
    page.check("input[value=access]")

    page.press("input[value=access]", "Enter")

    assert (page.url, page.get_attribute("html", "lang")) == (f"{address}/ask/who", "en")


def test_the_form_works_without_scripts(browser: Any, portal: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es-ES")
    page = context.new_page()
    page.goto(address + "/ask")
    page.check("input[value=access]")
    page.click(SEND)
    page.click(SEND)
    page.fill("[name=email]", "ana@example.com")
    page.click("button[name=language][value=pt]")
    page.click(SEND)
    page.click(SEND)

    reached = page.url
    context.close()
    assert reached == f"{address}/sent"


def test_the_keyboard_alone_reaches_the_content(browser: Any, address: str) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(address)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
