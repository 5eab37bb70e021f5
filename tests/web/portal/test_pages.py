"""What holds for every page: roles, headers, languages, assets, errors."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest

from dsr.web.languages import inside
from dsr.web.roles import role_of

PAGES = ("/", "/ask/rights", "/s", "/help", "/privacy", "/accessibility")
BARE = {"health.healthz", "health.metrics", "static"}


def test_every_route_of_the_portal_says_who_may_call_it(portal: Any) -> None:
    endpoints = {rule.endpoint for rule in portal.app.url_map.iter_rules()} - BARE

    unsaid = [one for one in sorted(endpoints) if not role_of(portal.app, one)]

    assert unsaid == []


@pytest.mark.parametrize("path", [*PAGES, "/nowhere"])
def test_every_page_carries_the_headers(portal: Any, path: str) -> None:
    headers = portal.browser().client.get(path, follow_redirects=True).headers

    policy = headers["Content-Security-Policy"]
    assert ("default-src 'none'" in policy, "unsafe" in policy, "frame-ancestors 'none'" in policy) == (
        True,
        False,
        True,
    )
    assert [
        headers[name]
        for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cache-Control")
    ] == ["nosniff", "DENY", "same-origin", "no-store"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_anything_inline_or_from_elsewhere(portal: Any, path: str) -> None:
    page = portal.browser().get(path)

    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//(?!www\.aepd\.es)[^"]*"', page) == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("language", "word"), [("es", "Idioma"), ("en", "Language"), ("pt", "Idioma")])
def test_every_page_speaks_the_language_of_the_browser(
    portal: Any, path: str, language: str, word: str
) -> None:
    page = portal.browser(language).get(path)

    assert (f'<html lang="{language}">' in page, f'aria-label="{word}"' in page) == (True, True)


def test_an_unknown_language_gets_that_of_the_organisation(portal: Any) -> None:
    assert '<html lang="es">' in portal.browser("fi").get("/")


def test_the_language_chosen_stays_and_leads_back(portal: Any) -> None:
    browser = portal.browser("es")
    browser.get("/help")

    browser.post("/language", language="pt", next="/help")

    assert (browser.at, '<html lang="pt">' in browser.get("/privacy")) == ("/help", True)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb"])
def test_the_way_back_never_leaves(target: str) -> None:
    assert inside(target) == "/"


def test_a_form_without_its_token_is_refused(portal: Any) -> None:
    answer = portal.browser().client.post("/ask/rights", data={"rights": "access"})

    assert (answer.status_code, "Go back, load it again" in answer.text) == (400, True)


def test_the_first_visit_stays_under_its_budget(portal: Any) -> None:
    client = portal.browser().client
    page = client.get("/")
    sent = len(page.data)
    for path in set(re.findall(r'"(/assets/[^"]+)"', page.text)):
        sent += len(client.get(path, headers={"Accept-Encoding": "gzip"}).data)

    assert sent < 120_000


def test_assets_are_kept_for_a_year_and_named_by_their_content(portal: Any) -> None:
    client = portal.browser().client
    path = re.findall(r'"(/assets/portal-[^"]+\.css)"', client.get("/").text)[0]

    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})

    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/assets/portal-000000000000.css").status_code == 404


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(make_portal: Callable[..., Any]) -> None:
    cookie = make_portal().browser().client.get("/ask/rights").headers["Set-Cookie"]

    assert ("HttpOnly" in cookie, "SameSite=Lax" in cookie) == (True, True)


def test_the_mails_of_a_demonstration_are_read_in_the_browser(
    make_portal: Callable[..., Any], ask: Callable[..., str]
) -> None:
    portal = make_portal(demo=True)

    page = portal.browser().get("/outbox")

    assert ("Mails of this demonstration" in page, "Demonstration." in page) == (True, True)


def test_outside_a_demonstration_there_is_no_outbox(portal: Any) -> None:
    assert portal.browser().client.get("/outbox").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/ask/nothing",
        "/ask/about-access",
        "/s/" + "A" * 500,
        "/s/%00",
        "/confirm/x",
        "/r/x",
        "/answer/x/data/999999999999",
        "/follow/withdraw/x",
    ],
)
def test_a_hostile_address_gets_a_page_and_no_trace(portal: Any, path: str) -> None:
    answer = portal.browser().client.get(path, follow_redirects=True)

    assert (answer.status_code in (200, 404), "Traceback" in answer.text) == (True, False)


@pytest.mark.parametrize(
    ("language", "said"), [("es", "al 200 % sin perder nada"), ("pt", "até 200% sem perder nada")]
)
def test_a_percent_sign_of_a_translation_is_shown_as_it_is(portal: Any, language: str, said: str) -> None:
    assert said in portal.browser(language).get("/accessibility")
