"""What the page of a case says of what was done, of what a role may do, and of what can be given back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from dsr import store
from dsr.services import duties, ledger
from dsr.services.intake import Wanted
from dsr.services.records import clock_words
from dsr.services.viewing import DoneView
from dsr.store.models import Search
from dsr.store.operations import SystemState
from dsr.web.desk import done_words

PAULA = "paula@acme.example"
WANTED = {
    "restriction": Wanted("restriction", ground="accuracy"),
    "objection": Wanted("objection", channels=("marketing",)),
}


def carried_out(office: Any, right: str) -> str:
    """A case that Olga, and where four eyes rule Paula, approved; the work is done."""
    reference = str(office.filing(WANTED.get(right, right)).cases[0])
    for email, move in (("olga@acme.example", "approve"), (PAULA, "second-approve")):
        if office.case(reference).status in ("review", "second"):
            sent = {"plan": office.plan(reference)}
            office.browser(email).post(f"/desk/cases/{reference}/{move}", sent)
    office.work()
    assert office.case(reference).status == "answered"
    return reference


def done_on(page: str) -> list[str]:
    """The lines of "What was done"."""
    part = page.partition('<ul class="plain done">')[2].partition("</ul>")[0]
    return [re.sub(r"<[^>]+>", " ", one).strip() for one in re.findall(r"<li>(.*?)</li>", part, re.S)]


@pytest.mark.parametrize(
    ("right", "lines"),
    [
        ("erasure", ["1 entry of Cards blocked in the vault and erased",
                     "2 entries of Notes blocked in the vault and erased"]),
        ("restriction", ["1 entry of Cards marked", "2 entries of Notes restricted"]),
        ("objection", ["1 entry of Cards no longer used for this"]),
    ],
)  # fmt: skip
def test_what_was_done_is_said_with_its_verb(office: Any, olga: Any, right: str, lines: list[str]) -> None:
    reference = carried_out(office, right)

    assert sorted(done_on(olga.get(f"/desk/cases/{reference}").text)) == sorted(lines)


@pytest.mark.parametrize(
    ("verb", "counts", "said", "stays"),
    [
        ("delete", (5, 3, 2), "3 de 5 datos de Facturas borrados", "2 datos de Facturas conservados"),
        ("correct", (1, 1, 0), "1 dato de Facturas rectificado", ""),
        ("anonymise", (4, 4, 0), "4 datos de Facturas anonimizados", ""),
        ("restrict", (2, 2, 0), "Uso de 2 datos de Facturas limitado", ""),
        ("keep", (3, 0, 3), "", "3 datos de Facturas conservados"),
        ("delete", (3, 0, 3), "", "3 datos de Facturas conservados"),
    ],
)
def test_each_verb_has_its_word_in_the_language_of_the_reader(
    office: Any, verb: str, counts: tuple[int, int, int], said: str, stays: str
) -> None:
    item = DoneView(verb, "Facturas", *counts, "", "", date(2030, 12, 31))

    with office.app.test_request_context(headers={"Accept-Language": "es"}):
        told = (done_words.done(item), done_words.kept(item))

    assert told == (said, stays)


def test_what_was_read_back_or_confirmed_by_whoever_did_it_has_its_words() -> None:
    assert set(clock_words.VERIFIED) == {ledger.CLEAN, ledger.LEFT, duties.STATED}


def test_an_auditor_reads_what_the_role_may_see(office: Any) -> None:
    reference = office.file("access")
    office.hire("aitor@acme.example", "auditor")

    page = office.browser("aitor@acme.example").get(f"/desk/cases/{reference}").text

    assert ("What you can see here" in page, "What you can do now" in page) == (True, False)
    assert "The person, the letters and what people wrote are not shown to your role" in page


@pytest.mark.parametrize("role", ["agent", "dpo", "legal"])
def test_a_role_that_may_act_reads_what_it_can_do(office: Any, role: str) -> None:
    reference = office.file("access")
    office.hire("one@acme.example", role)

    page = office.browser("one@acme.example").get(f"/desk/cases/{reference}").text

    assert ("What you can do now" in page, "What you can see here" in page) == (True, False)


@pytest.mark.parametrize(("right", "offered"), [("restriction", True), ("erasure", False)])
def test_lifting_is_offered_where_there_is_something_to_give_back(
    office: Any, olga: Any, right: str, offered: bool
) -> None:
    reference = carried_out(office, right)

    assert ('id="lift"' in olga.get(f"/desk/cases/{reference}").text) is offered


def test_a_restriction_that_found_nothing_cannot_be_lifted(office: Any, olga: Any) -> None:
    reference = str(office.filing(WANTED["restriction"], who="nobody@example.org").cases[0])
    olga.post(f"/desk/cases/{reference}/approve", {"plan": office.plan(reference)})
    office.work()

    page = olga.get(f"/desk/cases/{reference}").text
    answer = olga.post(f"/desk/cases/{reference}/lift", {"reason": "It is over"})

    assert (office.case(reference).status, 'id="lift"' in page, answer.status_code) == (
        "answered",
        False,
        422,
    )
    assert "There is nothing to lift" in answer.text


def test_a_system_in_trouble_says_why_in_the_language_of_the_reader(office: Any, olga: Any) -> None:
    reference = office.file("access")
    why, told = "the directory cannot be reached", "El directorio no responde"
    with office.app.app_context(), store.transaction() as tx:
        for row in tx.session.scalars(select(Search)):
            row.found, row.why, row.sealed = "failed", {"": why}, None
        tx.session.get_one(SystemState, ("acme", "book")).last_error = why

    olga.post("/desk/language", {"language": "es"})
    pages = [olga.get(path).text for path in ("/desk/", "/desk/systems/acme", f"/desk/cases/{reference}")]

    assert [(told in page, why in page) for page in pages] == [(True, False)] * 3


def test_a_plan_without_acts_does_not_say_that_nothing_was_found(office: Any, olga: Any) -> None:
    reference = office.filing(Wanted("objection", channels=("tracking",))).cases[0]

    page = olga.get(f"/desk/cases/{reference}").text

    assert "Nothing that was found has to be changed" in page
    assert "Nothing of this person was found" not in page
