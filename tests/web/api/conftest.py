"""The API as programs reach it: the real application on SQLite, its work done by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from dsr import store
from dsr.app import create_app
from dsr.domain.organisation import SystemConfig
from dsr.services import identity, tokens
from stage import code_in, controller, post, settings, work

V1 = "/api/v1"
CONTROLLERS = (controller(), controller("bolt", name="Bolt, S. A.", path="/bolt"))
LOOPBACK = (ip_network("127.0.0.0/8"),)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Program:
    """A program with a token of one controller."""

    app: Flask
    secret: str
    number: int

    def call(self, method: str, path: str, **more: object) -> TestResponse:
        """Call with the token and, for writes, a new key unless ``key`` is given."""
        key = more.pop("key", uuid.uuid4().hex)
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": str(key)}
        headers |= more.pop("headers", {})  # type: ignore[arg-type]
        return self.app.test_client().open(V1 + path, method=method, headers=headers, **more)  # type: ignore[arg-type]

    def get(self, path: str, **more: object) -> TestResponse:
        return self.call("GET", path, **more)

    def post(self, path: str, body: object, **more: object) -> TestResponse:
        return self.call("POST", path, json=body, **more)

    def file(self, *rights: str, email: str = "ana@example.com", **more: object) -> TestResponse:
        """File a request for a person."""
        key = {"key": more.pop("key")} if "key" in more else {}
        body = {
            "rights": [{"right": right} for right in rights or ("access",)],
            "identifiers": [{"kind": "email", "value": email}],
            "country": "ES",
        }
        return self.post("/cases", body | more, **key)


@dataclass
class Place:
    """One installation with two controllers."""

    app: Flask
    folder: Path

    def program(self, *scopes: str, controller: str = "acme", **more: object) -> Program:
        """A program with these scopes, or with all."""
        known = {"expires_at": None, "by": "cli", "now": now()}
        with self.app.app_context():
            made = tokens.make(controller, "shop", scopes or tokens.SCOPES, **(known | more))
        return Program(self.app, made.secret, made.number)

    def reviewed(self, program: Program, *rights: str, **more: object) -> list[str]:
        """Cases that the person proved and that were searched: they wait for a decision."""
        receipt = program.file(*rights, **more).get_json()
        with self.app.app_context():
            sent = post(self.folder, now())
            assert identity.confirm_code(receipt["reference"], code_in(sent[-1]), now=now())
            work(now())
        return [case["reference"] for case in receipt["cases"]]

    def work(self) -> None:
        with self.app.app_context():
            work(now())


@pytest.fixture
def make_place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """A function that makes an installation with these systems and settings."""
    apps: list[Flask] = []

    def make(systems: Sequence[SystemConfig] = (), **more: object) -> Place:
        folder = tmp_path / f"instance{len(apps)}"
        known = {"controllers": CONTROLLERS, "hook_networks": LOOPBACK, "submissions_overall": 100_000}
        app = create_app(settings(folder, systems, **(known | more)), "desk")
        with app.app_context():
            here = store.attached("house")
        store.attach(app, "house", replace(here, started=lambda *_: None, handed_over=lambda *_: True))
        apps.append(app)
        return Place(app, folder)

    yield make
    for app in apps:
        with app.app_context():
            store.db.session.remove()
            store.db.engine.dispose()


@pytest.fixture
def place(make_place: Callable[..., Place]) -> Place:
    return make_place()


@pytest.fixture
def shop(place: Place) -> Program:
    """A program of the first controller that may do everything."""
    return place.program()


@pytest.fixture
def later() -> Callable[..., datetime]:
    """A function that gives a moment after now."""
    return lambda **more: now() + timedelta(**more)
