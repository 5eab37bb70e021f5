"""The desk as staff reach it: the real application on SQLite, a notebook as its system, work done at once."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

import stage
from dsr import store
from dsr.app import create_app
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.registry import Registry
from dsr.services import intake, staff
from dsr.services.intake import Filing, Receipt, Wanted
from dsr.store.models import Case
from dsr.store.operations import AuditEntry
from dsr.store.queries import files_of_case, work

ANA, OLGA, PAULA, EVA = "ana@example.org", "olga@acme.example", "paula@acme.example", "eva@other.example"
PASSWORD = "a calm sentence for the desk"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
HEADERS = {"Accept": "text/html", "Accept-Language": "en"}
NOTEBOOK = EntryPoint("notebook", "fakes:Notebook", "dsr.connectors")
MANUAL = EntryPoint("manual", "connectors.manual:Manual", "dsr.connectors")
PAGES = {
    "cards": [
        {"id": 1, "email": ANA, "name": "Ana García", "news": True, "restricted": False},
        {
            "id": 2,
            "email": "ana.garcia@example.net",
            "name": "Somebody else",
            "news": True,
            "restricted": False,
        },
    ],
    "notes": [{"id": 7, "card": 1, "text": "Likes blue"}, {"id": 8, "card": 1, "text": "Moved in May"}],
}


@dataclass
class Browser:
    """A browser at the desk. Every form is sent with the token of a page that was really shown."""

    client: FlaskClient
    email: str = ""
    pages: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=HEADERS)

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, at: str = "", **more: Any
    ) -> TestResponse:
        token = TOKEN.search(self.get(at or ("/desk/account" if self.email else "/desk/sign-in")).text)
        form = {"csrf_token": token[1] if token else "", **(data or {})}
        return self.client.post(path, data=form, headers=HEADERS, **more)

    def sign_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        answer = self.post("/desk/sign-in", {"email": email, "password": password})
        self.email = email if answer.status_code == 302 else ""
        return answer


@dataclass
class Office:
    """An installation with its staff. ``numbers`` of the staff by address."""

    app: Flask
    folder: Path
    numbers: dict[str, int] = field(default_factory=dict)

    def browser(self, email: str = "", password: str = PASSWORD) -> Browser:
        browser = Browser(self.app.test_client())
        if email:
            assert browser.sign_in(email, password).status_code == 302
        return browser

    def hire(self, email: str, *roles: str, controller: str = "acme") -> int:
        with self.app.app_context():
            added = staff.add(
                email, {controller: roles}, password=PASSWORD, by="system", now=datetime.now(UTC)
            )
        self.numbers[email] = added.number
        return added.number

    def file(self, right: str, *, controller: str = "acme", who: str = ANA, **more: Any) -> str:
        """A request whose identity an officer proved, searched and planned; the number of its case."""
        return self.filing(right, controller=controller, who=who, **more).cases[0]

    def filing(self, *rights: str | Wanted, controller: str = "acme", who: str = ANA, **more: Any) -> Receipt:
        known: dict[str, Any] = {
            "controller": controller,
            "language": "es",
            "jurisdiction": "ES",
            "country": "ES",
            "rights": tuple(one if isinstance(one, Wanted) else Wanted(one) for one in rights),
            "identifiers": (("email", who),),
            "name": "Ana García",
            "channel": "post",
            "verified_reason": "She was here",
        }
        with self.app.app_context():
            receipt = intake.submit(Filing(**(known | more)), by="staff:1", now=datetime.now(UTC))
            stage.work(datetime.now(UTC))
        return receipt

    def work(self) -> None:
        with self.app.app_context():
            stage.work(datetime.now(UTC))

    def case(self, reference: str) -> Case:
        with self.app.app_context(), store.reading() as session:
            return session.scalars(select(Case).where(Case.reference == reference)).one()

    def plan(self, reference: str) -> str:
        with self.app.app_context(), store.reading() as session:
            found = files_of_case.one(session, reference, ("acme", "other"))
            return work.latest_plans(session, [found.id])[found.id].hash

    def record(self, reference: str, collection: str = "cards") -> str:
        """The id of a record that stands on the page of a case."""
        page = self.browser(OLGA).get(f"/desk/cases/{reference}").text
        found = re.findall(r'id="record-(\w+)">\s*<p class="record-head"><strong>(\w+)', page)
        return next(number for number, title in found if title.lower() == collection)

    def entries(self, kind: str) -> list[AuditEntry]:
        with self.app.app_context(), store.reading() as session:
            wanted = select(AuditEntry).where(AuditEntry.kind == kind).order_by(AuditEntry.seq)
            return list(session.scalars(wanted))

    def notebook(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = json.loads((self.folder / "notebook.json").read_text())
        return found


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """An instance with tables, keys and staff, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("model")
    office = Office(_app(folder, acting=tuple(Right)), folder)
    office.hire(OLGA, "dpo", "admin")
    office.hire(PAULA, "dpo")
    office.hire(EVA, "dpo", "admin", controller="other")
    with office.app.app_context():
        store.db.session.remove()
        store.db.engine.dispose()
    return folder, office.numbers


def _app(
    folder: Path,
    *,
    roles: tuple[str, ...] = (),
    acting: tuple[str, ...],
    serves: str = "desk",
    **settings: Any,
) -> Flask:
    (folder / "notebook.json").write_text(json.dumps(PAGES))
    book = SystemConfig(
        "book", "notebook", "Notebook", ("acme",), {"path": str(folder / "notebook.json")},
        acting=acting, roles=roles,
    )  # fmt: skip
    houses = (stage.controller(systems=("book",)), stage.controller("other", name="Other, S. A."))
    # The registry that knows the notebook comes after: the start refuses kinds that are not installed.
    app = create_app(stage.settings(folder / "i", (), houses, **settings), serves)
    with app.app_context():
        known = replace(
            store.attached("house"),
            registry=Registry((book,), points=(NOTEBOOK, MANUAL)),
            started=lambda *_: None,
            handed_over=lambda *_: True,
        )
    store.attach(app, "house", known)
    return app


@pytest.fixture(scope="session")
def build(model: tuple[Path, dict[str, int]]) -> Callable[..., Office]:
    """Olga and Paula decide for acme, Eva for another organisation; in a folder that does not exist yet."""

    def build(place: Path, **settings: Any) -> Office:
        folder, numbers = model
        shutil.copytree(folder, place)
        app = _app(place, **({"acting": tuple(Right)} | settings))
        return Office(app, place, dict(numbers))

    return build


def shut(office: Office) -> None:
    """Let go of the database of an office."""
    with office.app.app_context():
        store.db.session.remove()
        store.db.engine.dispose()


@pytest.fixture
def make_office(tmp_path: Path, build: Callable[..., Office]) -> Iterator[Callable[..., Office]]:
    made: list[Office] = []

    def make(**settings: Any) -> Office:
        made.append(build(tmp_path / "office", **settings))
        return made[-1]

    yield make
    for office in made:
        shut(office)


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    return make_office()


@pytest.fixture
def olga(office: Office) -> Browser:
    return office.browser(OLGA)
