"""Confirming: code and link once, the wrong address, the mailbox that is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain import codec
from dsr.services import sealing
from dsr.store.models import Case, Submission


def statuses(portal: Any) -> list[str]:
    with portal.app.app_context(), store.reading() as session:
        return list(session.scalars(select(Case.status).order_by(Case.id)))


def test_the_code_confirms_and_the_search_is_ordered(portal: Any, ask: Callable[..., str]) -> None:
    browser = portal.browser()
    ask(browser, "access")

    browser.post("/sent", code=portal.code())

    assert (browser.at, statuses(portal)) == ("/follow", ["collecting"])


@pytest.mark.parametrize("typed", ["00000000", "", "x" * 41, "1234 567٨", "' OR 1=1 --"])
def test_a_wrong_code_confirms_nothing(portal: Any, ask: Callable[..., str], typed: str) -> None:
    browser = portal.browser()
    ask(browser, "access")

    browser.post("/sent", code=typed)

    assert (browser.status, statuses(portal)) == (422, ["unverified"])


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(portal: Any, ask: Callable[..., str]) -> None:
    browser = portal.browser()
    ask(browser, "access")
    code = portal.code()

    for _ in range(5):
        browser.post("/sent", code="00000000")
    browser.post("/sent", code=code)

    assert (browser.status, statuses(portal)) == (422, ["unverified"])


def test_looking_at_the_link_confirms_nothing(portal: Any, ask: Callable[..., str]) -> None:
    ask(portal.browser(), "access")
    mail_scanner = portal.browser()

    page = mail_scanner.get(portal.link())

    assert ("Yes, it is me" in page, statuses(portal)) == (True, ["unverified"])


def test_the_button_behind_the_link_confirms_in_any_browser(portal: Any, ask: Callable[..., str]) -> None:
    ask(portal.browser(), "access")
    phone = portal.browser()
    link = portal.link()

    phone.get(link)
    phone.post(link)

    assert (phone.at, statuses(portal)) == ("/follow", ["collecting"])


def test_a_link_spent_twice_looks_like_one_that_never_was(portal: Any, ask: Callable[..., str]) -> None:
    ask(portal.browser(), "access")
    link = portal.link()
    first, second, third = portal.browser(), portal.browser(), portal.browser()
    first.get(link)
    first.post(link)

    spent = second.post(link)
    unknown = third.post("/confirm/" + "A" * 32)

    assert (second.status, third.status) == (422, 422)
    assert (spent.count("no longer valid"), unknown.count("no longer valid")) == (1, 1)


def test_a_new_code_replaces_one_that_did_not_arrive(portal: Any, ask: Callable[..., str]) -> None:
    browser = portal.browser()
    ask(browser, "access")
    first = portal.code()

    browser.post("/sent/again")
    second = portal.code()
    browser.post("/sent", code=second)

    assert (first != second, statuses(portal)) == (True, ["collecting"])


def test_a_wrong_address_is_corrected_without_typing_the_rest_again(
    portal: Any, ask: Callable[..., str]
) -> None:
    browser = portal.browser()
    ask(browser, "access", "erasure", email="anna@example.com")

    page = browser.post("/sent/correct")
    browser.post("/ask/find", email="ana@example.com", mailbox="yes", name="Ana Pérez")
    browser.post("/ask/check", message="")

    assert 'value="anna@example.com"' in page
    assert statuses(portal) == ["closed", "closed", "unverified", "unverified"]


def test_a_mailbox_that_is_gone_leads_to_an_officer_and_the_post(
    portal: Any, ask: Callable[..., str]
) -> None:
    browser = portal.browser()
    ask(browser, "access")

    page = browser.post(
        "/no-mailbox", reach="+34 612 34 56 78", answer_by="post", postal_address="Calle Luna 3, Madrid"
    )

    with portal.app.app_context(), store.reading() as session:
        submission = session.scalars(select(Submission)).one()
        words = sealing.unseal(sealing.key_of(submission), submission.sealed or b"", dict, "submission")
    assert (browser.at, words["answer_by"], words["postal_address"]) == (
        "/follow",
        "post",
        "Calle Luna 3, Madrid",
    )
    assert "You can reach me here: +34 612 34 56 78" in page


def test_a_session_holds_references_and_tickets_but_no_personal_data(
    portal: Any, ask: Callable[..., str]
) -> None:
    browser = portal.browser()
    ask(browser, "access")

    with browser.client.session_transaction() as session:
        kept = codec.dumps(dict(session))

    assert [word in kept for word in (b"ana", b"Ana", b"example.com")] == [False] * 3


def test_without_a_request_the_way_without_a_mailbox_is_explained(portal: Any) -> None:
    answer = portal.app.test_client().get("/no-mailbox")

    assert (answer.status_code, answer.location) == (303, "/help#mailbox")
