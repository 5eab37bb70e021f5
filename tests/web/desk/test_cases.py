"""What officers do to cases, through the pages."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

OLGA, PAULA = "olga@acme.example", "paula@acme.example"
ANA = "ana@example.org"


def test_the_page_shows_the_person_masked(office: Any, olga: Any) -> None:
    page = olga.get(f"/desk/cases/{office.file('access')}").text

    assert ("a•••@e•••.org" in page, ANA in page) == (True, False)


def test_the_page_says_why_a_record_matched(office: Any, olga: Any) -> None:
    page = olga.get(f"/desk/cases/{office.file('access')}").text

    assert "Why it matched: The address is the same" in page


def test_the_plan_is_told_in_sentences_with_counts(office: Any, olga: Any) -> None:
    page = olga.get(f"/desk/cases/{office.file('erasure')}").text

    assert "Block 2 entries of Notes in the vault, then delete them" in page


def test_approving_the_plan_carries_it_out(office: Any, olga: Any) -> None:
    reference = office.file("access")
    olga.post(f"/desk/cases/{reference}/approve", {"plan": office.plan(reference)})
    office.work()

    case = office.case(reference)
    assert (case.status, case.ending, case.decided_by) == ("answered", "done", office.numbers[OLGA])


def test_another_plan_than_the_one_shown_is_not_approved(office: Any, olga: Any) -> None:
    reference = office.file("access")
    answer = olga.post(f"/desk/cases/{reference}/approve", {"plan": "0" * 64})

    assert (answer.status_code, office.case(reference).status) == (409, "review")
    assert "The plan has changed since it was shown" in answer.text


def test_an_erasure_needs_two_officers(office: Any, olga: Any) -> None:
    reference = office.file("erasure")
    olga.post(f"/desk/cases/{reference}/approve", {"plan": office.plan(reference)})
    again = olga.post(f"/desk/cases/{reference}/second-approve", {"plan": office.plan(reference)})
    before = office.case(reference).status
    office.browser(PAULA).post(f"/desk/cases/{reference}/second-approve", {"plan": office.plan(reference)})
    office.work()

    assert (again.status_code, before, office.case(reference).status) == (403, "second", "answered")
    assert [card["id"] for card in office.notebook()["cards"]] == [2]


def test_the_page_before_an_erasure_repeats_person_systems_counts_and_hash(office: Any, olga: Any) -> None:
    reference = office.file("erasure")
    page = olga.get(f"/desk/cases/{reference}/approval").text

    wanted = ("a•••@e•••.org", "Notebook", "Block 2 entries of Notes", office.plan(reference))
    assert [text in page for text in wanted] == [True, True, True, True]


def test_where_a_second_factor_is_required_an_erasure_asks_for_it(make_office: Callable[..., Any]) -> None:
    office = make_office(mfa="optional")
    reference = office.file("erasure")
    olga = office.browser(OLGA)
    office.app.config["MFA"] = "required"
    answer = olga.post(f"/desk/cases/{reference}/approve", {"plan": office.plan(reference), "code": "000000"})

    assert (answer.status_code, office.case(reference).status) == (422, "review")
    assert "This code or passkey is not right or was used before" in answer.text


def test_the_second_officer_can_send_it_back(office: Any, olga: Any) -> None:
    reference = office.file("erasure")
    olga.post(f"/desk/cases/{reference}/approve", {"plan": office.plan(reference)})
    office.browser(PAULA).post(f"/desk/cases/{reference}/send-back", {"reason": "Look at the notes"})

    assert office.case(reference).status == "review"


def test_nobody_decides_a_case_of_her_own(office: Any, olga: Any) -> None:
    reference = office.file("access", who=OLGA)
    answer = olga.post(f"/desk/cases/{reference}/approve", {"plan": office.plan(reference)})

    assert (answer.status_code, office.case(reference).status) == (403, "review")
    assert "Nobody decides a case of her own" in answer.text


def test_withholding_a_record_makes_a_new_plan(office: Any, olga: Any) -> None:
    reference = office.file("access")
    before, record = office.plan(reference), office.record(reference, "notes")
    olga.post(
        f"/desk/cases/{reference}/withhold",
        {"system": "book", "record": record, "field": "", "reason": "Names somebody else"},
    )
    office.work()

    page = olga.get(f"/desk/cases/{reference}").text
    assert (office.plan(reference) != before, "Copy 2 entries of Notes" in page) == (True, False)


def test_a_field_alone_can_be_left_out(office: Any, olga: Any) -> None:
    reference = office.file("access")
    olga.post(
        f"/desk/cases/{reference}/withhold",
        {"system": "book", "record": office.record(reference), "field": "name", "reason": "Not hers"},
    )
    office.work()

    assert "Fields left out: name" in olga.get(f"/desk/cases/{reference}").text


def test_a_decision_without_a_reason_comes_back_with_the_form_open(office: Any, olga: Any) -> None:
    reference = office.file("access")
    answer = olga.post(f"/desk/cases/{reference}/pause", {"ask": "info", "reason": " "})

    assert (answer.status_code, office.case(reference).status) == (422, "review")
    assert ('<a href="#pause">Say why, in your own words.</a>' in answer.text) is True
    assert '<details class="act" id="pause" open>' in answer.text


def test_asking_pauses_and_the_answer_goes_on(office: Any, olga: Any) -> None:
    reference = office.file("access")
    olga.post(f"/desk/cases/{reference}/pause", {"ask": "info", "reason": "Which shop?"})
    waiting = office.case(reference).status
    olga.post(f"/desk/cases/{reference}/resume", {"sufficient": "yes"})

    assert (waiting, office.case(reference).status) == ("waiting", "review")


def test_extending_moves_the_date_that_was_shown(office: Any, olga: Any) -> None:
    reference = office.file("access")
    page = olga.get(f"/desk/cases/{reference}").text
    olga.post(f"/desk/cases/{reference}/extend", {"reason": "Many systems"})

    due = office.case(reference).due_on.isoformat()
    assert f'<strong><time datetime="{due}">' in page


def test_a_refusal_names_article_and_facts(office: Any, olga: Any) -> None:
    reference = office.file("access")
    olga.post(
        f"/desk/cases/{reference}/refuse", {"article": "GDPR 12(5)", "reason": "The tenth request this week"}
    )

    case = office.case(reference)
    assert (case.status, case.ending) == ("answered", "refused")


def test_cancelling_closes_with_a_reason(office: Any, olga: Any) -> None:
    reference = office.file("access")
    olga.post(f"/desk/cases/{reference}/cancel", {"reason": "Filed twice"})

    assert office.case(reference).ending == "cancelled"


def test_a_note_stands_in_the_timeline(office: Any, olga: Any) -> None:
    reference = office.file("access")
    olga.post(f"/desk/cases/{reference}/note", {"reason": "She called today"})

    assert "She called today" in olga.get(f"/desk/cases/{reference}").text


def test_assigning_gives_the_case_to_a_colleague(office: Any, olga: Any) -> None:
    reference = office.file("access")
    olga.post(f"/desk/cases/{reference}/assign", {"staff": str(office.numbers[PAULA])})

    assert office.case(reference).assignee == office.numbers[PAULA]


def test_opening_values_shows_them_and_is_written_down(office: Any, olga: Any) -> None:
    reference = office.file("access")
    record = office.record(reference)
    page = olga.post(f"/desk/cases/{reference}/values", {"system": "book", "record": record}).text

    entry = office.entries("case.values_opened")[-1]
    assert ("Ana García" in page, ANA in page) == (True, True)
    assert (entry.actor, entry.reference, entry.data) == (
        f"staff:{office.numbers[OLGA]}",
        reference,
        {"system": "book", "record": record, "rows": 1, "status": "review"},
    )


def test_a_system_closed_to_a_role_opens_nothing_and_records_nothing(make_office: Callable[..., Any]) -> None:
    office = make_office(roles=("legal",))
    reference = office.file("access")
    olga = office.browser(OLGA)
    page = olga.get(f"/desk/cases/{reference}").text
    answer = olga.post(f"/desk/cases/{reference}/values", {"system": "book", "record": "any"})

    assert ("not open to your role" in page, answer.status_code) == (True, 422)
    assert office.entries("case.values_opened") == []


def test_identifiers_in_full_are_recorded(office: Any, olga: Any) -> None:
    reference = office.file("access")
    page = olga.post(f"/desk/cases/{reference}/identifiers").text

    assert (ANA in page, office.entries("case.values_opened")[-1].data) == (
        True,
        {"what": "identifiers", "status": "review"},
    )


def test_a_letter_is_shown_as_it_was_sent_under_its_own_policy(office: Any, olga: Any) -> None:
    reference = office.file("access")
    olga.post(f"/desk/cases/{reference}/refuse", {"article": "GDPR 12(5)", "reason": "Abuse"})
    answer = olga.post(f"/desk/cases/{reference}/letters/1")

    assert ("GDPR 12(5)" in answer.text, answer.headers["Content-Security-Policy"].endswith("sandbox")) == (
        True,
        True,
    )


def test_proof_by_other_means_starts_the_search(office: Any, olga: Any) -> None:
    reference = office.file("access", verified_reason="")
    with office.app.app_context():
        identifier = str(office.case(reference).submission_id)
    olga.post(
        f"/desk/cases/{reference}/prove",
        {"identifier": identifier, "how": "in_person", "reason": "Saw her passport"},
    )
    office.work()

    assert office.case(reference).status == "review"


def test_proof_needs_words(office: Any, olga: Any) -> None:
    reference = office.file("access", verified_reason="")
    answer = olga.post(
        f"/desk/cases/{reference}/prove", {"identifier": "1", "how": "in_person", "reason": ""}
    )

    assert (answer.status_code, office.case(reference).status) == (422, "unverified")


def test_evidence_is_kept_sealed_and_opening_it_is_recorded(office: Any, olga: Any) -> None:
    reference = office.file("access")
    content = b"%PDF-1.4 a passport"
    olga.post(f"/desk/cases/{reference}/attach", {"file": (BytesIO(content), "passport ana.pdf")})
    answer = olga.post(f"/desk/cases/{reference}/evidence/1")

    kept = b"".join(path.read_bytes() for path in (office.folder / "i").rglob("*") if path.is_file())
    assert (answer.data, b"a passport" in kept, b"passport ana" in kept) == (content, False, False)
    assert f'filename="{reference}-1.pdf"' in answer.headers["Content-Disposition"]
    assert [one.reference for one in office.entries("case.evidence_opened")] == [reference]


def test_evidence_of_another_case_is_not_there(office: Any, olga: Any) -> None:
    first, second = office.file("access"), office.file("access", who="else@example.org")
    olga.post(f"/desk/cases/{first}/attach", {"file": (BytesIO(b"%PDF-1.4"), "a.pdf")})

    assert olga.post(f"/desk/cases/{second}/evidence/1").status_code == 404


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\u202egnp.exe", "[U+202E]gnp.exe"),
        ("a\x00b", "a[U+0000]b"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ],
)
def test_what_people_write_is_only_text(office: Any, olga: Any, text: str, shown: str) -> None:
    reference = office.file("access", message=text)

    assert shown in olga.get(f"/desk/cases/{reference}").text


def test_the_page_of_a_case_under_work_renews_itself(office: Any, olga: Any) -> None:
    reference = office.file("access")
    olga.post(f"/desk/cases/{reference}/approve", {"plan": office.plan(reference)})

    assert 'data-working="acting"' in olga.get(f"/desk/cases/{reference}").text
