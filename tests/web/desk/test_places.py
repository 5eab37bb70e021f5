"""Places declared at the desk: their holders are asked from the next request on; what they say is entered."""

from __future__ import annotations

import re
from typing import Any

from dsr.services import inventory

EVA, PLACES = "eva@other.example", "/desk/systems/acme/places"
ARCHIVE = {
    "title": "Paper archive", "owner": "Ines Mora", "category": ["user.name", "user.correspondence"],
    "holders": "ines@acme.example\nluis@acme.example", "checklist": "Cabinet 3", "basis": "contract",
}  # fmt: skip


def tasks(office: Any, olga: Any, reference: str) -> list[str]:
    return re.findall(r'id="task-(\d+)"', olga.get(f"/desk/cases/{reference}").text)


def test_every_holder_of_a_declared_place_is_asked(office: Any, olga: Any) -> None:
    olga.post(PLACES, ARCHIVE)

    reference = office.file("access")

    page = olga.get(f"/desk/cases/{reference}").text
    assert (len(tasks(office, olga, reference)), "ines@acme.example" in page, "luis@acme.example" in page) == (
        2, True, True,
    )  # fmt: skip


def test_what_a_holder_said_on_the_telephone_is_entered_with_who_and_when(office: Any, olga: Any) -> None:
    olga.post(PLACES, ARCHIVE | {"holders": "ines@acme.example"})
    reference = office.file("access")
    task = tasks(office, olga, reference)[0]

    olga.post(f"/desk/cases/{reference}/tasks/{task}", {"state": "nothing", "reason": "Ines, by phone"})

    page = olga.get(f"/desk/cases/{reference}").text
    assert ("Found nothing" in page, "Ines, by phone" in page) == (True, True)
    assert [(one.actor, one.data["state"]) for one in office.entries("task.completed")] == [
        ("staff:1", "nothing")
    ]


def test_an_answer_without_evidence_is_not_entered(office: Any, olga: Any) -> None:
    olga.post(PLACES, ARCHIVE)
    reference = office.file("access")
    task = tasks(office, olga, reference)[0]

    answer = olga.post(f"/desk/cases/{reference}/tasks/{task}", {"state": "nothing", "reason": " "})

    assert (answer.status_code, office.entries("task.completed")) == (422, [])


def test_a_task_of_another_case_is_not_reached_through_this_one(office: Any, olga: Any) -> None:
    olga.post(PLACES, ARCHIVE)
    reference, other = office.file("access"), office.file("access", who="else@example.org")
    task = tasks(office, olga, other)[0]

    olga.post(f"/desk/cases/{reference}/tasks/{task}", {"state": "nothing", "reason": "Ines"})

    assert office.entries("task.completed") == []


def test_a_place_is_said_anew(office: Any, olga: Any) -> None:
    olga.post(PLACES, ARCHIVE)

    olga.post(f"{PLACES}/place-1", ARCHIVE | {"title": "Cellar archive"})

    page = olga.get(PLACES).text
    assert ("Cellar archive" in page, "Paper archive" in page) == (True, False)


def test_a_retired_place_is_not_asked(office: Any, olga: Any) -> None:
    olga.post(PLACES, ARCHIVE)
    olga.post(f"{PLACES}/place-1/retire", {"retired": "yes"})

    assert tasks(office, olga, office.file("access")) == []


def test_a_place_with_open_cases_is_not_retired(office: Any, olga: Any) -> None:
    olga.post(PLACES, ARCHIVE)
    office.file("access")

    answer = olga.post(f"{PLACES}/place-1/retire", {"retired": "yes"})

    assert (answer.status_code, "Retire the place when they are closed" in answer.text) == (422, True)


def test_a_place_without_an_address_is_refused_and_keeps_what_was_typed(office: Any, olga: Any) -> None:
    answer = olga.post(PLACES, ARCHIVE | {"holders": "Ines from upstairs"})

    assert (answer.status_code, "is not an e-mail address" in answer.text, "Cabinet 3" in answer.text) == (
        422, True, True,
    )  # fmt: skip


def test_eva_changes_no_place_of_acme(office: Any, olga: Any) -> None:
    olga.post(PLACES, ARCHIVE)

    answer = office.browser(EVA).post(f"{PLACES}/place-1", ARCHIVE | {"title": "Mine"})

    with office.app.app_context():
        assert (answer.status_code, inventory.declared("acme", "place-1").title) == (404, "Paper archive")


def test_a_place_at_rest_names_nobody_in_clear(office: Any, olga: Any) -> None:
    olga.post(PLACES, ARCHIVE)

    assert all(
        b"ines@acme.example" not in file.read_bytes() for file in (office.folder / "i").glob("dsr.sqlite3*")
    )


def test_trying_a_system_with_a_person_is_masked_and_written_down(office: Any, olga: Any) -> None:
    sent = {"kind": "email", "value": "ana@example.org", "reason": "First look"}

    page = olga.post("/desk/systems/acme/book/try", sent).text

    assert ("Ana García" in page, "A•••" in page) == (False, True)
    assert [(one.actor, one.data["opened"]) for one in office.entries("system.previewed")] == [
        ("staff:1", False)
    ]


def test_nobody_is_looked_up_without_a_reason(office: Any, olga: Any) -> None:
    answer = olga.post("/desk/systems/acme/book/try", {"kind": "email", "value": "ana@example.org"})

    assert (answer.status_code, office.entries("system.previewed")) == (422, [])


def test_a_secret_that_is_not_ours_cannot_be_written(office: Any, olga: Any) -> None:
    answer = olga.post("/desk/systems/acme/book/secret", {"name": "path", "value": "/etc/passwd"})

    assert (answer.status_code, office.entries("system.secret")) == (422, [])
