"""The dossier button, the register and the report of a year at the desk."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from dsr import store
from dsr.services import receiving, records
from dsr.services.intake import Wanted
from dsr.store import dossiers
from dsr.store.models import Case

PAULA, OLGA = "paula@acme.example", "olga@acme.example"
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def set_case(office: Any, reference: str, **values: Any) -> None:
    with office.app.app_context(), store.transaction() as tx:
        tx.session.execute(update(Case).where(Case.reference == reference).values(**values))


@pytest.fixture
def year(office: Any) -> Any:
    """2026 as it was: one answered in time, one late, one open past its date, one of another year."""
    early, late, left, other = (office.file(one) for one in ("access", "access", "erasure", "access"))
    day = date(2026, 3, 2)
    known = {"received_on": day, "due_on": date(2026, 4, 2)}
    set_case(
        office,
        early,
        **known,
        status="closed",
        ending="done",
        answered_at=datetime(2026, 3, 12, 9, tzinfo=UTC),
    )
    set_case(
        office,
        late,
        **known,
        status="closed",
        ending="partly",
        answered_at=datetime(2026, 4, 10, 9, tzinfo=UTC),
    )
    set_case(office, left, **known)
    set_case(office, other, received_on=date(2025, 7, 1))
    return office


def test_the_register_counts_times_and_outcomes(year: Any) -> None:
    with year.app.app_context():
        found = records.register("acme", date(2026, 1, 1), date(2026, 12, 31), now=NOW)

    total = found.total
    assert (total.requests, total.open, total.answered, total.late, total.overdue) == (3, 1, 2, 1, 1)
    assert (total.middle, total.most, total.outcomes) == (24.5, 39, {"done": 1, "partly": 1})
    assert [(name, one.requests) for name, one in found.by_right] == [("access", 2), ("erasure", 1)]
    assert [(name, one.requests) for name, one in found.by_country] == [("ES", 3)]


def test_the_register_of_one_organisation_holds_nothing_of_another(year: Any) -> None:
    with year.app.app_context():
        assert records.register("other", date(2025, 1, 1), date(2026, 12, 31), now=NOW).lines == ()


def test_the_csv_is_one_line_a_request_without_personal_data(year: Any, olga: Any) -> None:
    answer = olga.post("/desk/register/acme", {"from": "2026-01-01", "to": "2026-12-31", "format": "csv"})

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert (answer.mimetype, len(rows)) == ("text/csv", 4)
    assert [row[8] for row in rows[1:]] == ["yes", "no", ""]
    assert re.findall(rb"ana|Garc|@", answer.data) == []


def test_the_pdf_is_a_pdf_and_taking_it_is_recorded(year: Any, olga: Any) -> None:
    answer = olga.post("/desk/register/acme", {"from": "2026-01-01", "to": "2026-12-31", "format": "pdf"})

    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert [one.data for one in year.entries("register.made")] == [
        {"format": "pdf", "requests": 3, "first": "2026-01-01", "last": "2026-12-31"}
    ]


@pytest.mark.parametrize(
    "form", [{"from": "soon", "to": "2026-12-31"}, {"from": "2026-02-01", "to": "2026-01-01"}]
)
def test_days_that_are_none_are_refused_on_the_page(olga: Any, form: dict[str, str]) -> None:
    answer = olga.post("/desk/register/acme", form | {"format": "csv"})

    assert (answer.status_code, "That did not work" in answer.text) == (422, True)


def test_every_picture_of_the_year_has_its_table(year: Any, olga: Any) -> None:
    page = olga.get("/desk/register/acme?year=2026").text

    figures = [one.partition("</figure>")[0] for one in page.split("<figure")[1:]]
    assert [figure.count("<table") for figure in figures] == [1, 1, 1]
    assert "50 %" in page


def test_a_year_shows_only_what_was_received_in_it(year: Any, olga: Any) -> None:
    page = olga.get("/desk/register/acme?year=2025").text

    assert re.findall(r"<dt>.*?Requests received</dt><dd>(\d+)", page) == ["1"]


def test_the_dossier_of_a_case_is_taken_as_one_file_and_recorded(office: Any, olga: Any) -> None:
    reference = office.file("access")

    answer = olga.post(f"/desk/cases/{reference}/dossier")

    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        files = {one.partition("/")[2]: archive.read(one) for one in archive.namelist()}
    with office.app.app_context():
        assert dossiers.verify(files, store.audit.public_key("acme")).holds
    assert [one.actor for one in office.entries("case.dossier_made")] == [f"staff:{office.numbers[OLGA]}"]


def test_an_auditor_has_no_dossier_button(office: Any) -> None:
    reference = office.file("access")
    office.hire("audit@acme.example", "auditor")
    page = office.browser("audit@acme.example").get(f"/desk/cases/{reference}").text

    assert "Make the dossier" not in page


def test_a_law_is_shown_with_its_sources_and_certainty(olga: Any) -> None:
    page = olga.get("/desk/law/CO").text

    assert "Ley 1581/2012 15.2: reclamo en trámite" in page
    assert ("read in the law" in page, "derived" in page) == (True, True)
    for words in (
        "Proof of the answer is kept",
        "3 years",
        "What its letters add",
        "10 years",
        "The successors who",
    ):
        assert words in page, words


def test_every_law_on_file_has_its_page(olga: Any) -> None:
    listed = re.findall(r'href="/desk/law/([\w-]+)"', olga.get("/desk/law").text)

    assert (len(listed), {olga.get(f"/desk/law/{one}").status_code for one in listed}) == (22, {200})


def test_a_law_that_is_none_is_not_found(olga: Any) -> None:
    assert olga.get("/desk/law/ZZ").status_code == 404


def test_the_case_page_tells_each_rule_with_its_article(office: Any, olga: Any) -> None:
    page = olga.get(f"/desk/cases/{office.file('access')}").text
    clock = page.partition('id="clock"')[2].partition("</section>")[0]

    assert "GDPR 12(3); Reg. 1182/71 3(2)(c), 3(4)" in clock
    assert ("Our own target" in clock, "If you extend today" in clock) == (True, True)


def test_what_is_marked_on_receipt_is_read_back_shown_and_taken_away_in_the_end(
    office: Any, olga: Any
) -> None:
    book = office.folder / "notebook.json"
    book.write_text(json.dumps(office.notebook() | {"notes": []}))
    wanted = (Wanted("rectification", changes=(("user.name", "Ana García", "Ana Ruiz"),)),)
    reference = office.file("rectification", rights=wanted, jurisdiction="CO", country="CO")

    page = olga.get(f"/desk/cases/{reference}").text.partition('id="duties"')[2].partition("</section>")[0]
    assert [one["restricted"] for one in office.notebook()["cards"]] == [True, False]
    assert ("Marked and read back" in page, "I have done it" in page) == (True, False)

    olga.post(f"/desk/cases/{reference}/cancel", {"reason": "twice"})
    with office.app.app_context():
        assert receiving.release(now=datetime.now(UTC)) == 1
    assert [one["restricted"] for one in office.notebook()["cards"]] == [False, False]


def test_what_was_done_by_hand_is_kept_with_its_words(office: Any, olga: Any) -> None:
    wanted = (Wanted("access", local_right="automated_decisions"),)
    reference = office.file("access", rights=wanted)

    olga.post(f"/desk/cases/{reference}/duty", {"duty": "guide", "reason": "Paula looked at it again"})

    page = olga.get(f"/desk/cases/{reference}").text
    assert "Paula looked at it again" in page.partition('id="timeline"')[2]
    assert "I have done it" not in page
