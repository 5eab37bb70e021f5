"""The portal in a real browser: every page at two widths in two languages, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from browsing import TONGUES, Walk, served
from dsr import store
from dsr.store.models import Case, Submission

pytestmark = pytest.mark.browser

SEND = "form#ask .actions button"
NO_PAGES = {
    "portal.package": "a file",
    "portal.letter_document": "a file",
    "portal.letter_pdf": "a file",
    "portal.ask": "leads to the first question",
    "portal.by_receipt": "leads to the page that follows a request",
}
"""What answers GET and shows no page of its own, and why."""


@pytest.fixture
def address(portal: Any) -> Iterator[str]:
    with served(portal.app) as found:
        yield found


@pytest.mark.parametrize(("language", "widths"), TONGUES)
def test_every_page_is_accessible_and_fits(
    browser: Any, make_portal: Callable[..., Any], answer: Callable[..., None], language: str, widths: Any
) -> None:
    portal = make_portal(demo=True)
    with served(portal.app) as address:
        context = browser.new_context(locale=language)
        walk = Walk(context.new_page(), portal.app, address, widths)

        around(walk)
        asked(walk)
        answered(walk, portal, answer)

        context.close()
    assert (walk.faults, walk.unseen("portal", "outbox")) == ([], set(NO_PAGES))


def around(walk: Walk) -> None:
    for path in ("/", "/help", "/privacy", "/accessibility", "/s", "/nowhere", "/outbox"):
        walk.go(path)


def asked(walk: Walk) -> None:
    page = walk.page
    walk.go("/ask")
    walk.send("nothing ticked", SEND)
    for right in ("access", "rectification", "restriction", "objection", "erasure"):
        page.check(f"input[value={right}]")
    page.check("input[value=other]")
    walk.send("who", SEND)
    page.check("input[value=parent]")
    walk.send("beyond", SEND)
    page.check("input[value='access/automated_decisions']")
    walk.send("behalf", SEND)
    page.fill("[name=representative]", "Ana, +34 612 34 56 78")
    page.fill("[name=age]", "15")
    walk.send("too old", SEND)
    page.fill("[name=age]", "9")
    walk.send("find", SEND)
    page.fill("[name=email]", "ana@@example")
    walk.send("wrong address", SEND)
    page.fill("[name=email]", "ana@example.com")
    walk.send("rectification", SEND)
    page.select_option("[name=category0]", "user.name")
    page.fill("[name=right0]", "Ana")
    page.click(SEND)
    walk.look("erasure")
    page.click(SEND)
    page.check("input[value=accuracy]")
    walk.send("objection", SEND)
    page.check("input[value=tracking]")
    walk.send("check", SEND)
    walk.send("sent", SEND)


def answered(walk: Walk, portal: Any, answer: Callable[..., None]) -> None:
    page = walk.page
    walk.go("/no-mailbox")
    walk.go(portal.link())
    walk.send("follow", "main .actions button")
    with portal.app.app_context(), store.reading() as session:
        submission = session.scalars(select(Submission)).one()
        reference, case = submission.reference, submission.cases[0].reference
    walk.go(f"/follow/withdraw/{case}")
    stands(walk, portal)
    answer(portal, reference)
    walk.go(f"/s/{reference}?to=answer")
    page.click("main form button >> nth=0")
    page.fill("[name=code]", portal.code())
    walk.send("answer", "#door-form button")
    page.click(".letter-line a >> nth=0")
    walk.look("letter")
    page.go_back()
    page.click(".tables a >> nth=0")
    walk.look("table")


def stands(walk: Walk, portal: Any) -> None:
    """The status page of cases that are late, paused, extended, refused, kept in part, withdrawn; of an heir."""
    today = datetime.now(UTC).date()
    states: tuple[dict[str, Any], ...] = (
        {"due_on": today - timedelta(days=3)},
        {"suspended_on": today, "status": "waiting"},
        {"due_on": today + timedelta(days=60), "first_due_on": today + timedelta(days=30)},
        {"status": "answered", "ending": "refused"},
        {"status": "answered", "ending": "partly"},
        {"status": "closed", "ending": "withdrawn"},
    )
    with portal.app.app_context(), store.transaction() as tx:
        submission = tx.session.scalars(select(Submission)).one()
        submission.behalf, submission.power_at = "heir", None
        before = {}
        for case, state in zip(submission.cases, states, strict=False):
            before[case.id] = {name: getattr(case, name) for name in ("status", "ending", *state)}
            for name, value in state.items():
                setattr(case, name, value)
    walk.go("/follow", opened=True)
    with portal.app.app_context(), store.transaction() as tx:
        for case in tx.session.scalars(select(Case)).all():
            for name, value in before.get(case.id, {}).items():
                setattr(case, name, value)


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
