"""The matrix, walked route by route for every role."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import routes
from dsr.domain.workflow import TRANSITIONS
from dsr.services import staff
from dsr.web.desk.matrix import MATRIX
from dsr.web.roles import role_of

OLGA, EVA = "olga@acme.example", "eva@other.example"
ROLES = ("agent", "dpo", "auditor", "admin", "legal", "holder")
MOVES = {
    "desk.approve": "approve", "desk.second_approve": "second_approve", "desk.send_back": "reject_second",
    "desk.decide": "decide_proposal", "desk.withhold": "withhold", "desk.pause": "pause",
    "desk.resume": "resume", "desk.extend": "extend", "desk.refuse": "refuse", "desk.cancel": "cancel",
    "desk.withdraw": "withdraw", "desk.retry": "retry", "desk.lift": "lift", "desk.message": "message",
    "desk.note": "note", "desk.assign": "assign", "desk.prove": "verify",
    "desk.case_hold": "hold", "desk.case_release": "release",
    "desk.forward": "forward", "desk.automated": "review_decision", "desk.complaint": "answer_complaint",
    "desk.power": "confirm_power", "desk.authority_came": "file_authority", "desk.handed_over": "hand_over",
    "desk.authority_answered": "answer_authority", "desk.kept_ended": "settle_kept",
}  # fmt: skip


def address(app: Flask, endpoint: str, reference: str) -> tuple[str, str]:
    """Method and path of an endpoint, with a case and a controller that exist."""
    known = {"controller": "acme", "system": "book", "pack": "ES", "area": "paper", "act": "refuse"}
    return routes.address(app, endpoint, reference=reference, **known)


def visit(browser: Any, method: str, path: str) -> int:
    return int((browser.get(path) if method == "GET" else browser.post(path)).status_code)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_lines_of_the_matrix_and_nothing_else(office: Any, role: str) -> None:
    reference = office.file("access")
    office.hire("one@acme.example", role)
    browser = office.browser("one@acme.example")

    refused = {e for e in MATRIX if visit(browser, *address(office.app, e, reference)) == 403}

    assert refused == {endpoint for endpoint, roles in MATRIX.items() if role not in roles}


def test_nobody_opens_anything_without_signing_in(office: Any) -> None:
    reference = office.file("access")
    browser = office.browser()

    answers = {visit(browser, *address(office.app, endpoint, reference)) for endpoint in MATRIX}

    assert answers == {302}


def test_every_route_of_the_desk_says_its_roles(office: Any) -> None:
    ours = [e for e in office.app.view_functions if e.startswith(("desk.", "security."))]

    assert [endpoint for endpoint in ours if not role_of(office.app, endpoint)] == []


@pytest.mark.parametrize(("endpoint", "move"), MOVES.items())
def test_the_matrix_and_the_moves_of_a_case_agree(endpoint: str, move: str) -> None:
    may = {role.value for role in TRANSITIONS[move].roles} & set(ROLES)

    assert set(MATRIX[endpoint]) == may


def test_for_eva_the_cases_and_pages_of_acme_do_not_exist(office: Any) -> None:
    reference, eva = office.file("access"), office.browser(EVA)
    places = [address(office.app, endpoint, reference) for endpoint in MATRIX]
    theirs = [(method, path) for method, path in places if "acme" in path or reference in path]

    assert {visit(eva, method, path) for method, path in theirs} == {404}
    assert len(theirs) > 42


def test_eva_sees_an_empty_queue(office: Any) -> None:
    reference = office.file("access")

    assert reference not in office.browser(EVA).get("/desk/queue").text


def test_eva_finds_nothing_by_number_or_address(office: Any) -> None:
    reference = office.file("access")
    eva = office.browser(EVA)

    pages = [eva.get(f"/desk/queue?q={text}").text for text in (reference, "ana@example.org")]

    assert [f"/desk/cases/{reference}" in page for page in pages] == [False, False]


def test_a_role_lost_is_lost_at_the_next_click(office: Any) -> None:
    number = office.hire("agata@acme.example", "agent")
    agata = office.browser("agata@acme.example")
    with office.app.app_context():
        staff.change_roles(number, "acme", ["auditor"], by="system", now=datetime.now(UTC))

    assert agata.get("/desk/new").status_code == 403


def test_an_auditor_sees_the_course_of_a_case_and_not_the_person(office: Any) -> None:
    reference = office.file("access")
    office.hire("audit@acme.example", "auditor")

    page = office.browser("audit@acme.example").get(f"/desk/cases/{reference}").text

    assert ("Request received" in page, "Ana García" in page, "a•••@" in page) == (True, False, False)


def test_a_form_without_its_token_is_refused(office: Any, olga: Any) -> None:
    reference = office.file("access")

    answer = olga.client.post(f"/desk/cases/{reference}/cancel", data={"reason": "x"})

    assert (answer.status_code, office.case(reference).status) == (400, "review")


def test_the_written_matrix_is_the_one_that_is_enforced() -> None:
    page = (Path(__file__).parents[3] / "docs" / "security.md").read_text()
    lines = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("| `desk.")]
    written = {
        cells[0].strip(" `"): {role for role, cell in zip(ROLES, cells[1:], strict=True) if cell.strip()}
        for cells in lines
    }

    assert written == {endpoint: set(roles) for endpoint, roles in MATRIX.items()}
