"""An erasure that the law blocks; then everybody looks for what was erased, everywhere but with the legal key."""

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dsr import store
from dsr.services import tokens
from dsr.store import legal, vault
from dsr.store.models import VaultSeal
from dsr.store.operations import Letter
from dsr.store.queries import people
from dsr.web.desk.matrix import MATRIX
from routes import address, cells, legible
from stage import post

ANA, OLGA, PAULA = "ana@example.org", "olga@acme.example", "paula@acme.example"
SECRETS = (b"Zurbano-8841", b"Ferrer-5512")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
ROLES = ("agent", "dpo", "auditor", "admin", "legal", "holder")
EXPORTS = ("values", "identifiers", "letter", "dossier", "register_file", "suppression_export", "tried")
FORMATS = {"desk.register_file": ({"format": "csv"}, {"format": "pdf"})}
PERSONAL = (
    "portal.answer", "portal.letter", "portal.letter_document", "portal.letter_pdf", "portal.follow",
    "health.metrics", "outbox.outbox",
)  # fmt: skip
"""EXPORTS: what a desk hands out of a case or of a controller; PERSONAL: of what is the person's and
everybody's. Each must really have been given to somebody."""


class Searched:
    """What was answered, and where one of the secrets stood in it."""

    def __init__(self) -> None:
        self.given: set[str] = set()
        self.found: list[str] = []
        self.seen = 0

    def look(self, where: str, body: bytes, status: int = 200) -> None:
        if status == 200:
            self.given.add(where.rpartition(" ")[2])
        self.seen += 1
        if any(secret in part for part in legible(body) for secret in SECRETS):
            self.found.append(where)


@pytest.fixture(scope="module")
def said() -> Iterator[io.StringIO]:
    """All that is printed while the case is worked, and logged as long as the module runs."""
    heard = io.StringIO()
    yield heard
    for handler in [one for one in logging.getLogger().handlers if getattr(one, "stream", None) is heard]:
        logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, build: Any, said: io.StringIO) -> Any:
    """Ana's notes and her name hold words that stand nowhere else."""
    networks = (ip_network("127.0.0.0/8"),)
    folder = tmp_path_factory.mktemp("shut") / "office"
    with redirect_stdout(said), redirect_stderr(said):
        made = build(folder, serves="all", log_level="debug", metrics_from=networks)
    logging.getLogger().addHandler(logging.StreamHandler(said))
    pages = made.notebook()
    pages["cards"][0]["name"] = f"Ana {SECRETS[0].decode()}"
    pages["notes"][0]["text"] = f"Owes {SECRETS[1].decode()}"
    (folder / "notebook.json").write_text(json.dumps(pages))
    return made


@pytest.fixture(scope="module")
def case(office: Any, said: io.StringIO) -> tuple[str, str]:
    """The case after her data were erased, and blocked; the id that her notes had in it."""
    with redirect_stdout(said), redirect_stderr(said):
        reference = office.file("erasure")
        record = office.record(reference, "notes")
        olga, paula = office.browser(OLGA), office.browser(PAULA)
        before = olga.post(f"/desk/cases/{reference}/values", {"system": "book", "record": record}).data
        assert SECRETS[1] in before
        for browser, act in ((olga, "approve"), (paula, "second-approve")):
            browser.post(f"/desk/cases/{reference}/{act}", {"plan": office.plan(reference)})
        office.work()
        with office.app.app_context():
            post(office.folder / "i", datetime.now(UTC))
    assert office.case(reference).status == "answered"
    assert not any(secret.decode() in str(office.notebook()) for secret in SECRETS)
    return reference, record


def test_what_was_blocked_is_there_for_the_legal_key(office: Any, case: Any) -> None:
    with office.app.app_context():
        private = legal.read(Path(office.app.config["LEGAL_KEY_FILE"]))
        with store.reading() as session:
            numbers = list(session.scalars(select(VaultSeal.id)))
        rows = [
            str(row.values).encode()
            for one in numbers
            for row in vault.open_for(one, controller="acme", roles=["legal"], private=private)
        ]

    assert [any(secret in row for row in rows) for secret in SECRETS] == [True, True]


