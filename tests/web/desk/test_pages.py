"""Today, the queue, filing, systems, the log, staff and the law."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import update

from dsr import store
from dsr.services import staff
from dsr.store.models import Case
from dsr.store.operations import AuditEntry

OLGA, PAULA, ANA = "olga@acme.example", "paula@acme.example", "ana@example.org"


def listed(page: str) -> list[str]:
    """The numbers of the cases in the queue, in order."""
    return re.findall(r'<th scope="row"><a href="/desk/cases/([\w-]+)"', page)


def set_case(office: Any, reference: str, **values: Any) -> None:
    with office.app.app_context(), store.transaction() as tx:
        tx.session.execute(update(Case).where(Case.reference == reference).values(**values))


def test_an_empty_desk_congratulates(olga: Any) -> None:
    assert "Well done: nothing is waiting for you" in olga.get("/desk/").text


def test_today_shows_what_is_late_with_the_next_step(office: Any, olga: Any) -> None:
    reference = office.file("access")
    set_case(office, reference, due_on=date(2026, 1, 1), sort_on=date(2026, 1, 1))

    page = olga.get("/desk/").text
    band = page.partition('id="s-late"')[2].partition("</section>")[0]
    assert (reference in band, "Read the plan and decide" in band) == (True, True)


def test_today_names_a_case_once_and_counts_it_wherever_it_belongs(office: Any, olga: Any) -> None:
    late, other = office.file("access"), office.file("access")
    set_case(office, late, due_on=date(2026, 1, 1), sort_on=date(2026, 1, 1))

    page = olga.get("/desk/").text
    to_read = page.partition('id="s-review"')[2].partition("</section>")[0]
    named = [page.count(f'class="ref" href="/desk/cases/{one}"') for one in (late, other)]
    assert (named, late in to_read, '<span class="count">2</span>' in to_read) == ([1, 1], False, True)


def test_a_case_leads_to_the_next_one_of_the_view_that_she_used(office: Any, olga: Any) -> None:
    first, second, third = (office.file(right) for right in ("access", "erasure", "access"))
    for day, one in enumerate((first, second, third), 1):
        set_case(office, one, sort_on=date(2026, 5, day))
    olga.get("/desk/queue?right=access")

    seen = [
        re.findall(r'rel="next" href="([^"]+)"', olga.get(f"/desk/cases/{one}").text)
        for one in (first, third)
    ]
    assert seen == [[f"/desk/cases/{third}"], []]


def test_an_unknown_page_of_the_desk_stays_in_its_frame(olga: Any) -> None:
    answer = olga.get("/desk/nowhere")

    assert (answer.status_code, 'href="/desk/queue"' in answer.text) == (404, True)


def test_the_calculators_begin_with_the_law_of_the_organisation(olga: Any) -> None:
    chosen = re.findall(r'<option value="(ES[^"]*)" selected>', olga.get("/desk/law").text)

    assert [one.partition("/")[0] for one in chosen] == ["ES", "ES"]


def test_every_chart_has_its_table(office: Any, olga: Any) -> None:
    office.file("access")
    page = olga.get("/desk/").text

    tables = [figure.count("<table") + figure.count("<dl") for figure in page.split("<figure")[1:]]
    assert (len(tables), min(tables[0], *tables[2:])) == (4, 1)


def test_the_queue_is_sorted_by_the_earlier_date_and_undated_cases_come_last(office: Any, olga: Any) -> None:
    first, second, third = (office.file("access") for _ in range(3))
    set_case(office, first, sort_on=None)
    set_case(office, second, sort_on=date(2026, 5, 2))
    set_case(office, third, sort_on=date(2026, 5, 1), status="attention")

    assert listed(olga.get("/desk/queue").text) == [third, second, first]


def test_pages_of_the_queue_follow_one_another_without_gaps(
    office: Any, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsr.web.desk.queue.PAGE", 2)
    every = {office.file("access") for _ in range(5)}
    one, another = sorted(every)[:2]
    set_case(office, one, sort_on=None)
    set_case(office, another, sort_on=None)
    seen: list[str] = []
    path: str | None = "/desk/queue"
    while path:
        page = olga.get(path).text
        seen += listed(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else None

    assert (len(seen), set(seen)) == (5, every)


@pytest.mark.parametrize(
    ("view", "values"),
    [
        ("late", {"due_on": date(2026, 1, 1), "sort_on": date(2026, 1, 1)}),
        ("mine", {"assignee": 1}),
        ("second", {"status": "second"}),
        ("waiting", {"status": "waiting"}),
        ("failed", {"failed": True}),
        ("bounced", {"bounced": True}),
        ("closed", {"status": "closed"}),
    ],
)
def test_a_view_shows_its_cases_only(office: Any, olga: Any, view: str, values: dict[str, Any]) -> None:
    chosen, _other = office.file("access"), office.file("access")
    set_case(office, chosen, **values)

    assert listed(olga.get(f"/desk/queue?view={view}").text) == [chosen]


def test_a_right_filters_the_queue(office: Any, olga: Any) -> None:
    _access, erasure = office.file("access"), office.file("erasure")

    assert listed(olga.get("/desk/queue?right=erasure").text) == [erasure]


@pytest.mark.parametrize("text", ["ana@example.org", " ANA@EXAMPLE.ORG "])
def test_a_case_is_found_by_the_address_of_the_person(office: Any, olga: Any, text: str) -> None:
    reference = office.file("access")
    office.file("access", who="else@example.org")

    assert listed(olga.client.get("/desk/queue", query_string={"q": text}).text) == [reference]


def test_a_case_is_found_by_its_number_however_it_is_typed(office: Any, olga: Any) -> None:
    reference = office.file("access")

    assert listed(olga.get(f"/desk/queue?q={reference.replace('-', '').lower()}").text) == [reference]


def test_part_of_an_address_finds_nobody(office: Any, olga: Any) -> None:
    office.file("access")

    assert listed(olga.client.get("/desk/queue", query_string={"q": "ana@"}).text) == []


def test_assigning_many_shows_first_what_will_happen(office: Any, olga: Any) -> None:
    chosen = [office.file("access"), office.file("access")]
    form = {"case": chosen, "staff": str(office.numbers[PAULA]), "what": "assign"}
    preview = olga.post("/desk/queue/many", form)
    before = [office.case(one).assignee for one in chosen]
    olga.post("/desk/queue/many", form | {"confirmed": "yes"})

    assert ("Assign 2 cases" in preview.text, before) == (True, [None, None])
    assert [office.case(one).assignee for one in chosen] == [office.numbers[PAULA]] * 2


def filed(**more: Any) -> dict[str, Any]:
    return {
        "channel": "post", "received_on": "2026-01-02", "right": ["access"], "kind": ["email"],
        "value": [ANA], "name": "Ana", "place": "ES", "language": "es", "answer_by": "post",
        "postal_address": "Calle 1", "verified_reason": "Known at the counter",
    } | more  # fmt: skip


def test_a_letter_is_filed_with_the_day_it_arrived_its_channel_and_its_scan(office: Any, olga: Any) -> None:
    answer = olga.post("/desk/new", filed(scan=(BytesIO(b"%PDF-1.4 letter"), "letter.pdf")))
    reference = answer.location.rpartition("/")[2]

    case = office.case(reference)
    page = olga.get(f"/desk/cases/{reference}").text
    assert (case.received_on, case.status) == (date(2026, 1, 2), "collecting")
    assert ("Post" in page, "Scan" in page) == (True, True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"received_on": "tomorrow"}, "Write the date on which the request arrived."),
        ({"received_on": "2999-01-01"}, "The date of receipt lies in the future."),
        ({"right": []}, "Choose at least one right."),
        ({"value": [""]}, "Give at least one way to find the person."),
        ({"right": ["objection"]}, "Say what to stop."),
        ({"right": ["rectification"]}, "Say what is wrong and what is right."),
    ],
)
def test_a_form_that_lacks_something_says_what(olga: Any, more: dict[str, Any], said: str) -> None:
    answer = olga.post("/desk/new", filed(**more))

    assert (answer.status_code, said in answer.text) == (422, True)


def beyond(page: str) -> list[str]:
    """The rights beyond the seven that the form offers."""
    return re.findall(r'name="beyond" value="([^"]+)"', page)


def test_the_form_shows_the_rights_of_the_country_that_was_written(office: Any, olga: Any) -> None:
    first = olga.get("/desk/new").text
    shown = olga.post("/desk/new", filed(place="co", show="yes", name="Ana Gómez")).text

    assert (beyond(first), beyond(shown)) == (
        ["automated_decisions", "dpo_complaint"],
        ["authorization_proof", "update"],
    )
    assert ("Conocer (consulta)" in shown or "Know (consulta)" in shown, 'value="Ana Gómez"' in shown) == (
        True,
        True,
    )
    assert listed(olga.get("/desk/queue").text) == []


def test_a_right_beyond_the_seven_is_filed_under_its_own_name(office: Any, olga: Any) -> None:
    answer = olga.post("/desk/new", filed(place="CO", right=[], beyond=["authorization_proof"]))

    case = office.case(answer.location.rpartition("/")[2])
    assert (case.right, case.local_right, case.jurisdiction) == ("access", "authorization_proof", "CO")


def test_a_right_of_another_law_is_not_filed(olga: Any) -> None:
    answer = olga.post("/desk/new", filed(place="ES", beyond=["authorization_proof"]))

    assert (answer.status_code, "The law of this country has no such right." in answer.text) == (422, True)


def test_a_scan_that_is_none_files_nothing(office: Any, olga: Any) -> None:
    answer = olga.post("/desk/new", filed(scan=(BytesIO(b"MZ program"), "letter.pdf")))

    assert (answer.status_code, listed(olga.get("/desk/queue").text)) == (422, [])


def test_acting_is_switched_on_only_after_a_check(make_office: Callable[..., Any]) -> None:
    olga = make_office(acting=()).browser(OLGA)
    early = olga.post("/desk/systems/acme/book/mode", {"right": ["erasure"]})
    olga.post("/desk/systems/acme/book/check")
    late = olga.post("/desk/systems/acme/book/mode", {"right": ["erasure"]})

    assert (early.status_code, late.status_code) == (422, 303)


def test_a_held_system_says_so_in_the_plan(office: Any, olga: Any) -> None:
    reference = office.file("erasure")
    olga.post("/desk/systems/acme/*/hold", {"held": "yes"})

    assert "held by its switch" in olga.get(f"/desk/cases/{reference}").text


def test_systems_say_what_each_right_does(olga: Any) -> None:
    assert "erase in the file, at once" in olga.get("/desk/systems/acme").text


def test_the_log_is_verified_now(office: Any, olga: Any) -> None:
    office.file("access")

    assert "The log is whole." in olga.post("/desk/audit/acme/verify").text


def test_an_edited_log_is_noticed(office: Any, olga: Any) -> None:
    office.file("access")
    with office.app.app_context(), store.transaction() as tx:
        tx.session.execute(update(AuditEntry).where(AuditEntry.seq == 2).values(actor="staff:99"))

    assert "Entry 2 was changed" in olga.post("/desk/audit/acme/verify").text


def test_the_log_filters_by_case(office: Any, olga: Any) -> None:
    first, second = office.file("access"), office.file("access")
    page = olga.get(f"/desk/audit/acme?case={first}").text

    assert (f">{first}</a>" in page, f">{second}</a>" in page) == (True, False)


def test_a_new_account_gets_a_password_that_works(office: Any, olga: Any) -> None:
    page = olga.post("/desk/staff/acme", {"email": "new@acme.example", "role": ["agent"]}).text
    secret = re.search(r'class="secret mono">([^<]+)<', page)

    assert secret is not None
    assert office.browser("new@acme.example", secret[1]).get("/desk/queue").status_code == 200


def test_roles_are_given_and_taken_for_this_organisation(office: Any, olga: Any) -> None:
    number = office.numbers[PAULA]
    olga.post(f"/desk/staff/acme/{number}/roles", {"role": ["auditor"]})

    assert office.browser(PAULA).get("/desk/new").status_code == 403
    assert office.entries("staff.changed")[-1].data == {
        "staff": number,
        "what": "roles",
        "roles": ["auditor"],
    }


def test_the_last_administrator_stays(office: Any, olga: Any) -> None:
    answer = olga.post(f"/desk/staff/acme/{office.numbers[OLGA]}/roles", {"role": ["dpo"]})

    assert (answer.status_code, "This is the last administrator" in answer.text) == (422, True)


def test_an_administrator_cannot_take_over_an_account_of_another_organisation(office: Any, olga: Any) -> None:
    number = office.hire("both@acme.example", "agent")
    with office.app.app_context():
        staff.change_roles(number, "other", ["dpo"], by="system", now=datetime.now(UTC))
    answer = olga.post(f"/desk/staff/acme/{number}/password")

    assert (answer.status_code, "secret mono" in answer.text) == (422, False)


def test_staff_of_elsewhere_is_nobody_here(office: Any, olga: Any) -> None:
    assert olga.post(f"/desk/staff/acme/{office.numbers['eva@other.example']}/password").status_code == 422


def test_the_law_page_computes_a_date_and_shows_each_step(olga: Any) -> None:
    page = olga.get("/desk/law?jurisdiction=ES&right=access&received=2026-01-31").text

    assert '<time datetime="2026-03-02">' in page.partition('class="due-big"')[2].partition("</p>")[0]


def test_a_date_that_is_none_is_refused_in_words(olga: Any) -> None:
    assert "Write a date." in olga.get("/desk/law?jurisdiction=ES&right=access&received=soon").text


def test_the_law_page_computes_until_when_books_are_kept(olga: Any) -> None:
    page = olga.get("/desk/law?duty=ES/commercial_books&since=2026-12-31").text

    assert '<time datetime="2032-12-31">' in page.partition('class="due-big"')[2].partition("</p>")[0]


@pytest.mark.parametrize(
    "asked", ["duty=ES/nothing&since=2026-12-31", "duty=ES/tax&since=soon", "duty=ZZ&since=2026-12-31"]
)
def test_a_duty_that_cannot_be_counted_is_refused_in_words(olga: Any, asked: str) -> None:
    answer = olga.get(f"/desk/law?{asked}")

    assert (answer.status_code, 'href="#since"' in answer.text, "due-big" in answer.text) == (
        200,
        True,
        False,
    )


@pytest.mark.parametrize("language", ["es", "en", "pt"])
def test_the_desk_speaks_the_language_that_was_chosen(olga: Any, language: str) -> None:
    olga.post("/desk/language", {"language": language, "next": "/desk/queue"})

    assert f'<html lang="{language}">' in olga.get("/desk/queue").text


def test_the_language_switch_never_leads_elsewhere(olga: Any) -> None:
    assert olga.post("/desk/language", {"language": "es", "next": "//evil.example"}).location == "/"


def test_pages_carry_no_inline_script_or_style(office: Any, olga: Any) -> None:
    reference = office.file("erasure")
    paths = [
        "/desk/",
        "/desk/queue",
        f"/desk/cases/{reference}",
        "/desk/systems/acme",
        "/desk/new",
        "/desk/law",
    ]
    pages = [olga.get(path).text for path in paths]

    assert [re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page) for page in pages] == [[]] * 6


def test_an_unused_week_keeps_the_charts_in_place(olga: Any) -> None:
    weeks = re.findall(r'<th scope="row"><time datetime="([\d-]+)"', olga.get("/desk/").text)

    days = [date.fromisoformat(one) for one in weeks]
    assert [b - a for a, b in zip(days, days[1:], strict=False)] == [timedelta(weeks=1)] * 11
