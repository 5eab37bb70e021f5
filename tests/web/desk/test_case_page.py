"""What the page of a case shows in rarer states: a complaint, a mail that came back, work open in two systems."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from dsr import store
from dsr.services import outbox, review
from dsr.services.house import house
from dsr.services.intake import Wanted
from dsr.services.officers import Officer
from dsr.services.records import log_words
from dsr.services.viewing import found
from dsr.store.models import Case, Work
from dsr.store.operations import Message

COMPLAINT = Wanted("access", local_right="dpo_complaint", reason="They still write to me")
NOW = datetime.now(UTC)


def page_of(olga: Any, reference: str) -> str:
    return str(olga.get(f"/desk/cases/{reference}").text)


def failed(case: Case, system: str) -> Work:
    facts = {"controller": "acme", "case_id": case.id, "generation": case.generation, "system": system}
    return Work(**facts, key=f"{case.id}-{system}", state="failed", intended_at=NOW, why={}, outcome={})


def happened(page: str) -> list[str]:
    return re.findall(r'class="happened">([^<]+)<', page)


def test_the_timeline_of_a_complaint_says_that_nothing_was_searched(office: Any, olga: Any) -> None:
    complaint, access = office.filing(COMPLAINT).cases[0], office.file("access")

    assert happened(page_of(olga, complaint))[0] == "No system was searched; a person decides"
    assert happened(page_of(olga, access))[0] == "Searched, and a plan was made"
    assert olga.get("/desk/audit/acme").text.count("No system was searched; a person decides") == 1


@pytest.mark.parametrize("language", ["es", "en", "pt"])
def test_records_for_an_authority_say_the_same(language: str) -> None:
    said = [log_words.happened("case.planned", {"searched": one}, language) for one in ({}, {"book": [1]})]

    assert said == [log_words.NOTHING_SEARCHED.of(language), log_words.KIND["case.planned"].of(language)]


def test_a_mail_that_came_back_is_settled_on_its_page(office: Any, olga: Any) -> None:
    reference = office.file("access")
    with office.app.app_context(), store.transaction() as tx:
        case = tx.session.scalars(select(Case)).one()
        draft = outbox.Draft("answer_ready", "ana@example.org", "es", {}, case=case, crucial=True)
        outbox.put(tx, draft, now=NOW)
        message = tx.session.scalars(select(Message).where(Message.kind == "answer_ready")).one()
        outbox.returned(tx, message, "5.1.1", now=NOW)

    asked = page_of(olga, reference)
    form = {"way": "otherwise", "reason": "She was called"}
    done = olga.post(f"/desk/cases/{reference}/undelivered", form, at=f"/desk/cases/{reference}")

    ways = re.findall(r'name="way" value="(\w+)"', asked)
    assert (ways, done.status_code, office.case(reference).bounced) == (
        ["again", "address", "otherwise"],
        303,
        False,
    )
    assert 'name="way"' not in page_of(olga, reference)


def test_work_that_is_open_in_two_systems_is_tried_again_in_one(office: Any, olga: Any) -> None:
    reference = office.file("erasure")
    with office.app.app_context(), store.transaction() as tx:
        registry = house().registry
        registry._configured = (*registry.systems, replace(registry.systems[0], key="shop"))
        case = tx.session.scalars(select(Case)).one()
        case.status = "attention"
        for system in ("book", "shop"):
            tx.session.add(failed(case, system))

    select_ = page_of(olga, reference).partition('id="retry-system"')[2].partition("</select>")[0]
    olga.post(f"/desk/cases/{reference}/retry", {"system": "book"}, at=f"/desk/cases/{reference}")

    assert re.findall(r'<option value="(\w*)">', select_) == ["", "book", "shop"]
    assert office.entries("case.retried")[0].data["system"] == "book"


def test_of_many_records_the_first_are_shown_and_all_are_counted(office: Any, olga: Any) -> None:
    card = {"email": "ana@example.org", "name": "Ana García", "news": True, "restricted": False}
    cards = [{"id": number, **card} for number in range(found.SHOWN + 5)]
    (office.folder / "notebook.json").write_text(json.dumps({"cards": cards, "notes": []}))

    page = page_of(olga, office.file("access"))

    assert len(re.findall(r'id="record-\w+"', page)) == found.SHOWN
    assert f"These are the first {found.SHOWN} of {found.SHOWN + 5} records." in page


@pytest.fixture
def promised(office: Any) -> str:
    """An answer that could not look in the notebook."""
    pages = office.folder / "notebook.json"
    pages.rename(pages.with_suffix(".away"))
    pages.write_text("torn out")
    reference = str(office.file("access"))
    with office.app.app_context():
        shown = office.plan(reference)
        review.approve(reference, shown, by=Officer(1, ("dpo",)), now=datetime.now(UTC))
    office.work()
    pages.with_suffix(".away").rename(pages)
    return reference


def test_a_promise_stands_on_the_first_page_and_leads_to_its_form(
    office: Any, olga: Any, promised: str
) -> None:
    today, page = olga.get("/desk/").text, page_of(olga, promised)

    assert "Answers that promise to go on" in today
    assert f'href="/desk/cases/{promised}#promise"' in today
    assert "The answer could not look in: Notebook." in page
    assert f"/desk/cases/{promised}/go-on" in page
    assert f"/desk/cases/{promised}/cancel" not in page


def test_the_button_searches_again_and_the_plan_waits_for_her(office: Any, olga: Any, promised: str) -> None:
    answer = olga.post(f"/desk/cases/{promised}/go-on")
    office.work()

    page = page_of(olga, promised)
    assert (answer.status_code, office.case(promised).status) == (303, "review")
    assert f"/desk/cases/{promised}/withdraw" not in page
    assert f"/desk/cases/{promised}/refuse" not in page


def test_a_settled_promise_is_previewed_and_told(office: Any, olga: Any, promised: str) -> None:
    reason = {"reason": "The notebook burnt"}
    seen = olga.post(f"/desk/cases/{promised}/preview/settle", reason | {"as": "html"})
    answer = olga.post(f"/desk/cases/{promised}/settle", reason)

    assert "No vamos a poder buscar allí: The notebook burnt." in seen.text
    assert (answer.status_code, office.case(promised).promised_on) == (303, None)
    assert "The answer could not look in" not in page_of(olga, promised)
