"""Rights beyond the seven and documents of whoever asks for somebody else, through the API."""

import hashlib
import io
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from dsr import store
from dsr.services import evidence
from dsr.store.operations import AuditEntry, Upload

POWER = b"%PDF-1.7 Ana lets Pedro ask for her"
BEHALF = {"behalf": "representative", "representative": "Pedro, +34 600 000 000"}


@pytest.fixture
def submission(shop):
    """A request of somebody who represents Ana."""
    return shop.file(**BEHALF).get_json()["reference"]


def send(program, submission, content=POWER, name="power of Ana.pdf", **more):
    data = {"file": (io.BytesIO(content), name)}
    return program.call("POST", f"/submissions/{submission}/evidence", data=data, **more)


def uploads(place):
    with place.app.app_context(), store.reading() as session:
        rows = session.scalars(select(Upload).order_by(Upload.id)).all()
        session.expunge_all()
    return rows


def test_rights_that_only_one_law_has_are_named_and_can_be_asked_for(shop):
    named = shop.get("/rights?country=CO&language=es").get_json()
    beyond = [one for one in named["rights"] if one["local_right"]]

    right = {"changes": [{"category": "user.name", "from": "Anna", "to": "Ana"}]}
    receipt = shop.file(country="CO", rights=[{"local_right": one["local_right"]} | right for one in beyond])

    filed = [(case["right"], case["local_right"]) for case in receipt.get_json()["cases"]]
    shown = shop.get(f"/cases/{receipt.get_json()['cases'][0]['reference']}").get_json()
    assert (named["jurisdiction"], [one["right"] for one in named["rights"]][:2]) == (
        "CO",
        ["access", "rectification"],
    )
    assert sorted(filed) == sorted((one["right"], one["local_right"]) for one in beyond)
    assert beyond and all(one["name"] and one["law"] for one in beyond)
    assert (shown["right"], shown["local_right"]) == filed[0]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"local_right": "authorization_proof"}, "filing.local_right"),
        ({"local_right": "everything"}, "filing.local_right"),
        ({}, "fields"),
    ],
)
def test_a_right_of_another_law_is_refused(shop, asked, code):
    answer = shop.file(country="UY", rights=[asked])

    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert shop.get("/cases?status=all").get_json()["cases"] == []


def test_the_document_of_a_representative_is_sealed_and_opens_at_the_desk(place, shop, submission):
    answer = send(shop, submission)

    (row,) = uploads(place)
    with place.app.app_context():
        lies = b"".join(path.read_bytes() for path in place.folder.rglob("*") if path.is_file())
        opened = evidence.open_for_desk(row.id, ("acme",), by="staff:1", now=datetime.now(UTC))
        content = b"".join(opened.pieces)
        with store.reading() as session:
            noted = session.scalars(select(AuditEntry).where(AuditEntry.kind == "case.noted")).all()
    assert (answer.status_code, answer.get_json()) == (
        201,
        {"reference": submission, "sha256": hashlib.sha256(POWER).hexdigest()},
    )
    assert (row.purpose, opened.name, content) == ("behalf", "power of Ana.pdf", POWER)
    assert [(one.actor, one.data) for one in noted] == [(f"token:{shop.number}", {"upload": "behalf"})]
    assert POWER not in lies


def test_a_document_sent_twice_is_kept_once(place, shop, submission):
    first, again = send(shop, submission, key="one"), send(shop, submission, key="one")
    other = send(shop, submission, key="two")

    assert (first.data, again.headers["Idempotency-Replayed"]) == (again.data, "true")
    assert (other.status_code, other.get_json()) == (201, first.get_json())
    with place.app.app_context():
        stored = [path for path in (place.folder / "uploads").rglob("*") if path.is_file()]
    assert (len(uploads(place)), len(stored)) == (1, 1)


@pytest.mark.parametrize("other", [{"content": POWER + b"!"}, {"name": "other.pdf"}])
def test_a_key_stands_for_one_document(place, shop, submission, other):
    send(shop, submission, key="one")

    answer = send(shop, submission, key="one", **other)

    assert (answer.status_code, answer.get_json()["code"]) == (422, "idempotency.other")
    assert len(uploads(place)) == 1


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"MZ a program", 422, "upload.media"),
        (b"", 422, "upload.media"),
        (POWER + b" " * 1024 * 1024, 413, "upload.size"),
        (POWER + b" " * 3 * 1024 * 1024, 413, "body.large"),
    ],
)
def test_what_is_no_document_or_too_large_is_refused(make_place, content, status, code):
    place = make_place(max_upload_mb=1)
    shop = place.program()
    submission = shop.file(**BEHALF).get_json()["reference"]

    answer = send(shop, submission, content)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert (answer.get_json()["code"], uploads(place)) == (code, [])


def test_a_form_without_a_file_and_a_body_of_another_kind_are_refused(shop, submission):
    path = f"/submissions/{submission}/evidence"

    without = shop.call("POST", path, data={"note": "later"}, content_type="multipart/form-data")
    other = shop.post(path, {"file": "later"})

    assert [(one.status_code, one.get_json()["code"]) for one in (without, other)] == [
        (422, "fields"),
        (415, "body.media"),
    ]


def test_no_document_is_taken_for_a_person_who_asks_herself(place, shop):
    submission = shop.file().get_json()["reference"]

    answer = send(shop, submission)

    assert (answer.status_code, answer.get_json()["code"], uploads(place)) == (422, "upload.behalf", [])


def test_a_submission_of_another_controller_does_not_exist(place, shop, submission):
    stranger = place.program(controller="bolt")

    theirs, nobodys = send(stranger, submission), send(stranger, "2345-6789")

    assert (theirs.status_code, theirs.data, uploads(place)) == (404, nobodys.data, [])


def test_ten_documents_are_enough(place, shop, submission):
    for n in range(evidence.MOST):
        assert send(shop, submission, POWER + bytes([n])).status_code == 201

    answer = send(shop, submission, POWER + b"more")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "upload.many")
    assert len(uploads(place)) == evidence.MOST
