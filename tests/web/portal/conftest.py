"""The portal as people reach it: the real application on SQLite, without workers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dsr import documents, store
from dsr.app import create_app
from dsr.contract import CollectionInfo, FieldInfo, Row
from dsr.domain.letters import LetterFacts, LetterKind
from dsr.domain.organisation import Contact, Controller
from dsr.domain.rights import rule
from dsr.services import house as houses
from dsr.services import letter_facts, letters, outbox, sealing
from dsr.services.composing import Composed
from dsr.settings import Settings
from dsr.store import files
from dsr.store.models import Case
from dsr.store.operations import Letter, Package
from dsr.store.queries import people

ACME = Controller(
    key="acme",
    name="Acme",
    address="Calle Mayor 1\n28013 Madrid",
    contact=Contact("dpo@acme.example", "Olga Ruiz", "+34 910 00 00 00"),
    zone="Europe/Madrid",
    jurisdiction="ES",
    language="es",
)
CODE = re.compile(r"\b(\d{4}) (\d{4})\b")
LINK = re.compile(r"/confirm/[\w-]+")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Post:
    """The mail server of the tests: keeps what it was given."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, outgoing: object) -> str:
        self.sent.append((outgoing.to, outgoing.subject, outgoing.text))  # type: ignore[attr-defined]
        return "250 kept"


@dataclass
class Browser:
    """A person's browser: follows redirects, sends the token of the page it looked at."""

    client: FlaskClient
    page: TestResponse | None = None

    def get(self, path: str, **more: object) -> str:
        self.page = self.client.get(path, follow_redirects=True, **more)  # type: ignore[arg-type]
        return self.page.text

    def post(self, path: str, **data: object) -> str:
        token = TOKEN.search(self.page.text if self.page else "") or TOKEN.search(self.get("/"))
        assert token is not None
        fields = {"csrf_token": token.group(1)} | data
        self.page = self.client.post(path, data=fields, follow_redirects=True)
        return self.page.text

    @property
    def at(self) -> str:
        assert self.page is not None
        return self.page.request.path

    @property
    def status(self) -> int:
        assert self.page is not None
        return self.page.status_code


@dataclass
class Portal:
    """The application with its house, its post office, and browsers on demand."""

    app: Flask
    post: Post

    def browser(self, language: str = "en") -> Browser:
        return Browser(_speaking(self.app.test_client(), language))

    def deliver(self) -> None:
        with self.app.app_context():
            outbox.flush(now=datetime.now(UTC))

    def code(self, to: str = "ana@example.com") -> str:
        self.deliver()
        found = [CODE.search(text) for address, _, text in self.post.sent if address == to]
        assert found[-1] is not None
        return found[-1].group()

    def link(self, to: str = "ana@example.com") -> str:
        self.deliver()
        found = [LINK.search(text) for address, _, text in self.post.sent if address == to]
        assert found[-1] is not None
        return found[-1].group()


def _speaking(client: FlaskClient, language: str) -> FlaskClient:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return client


def settings_of(instance: Path, *controllers: Controller, **policy: object) -> Settings:
    """The settings of an installation that lies in this folder."""
    return Settings(
        **{
            "instance": instance,
            "database_url": f"sqlite:///{instance / 'dsr.sqlite3'}",
            "engine_url": f"sqlite:///{instance / 'engine.sqlite3'}",
            "controllers": controllers or (ACME,),
            "role": "portal",
            "mail_from": "privacy@acme.example",
            "portal_url": "http://localhost",
            "desk_url": "http://localhost/desk",
            "master_key_file": instance / "master.key",
            "legal_key_file": instance / "legal.key",
            "secret_key": "a secret key of the tests, long enough",
            **policy,
        }  # type: ignore[arg-type]
    )


