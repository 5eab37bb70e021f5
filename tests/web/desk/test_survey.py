"""The survey page: what was said is shown, what is missing is said beside the form."""

from __future__ import annotations

from typing import Any

from dsr.domain.survey import AREAS

SURVEY = "/desk/systems/acme/survey"


def test_an_answer_is_shown_with_its_date_and_leads_to_the_places(olga: Any) -> None:
    before = olga.get(SURVEY).text
    olga.post(f"{SURVEY}/chats", {"present": "yes", "who": "Sales", "tool": "WhatsApp"})

    page = olga.get(SURVEY).text

    assert f"{len(AREAS)} questions to answer" in before
    assert f"{len(AREAS) - 1} questions to answer" in page
    assert ("Sales" in page, "WhatsApp" in page, "Declare the place" in page) == (True, True, True)


def test_what_is_not_known_stays_open_and_is_not_promised_for_later(olga: Any) -> None:
    olga.post(f"{SURVEY}/chats", {"present": "unknown"})

    page = olga.get(SURVEY).text

    assert ("The question stays open until somebody knows" in page, "asked again on" in page) == (True, False)
    assert f"{len(AREAS)} questions to answer" in page


def test_a_yes_without_anybody_is_refused_and_keeps_what_was_typed(olga: Any) -> None:
    answer = olga.post(f"{SURVEY}/chats", {"present": "yes", "tool": "Signal"})
    assert answer.status_code == 422
    assert ("Say who keeps these data" in answer.text, "Signal" in answer.text) == (True, True)


def test_an_area_that_is_none_is_not_found(olga: Any) -> None:
    assert olga.post(f"{SURVEY}/attic", {"present": "no"}).status_code in (404, 422)
