"""A real Mailman server as the tests see it: prepared through REST, looked at in its database."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from connectors.mailman import Mailman as Connector
from dsr.contract import Action, Context, Identifier, Intent, Match, Outcome, Record, Residual, Step, Subject
from dsr.testing import NOW, MemoryKeeper
from servers import process
from servers.mailman import VENV, Mailman

ANA, SECOND, EVA = "ana@correo.example", "ana.dos@correo.example", "eva@correo.example"
DOMAIN = "listas.example"
NEWS, OFFERS, EXTRA = f"news.{DOMAIN}", f"offers.{DOMAIN}", f"extra.{DOMAIN}"
EVERYTHING = ("user", "address", "member", "preferences", "ban", "pended", "pendedkeyvalue", "_request")


HOLD = """\
from email import message_from_string
from mailman.app.moderator import hold_message
from mailman.config import config
from mailman.email.message import Message

TEXT = "From: {sender}\\nTo: news@listas.example\\nSubject: Hola\\nMessage-ID: <one@correo.example>\\n\\nUn secreto.\\n"


def hold(mlist):
    message = message_from_string(TEXT, Message)
    hold_message(mlist, message, reason="Post by a stranger")
    config.db.commit()
"""
_EMPTY: dict[str, sqlite3.Connection] = {}


class Desk:
    """What an administrator does, and what a look into the database shows."""

    def __init__(self, server: Mailman) -> None:
        self.server = server
        self.http = httpx.Client(
            base_url=f"{server.url}/",
            auth=(server.user, server.password),
            timeout=30,
            trust_env=False,
            verify=False,
        )

    def settings(self, **more: object) -> dict[str, object]:
        """Settings of the connector for this server."""
        return {"url": self.server.url, "user": self.server.user, "allow_private": ["127.0.0.1"], **more}

    def call(self, method: str, path: str, **form: Any) -> Any:
        """One call that must go well; the JSON of its answer."""
        answer = self.http.request(method, path, data=form)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def entries(self, path: str) -> list[dict[str, Any]]:
        """The entries of a listing."""
        found: list[dict[str, Any]] = self.call("GET", path).get("entries", [])
        return found

    def empty(self) -> None:
        """Nobody and nothing but three empty lists; the second time out of a copy of the database."""
        copy = _EMPTY.get(self.server.url)
        if copy is not None:
            with closing(sqlite3.connect(self.server.database, timeout=10)) as database:
                copy.backup(database)
            return
        self._clear()
        _EMPTY[self.server.url] = copy = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self.server.database)) as database:
            database.backup(copy)

    def people(self) -> Desk:
        """Empty but for Ana and Eva, each in two lists."""
        self.empty()
        for email, name in ((ANA, "Ana"), (EVA, "Eva")):
            for list_id in (NEWS, OFFERS):
                self.subscribe(email, list_id, name)
        return self

    def _clear(self) -> None:
        for path in ("lists", "users", "addresses", "domains", "bans"):
            for one in self.entries(path):
                self.call("DELETE", one["self_link"])
        self.call("POST", "domains", mail_host=DOMAIN)
        for name in (NEWS, OFFERS, EXTRA):
            self.call("POST", "lists", fqdn_listname=name.replace(".", "@", 1))
        self.write("DELETE FROM preferences", "DELETE FROM pended", "DELETE FROM pendedkeyvalue")

    def subscribe(self, email: str, list_id: str, name: str = "", **more: Any) -> str:
        """Subscribe an address without questions and mails; the id of the membership."""
        form = {"list_id": list_id, "subscriber": email, "display_name": name, "pre_verified": True}
        form |= {"pre_confirmed": True, "pre_approved": True, "send_welcome_message": False, **more}
        answer = self.http.post("members", data=form)
        answer.raise_for_status()
        return answer.headers["location"].rpartition("/")[2]

    def link(self, email: str, other: str, *, confirmed: bool) -> None:
        """Add a second address to the account of ``email``."""
        self.call("POST", f"users/{email}/addresses", email=other)
        if confirmed:
            self.call("POST", f"addresses/{other}/verify")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds in the database."""
        with closing(sqlite3.connect(f"file:{self.server.database}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def write(self, *statements: str, values: Sequence[object] = ()) -> None:
        """Change the database behind Mailman's back."""
        with closing(sqlite3.connect(self.server.database, timeout=10)) as database, database:
            for statement in statements:
                database.execute(statement, values)

    def count(self, query: str, *values: object) -> int:
        """The one number a query finds."""
        return int(self.rows(query, *values)[0][0])

    def hers(self, email: str) -> dict[str, int]:
        """Rows that belong to an address."""
        name = email.lower()
        account = "SELECT user_id FROM address WHERE email = ? AND user_id IS NOT NULL"
        member = "SELECT count(*) FROM member m JOIN address a ON a.id = m.address_id WHERE a.email = ?"
        return {
            "users": self.count(f"SELECT count(*) FROM user WHERE id IN ({account})", name),
            "addresses": self.count("SELECT count(*) FROM address WHERE email = ?", name),
            "memberships": self.count(member, name),
        }

    def content(self) -> str:
        """Everything about people."""
        return "\n".join(
            sorted(f"{name} {row}" for name in EVERYTHING for row in self.rows(f"SELECT * FROM {name}"))
        )

    def hold(self, sender: str, list_id: str, folder: Path) -> None:
        """A message of ``sender`` waits for the moderators of a list, as if it had come by mail."""
        (folder / "holding.py").write_text(HOLD.format(sender=sender))
        home = self.server.database.parents[2]
        root = ["--run-as-root"] if process.running_as_root() else []
        tool = [str(VENV / "bin" / "mailman"), *root, "-C", str(home / "mailman.cfg"), "withlist", "-r"]
        subprocess.run(
            [*tool, "holding.hold", "-l", list_id.replace(".", "@", 1)],
            check=True,
            capture_output=True,
            cwd=home,
            env={**os.environ, "PYTHONPATH": f"{home}:{folder}"},
        )

    def sent(self) -> int:
        """Messages on the road."""
        return sum(1 for one in self.server.queues.rglob("*.pck"))


class Front:
    """A gate before Mailman that passes calls on and can be told to fail in the middle.

    ``after`` changing calls it answers the next one with ``status``, or with nothing at all when that is 0;
    ``lost`` True: the call reaches Mailman and only its answer is lost.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk, self.changes = desk, 0
        self.after, self.status, self.lost = 10**9, 0, False
        self.headers: dict[str, str] = {}
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                gate.pass_on(self)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any

            def log_message(self, format: str, *values: object) -> None:
                """Addresses stand in the lines."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/3.1"

    def pass_on(self, asked: BaseHTTPRequestHandler) -> None:
        """Forward one call, or fail as told."""
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        changing = asked.command != "GET" and not asked.path.endswith("/find")
        failing = changing and self.changes >= self.after
        self.changes += changing
        if failing and not self.lost and not self.status:
            asked.connection.close()
            return
        kept = {n: asked.headers[n] for n in ("Authorization", "Content-Type") if n in asked.headers}
        status, headers, content = self.status, self.headers, b""
        if not failing or self.lost:
            base = self.desk.server.url.removesuffix("/3.1")
            answer = self.desk.http.request(asked.command, base + asked.path, content=body, headers=kept)
            status, content = answer.status_code, answer.content
            headers = {n: answer.headers[n] for n in ("Content-Type",) if n in answer.headers}
        if failing and self.lost:
            asked.connection.close()
            return
        asked.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            asked.send_header(name, value)
        asked.end_headers()
        asked.wfile.write(content)

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()


class Case:
    """Ana's road through the connector, each call with a connector of its own."""

    def __init__(self, desk: Desk, **settings: object) -> None:
        self.settings, self.desk = desk.settings(**settings), desk
        self.keeper = MemoryKeeper()

    def context(self) -> Context:
        return Context("lists", "acme", self.settings, lambda name: self.desk.server.password, NOW)

    def open(self) -> Any:
        connector = Connector()
        connector.open(self.context())
        return closing(connector)

    def locate(self, *emails: str) -> tuple[Record, ...]:
        with self.open() as connector:
            found = connector.locate([subject(*emails)])
        return tuple(found.records)

    def plan(self, action: Action, *emails: str, **more: Any) -> Step:
        records = more.pop("records", None)
        if records is None:
            records = tuple(one for one in self.locate(*emails) if one.match is Match.EXACT)
        intent = Intent(f"C-1:lists:{action}:1", subject(*emails), action, records, **more)
        with self.open() as connector:
            return next(iter(connector.plan([intent])))

    def act(self, step: Step) -> Outcome:
        with self.open() as connector:
            return next(iter(connector.act([step], self.keeper)))

    def verify(self, step: Step, outcome: Outcome) -> tuple[Residual, ...]:
        with self.open() as connector:
            return tuple(connector.verify([(step, outcome)]))

    def do(self, action: Action, *emails: str, **more: Any) -> Outcome:
        """Plan, act, and nothing is left."""
        step = self.plan(action, *emails, **more)
        assert step.conflicts == ()
        outcome = self.act(step)
        assert self.verify(step, outcome) == ()
        return outcome


def subject(*emails: str) -> Subject:
    return Subject("ana", tuple(Identifier("email", one) for one in emails))


class crashing(ExitStack):  # noqa: N801 - read like a function
    """The server is lost after so many changing calls."""

    def __init__(self, case: Case, after: int, **how: Any) -> None:
        super().__init__()
        self.case, self.after, self.how = case, after, how

    def __enter__(self) -> crashing:
        front = self.enter_context(closing(Front(self.case.desk)))
        front.after = self.after
        for name, value in self.how.items():
            setattr(front, name, value)
        self.callback(self.case.settings.update, url=self.case.settings["url"])
        self.case.settings["url"] = front.url
        return self