def everywhere(app: Any, number: int, reference: str) -> Iterator[tuple[str, str]]:
    """Endpoint and path of each page of the application that is not the desk's or the API's."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(("desk.", "security.", "cases.", "static")) and "GET" in rule.methods:
            known = {"case": reference, "number": number, "which": "answer", "step": "who"}
            yield rule.endpoint, address(app, rule.endpoint, **known)[1]


def test_the_person_finds_it_on_no_route_of_the_portal(office: Any, case: Any) -> None:
    reference, _ = case
    with office.app.app_context(), store.reading() as session:
        mine = people.case(session, reference)
        submission = mine.submission.reference
        letter = session.scalars(select(Letter.id).where(Letter.case_id == mine.id)).one()
    client, searched = office.app.test_client(), Searched()
    with client.session_transaction() as kept:
        now = datetime.now(UTC).isoformat()
        kept.update(reference=submission, proved=[submission], second={submission: now})

    for endpoint, path in everywhere(office.app, letter, reference):
        answer = client.get(path)
        searched.look(f"person {endpoint}", answer.data, answer.status_code)

    assert searched.found == []
    assert set(PERSONAL) - searched.given == set()


def test_a_program_with_every_scope_finds_it_on_no_route(office: Any, case: Any) -> None:
    with office.app.app_context():
        secret = tokens.make(
            "acme", "shop", tokens.SCOPES, expires_at=None, by="cli", now=datetime.now(UTC)
        ).secret
    client, searched = office.app.test_client(), Searched()
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
    for rule in office.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/"):
            continue
        method, path = address(office.app, rule.endpoint, reference=case[0], number=1)
        answer = client.open(path, method=method, headers=headers, json={} if method == "POST" else None)
        searched.look(f"{method} {rule.endpoint}", answer.data, answer.status_code)

    assert searched.found == []
    assert {"cases.listing", "cases.show", "cases.course"} <= searched.given


def test_a_new_request_finds_nothing_of_it_and_hands_nothing_over(office: Any, case: Any) -> None:
    again = office.file("access")
    olga = office.browser(OLGA)
    page = olga.get(f"/desk/cases/{again}").text
    olga.post(f"/desk/cases/{again}/approve", {"plan": office.plan(again)})
    office.work()

    with office.app.app_context(), store.reading() as session:
        mine = people.case(session, again)
        kinds = list(session.scalars(select(Letter.kind).where(Letter.case_id == mine.id)))
    assert re.findall(r'id="record-(\w+)"', page) == []
    assert (mine.status, kinds) == ("answered", ["nothing_found"])


def test_it_lies_in_no_file_dump_or_log(office: Any, case: Any, said: io.StringIO) -> None:
    folder = office.folder / "i"
    office.browser(OLGA).post(f"/desk/cases/{case[0]}/dossier", {})
    (folder / "legal.key").unlink()
    searched = Searched()
    for path in sorted(folder.glob("*.sqlite3")):
        for cell in cells(path):
            searched.look(f"dump {path.name}", cell)
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        searched.look(f"file {path.name}", path.read_bytes())
    with office.app.app_context():
        searched.look("export audit", "\n".join(store.audit.export("acme", 0)).encode())
    logging.getLogger("dsr").error("looked for everywhere")
    searched.look("log all", said.getvalue().encode())

    assert searched.found == []
    assert "looked for everywhere" in said.getvalue()
    assert {"dsr.sqlite3", "audit", "all"} <= searched.given


def tried(
    browser: Any, app: Any, known: dict[str, str], form: dict[str, str]
) -> Iterator[tuple[str, str, Any]]:
    """Each route of the desk as this person gets it: endpoint, method, answer."""
    token = TOKEN.search(browser.get("/desk/account").text)[1]
    for endpoint in MATRIX:
        method, path = address(app, endpoint, **known)
        if method == "GET":
            yield endpoint, method, browser.get(f"{path}?q=Zurbano")
        for more in FORMATS.get(endpoint, ({},)) if method == "POST" else ():
            fields = form | more | {"csrf_token": token}
            yield endpoint, method, browser.client.post(path, data=fields, headers={"Accept-Language": "en"})


def test_no_role_finds_it_on_any_route_of_the_desk(office: Any, case: Any) -> None:
    reference, record = case
    known = {"reference": reference, "controller": "acme", "system": "book", "pack": "ES", "area": "paper"}
    form = {
        "case": reference, "system": "book", "record": record, "q": "Zurbano", "form": "sha256",
        "from": "2020-01-01", "to": "2099-01-01", "channel": "all", "kind": "email", "value": ANA,
        "open": "yes", "reason": "looking", "text": "x", "language": "es",
    }  # fmt: skip
    searched, missing = Searched(), []
    for role in ROLES:
        office.hire(f"{role}@acme.example", role)
        browser = office.browser(f"{role}@acme.example")
        for endpoint, method, answer in tried(browser, office.app, known | {"act": "message"}, form):
            searched.look(f"{role} {endpoint.removeprefix('desk.')}", answer.data, answer.status_code)
            if method == "GET" and role in MATRIX[endpoint] and answer.status_code >= 400:
                missing.append((role, endpoint, answer.status_code))

    assert (searched.found, missing) == ([], [])
    assert set(EXPORTS) - searched.given == set()
    assert searched.seen > len(MATRIX) * len(ROLES)
