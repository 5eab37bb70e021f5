"""Malformed forms, queries, bodies and files, sent to every page there is: a refusal, never a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from werkzeug.exceptions import NotFound

import dsr

TEMPLATES = Path(dsr.__file__).parent.parent / "templates"
NAMES = sorted(
    {
        name
        for area in ("desk", "portal", "holder", "recipient", "macros")
        for page in (TEMPLATES / area).rglob("*.html")
        for name in re.findall(r'name="(\w+)"', page.read_text(encoding="utf-8"))
    }
    - {"csrf_token"}
)
"""Every field a form of ours has."""

PAGES = {"portal", "outbox", "desk", "holder", "recipient", "security"}
TEXTS = (
    "",
    "\x00\u202e",
    "9" * 400,
    "9" * 12,
    "\u00b2",
    "-1",
    "1e999",
    "2026-13-45",
    "<script>",
    "%s{}{{}}",
    "a" * 70_000,
)
ENDS = {"desk.sign_out", "security.logout"}
"""What would end the session that the rest is sent with."""


def rules(app: Any, method: str) -> Iterator[Any]:
    for rule in app.url_map.iter_rules():
        if method in rule.methods and rule.endpoint.partition(".")[0] in PAGES and rule.endpoint not in ENDS:
            yield rule


def path_of(rule: Any, reference: str, text: str) -> str:
    """The address of a rule: the real case and organisation, or this text in every part of its type."""
    known = {"reference": reference, "controller": "acme", "system": "book", "case": reference}
    path, number = rule.rule, text.isdecimal()
    for name in rule.arguments:
        is_int = bool(re.search(rf"<int[^>]*:{name}>", path))
        value = text if text and is_int is number else "1" if is_int else known.get(name, "1")
        path = re.sub(rf"<(?:[^<>]*:)?{name}>", value, path)
    return str(path)


@pytest.fixture
def sent(make_office: Any) -> Any:
    """Sends to a page with Olga's session; the status and whether the answer has a trace of the inside."""
    office = make_office(serves="all")
    reference, olga = office.file("access"), office.browser("olga@acme.example")

    def send(method: str, rule: Any, text: str = "", **more: Any) -> tuple[str, int] | None:
        answer = olga.client.open(path_of(rule, reference, text), method=method, **more)
        bad = answer.status_code >= 500 or b"Traceback" in answer.get_data()
        return (rule.endpoint, answer.status_code) if bad else None

    send.app, send.token = office.app, olga  # type: ignore[attr-defined]
    return send


def token(sent: Any) -> str:
    page = sent.token.get("/desk/account").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    return found[1] if found else ""


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_form_with_this_in_every_field_fails_inside(sent: Any, text: str) -> None:
    form = {**dict.fromkeys(NAMES, text), "csrf_token": token(sent)}

    assert [found for rule in rules(sent.app, "POST") if (found := sent("POST", rule, data=form))] == []


def test_no_form_without_its_fields_or_with_repeated_ones_fails_inside(sent: Any) -> None:
    mine = token(sent)
    forms = ({"csrf_token": mine}, {**{name: ["x", "y"] for name in NAMES}, "csrf_token": mine}, {})

    faults = [sent("POST", rule, data=form) for form in forms for rule in rules(sent.app, "POST")]

    assert [one for one in faults if one] == []


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b'{"a": [', "application/json"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disposition: form-data; name", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
    ],
)
def test_no_body_of_another_kind_fails_inside(sent: Any, body: bytes, media: str) -> None:
    faults = [sent("POST", rule, data=body, content_type=media) for rule in rules(sent.app, "POST")]

    assert [one for one in faults if one] == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04" + b"\x00" * 200, "bomb.zip"),
        (b"%PDF-1.7", "../../" + "n" * 5000 + "\u202egnp.exe"),
        (b"", ""),
    ],
    ids=["zip", "huge name", "nothing"],
)
def test_no_file_fails_inside(sent: Any, content: bytes, name: str) -> None:
    mine = token(sent)
    faults = []
    for rule in rules(sent.app, "POST"):
        form = dict.fromkeys(NAMES, "x") | {"csrf_token": mine}
        form |= {one: (BytesIO(content), name) for one in ("file", "files", "evidence")}
        faults.append(sent("POST", rule, data=form))

    assert [one for one in faults if one] == []


@pytest.mark.parametrize(
    "text",
    ["%00", "%FF%FE", "%E2%80%AE", "..%2f..%2fetc%2fpasswd", "a" * 3000, "9" * 25, "%C2%B2"],
    ids=range(7),
)
def test_no_address_or_query_fails_inside(sent: Any, text: str) -> None:
    query, form = "&".join(f"{name}={text}" for name in NAMES[:80]), {"csrf_token": token(sent)}

    faults = [sent("GET", rule, query_string=query) for rule in rules(sent.app, "GET")]
    faults += [sent("GET", rule, text) for rule in rules(sent.app, "GET")]
    faults += [sent("POST", rule, text, data=form) for rule in rules(sent.app, "POST")]

    assert [one for one in faults if one] == []


def test_a_number_that_no_row_can_have_leads_nowhere(make_office: Any) -> None:
    routes = make_office().app.url_map.bind("127.0.0.1")

    assert routes.match("/desk/staff/acme/2147483647/active", "POST")[0] == "desk.staff_active"
    with pytest.raises(NotFound):
        routes.match("/desk/staff/acme/2147483648/active", "POST")
