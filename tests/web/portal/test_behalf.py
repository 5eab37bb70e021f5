"""Asking for somebody else: a child, a person one represents, somebody who has died; and what shows it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dsr import store
from dsr.store.operations import Upload

PDF = b"%PDF-1.7 the family record book"


def rows(portal: Any, model: Any) -> list[Any]:
    with portal.app.app_context(), store.reading() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def behalf(browser: Any, **fields: Any) -> str:
    browser.get("/ask")
    browser.post("/ask/rights", rights=["access"])
    browser.post("/ask/who", behalf="parent", place="ES")
    given = {"representative": "Ana, mother, +34 612 34 56 78", "age": "9"} | fields
    return str(browser.post("/ask/behalf", **given))


def test_from_the_age_of_the_law_a_child_asks_alone(portal: Any) -> None:
    browser = portal.browser()

    page = behalf(browser, age="14")

    assert (browser.status, "From the age of 14" in page) == (422, True)


def test_evidence_is_kept_sealed_under_a_name_of_ours(portal: Any, tmp_path: Path) -> None:
    browser = portal.browser()
    behalf(browser, evidence=(BytesIO(PDF), "libro de Ana.pdf"))
    browser.post("/ask/find", email="ana@example.com", mailbox="yes")
    browser.post("/ask/check", message="")

    upload = rows(portal, Upload)[0]
    sealed = (tmp_path / "uploads" / upload.file).read_bytes()
    assert (upload.media, upload.size, upload.purpose) == ("application/pdf", len(PDF), "behalf")
    assert (PDF in sealed, b"Ana" in sealed) == (False, False)


@pytest.mark.parametrize("content", [b"MZ\x90\x00 program", b"<html>", b"", b"GIF89a picture"])
def test_only_pdf_png_and_jpeg_are_taken_whatever_the_name_says(portal: Any, content: bytes) -> None:
    browser = portal.browser()

    page = behalf(browser, evidence=(BytesIO(content), "evidence.pdf"))

    assert (browser.status, "Choose a PDF, PNG or JPEG file." in page) == (422, True)


def test_a_file_beyond_the_limit_is_refused(make_portal: Callable[..., Any]) -> None:
    browser = make_portal(max_upload_mb=1).browser()

    page = behalf(browser, evidence=(BytesIO(b"%PDF-" + b"0" * (1024 * 1024 + 10)), "large.pdf"))

    assert (browser.status, "larger than 1 MB" in page) == (422, True)


def test_a_body_far_beyond_the_limit_gets_a_page_and_no_trace(make_portal: Callable[..., Any]) -> None:
    browser = make_portal(max_upload_mb=1).browser()

    page = behalf(browser, evidence=(BytesIO(b"%PDF-" + b"0" * (3 * 1024 * 1024)), "large.pdf"))

    assert (browser.status, "That file is too large" in page) == (413, True)


def behalf_page(browser: Any, who: str, right: str = "access", place: str = "ES") -> str:
    browser.get("/ask")
    browser.post("/ask/rights", rights=[right])
    return str(browser.post("/ask/who", behalf=who, place=place))


@pytest.mark.parametrize("who", ["representative", "heir"])
def test_only_a_parent_is_asked_for_the_age_of_a_child(portal: Any, who: str) -> None:
    browser = portal.browser()

    page = behalf_page(browser, who)

    assert (browser.at, browser.status) == ("/ask/behalf", 200)
    assert ("Your own name" in page, "How old is the child?" in page) == (True, False)


@pytest.mark.parametrize("place", ["MX", "CO", "ES"])
def test_nobody_asks_as_a_parent_for_somebody_who_is_of_age(portal: Any, place: str) -> None:
    browser = portal.browser()
    behalf_page(browser, "parent", place=place)

    page = str(browser.post("/ask/behalf", representative="Ana, mother", age="18"))

    assert browser.status == 422
    assert f"From the age of {14 if place == 'ES' else 18}" in page


@pytest.mark.parametrize("age", ["", "nine", "-1", "9.5"])
def test_a_parent_says_the_age_in_years(portal: Any, age: str) -> None:
    browser = portal.browser()

    page = behalf(browser, age=age)

    assert (browser.status, page.count("Write the age in years.")) == (422, 2)


def test_a_relative_reads_which_rights_the_law_there_does_not_give_to_heirs(portal: Any) -> None:
    browser = portal.browser()
    behalf_page(browser, "heir", "portability")

    page = str(browser.post("/ask/behalf", representative="Luis, son"))

    assert (browser.status, "does not let relatives or heirs ask for this" in page) == (422, True)


def test_the_form_says_how_large_a_document_may_be(make_portal: Callable[..., Any]) -> None:
    page = behalf_page(make_portal(max_upload_mb=7).browser(), "representative")

    assert "At most 7 MB." in page
