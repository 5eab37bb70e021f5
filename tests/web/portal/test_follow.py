"""Following: what is shown to whom. Eva is somebody else and must see nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.workflow import Role
from dsr.services import review
from dsr.services.review import Officer
from dsr.store.models import Case, Search, Submission

OLGA = Officer(1, (Role.DPO,))


def reference(portal: Any) -> str:
    with portal.app.app_context(), store.reading() as session:
        return str(session.scalars(select(Submission.reference).order_by(Submission.id)).first())


def case_reference(portal: Any) -> str:
    with portal.app.app_context(), store.reading() as session:
        return str(session.scalars(select(Case.reference).order_by(Case.id)).first())


def confirmed(portal: Any, ask: Callable[..., str], *rights: str) -> Any:
    browser = portal.browser()
    ask(browser, *(rights or ("access",)))
    browser.post("/sent", code=portal.code())
    return browser


def test_the_page_says_by_when_and_why(portal: Any, ask: Callable[..., str]) -> None:
    page = confirmed(portal, ask).get("/follow")

    assert "The law gives one month from the day we received your request." in page
    assert "We are searching in all our systems." in page


def test_eva_cannot_see_anas_request_by_its_reference(portal: Any, ask: Callable[..., str]) -> None:
    confirmed(portal, ask)
    eva = portal.browser()

    pages = [eva.get(path) for path in (f"/s/{reference(portal)}", "/follow", "/answer", "/sent")]

    assert ["See my data" in page for page in pages] == [False] * 4


def test_an_existing_and_an_invented_reference_look_the_same(portal: Any, ask: Callable[..., str]) -> None:
    confirmed(portal, ask)
    real, invented = reference(portal), "2222-3333"
    eva = portal.browser()
    pages = []
    for which in (real, invented):
        eva.get(f"/s/{which}")
        sent = eva.post(f"/s/{which}/code")
        wrong = eva.post(f"/s/{which}", code="1111 1111")
        pages.append([same(page, which) for page in (sent, wrong)])

    assert pages[0] == pages[1]


def same(page: str, which: str) -> str:
    for mark in ('nonce="', 'name="csrf_token" value="'):
        for part in page.split(mark)[1:]:
            page = page.replace(mark + part.partition('"')[0], mark)
    return page.replace(which, "REFERENCE")


def test_who_only_typed_anas_address_sees_nothing_once_ana_confirmed(
    portal: Any, ask: Callable[..., str]
) -> None:
    eva, ana = portal.browser(), portal.browser()
    ask(eva, "access")
    link = portal.link()
    ana.get(link)
    ana.post(link)

    page = eva.get("/follow")

    assert ("Open with a fresh code" in page, "See my data" in page) == (True, False)


def test_a_fresh_code_opens_the_request_in_another_browser(portal: Any, ask: Callable[..., str]) -> None:
    confirmed(portal, ask)
    phone, door = portal.browser(), f"/s/{reference(portal)}"
    phone.get(door)
    phone.post(f"{door}/code")

    page = phone.post(door, code=portal.code())

    assert (phone.at, "See my data" in page) == ("/follow", True)


def test_a_fresh_code_opens_once(portal: Any, ask: Callable[..., str]) -> None:
    confirmed(portal, ask)
    phone, eva, door = portal.browser(), portal.browser(), f"/s/{reference(portal)}"
    phone.get(door)
    phone.post(f"{door}/code")
    code = portal.code()
    phone.post(door, code=code)
    eva.get(door)

    eva.post(door, code=code)

    assert eva.status == 422


def test_messages_go_both_ways_and_notes_stay_inside(portal: Any, ask: Callable[..., str]) -> None:
    ana = confirmed(portal, ask)
    ana.get("/follow")
    ana.post("/follow", text="When will it be ready? <b>soon</b>")
    with portal.app.app_context():
        case, now = case_reference(portal), datetime.now(UTC)
        review.message(case, "Next week.", by=OLGA, now=now)
        review.note(case, "She sounds impatient.", by=OLGA, now=now)

    page = ana.get("/follow")

    assert ("Next week." in page, "impatient" in page) == (True, False)
    assert "When will it be ready? &lt;b&gt;soon&lt;/b&gt;" in page


def test_a_message_that_is_too_long_is_not_lost(portal: Any, ask: Callable[..., str]) -> None:
    ana = confirmed(portal, ask)
    ana.get("/follow")

    page = ana.post("/follow", text="a" * 10_001)

    assert (ana.status, "a" * 10_001 in page) == (422, True)


def test_withdrawing_asks_first_and_then_closes(portal: Any, ask: Callable[..., str]) -> None:
    ana = portal.browser()
    ask(ana, "erasure", "access")
    case = case_reference(portal)
    asked = ana.get(f"/follow/withdraw/{case}")

    page = ana.post(f"/follow/withdraw/{case}")

    assert ("Yes, withdraw it" in asked, "Withdrawn by you" in page) == (True, True)


def test_eva_cannot_withdraw_anas_case(portal: Any, ask: Callable[..., str]) -> None:
    confirmed(portal, ask)
    anas = case_reference(portal)
    eva = portal.browser()
    ask(eva, "access", email="eva@example.com")

    eva.post(f"/follow/withdraw/{anas}")

    assert eva.status == 404
    with portal.app.app_context(), store.reading() as session:
        assert session.scalars(select(Case.status).where(Case.reference == anas)).one() == "collecting"


def test_leaving_makes_the_browser_forget(portal: Any, ask: Callable[..., str]) -> None:
    ana = confirmed(portal, ask)
    ana.get("/follow")

    ana.post("/leave")

    assert (ana.get("/follow").count("See my data"), ana.status) == (0, 404)


@pytest.mark.parametrize("typed", ["7f3k 92qd", "7F3K-92QD", " 7f3k92qd "])
def test_a_reference_may_be_typed_in_any_way(portal: Any, typed: str) -> None:
    browser = portal.browser()

    browser.get("/s", query_string={"reference": typed})

    assert browser.at == "/s/7F3K-92QD"


@pytest.fixture
def two(make_portal: Callable[..., Any], acme: Any) -> Any:
    """Two organisations, one below a path, the other on a host of its own."""
    beta = replace(acme, key="beta", name="Beta", host="privacy.beta.example")
    return make_portal(replace(acme, path="acme"), beta)


def test_each_organisation_has_its_own_pages(two: Any) -> None:
    browser = two.browser()

    by_path = browser.get("/acme/")
    by_host = browser.client.get("/", headers={"Host": "privacy.beta.example"}).text
    neither = browser.get("/")

    assert ["<strong>Acme</strong>" in by_path, "<strong>Beta</strong>" in by_host] == [True, True]
    assert "Whom do you want to ask?" in neither


def test_a_request_to_one_organisation_is_unknown_to_the_other(two: Any) -> None:
    browser = two.browser()
    browser.get("/acme/ask")
    browser.post("/acme/ask/rights", rights=["access"])
    browser.post("/acme/ask/who", behalf="me", place="ES")
    browser.post("/acme/ask/find", email="ana@example.com", mailbox="yes")
    browser.post("/acme/ask/check", message="")
    link = two.link()
    browser.get(link)
    mine = browser.post(link)

    other = browser.client.get("/follow", headers={"Host": "privacy.beta.example"})

    assert ("See my data" in mine, other.status_code, "See my data" in other.text) == (True, 404, False)


def test_whoever_asks_for_somebody_else_is_told_that_an_officer_checks_first(
    portal: Any, ask: Callable[..., str]
) -> None:
    browser, pages = confirmed(portal, ask), []
    for power_at in (None, datetime.now(UTC)):
        with portal.app.app_context(), store.transaction() as tx:
            submission = tx.session.scalars(select(Submission)).one()
            submission.behalf, submission.power_at = "heir", power_at
        pages.append(browser.get("/follow"))

    assert ["You ask for somebody else" in page for page in pages] == [True, False]


def test_a_late_answer_is_admitted(portal: Any, ask: Callable[..., str]) -> None:
    browser = confirmed(portal, ask)
    with portal.app.app_context(), store.transaction() as tx:
        case = tx.session.scalars(select(Case)).one()
        case.due_on = datetime.now(UTC).date() - timedelta(days=3)

    page = browser.get("/follow")

    assert ("You should have had the answer by" in page, "You get the answer by" in page) == (True, False)


def test_an_answer_that_promises_to_go_on_says_where_and_by_when(
    portal: Any, ask: Callable[..., str], answer: Callable[..., None]
) -> None:
    browser = confirmed(portal, ask)
    answer(portal, reference(portal))
    promise(portal)

    page = browser.get("/follow")

    assert "We could not look in one place yet: tracking. We go on, and write to you by" in page
    assert "Thursday 2 April 2026" in page
    assert "Withdraw this request" not in page


def promise(portal: Any) -> None:
    """The tracking store could not be searched for the answer."""
    with portal.app.app_context(), store.transaction() as tx:
        case = tx.session.scalars(select(Case)).one()
        case.promise_of, case.promised_on = 1, date(2026, 4, 2)
        facts = {"controller": case.controller, "case_id": case.id, "generation": 1, "why": {}}
        at = datetime.now(UTC)
        tx.session.add(Search(**facts, system="tracking", found="failed", at=at))
