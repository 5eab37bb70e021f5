"""Who may call what: scopes, ended tokens, limits, sessions that do not count."""

from datetime import UTC, datetime, timedelta

import pytest

from dsr import store
from dsr.services import tokens
from dsr.store.queries import desk

CASE = "/cases/2345-6789"
NEEDS = {
    ("POST", "/cases"): tokens.WRITE,
    ("GET", "/cases"): tokens.READ,
    ("GET", CASE): tokens.READ,
    ("GET", f"{CASE}/events"): tokens.READ,
    ("POST", f"{CASE}/approve"): tokens.DECIDE,
    ("POST", f"{CASE}/refuse"): tokens.DECIDE,
    ("POST", f"{CASE}/extend"): tokens.DECIDE,
    ("GET", "/rights"): tokens.WRITE,
    ("POST", "/submissions/2345-6789/evidence"): tokens.WRITE,
    ("GET", "/hooks"): tokens.HOOKS,
    ("POST", "/hooks"): tokens.HOOKS,
    ("DELETE", "/hooks/1"): tokens.HOOKS,
}


def test_every_route_of_the_api_is_in_the_table(place):
    routes = {
        (method, rule.rule.removeprefix("/api/v1"))
        for rule in place.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    named = {
        (
            method,
            path.replace("2345-6789", "<reference:reference>").replace("/1", "/<int(max=2147483647):number>"),
        )
        for method, path in NEEDS
    }
    assert routes == named


@pytest.mark.parametrize(("method", "path"), NEEDS)
def test_only_a_token_with_the_scope_comes_in(place, method, path):
    wanted = NEEDS[method, path]
    others = [scope for scope in tokens.SCOPES if scope != wanted]
    body = {} if method == "POST" else None

    without = place.program(*others).call(method, path, json=body)
    with_it = place.program(wanted).call(method, path, json=body)

    assert (without.status_code, without.get_json()["code"]) == (403, "token.scope")
    assert with_it.status_code in (200, 404, 415, 422)


def test_unknown_ended_and_expired_tokens_look_alike(place):
    revoked = place.program()
    with place.app.app_context():
        tokens.revoke("acme", revoked.number, by="cli", now=datetime.now(UTC))
        long_ago = datetime.now(UTC) - timedelta(days=9)
        made = tokens.make(
            "acme", "old", tokens.SCOPES, expires_at=long_ago + timedelta(days=1), by="cli", now=long_ago
        )
    secrets = ("dsr_never-made", revoked.secret, made.secret)

    answers = [
        place.app.test_client().get("/api/v1/cases", headers={"Authorization": f"Bearer {s}"})
        for s in secrets
    ]

    assert {(answer.status_code, answer.data) for answer in answers} == {(401, answers[0].data)}
    assert answers[0].headers["WWW-Authenticate"] == 'Bearer realm="dsr", error="invalid_token"'


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer \x00", "Bearer " + "x" * 5000]
)
def test_what_is_no_token_is_refused(place, header):
    answer = place.app.test_client().get("/api/v1/cases", headers={"Authorization": header})

    assert (answer.status_code, answer.get_json()["code"]) == (401, "token.unknown")


def test_a_token_is_kept_as_a_hash_only(place, shop):
    files = [path.read_bytes() for path in place.folder.rglob("*") if path.is_file()]

    assert [shop.secret.encode() in content for content in files] == [False] * len(files)


def test_a_token_is_limited_within_a_minute_and_another_is_not(make_place):
    place = make_place(api_per_minute=3)
    eager, calm = place.program(), place.program()

    codes = {eager.get("/cases").status_code for _ in range(9)}
    last = eager.get("/cases")

    assert (codes, last.get_json()["code"], last.headers["Retry-After"]) == ({200, 429}, "limit.token", "60")
    assert calm.get("/cases").status_code == 200


def test_making_and_revoking_are_in_the_audit_log(place, shop):
    with place.app.app_context():
        tokens.revoke("acme", shop.number, by="cli", now=datetime.now(UTC))
        with store.reading() as session:
            entries = desk.audit_page(session, "acme")

    assert [(one.kind, one.actor, one.data["token"]) for one in entries] == [
        ("token.revoked", "cli", shop.number),
        ("token.made", "cli", shop.number),
    ]


def test_no_cookie_is_set_and_none_is_believed(place):
    client = place.app.test_client()
    client.set_cookie("session", "forged")
    client.set_cookie("desk", "row.forged")

    answer = client.get("/api/v1/cases")

    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (401, [])


@pytest.mark.parametrize(
    ("name", "scopes", "days", "code"),
    [
        ("", ["cases:read"], 1, "token.name"),
        ("x" * 65, ["cases:read"], 1, "token.name"),
        ("a\nb", ["cases:read"], 1, "token.name"),
        ("shop", [], 1, "token.scopes"),
        ("shop", ["cases:all"], 1, "token.scopes"),
        ("shop", ["cases:read"], -1, "token.expiry"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(place, name, scopes, days, code):
    at = datetime.now(UTC)
    with place.app.app_context(), pytest.raises(tokens.Refusal) as refused:
        tokens.make("acme", name, scopes, expires_at=at + timedelta(days=days), by="cli", now=at)

    assert refused.value.code == code