@pytest.fixture
def acme() -> Controller:
    """The organisation of most tests."""
    return ACME


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with its tables, keys and translations, made once and copied for each test."""
    instance = tmp_path_factory.mktemp("fresh")
    app = create_app(settings_of(instance))
    with app.app_context():
        store.db.engine.dispose()
    return instance


@pytest.fixture
def make_portal(tmp_path: Path, fresh: Path) -> Iterator[Callable[..., Portal]]:
    """A function that makes the portal for these controllers, with this policy."""
    apps: list[Flask] = []
    shutil.copytree(fresh, tmp_path, dirs_exist_ok=True)

    def make(*controllers: Controller, **policy: object) -> Portal:
        app = create_app(settings_of(tmp_path, *controllers, **policy))
        apps.append(app)
        post = Post()
        with app.app_context():
            here = houses.house()
        store.attach(app, "house", replace(here, transports=(post,), started=lambda batch, phase: None))
        return Portal(app, post)

    yield make
    for app in apps:
        with app.app_context():
            store.db.session.remove()
            store.db.engine.dispose()


@pytest.fixture
def portal(make_portal: Callable[..., Portal]) -> Portal:
    """The portal of one controller in Spain."""
    return make_portal()


ABOUT = {
    "rectification": {"category0": "user.name", "wrong0": "Anna", "right0": "Ana"},
    "erasure": {"reason": "I am no longer a customer"},
    "restriction": {"ground": "accuracy", "reason": "The debt is wrong"},
    "objection": {"channels": ["marketing", "tracking"]},
    "withdrawal": {"channels": ["marketing"]},
}


@pytest.fixture
def ask() -> Callable[..., str]:
    """A function that goes through the whole form for these rights; the page after it."""

    def go(browser: Browser, *rights: str, **find: object) -> str:
        browser.get("/ask")
        browser.post("/ask/rights", rights=list(rights))
        browser.post("/ask/who", behalf="me", place="ES")
        given = {"email": "ana@example.com", "mailbox": "yes", "name": "Ana Pérez"} | find
        browser.post("/ask/find", **given)
        for right in rights:
            if right in ABOUT:
                browser.post(f"/ask/about-{right}", **ABOUT[right])
        assert browser.at == "/ask/check", browser.page.text if browser.page else ""
        return browser.post("/ask/check", message="")

    return go


OPENS = CollectionInfo(
    name="opens",
    title={"es": "Aperturas de correos", "en": "E-mail opens", "pt": "Aberturas de e-mails"},
    fields=(
        FieldInfo("opened_at"),
        FieldInfo("mail"),
        FieldInfo("device"),
        FieldInfo("city"),
        FieldInfo("note"),
    ),
    tracking=True,
    occurred_at="opened_at",
)
ROWS = 120


def opened(n: int) -> Row:
    """One e-mail that was opened; the note holds what a hostile sender might have stored."""
    at = datetime(2026, 1 + n % 3, 1 + n % 28, 8, n % 60, tzinfo=UTC)
    note = "<script>alert(1)</script>" if n == 0 else None
    values = {
        "opened_at": at,
        "mail": f"Newsletter {n}",
        "device": "iPhone 12",
        "city": "Madrid",
        "note": note,
    }
    return Row("opens", (n,), values)


@pytest.fixture
def answer() -> Callable[..., None]:
    """A function that answers every case of a submission: a letter, and a package for a copy of data."""

    def go(portal: Portal, reference: str, *, rows: int = ROWS) -> None:
        now = datetime.now(UTC)
        with portal.app.app_context(), store.transaction() as tx:
            submission = people.by_reference(tx.session, reference)
            assert submission is not None
            for case in submission.cases:
                facts = letter_facts.base(case, now=now)
                kind = LetterKind(rule(case.right).letter)
                tx.session.add(Letter(**letters.row(case, Composed(kind, facts), by="system", now=now)))
                if rule(case.right).package:
                    tx.session.add(_package(case, facts, rows, now))
                case.status, case.ending, case.answered_at = "answered", "done", now

    return go


def _package(case: Case, facts: LetterFacts, rows: int, now: datetime) -> Package:
    writer = documents.PackageWriter(facts, now=now)
    section = documents.Section("tracking", "Seguimiento de correos", OPENS, map(opened, range(rows)))
    stored = files.packages().write(writer.write([section]), sealing.key_of(case.submission))
    return Package(
        controller=case.controller,
        case_id=case.id,
        file=stored.name,
        size=stored.size,
        sha256=stored.sha256,
        made_at=now,
        read_at=now,
        expires_at=now + timedelta(days=14),
        manifest=[],
    )
