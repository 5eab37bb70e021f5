"""The answer: only after a fresh code; tables as pages; ranges; renewal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from sqlalchemy import select

from dsr import store
from dsr.store.models import Case, Submission
from dsr.store.operations import AuditEntry, Package


def first(portal: Any, column: Any) -> Any:
    with portal.app.app_context(), store.reading() as session:
        return session.scalars(select(column)).first()


@pytest.fixture
def ana(portal: Any, ask: Callable[..., str], answer: Callable[..., None]) -> Any:
    """Ana's browser: her request is confirmed and answered, the second step not passed yet."""
    browser = portal.browser()
    ask(browser, "access")
    browser.post("/sent", code=portal.code())
    answer(portal, first(portal, Submission.reference))
    return browser


def opened(portal: Any, browser: Any) -> Any:
    door = f"/s/{first(portal, Submission.reference)}"
    browser.get(door + "?to=answer")
    browser.post(f"{door}/code?to=answer")
    browser.post(f"{door}?to=answer", code=portal.code())
    assert browser.at == "/answer"
    return browser


def paths(portal: Any) -> list[str]:
    case = first(portal, Case.reference)
    letter = ("/answer/letter/1", "/answer/letter/1.html", "/answer/letter/1.pdf")
    return ["/answer", *letter, f"/answer/{case}/1/data/0", f"/answer/{case}/1/package.zip"]


def test_without_a_fresh_code_nothing_opens(portal: Any, ana: Any) -> None:
    pages = [ana.get(path) for path in paths(portal)]

    assert ["Open with a fresh code" in page for page in pages] == [True] * 6


def test_with_a_fresh_code_everything_opens(portal: Any, ana: Any) -> None:
    opened(portal, ana)

    answers = [ana.client.get(path).status_code for path in paths(portal)]

    assert answers == [200] * 6


def test_after_half_an_hour_the_code_is_asked_for_again(portal: Any, ana: Any) -> None:
    opened(portal, ana)

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=31), tick=False):
        page = ana.get("/answer")

    assert "Open with a fresh code" in page


def test_eva_with_a_fresh_code_of_her_own_cannot_open_anas_answer(
    portal: Any, ana: Any, ask: Callable[..., str]
) -> None:
    eva = portal.browser()
    ask(eva, "access", email="eva@example.com")
    eva.post("/sent", code=portal.code("eva@example.com"))
    with portal.app.app_context(), store.reading() as session:
        hers = session.scalars(select(Submission.reference).order_by(Submission.id.desc())).first()
    eva.get(f"/s/{hers}?to=answer")
    eva.post(f"/s/{hers}/code?to=answer")
    eva.post(f"/s/{hers}?to=answer", code=portal.code("eva@example.com"))

    answers = [eva.client.get(path).status_code for path in paths(portal)[1:]]

    assert (eva.at, answers) == ("/answer", [404] * 5)


def test_the_rows_are_read_back_from_the_package_page_by_page(portal: Any, ana: Any) -> None:
    opened(portal, ana)
    case = first(portal, Case.reference)

    last = ana.get(f"/answer/{case}/1/data/0?page=3")

    assert ("Newsletter 119" in last, "Newsletter 99<" in last) == (True, False)


def test_markup_in_the_data_stays_text(portal: Any, ana: Any) -> None:
    opened(portal, ana)

    page = ana.get(f"/answer/{first(portal, Case.reference)}/1/data/0")

    assert ("&lt;script&gt;alert(1)&lt;/script&gt;" in page, "<script>alert" in page) == (True, False)


def test_the_download_is_the_whole_package_with_its_checksum(portal: Any, ana: Any) -> None:
    opened(portal, ana)

    whole = ana.client.get(f"/answer/{first(portal, Case.reference)}/1/package.zip").data

    assert hashlib.sha256(whole).hexdigest() == first(portal, Package.sha256)
    assert ZipFile(BytesIO(whole)).testzip() is None


def test_an_interrupted_download_goes_on_where_it_stopped(portal: Any, ana: Any) -> None:
    opened(portal, ana)
    path = f"/answer/{first(portal, Case.reference)}/1/package.zip"
    whole = ana.client.get(path)

    part = ana.client.get(path, headers={"Range": "bytes=100-", "If-Range": whole.headers["ETag"]})

    assert (part.status_code, part.data) == (206, whole.data[100:])
    size = len(whole.data)
    assert part.headers["Content-Range"] == f"bytes 100-{size - 1}/{size}"


def test_a_part_of_another_file_is_not_mixed_in(portal: Any, ana: Any) -> None:
    opened(portal, ana)
    path = f"/answer/{first(portal, Case.reference)}/1/package.zip"

    answer = ana.client.get(path, headers={"Range": "bytes=100-", "If-Range": '"another"'})

    assert (answer.status_code, len(answer.data)) == (200, first(portal, Package.size))


