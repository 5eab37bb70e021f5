"""Malformed calls: always a problem with a stable code, never a trace, never a page."""

import pytest

FILED = b'{"rights": [{"right": "access"}], "identifiers": [{"kind": "email", "value": "%s"}]}'
JSON = "application/json"


@pytest.mark.parametrize(
    ("data", "media", "status", "code"),
    [
        (b"{", JSON, 400, "body.malformed"),
        (b"\xff\xfe{}", JSON, 400, "body.malformed"),
        (b'{"rights": NaN}', JSON, 422, "fields"),
        (b"[]", JSON, 422, "fields"),
        (b'"text"', JSON, 422, "fields"),
        (b"null", JSON, 422, "fields"),
        (b"", JSON, 400, "body.malformed"),
        (b"[" * 100_000, JSON, 400, "body.malformed"),
        (FILED % b"ana\\u0000@example.com", JSON, 422, "fields"),
        (FILED % b"\\ud800@example.com", JSON, 422, "fields"),
        (FILED % b"\xe2\x80\xae@example.com", JSON, 422, "identifier.characters"),
        (FILED % (b"x" * 300_000), JSON, 413, "body.large"),
        (FILED % b"ana@example.com", "text/plain", 415, "body.media"),
        (b"rights=access", "application/x-www-form-urlencoded", 415, "body.media"),
        (FILED % b"ana@example.com", "", 415, "body.media"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(shop, data, media, status, code):
    answer = shop.call("POST", "/cases", data=data, content_type=media)

    problem = answer.get_json(force=True)
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert (answer.mimetype, problem["type"]) == ("application/problem+json", f"urn:dsr:problem:{code}")
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "path.unknown"),
        ("GET", "/cases/..%2f..%2fetc", 404, "path.unknown"),
        ("GET", "/cases/%00", 404, "path.unknown"),
        ("GET", "/cases/0000-0000", 404, "path.unknown"),
        ("GET", "/cases/2345-6789", 404, "case.unknown"),
        ("DELETE", "/cases", 405, "method.unknown"),
        ("DELETE", "/hooks/99999999999999999999", 404, "path.unknown"),
        ("DELETE", "/hooks/7", 404, "hook.unknown"),
        ("GET", "/cases?limit=0", 422, "fields"),
        ("GET", "/cases?limit=ten", 422, "fields"),
        ("GET", "/cases?status=lost", 422, "fields"),
        ("GET", "/cases?colour=red", 422, "fields"),
        ("GET", "/cases/2345-6789/events?after=-1", 422, "fields"),
    ],
)
def test_an_address_that_leads_nowhere_is_a_problem(shop, method, path, status, code):
    answer = shop.call(method, path)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("key", ["", "x" * 81, "with space", "ñ"])
def test_a_write_needs_a_plain_key(shop, key):
    answer = shop.post("/cases", {}, key=key)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["Idempotency-Key"])


def test_a_database_that_fails_says_nothing_of_the_inside(place, shop):
    with place.app.app_context():
        from dsr import store

        store.db.session.execute(store.db.text("DROP TABLE work"))
        store.db.session.commit()

    answer = shop.get("/cases/2345-6789")
    (reference,) = [case["reference"] for case in shop.file().get_json()["cases"]]
    broken = shop.get(f"/cases/{reference}")

    assert answer.status_code == 404
    assert (broken.status_code, broken.get_json()["code"], "work" in broken.text) == (503, "server", False)


def test_the_portal_and_desk_keep_their_pages(place):
    answer = place.app.test_client().get("/nothing", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
