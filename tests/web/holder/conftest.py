"""A place on paper, a person who asks, and the phone of the holder."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import stage
from dsr import app as application
from dsr import store
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import identity, intake, tasks
from dsr.services.intake import Filing, Wanted
from dsr.store.queries import people

ARCHIVE = "archivo@acme.example"
ANA = "ana@correo.example"
PAPER = SystemConfig(
    key="paper",
    kind="manual",
    title="Archivo en papel",
    controllers=("acme",),
    settings={
        "title": {"es": "Archivo en papel", "en": "Paper archive", "pt": "Arquivo em papel"},
        "owner": "Administración",
        "categories": ["user.name"],
        "instructions": {"all": {"es": "Mire bien.", "en": "Look well.", "pt": "Olhe bem."}},
        "checklist": {"all": ["Contratos"]},
    },
    acting=tuple(right.value for right in Right),
    holders=(ARCHIVE,),
)


class Desk:
    """The running pages, and a phone that opens links."""

    def __init__(self, app, folder):
        self.app, self.folder, self.phone = app, folder, app.test_client()
        self.phone.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.csrf = ""

    def submit(self, right="erasure"):
        """Ana asks, proves her address, and the search is made."""
        now = datetime.now(UTC)
        with self.app.app_context():
            filing = Filing("acme", "es", "ES", (Wanted(right),), (("email", ANA),), name="Ana García")
            receipt = intake.submit(filing, by="person", now=now)
            identity.confirm_code(receipt.reference, stage.code_in(stage.post(self.folder, now)[-1]), now=now)
            stage.work(now)
            mail = next(one for one in stage.post(self.folder, now) if one["To"] == ARCHIVE)
        self.case = receipt.cases[0]
        return re.search(r"/t/[\w-]+", stage.text_of(mail))[0]

    def get(self, link):
        page = self.phone.get(link)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        self.csrf = found[1] if found else ""
        return page

    def post(self, link, **fields):
        self.get(link)
        return self.phone.post(link, data={"csrf_token": self.csrf} | fields)

    def answers(self):
        """(state, count, where, files) of every question."""
        with self.app.app_context(), store.reading() as session:
            lines = tasks.of_case(session, people.case(session, self.case).id)
            return [(one.state, one.count, one.where, len(one.uploads)) for one in lines]


@pytest.fixture
def desk(tmp_path):
    app = application.create_app(stage.settings(tmp_path, [PAPER]), "portal")
    with app.app_context():
        house = replace(store.attached("house"), started=lambda *_: None, handed_over=lambda *_: True)
        store.attach(app, "house", house)
    yield Desk(app, tmp_path)
    with app.app_context():
        store.db.session.remove()
        store.db.engine.dispose()