def test_a_range_beyond_the_end_is_refused(portal: Any, ana: Any) -> None:
    opened(portal, ana)
    path = f"/answer/{first(portal, Case.reference)}/1/package.zip"

    answer = ana.client.get(path, headers={"Range": "bytes=99999999-"})

    assert answer.status_code == 416


def test_repeats_in_one_session_are_one_download(portal: Any, ana: Any) -> None:
    opened(portal, ana)
    path = f"/answer/{first(portal, Case.reference)}/1/package.zip"

    for start in (0, 10, 20):
        ana.client.get(path, headers={"Range": f"bytes={start}-"})

    assert first(portal, Package.downloads) == 1
    with portal.app.app_context(), store.reading() as session:
        kinds = list(session.scalars(select(AuditEntry.kind).where(AuditEntry.kind == "package.fetched")))
    assert kinds == ["package.fetched"]


def test_the_letter_is_kept_exactly_as_it_was_written(portal: Any, ana: Any) -> None:
    opened(portal, ana)
    page = ana.get("/answer/letter/1")

    document = ana.client.get("/answer/letter/1.html")
    paper = ana.client.get("/answer/letter/1.pdf").data

    assert hashlib.sha256(document.data).hexdigest() in page
    assert (paper[:5], document.headers["Content-Security-Policy"][:18]) == (b"%PDF-", "default-src 'none'")


def test_a_package_past_its_days_can_be_renewed_without_a_new_request(portal: Any, ana: Any) -> None:
    case = first(portal, Case.reference)
    later = datetime.now(UTC) + timedelta(days=15)

    with time_machine.travel(later, tick=True):
        ana.client.get("/")
        opened(portal, ana)
        gone = ana.client.get(f"/answer/{case}/1/package.zip").status_code
        ana.post(f"/answer/{case}/renew")
        back = ana.client.get(f"/answer/{case}/1/package.zip").status_code

    assert (gone, back) == (410, 200)


def test_one_that_was_destroyed_is_not_promised_again(portal: Any, ana: Any) -> None:
    with portal.app.app_context(), store.transaction() as tx:
        tx.session.scalars(select(Package)).one().destroyed_at = datetime.now(UTC)
    opened(portal, ana)

    page = ana.get("/answer")
    ana.post(f"/answer/{first(portal, Case.reference)}/renew")

    assert ("/ask?right=access" in page, "/renew" in page, ana.status) == (True, False, 410)


def test_more_time_is_offered_when_the_days_are_nearly_over(portal: Any, ana: Any) -> None:
    opened(portal, ana)
    early = "keep my data ready longer" in ana.get("/answer")
    with portal.app.app_context(), store.transaction() as tx:
        row = tx.session.scalars(select(Package)).one()
        before = row.expires_at = row.expires_at - timedelta(days=11)

    late = "keep my data ready longer" in ana.get("/answer")
    ana.post(f"/answer/{first(portal, Case.reference)}/renew")

    assert (early, late, first(portal, Package.expires_at) - before > timedelta(days=10)) == (
        False,
        True,
        True,
    )


def another(portal: Any, *, added: bool) -> None:
    """A second package of the case, with the rows of the first."""
    with portal.app.app_context(), store.transaction() as tx:
        one = tx.session.scalars(select(Package)).one()
        names = [column.name for column in Package.__table__.columns if column.name not in ("id", "added")]
        tx.session.add(Package(**{name: getattr(one, name) for name in names}, added=added))


def test_the_first_part_stays_beside_what_was_missing(portal: Any, ana: Any) -> None:
    another(portal, added=True)
    opened(portal, ana)
    case = first(portal, Case.reference)

    page = ana.get("/answer")
    codes = [ana.client.get(f"/answer/{case}/{copy}/package.zip").status_code for copy in (0, 1, 2, 3)]

    heads = [
        page.find(words) > 0 for words in ("First part of your data", "What was missing in the first part")
    ]
    assert (heads, codes) == ([True, True], [404, 200, 200, 404])
    assert "this copy is the only one" in page


def test_a_newer_whole_copy_stands_for_the_earlier_one(portal: Any, ana: Any) -> None:
    another(portal, added=False)
    opened(portal, ana)
    case = first(portal, Case.reference)

    page = ana.get("/answer")

    shown = [f"/answer/{case}/{copy}/{what}" in page for copy in (1, 2) for what in ("data/0", "package.zip")]
    assert ("An earlier copy" in page, shown) == (True, [False, True, True, True])


def test_what_is_renewed_is_every_part_that_still_exists(portal: Any, ana: Any) -> None:
    another(portal, added=True)
    case = first(portal, Case.reference)

    with time_machine.travel(datetime.now(UTC) + timedelta(days=15), tick=True):
        ana.client.get("/")
        opened(portal, ana)
        ana.post(f"/answer/{case}/renew")
        codes = [ana.client.get(f"/answer/{case}/{copy}/package.zip").status_code for copy in (1, 2)]

    assert codes == [200, 200]
