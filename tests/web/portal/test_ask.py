"""Asking through the form: every right, errors that keep what was typed, the ways without e-mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dsr import laws, store
from dsr.store.models import Case, Submission
from dsr.web.portal import titles

RIGHTS = ("access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal")
PDF = b"%PDF-1.7 the family record book"


def rows(portal: Any, model: Any) -> list[Any]:
    with portal.app.app_context(), store.reading() as session:
        return list(session.scalars(select(model).order_by(model.id)))


@pytest.mark.parametrize("right", RIGHTS)
def test_each_right_can_be_asked_for(portal: Any, ask: Callable[..., str], right: str) -> None:
    browser = portal.browser()

    ask(browser, right)

    assert (browser.at, browser.status) == ("/sent", 200)
    assert [(one.right, one.status) for one in rows(portal, Case)] == [(right, "unverified")]


def test_several_rights_become_several_cases_of_one_submission(portal: Any, ask: Callable[..., str]) -> None:
    ask(portal.browser(), *RIGHTS)

    assert sorted(one.right for one in rows(portal, Case)) == sorted(RIGHTS)
    assert len(rows(portal, Submission)) == 1


def test_nothing_ticked_is_said_beside_the_field_and_on_top(portal: Any) -> None:
    browser = portal.browser()
    browser.get("/ask")

    page = browser.post("/ask/rights")

    assert browser.status == 422
    assert page.count("Choose at least one.") == 2
    assert 'href="#rights-0"' in page


def test_an_error_keeps_everything_that_was_typed(portal: Any) -> None:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=["access"])
    browser.post("/ask/who", behalf="me", place="ES")

    page = browser.post("/ask/find", email="ana@@example", mailbox="yes", phone="12", es_dni="12345678A")

    assert browser.status == 422
    assert [f'value="{value}"' in page for value in ("ana@@example", "12", "12345678A")] == [True] * 3
    assert [f'href="#{field}"' in page for field in ("email", "phone", "es_dni", "name")] == [
        True,
        True,
        True,
        False,
    ]


def test_the_language_switch_keeps_what_was_typed_and_judges_nothing(portal: Any) -> None:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=["access"])
    browser.post("/ask/who", behalf="me", place="ES")

    page = browser.post("/ask/find", email="half an addr", mailbox="yes", language="pt")

    assert (browser.status, 'value="half an addr"' in page) == (200, True)
    assert ('lang="pt"' in page, "error-summary" in page) == (True, False)


@pytest.mark.parametrize(("country", "field"), [("ES", "es_dni"), ("BR", "br_cpf"), ("CO", "co_cedula")])
def test_the_numbers_of_the_country_are_asked_for_and_no_others(
    portal: Any, country: str, field: str
) -> None:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=["access"])

    page = browser.post("/ask/who", behalf="me", place=country)

    offered = [one for one in ("es_dni", "br_cpf", "co_cedula") if f'name="{one}"' in page]
    assert offered == [field]


def test_the_law_of_the_country_is_taken_and_else_that_of_the_controller(
    portal: Any, ask: Callable[..., str]
) -> None:
    for place in ("CO", "JP", "FI", "GB"):
        browser = portal.browser()
        browser.get("/ask")
        browser.post("/ask/rights", rights=["access"])
        browser.post("/ask/who", behalf="me", place=place)
        browser.post("/ask/find", email="ana@example.com", mailbox="yes")
        browser.post("/ask/check", message="")

    assert [one.jurisdiction for one in rows(portal, Case)] == ["CO", "ES", "EU", "UK"]


def test_an_objection_on_grounds_needs_them(portal: Any) -> None:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=["objection"])
    browser.post("/ask/who", behalf="me", place="ES")
    browser.post("/ask/find", email="ana@example.com", mailbox="yes")

    page = browser.post("/ask/about-objection", channels=["grounds"])

    assert (browser.status, 'href="#reason"' in page) == (422, True)


def test_another_correction_adds_a_row_and_keeps_the_first(portal: Any) -> None:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=["rectification"])
    browser.post("/ask/who", behalf="me", place="ES")
    browser.post("/ask/find", email="ana@example.com", mailbox="yes")

    page = browser.post("/ask/about-rectification", category0="user.name", right0="Ana", more="1")

    assert ('name="right1"' in page, 'name="right2"' in page, 'value="Ana"' in page) == (True, False, True)


def test_without_e_mail_the_answer_goes_by_post_and_no_mail_is_sent(portal: Any) -> None:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=["access"])
    browser.post("/ask/who", behalf="me", place="ES")
    browser.post("/ask/find", mailbox="no", phone="+34 612 34 56 78")
    missing = browser.post("/ask/answer", answer_by="post", postal_address="")
    browser.post("/ask/answer", answer_by="post", postal_address="Calle Luna 3\n28004 Madrid")
    page = browser.post("/ask/check", message="")
    portal.deliver()

    assert "Write the address the letter should go to." in missing
    assert ("Keep this private link." in page, portal.post.sent) == (True, [])


def test_the_private_link_leads_back_from_another_browser(portal: Any) -> None:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=["access"])
    browser.post("/ask/who", behalf="me", place="ES")
    browser.post("/ask/find", mailbox="no", phone="+34 612 34 56 78")
    browser.post("/ask/answer", answer_by="collection")
    page = browser.post("/ask/check", message="")
    link = page.partition('href="/r/')[2].partition('"')[0]

    other = portal.browser()
    other.get(f"/r/{link}")

    assert (other.at, other.status) == ("/follow", 200)


def test_what_was_typed_lies_nowhere_in_clear(portal: Any, tmp_path: Path) -> None:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=["access"])
    browser.post("/ask/who", behalf="me", place="ES")
    browser.post("/ask/find", email="ana.typed.this@example.com", mailbox="yes")

    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert (browser.at, b"ana.typed.this" in kept) == ("/ask/check", False)


def test_starting_again_destroys_the_draft(portal: Any, tmp_path: Path) -> None:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=["access"])

    browser.post("/ask/start-again")

    assert list((tmp_path / "drafts").iterdir()) == []


def test_beyond_the_limit_of_a_network_the_same_page_says_so_and_keeps_the_form(
    make_portal: Callable[..., Any], ask: Callable[..., str]
) -> None:
    portal = make_portal(submissions_per_network=1)
    ask(portal.browser(), "access")
    browser = portal.browser()

    page = ask(browser, "access")

    assert (browser.status, browser.at) == (429, "/ask/check")
    assert ("Too many requests came from your connection" in page, "ana@example.com" in page) == (True, True)
    assert len(rows(portal, Submission)) == 1


def test_the_answer_is_the_same_when_a_recipient_has_had_enough_mails(
    make_portal: Callable[..., Any], ask: Callable[..., str]
) -> None:
    portal = make_portal(mails_per_recipient=1)
    first, second = portal.browser(), portal.browser()
    pages = []
    for browser in (first, second):
        page = ask(browser, "access")
        reference = page.partition('class="your-reference">')[2][:9]
        pages.append(without_secrets(page).replace(reference, "REFERENCE"))
    portal.deliver()

    assert pages[0] == pages[1]
    assert len(portal.post.sent) == 1


def without_secrets(page: str) -> str:
    """The page without what differs in every answer: nonce and CSRF token."""
    for mark in ('nonce="', 'name="csrf_token" value="'):
        for part in page.split(mark)[1:]:
            page = page.replace(mark + part.partition('"')[0], mark)
    return page


def asked_in(portal: Any, place: str, *rights: str) -> Any:
    browser = portal.browser()
    browser.get("/ask")
    browser.post("/ask/rights", rights=list(rights))
    browser.post("/ask/who", behalf="me", place=place)
    return browser


def offered(page: str) -> list[tuple[str, str]]:
    """(value, name in the law) of the rights beyond the seven on the page."""
    return re.findall(r'name="beyond" value="([^"]+)".*?In the law: ([^<]+)<', page, re.DOTALL)


@pytest.mark.parametrize(
    ("place", "rights"),
    [
        (
            "CO",
            [("access/authorization_proof", "Proof of authorisation"), ("rectification/update", "Update")],
        ),
        (
            "BR",
            [
                ("access/confirmation", "Confirmation"),
                ("access/sharing_information", "Information on sharing"),
                ("access/automated_decisions", "Review of automated decisions"),
            ],
        ),
        (
            "ES",
            [
                ("access/automated_decisions", "Automated decisions"),
                ("access/dpo_complaint", "Complaint to the data protection officer"),
            ],
        ),
    ],
)
def test_the_rights_beyond_the_seven_are_those_of_the_country(
    portal: Any, place: str, rights: list[tuple[str, str]]
) -> None:
    browser = asked_in(portal, place, "other")

    assert (browser.at, offered(browser.get("/ask/beyond"))) == ("/ask/beyond", rights)


def test_a_right_beyond_the_seven_becomes_a_case_under_its_own_name(portal: Any) -> None:
    browser = asked_in(portal, "CO", "other", "access")
    browser.post("/ask/beyond", beyond=["access/authorization_proof"], reason="The newsletter of 2024")
    browser.post("/ask/find", email="ana@example.com", mailbox="yes")

    check = browser.get("/ask/check")
    browser.post("/ask/check", message="")

    cases = [(one.right, one.local_right, one.jurisdiction) for one in rows(portal, Case)]
    assert cases == [("access", "", "CO"), ("access", "authorization_proof", "CO")]
    said = (
        "See what I agreed to (Proof of authorisation)",
        "See my data (Know (consulta))",
        "The newsletter of 2024",
    )
    assert [words in check for words in said] == [True] * 3
    assert browser.at == "/sent"


def test_a_right_that_needs_details_asks_for_them_once(portal: Any) -> None:
    browser = asked_in(portal, "CO", "other", "rectification")
    browser.post("/ask/beyond", beyond=["rectification/update"])
    browser.post("/ask/find", email="ana@example.com", mailbox="yes")
    assert browser.at == "/ask/about-rectification"
    browser.post("/ask/about-rectification", category0="user.name", right0="Ana")
    browser.post("/ask/check", message="")

    assert [one.local_right for one in rows(portal, Case)] == ["", "update"]


def test_another_country_asks_again_which_other_right(portal: Any) -> None:
    browser = asked_in(portal, "CO", "other")
    browser.post("/ask/beyond", beyond=["rectification/update"])
    browser.post("/ask/who", behalf="me", place="BR")

    assert browser.at == "/ask/beyond"


def test_a_right_of_another_law_cannot_be_chosen(portal: Any) -> None:
    browser = asked_in(portal, "ES", "other")

    page = browser.post("/ask/beyond", beyond=["rectification/update"])

    assert (browser.status, browser.at) == (422, "/ask/beyond")
    assert "Choose from the list." in page


def test_where_the_law_gives_nothing_more_it_is_said(portal: Any) -> None:
    browser = asked_in(portal, "CR", "other")

    page = browser.get("/ask/beyond")

    assert "gives no other right" in page
    assert 'href="/ask/rights"' in page


def test_every_right_beyond_the_seven_has_plain_words() -> None:
    packs = {
        key
        for pack in laws.packs()
        for key, one in pack.rights.items()
        if not one.canonical and one.served_by
    }

    assert set(titles.BEYOND) == packs
