"""Saved views, and work on many cases: nothing happens before the page that says to how many."""

from __future__ import annotations

from typing import Any

from dsr.services import saved_views

PAULA, EVA = "paula@acme.example", "eva@other.example"


def test_a_saved_view_is_a_chip_of_hers_alone(office: Any, olga: Any) -> None:
    kept = {"name": "Erasures of mine", "view": "review", "right": "erasure", "mine": "yes"}
    olga.post("/desk/queue/views", kept)

    hers, other = olga.get("/desk/queue").text, office.browser(PAULA).get("/desk/queue").text

    assert 'href="/desk/queue?mine=yes&amp;right=erasure&amp;view=review">Erasures of mine</a>' in hers
    assert "Erasures of mine" not in other


def test_another_ones_view_cannot_be_deleted(office: Any, olga: Any) -> None:
    olga.post("/desk/queue/views", {"name": "Late ones", "view": "late"})

    office.browser(PAULA).post("/desk/queue/views/1/forget")

    with office.app.app_context():
        assert [one.name for one in saved_views.of(office.numbers["olga@acme.example"])] == ["Late ones"]


def test_the_same_name_replaces_a_view(office: Any, olga: Any) -> None:
    for view in ("late", "soon"):
        olga.post("/desk/queue/views", {"name": "Mondays", "view": view})

    with office.app.app_context():
        found = saved_views.of(office.numbers["olga@acme.example"])
    assert [(one.name, one.filters) for one in found] == [("Mondays", {"view": "soon"})]


def test_a_view_without_a_name_is_not_kept(office: Any, olga: Any) -> None:
    olga.post("/desk/queue/views", {"name": "  ", "view": "late"})

    assert "Give the view a name" in olga.get("/desk/queue").text


def test_extending_many_shows_the_new_dates_and_changes_nothing(office: Any, olga: Any) -> None:
    chosen = [office.file("access"), office.file("access")]
    before = [office.case(one).due_on for one in chosen]

    preview = olga.post("/desk/queue/many", {"case": chosen, "what": "extend"})

    assert ("Extend 2 cases" in preview.text, preview.text.count(" → <strong>")) == (True, 2)
    assert [office.case(one).due_on for one in chosen] == before


def test_extending_many_tells_each_person_the_reasons(office: Any, olga: Any) -> None:
    chosen = [office.file("access"), office.file("access")]
    before = [office.case(one).due_on for one in chosen]
    sent = {"case": chosen, "what": "extend", "confirmed": "yes", "reason": "Five archives to search"}

    olga.post("/desk/queue/many", sent)

    assert [office.case(one).due_on > day for one, day in zip(chosen, before, strict=True)] == [True, True]
    assert len(office.entries("clock.extended")) == 2


def test_extending_many_without_a_reason_does_nothing(office: Any, olga: Any) -> None:
    chosen = [office.file("access")]

    answer = olga.post("/desk/queue/many", {"case": chosen, "what": "extend", "confirmed": "yes"})

    assert (answer.status_code, office.entries("clock.extended")) == (422, [])


def test_what_cannot_be_extended_is_left_alone_and_says_why(office: Any, olga: Any) -> None:
    once, fresh = office.file("access"), office.file("access")
    olga.post(f"/desk/cases/{once}/extend", {"reason": "Many archives"})

    preview = olga.post("/desk/queue/many", {"case": [once, fresh], "what": "extend"}).text

    assert ("Extend 1 case" in preview, "It was extended already; the law allows it once." in preview) == (
        True,
        True,
    )


def test_an_approval_is_not_bulk_work(office: Any, olga: Any) -> None:
    reference = office.file("erasure")

    olga.post("/desk/queue/many", {"case": [reference], "what": "approve", "confirmed": "yes"})

    assert office.case(reference).status == "review"


def test_eva_works_on_none_of_acmes_cases(office: Any) -> None:
    reference = office.file("access")
    sent = {"case": [reference], "what": "extend", "confirmed": "yes", "reason": "Mine"}

    office.browser(EVA).post("/desk/queue/many", sent)

    assert office.entries("clock.extended") == []


def test_assigning_many_changes_nothing_before_it_is_confirmed(office: Any, olga: Any) -> None:
    reference = office.file("access")

    olga.post("/desk/queue/many", {"case": [reference], "what": "assign", "staff": office.numbers[PAULA]})

    assert office.case(reference).assignee is None
