"""The page behind the link of a holder: one question, one answer, nothing for anybody else."""

import io
import re

import pytest

from dsr import store
from dsr.store.models import Submission

ANA = "ana@correo.example"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("es", "Busque a esta persona, por favor"),
        ("en", "Please look for this person"),
        ("pt", "Procure esta pessoa, por favor"),
    ],
)
def test_the_question_is_asked_in_the_language_of_the_browser(desk, language, heading):
    link = desk.submit()
    desk.phone.environ_base["HTTP_ACCEPT_LANGUAGE"] = language

    page = desk.get(link)

    assert page.status_code == 200
    assert re.search(r"<h1>(.*?)</h1>", page.text)[1] == heading


def test_the_page_says_who_and_where_and_no_more(desk):
    text = " ".join(re.sub(r"<[^>]+>", " ", desk.get(desk.submit()).text).split())

    assert [
        word for word in ("Ana García", ANA, "Paper archive", "Look well.", "Contratos") if word in text
    ] == [
        "Ana García",
        ANA,
        "Paper archive",
        "Look well.",
        "Contratos",
    ]
    assert desk.case not in text


def test_looking_spends_nothing(desk):
    link = desk.submit()

    assert [desk.get(link).status_code for _ in range(3)] == [200, 200, 200]
    assert desk.answers() == [("asked", 0, "", 0)]


def test_an_answer_with_a_photo_is_taken_once(desk):
    link = desk.submit("access")
    found = {"state": "found", "count": "2", "where": "Armario 3"}

    first = desk.post(link, **found, files=(io.BytesIO(PNG), "foto.png"))
    again = desk.phone.post(link, data={"csrf_token": desk.csrf} | found)

    assert (first.status_code, again.status_code) == (200, 404)
    assert desk.answers() == [("found", 2, "Armario 3", 1)]


def test_nothing_is_an_answer(desk):
    assert desk.post(desk.submit(), state="nothing").status_code == 200
    assert desk.answers() == [("nothing", 0, "", 0)]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Choose one."),
        ({"state": "found"}, "Write how many documents there are, as a number."),
        ({"state": "found", "count": "dos"}, "Write how many documents there are, as a number."),
        ({"state": "done"}, "Not a valid choice."),
    ],
)
def test_a_wrong_answer_is_explained_and_can_be_mended(desk, fields, error):
    link = desk.submit()

    wrong = desk.post(link, **fields)

    assert (wrong.status_code, error in wrong.text) == (422, True)
    assert desk.post(link, state="nothing").status_code == 200


def test_who_wants_a_copy_is_not_forgotten(desk):
    wrong = desk.post(desk.submit("access"), state="found", count="1")

    assert (wrong.status_code, "Add a photo, a scan or a PDF" in wrong.text) == (422, True)


def test_a_file_of_another_kind_is_refused(desk):
    page = desk.post(
        desk.submit(), state="found", count="1", files=(io.BytesIO(b"MZ" + bytes(64)), "foto.png")
    )

    assert (page.status_code, "Choose a PDF, PNG or JPEG file." in page.text) == (422, True)
    assert list((desk.folder / "uploads").glob("*")) == []


def test_eva_sees_the_same_page_for_every_link_that_opens_nothing(desk):
    spent = desk.submit()
    desk.post(spent, state="nothing")
    eva = desk.app.test_client()

    pages = [eva.get(link) for link in (spent, spent[:-1] + "_", "/t/x", "/t/" + "A" * 32)]

    texts = {re.sub(r'nonce="[^"]*"|value="[^"]*"', "", page.text) for page in pages}
    assert {page.status_code for page in pages} == {404}
    assert (len(texts), any(ANA in text for text in texts)) == (1, False)


def test_without_the_token_of_the_form_nothing_is_taken(desk):
    link = desk.submit()

    assert desk.app.test_client().post(link, data={"state": "nothing"}).status_code == 400
    assert desk.answers() == [("asked", 0, "", 0)]


def test_the_language_can_be_changed_without_answering(desk):
    link = desk.submit()

    page = desk.post(link, language="pt", state="nothing")

    assert "Procure esta pessoa" in page.text
    assert desk.answers() == [("asked", 0, "", 0)]


def test_the_page_is_not_stored_and_loads_nothing_from_elsewhere(desk):
    page = desk.get(desk.submit())

    assert page.headers["Cache-Control"] == "no-store"
    assert re.findall(r'(?:src|href)="(?!/|#|mailto:|tel:)([^"]*)"', page.text) == []


def test_the_person_is_not_told_of_mails_to_holders(desk):
    desk.submit()

    with desk.app.app_context(), store.reading() as session:
        submission = session.query(Submission).one()
        from dsr.store.queries import files_of_case

        case = submission.cases[0]
        file = files_of_case.of_case(session, case.reference, ("acme",))
        kinds = {message.kind: message.submission_id for message in file.messages}
    assert kinds["holder_task"] is None
