"""A real Mailman server as the tests see it: prepared through REST, looked at in its database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import httpx

from servers.mailman import Mailman

DOMAIN = "listas.example"
NEWS, OFFERS, EXTRA = f"news.{DOMAIN}", f"offers.{DOMAIN}", f"extra.{DOMAIN}"
EVERYTHING = ("user", "address", "member", "preferences", "ban", "pended", "pendedkeyvalue", "_request")


class Desk:
    """What an administrator does, and what a look into the database shows."""

    def __init__(self, server: Mailman) -> None:
        self.server = server
        self.http = httpx.Client(
            base_url=server.url + "/", auth=(server.user, server.password), timeout=30, trust_env=False
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
        """Nobody and nothing but three empty lists."""
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
        return "\n".join(sorted(f"{name} {row}" for name in EVERYTHING for row in self.rows(f"SELECT * FROM {name}")))

    def sent(self) -> int:
        """Messages on the road."""
        return sum(1 for one in self.server.queues.rglob("*.pck"))
