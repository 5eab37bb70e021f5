"""Proposed records are decided together: some or all, with one reason, in one step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from dsr import store
from dsr.store.models import Decision, Event

SHARED = "info@acme-clientes.example"
PROPOSAL = re.compile(r'name="proposal" form="decide" value="([\w-]+/\w+)"')
GROUP = re.compile(r'name="proposal" form="decide" value="([^"]+ [^"]+)"')
MANY = 55


def filed(office: Any, cards: int) -> str:
    """A request from a mailbox that several people read: everything it finds is only proposed."""
    one = {"email": SHARED, "name": "Somebody", "news": True, "restricted": False}
    pages = {"cards": [{"id": number, **one} for number in range(1, cards + 1)], "notes": []}
    (office.folder / "notebook.json").write_text(json.dumps(pages))
    return str(office.file("access", who=SHARED))


def decided(office: Any) -> list[tuple[str, str, str]]:
    with office.app.app_context(), store.reading() as session:
        rows = session.scalars(select(Decision).order_by(Decision.id))
        return [(one.system, one.record, one.kind) for one in rows]


def page_of(browser: Any, reference: str) -> str:
    return str(browser.get(f"/desk/cases/{reference}").text)


def test_all_proposals_of_a_shared_mailbox_are_rejected_with_one_reason(office: Any, olga: Any) -> None:
    reference = filed(office, MANY)
    page = page_of(olga, reference)
    shown = PROPOSAL.findall(page)
    assert "Nothing is certainly hers so far." in page

    sent = {"every": "yes", "plan": office.plan(reference), "verdict": "reject", "reason": "A shared mailbox"}
    answer = olga.post(f"/desk/cases/{reference}/decide", sent)
    office.work()

    names = sorted(tuple(one.split("/")) for one in shown)
    assert (answer.status_code, len(shown)) == (303, MANY)
    assert sorted(decided(office)) == [(*one, "reject") for one in names]
    assert PROPOSAL.findall(page_of(olga, reference)) == []


def test_the_log_has_one_line_for_all_of_them_without_personal_data(office: Any, olga: Any) -> None:
    reference = filed(office, 3)
    chosen = PROPOSAL.findall(page_of(olga, reference))

    olga.post(
        f"/desk/cases/{reference}/decide",
        {"proposal": chosen, "verdict": "reject", "reason": "Ana's sister wrote it"},
    )

    (entry,) = office.entries("case.proposal_decided")
    records = [one.split("/") for one in sorted(chosen)]
    assert entry.data == {
        "count": 3, "records": records, "status": "ready", "systems": {"book": 3}, "verdict": "reject",
    }  # fmt: skip
    with office.app.app_context(), store.reading() as session:
        assert len(list(session.scalars(select(Event).where(Event.kind == "case.proposal_decided")))) == 1
    assert "Several proposed records were decided together" in page_of(olga, reference)


def test_some_are_accepted_and_the_others_stay_open(office: Any, olga: Any) -> None:
    reference = filed(office, 4)
    chosen = PROPOSAL.findall(page_of(olga, reference))

    sent = {"proposal": chosen[:2], "verdict": "accept", "reason": "She showed the invoices"}
    olga.post(f"/desk/cases/{reference}/decide", sent)
    office.work()

    assert sorted(decided(office)) == sorted((*one.split("/"), "accept") for one in chosen[:2])
    assert sorted(PROPOSAL.findall(page_of(olga, reference))) == sorted(chosen[2:])


def test_records_that_name_the_same_somebody_are_chosen_in_one_step(office: Any, olga: Any) -> None:
    one = {"name": "Somebody", "news": True, "restricted": False}
    written = (SHARED, SHARED.upper().replace("INFO", "info"), SHARED)
    cards = [{"id": number, "email": email, **one} for number, email in enumerate(written, 1)]
    (office.folder / "notebook.json").write_text(json.dumps({"cards": cards, "notes": []}))
    reference = str(office.file("access", who=SHARED))
    groups = GROUP.findall(page_of(olga, reference))

    sent = {"proposal": groups, "verdict": "accept", "reason": "She showed both cards"}
    olga.post(f"/desk/cases/{reference}/decide", sent)
    office.work()

    (names,) = [group.split() for group in groups]
    assert sorted(decided(office)) == sorted((*name.split("/"), "accept") for name in names)
    assert (len(names), len(PROPOSAL.findall(page_of(olga, reference)))) == (2, 1)


@pytest.mark.parametrize(
    ("sent", "status", "why"),
    [
        ({"verdict": "reject", "reason": "No"}, 422, "Choose at least one proposed record."),
        ({"proposal": "book/nothing", "reason": "No"}, 422, "This record is not part of the last search."),
        ({"every": "yes", "plan": "0" * 64, "reason": "No"}, 409, "The plan has changed since it was shown."),
        ({"every": "yes", "reason": " "}, 422, "Say why, in your own words."),
    ],
)
def test_what_cannot_be_decided_changes_nothing_and_says_why(
    office: Any, olga: Any, sent: dict[str, str], status: int, why: str
) -> None:
    reference = filed(office, 2)

    answer = olga.post(f"/desk/cases/{reference}/decide", {"plan": office.plan(reference)} | sent)

    assert (answer.status_code, why in answer.text, decided(office)) == (status, True, [])
    assert office.case(reference).status == "review"


def test_what_was_chosen_is_still_chosen_after_an_error(office: Any, olga: Any) -> None:
    reference = filed(office, 3)
    chosen = PROPOSAL.findall(page_of(olga, reference))[1]

    page = olga.post(f"/desk/cases/{reference}/decide", {"proposal": chosen, "verdict": "reject"}).text

    assert re.findall(r'value="(book/\w+)"[^>]* checked', page) == [chosen]


def test_rows_closed_to_her_role_are_neither_named_nor_meant_by_all(make_office: Callable[..., Any]) -> None:
    office = make_office(roles=("dpo",))
    reference = filed(office, 2)
    (record, _other) = PROPOSAL.findall(page_of(office.browser("olga@acme.example"), reference))
    office.hire("agata@acme.example", "agent")
    agata = office.browser("agata@acme.example")

    sent = {"verdict": "reject", "reason": "No", "plan": office.plan(reference)}
    every = agata.post(f"/desk/cases/{reference}/decide", sent | {"every": "yes"})
    named = agata.post(f"/desk/cases/{reference}/decide", sent | {"proposal": record})

    assert ("Choose at least one" in every.text, "not open to your role" in named.text) == (True, True)
    assert decided(office) == []


def test_a_colleague_of_another_organisation_decides_nothing(office: Any) -> None:
    reference = filed(office, 1)
    eva = office.browser("eva@other.example")

    answer = eva.post(f"/desk/cases/{reference}/decide", {"verdict": "reject", "reason": "No"})

    assert (answer.status_code, decided(office)) == (404, [])
