"""A whole installation in a temporary folder, worked by hand: no thread, no clock of its own."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email import policy
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import select

from dsr import app as application
from dsr import store
from dsr.domain.organisation import Contact, Controller, SystemConfig
from dsr.services import action, batches, collection, outbox, review
from dsr.services.officers import Officer
from dsr.settings.values import Settings
from dsr.store.models import Batch

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OLGA = Officer(1, ("dpo", "agent", "admin"))
PAULA = Officer(2, ("dpo",))
RUN = {"collect": collection.run, "carry_out": action.run}


def controller(key: str = "acme", **more) -> Controller:
    """A company in Madrid."""
    known = {
        "name": "Acme Comercial, S. L.",
        "address": "Calle Mayor 1\n28013 Madrid",
        "contact": Contact("privacidad@acme.example", "Olga", "+34 910 000 000"),
        "zone": "Europe/Madrid",
        "jurisdiction": "ES",
        "language": "es",
    }
    return Controller(key, **(known | more))


def settings(
    folder: Path, systems: Sequence[SystemConfig] = (), controllers: Sequence[Controller] = (), **more
) -> Settings:
    """Settings of a demo-like installation: mails go to ``folder/outbox``."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {
        "database_url": f"sqlite:///{folder}/dsr.sqlite3",
        "engine_url": f"sqlite:///{folder}/engine.sqlite3",
        "demo": True,
        "mail_from": "privacidad@acme.example",
        "portal_url": "http://127.0.0.1:8000",
        "desk_url": "http://127.0.0.1:8000/desk",
        "secret_key": "not-a-secret-in-tests",
        "mfa": "optional",
        "identity": "test",
        "log_level": "error",
        "master_key_file": folder / "master.key",
        "legal_key_file": folder / "legal.key",
    }
    chosen = tuple(controllers) or (controller(systems=tuple(one.key for one in systems)),)
    made = Settings(instance=folder, controllers=chosen, systems=tuple(systems), **(known | more))
    _lay_tables(made.database_url)
    return made


def _lay_tables(url: str) -> None:
    """Empty tables in a new SQLite file, as the migrations made them once in this run."""
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and path.parent.is_dir() and not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    """The bytes of a database after every migration and nothing else."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "tables.sqlite3")
        app = Flask("tables")
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{path}"
        store.init_app(app)
        store.upgrade(app)
        with app.app_context():
            store.db.engine.dispose()
        return path.read_bytes()


@contextmanager
def installation(folder: Path, systems: Sequence[SystemConfig] = (), **more) -> Iterator[object]:
    """The application, inside its context."""
    app = application.create_app(settings(folder, systems, **more), "worker")
    store.attach(app, "house", _by_hand(app))
    with app.app_context():
        yield app


def _by_hand(app):
    from dataclasses import replace

    with app.app_context():
        return replace(store.attached("house"), started=lambda *_: None, handed_over=lambda *_: True)


def work(now: datetime = NOW, rounds: int = 20, *, apart: bool = False) -> int:
    """Run every open batch until there is none; how many ran. ``apart``: each phase as if in a new process."""
    done = 0
    for _ in range(rounds):
        with store.reading() as session:
            waiting = [
                (batch.id, batch.phase)
                for batch in session.scalars(select(Batch).where(Batch.ended_at.is_(None)))
            ]
        if not waiting:
            return done
        for batch_id, phase in waiting:
            if apart:
                RUN[phase](batch_id, now=now)
            else:
                batches.through(partial(_phase, batch_id, now), phase)
            done += 1
    raise AssertionError("batches go round in circles")


def begin_lift(reference: str, reason: str = "comprobado", now: datetime = NOW) -> None:
    """Olga lifts a restriction; the notice leaves, and what goes back is planned."""
    review.lift(reference, reason, by=OLGA, now=now)
    outbox.flush(now=now)
    work(now)


def _phase(batch_id: str, now: datetime, phase: str, **known):
    return RUN[phase](batch_id, now=now, **known)


def mails(folder: Path) -> list[email.message.EmailMessage]:
    """What the outbox of the demo transport holds, oldest first."""
    # Their names hold the moment to the microsecond, their headers to the second.
    found = [
        email.message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((folder / "outbox").glob("*.eml"))
    ]
    whole = [
        message for message in found if message["Date"] is not None
    ]  # a killed process leaves half a file
    return sorted(whole, key=lambda message: message["Date"].datetime)


def post(folder: Path, now: datetime = NOW) -> list[email.message.EmailMessage]:
    """Send what waits, and give back all mails."""
    outbox.flush(now=now)
    return mails(folder)


def text_of(message: email.message.EmailMessage) -> str:
    """The plain part of a mail."""
    return message.get_body(preferencelist=("plain",)).get_content()


def code_in(message: email.message.EmailMessage) -> str:
    """The eight-digit code of a mail."""
    return re.search(r"^\s*(\d{4} \d{4})\s*$", text_of(message), re.M)[1]
