"""The desk in a real browser: every page unfolded, at two widths, in two languages, with the second factor."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Any

import pytest
from passlib.totp import TOTP  # type: ignore[import-untyped]

from browsing import Walk, served

pytestmark = pytest.mark.browser

OLGA, PASSWORD = "olga@acme.example", "a calm sentence for the desk"
NO_PAGES = {"security.tf_select": "there is one kind of second factor: nothing to choose"}
"""What answers GET and shows no page of its own, and why."""

SEND = "main .actions button"
PLACE = {"title": "Archivo", "owner": "Inés Mora", "holders": "ines@acme.example"}


@pytest.mark.parametrize("language", ["es-ES", "en-GB"])
def test_every_page_is_accessible_and_fits(
    browser: Any, make_office: Callable[..., Any], language: str
) -> None:
    office = make_office()
    with served(office.app) as address:
        context = browser.new_context(locale=language)
        walk = Walk(context.new_page(), office.app, address)

        signed_in(walk)
        places(walk)
        cases = [office.file("access"), office.file("erasure"), office.file("access", who="eva@example.org")]
        worked(walk, *cases)
        kept(walk)
        walk.rest("desk", controller="acme", system="book", reference=cases[0])
        twice(walk, address)

        context.close()
    assert (walk.faults, walk.unseen("desk", "security")) == ([], set(NO_PAGES))


def signed_in(walk: Walk) -> None:
    page = walk.page
    walk.go("/desk/queue")
    page.fill("#email", OLGA)
    page.fill("#password", "not this one")
    walk.send("wrong password", SEND)
    page.fill("#email", OLGA)
    page.fill("#password", PASSWORD)
    page.click(SEND)
    walk.go("/desk/", opened=True)
    walk.go("/desk/nowhere")


def places(walk: Walk) -> None:
    page = walk.page
    walk.go("/desk/systems/acme", opened=True)
    walk.go("/desk/systems/acme/places", opened=True)
    for name, value in PLACE.items():
        page.fill(f"#new-place-{name}", value)
    walk.send("no category", "#new .actions button")
    page.check("[id='new-place-user.name']")
    walk.send("declared", "#new .actions button")
    walk.go("/desk/systems/acme/book/try")
    page.fill("#value", "ana@example.org")
    page.fill("#try-why", "First look")
    walk.send("tried", SEND)


def worked(walk: Walk, first: str, erasure: str, other: str) -> None:
    page = walk.page
    walk.go("/desk/queue")
    for reference in (first, other):
        page.check(f"input[value='{reference}']")
    walk.send("many", "button[value=extend]")
    walk.go("/desk/queue?right=access&mine=yes")
    page.fill("#view-name", "Accesos")
    walk.send("kept view", ".keep-view button")
    walk.go("/desk/queue?q=nobody@example.org")
    walk.go(f"/desk/cases/{first}", opened=True)
    walk.send("values", "form[action$='/values'] button >> nth=0")
    walk.go(f"/desk/cases/{first}")
    walk.send("identifiers", "form[action$='/identifiers'] button")
    walk.go(f"/desk/cases/{erasure}")
    walk.go(f"/desk/cases/{erasure}/approval")
    walk.go("/desk/new", opened=True)


def kept(walk: Walk) -> None:
    page = walk.page
    walk.go("/desk/audit/acme")
    page.click("form[action$='/verify'] button")
    walk.look("verified", opened=True)
    walk.go("/desk/staff/acme", opened=True)
    page.fill("#email", "nueva@acme.example")
    page.check("#n-agent")
    walk.send("added", "form:has(#email) .actions button")
    walk.go("/desk/law")
    page.click("form.filters button")
    walk.look("computed", opened=True)
    page.click("table th a >> nth=0")
    walk.look("one law", opened=True)
    walk.go("/desk/register/acme")
    page.fill("#from", "2026-12-31")
    page.fill("#until", "2026-01-01")
    walk.send("wrong days", "button[value=csv]")
    walk.go("/desk/again")
    walk.go("/desk/password")
    walk.go("/desk/account")


def twice(walk: Walk, address: str) -> None:
    """The second factor: set up, recovery codes, asked for at the next sign-in."""
    page = walk.page
    walk.go("/desk/second-factor")
    walk.send("picture", SEND)
    key = page.inner_text(".qr + p .mono").replace(" ", "")
    totp = TOTP(key=key)
    page.fill("#code", totp.generate().token)
    page.click(SEND)
    walk.look("set up")
    walk.go("/desk/passkeys")
    walk.go("/desk/recovery-codes")
    walk.send("codes", "button[name=generate_new_codes]")
    page.goto(f"{address}/desk/account")
    page.click("form[action$='/sign-out'] button")
    page.fill("#email", OLGA)
    page.fill("#password", PASSWORD)
    walk.send("code", SEND)
    walk.go("/desk/lost")
    walk.go("/desk/recovery")


def enrolled(page: Any, address: str, email: str) -> str:
    """Signs in and sets up the second factor; the code after the one that was used for it."""
    page.goto(f"{address}/desk/second-factor")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click(SEND)
    page.goto(f"{address}/desk/second-factor")
    page.click(SEND)
    totp, at = TOTP(key=page.inner_text(".qr + p .mono").replace(" ", "")), int(time())
    page.fill("#code", totp.generate(at).token)
    page.click(SEND)
    following: str = totp.generate(at + 30).token
    return following


def test_two_officers_approve_an_erasure_each_with_her_second_factor(
    browser: Any, make_office: Callable[..., Any]
) -> None:
    office = make_office()
    case = office.file("erasure", who="eva@example.org")
    states = []
    with served(office.app) as address:
        for email in (OLGA, "paula@acme.example"):
            context = browser.new_context(locale="en-GB")
            page = context.new_page()
            good = enrolled(page, address, email)
            page.goto(f"{address}/desk/cases/{case}/approval")
            for code in ("000000", good):
                page.fill("#code", code)
                page.click("form[action*='approve'] button")
                states.append(office.case(case).status)
            context.close()

    assert states == ["review", "second", "second", "acting"]


def test_a_passkey_is_set_up_signs_in_approves_and_is_removed(
    browser: Any, make_office: Callable[..., Any]
) -> None:
    office = make_office()
    case = office.file("erasure", who="eva@example.org")
    with served(office.app) as numbered:
        address = numbered.replace("127.0.0.1", "localhost")
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        plugged_in(context, page)
        code = enrolled(page, address, OLGA)

        page.goto(f"{address}/desk/passkeys")
        page.fill("#name", "my laptop")
        page.fill("#code", code)
        page.click("[data-passkey] button")
        page.wait_for_selector(".passkey-lines")
        page.click("form[action$='/sign-out'] button")
        page.fill("#email", OLGA)
        page.fill("#password", PASSWORD)
        page.click(SEND)
        page.click("[data-passkey] button")
        page.wait_for_selector(".numbers")
        page.goto(f"{address}/desk/cases/{case}/approval")
        page.click("[data-passkey] button")
        page.wait_for_selector(".case-head")
        approved = office.case(case).status
        page.goto(f"{address}/desk/passkeys")
        page.click(".passkey-lines button")
        left = page.locator(".passkey-lines").count()
        context.close()

    assert (approved, left) == ("second", 0)


def plugged_in(context: Any, page: Any) -> None:
    """A security key that is touched at once, as the browser's own protocol makes one."""
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    touched = {"isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": key | touched})
