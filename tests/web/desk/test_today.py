"""Today says what is so for whoever looks: a role without cases, an installation without any, a system in trouble."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from dsr import store
from dsr.services import recipients, sealing
from dsr.services.officers import Officer
from dsr.store.operations import SystemState
from dsr.store.queries import people
from dsr.store.telling import RecipientNotice
from dsr.web.desk import log_words

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADA = "ada@acme.example"
WELL_DONE = "Well done: nothing is waiting for you"


@pytest.mark.parametrize(("role", "place"), [("admin", "/desk/staff"), ("holder", "")])
def test_a_role_without_cases_is_not_told_that_there_are_none(office: Any, role: str, place: str) -> None:
    office.file("access")
    office.hire(ADA, role)

    page = office.browser(ADA).get("/desk/").text

    assert ("Your role sees no cases" in page, WELL_DONE in page, "Open in all" in page) == (
        True,
        False,
        False,
    )
    assert (f'href="{place}">Staff' in page) is bool(place)


def test_an_administrator_sees_which_systems_are_in_trouble(office: Any) -> None:
    office.file("access")
    office.hire(ADA, "admin")
    with office.app.app_context(), store.transaction() as tx:
        tx.session.get_one(SystemState, ("acme", "book")).last_error = "the directory cannot be reached"

    assert "the directory cannot be reached" in office.browser(ADA).get("/desk/").text


def test_a_recipient_that_no_program_tells_waits_with_its_date_until_it_is_told(
    office: Any, olga: Any
) -> None:
    reference = office.file("access")
    with office.app.app_context(), store.transaction() as tx:
        case = people.case(tx.session, reference)
        sealed = sealing.seal(sealing.proof_key_of(case.submission), {"name": {"en": "Courier"}}, "notice")
        row = RecipientNotice(
            controller="acme",
            case_id=case.id,
            key="one",
            channel="manual",
            state="manual",
            made_at=NOW,
            due_on=date(2026, 3, 9),
            sealed=sealed,
        )
        tx.session.add(row)
    waits = olga.get("/desk/").text
    with office.app.app_context():
        recipients.note(reference, 1, "told", "by telephone", by=Officer(1, ("dpo",), ("acme",)), now=NOW)
    told = olga.get("/desk/").text

    line = f'href="/desk/cases/{reference}#recipient-1"'
    assert [(line in page, "Courier" in page) for page in (waits, told)] == [(True, True), (False, False)]
    assert WELL_DONE not in waits and "9 Mar 2026" in waits


def test_without_any_case_it_says_where_requests_come_from(office: Any, olga: Any) -> None:
    empty = olga.get("/desk/").text
    office.file("access")
    busy = olga.get("/desk/").text

    said = "No case is open. People ask on the portal"
    assert [(WELL_DONE in page, said in page) for page in (empty, busy)] == [(True, True), (False, False)]


def test_the_command_line_without_a_name_is_named(office: Any) -> None:
    with office.app.test_request_context(headers={"Accept-Language": "en"}):
        told = [log_words.actor(name, {}) for name in ("cli:", "cli:root")]

    assert told == ["the command line", "root, on the command line"]
