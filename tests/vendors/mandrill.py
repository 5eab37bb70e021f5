"""A fake Mailchimp Transactional: messages with their content, the denylist, the allowlist."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from dsr.testing import NOW, Disturbance, Person

from .server import Asked, Fake, Reply, route

DAY = "2026-05-02 10:00:00"
NEVER = "2100-01-01 00:00:00"
PHRASE = r'"(?:[^"\\]|\\.)*"'
QUERY = re.compile(rf"full_email:\(({PHRASE}(?: OR {PHRASE})*)\)")
LATELY = timedelta(days=7)
"""How far a search without a date goes back."""


class Mandrill(Fake):
    """One account. A query of any other shape than phrases in ``full_email`` is not understood: what a value means
    in Lucene outside of quotes is for no test to guess."""

    kind = "mandrill"
    base = "/api/1.0"
    secrets: ClassVar[Mapping[str, str]] = {"api_key": "md-key"}
    writes = frozenset({"POST rejects/add", "POST allowlists/delete"})

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "advertising": "yes"}

    def signed(self, asked: Asked) -> bool:
        return isinstance(asked.body, dict) and asked.body.get("key") == "md-key"

    def stranger(self) -> Reply:
        """In version 1.0 every error has status 500."""
        return error("Invalid_Key", 401)

    def budget(self) -> Reply:
        return Reply(429, error("RequestLimitExceeded", 429).data, {"Retry-After": "7200"})

    def refusal(self) -> Reply:
        """It never says no inside a 2xx."""
        return error("ValidationError", 422)

    # The kit's side.

    def seed(self, person: Person) -> None:
        self.mail(person)
        self.deny(person.email, "soft-bounce", expired=True)
        self.table("allowlist")[person.email] = {"detail": "asked for it", "created_at": DAY}

    def mail(self, person: Person, days: int = 10, state: str = "sent") -> str:
        """One mail that was sent to her so many days ago, with its content."""
        ts = int((NOW - timedelta(days=days)).timestamp())
        id = f"md{self._number + 1}"
        seen = {"ts": ts + 60, "ip": "192.0.2.7", "location": "Vigo, ES", "ua": "Mobile/iPhone"}
        self.table("content")[id] = {
            "ts": ts, "tags": ["order"], "from_email": "shop@acme.example", "from_name": "Shop",
            "subject": "Your order", "to": {"email": person.email, "name": person.name},
            "headers": {"Reply-To": "shop@acme.example"}, "text": "Thank you", "html": "<p>Thank you</p>",
            "attachments": [{"name": "invoice.pdf", "type": "application/pdf", "content": "JVBERi0="}],
        }  # fmt: skip
        return self.new("messages", {
            "ts": ts, "tags": ["order"], "sender": "shop@acme.example", "template": "order", "subject": "Your order",
            "email": person.email, "opens": 1, "clicks": 1, "opens_detail": [seen],
            "clicks_detail": [{**seen, "url": "https://acme.example/o/1"}], "state": state, "metadata": {"order": "7"},
            "smtp_events": [], "diag": None, "subaccount": None, "resends": [], "reject": {},
        }, id)  # fmt: skip

    def deny(self, email: str, reason: str, *, expired: bool = False, subaccount: str | None = None) -> None:
        """One entry of the denylist; those made by hand never expire."""
        self.new("denylist", {
            "email": email, "reason": reason, "detail": "", "created_at": DAY, "last_event_at": DAY,
            "expires_at": DAY if expired else NEVER, "expired": expired, "sender": None, "subaccount": subaccount,
        })  # fmt: skip

    def id_of(self, person: Person) -> list[str]:
        """Her messages."""
        return [
            id for id, row in self.table("messages").items() if row["email"].lower() == person.email.lower()
        ]

    def raw(self, person: Person) -> dict[str, int]:
        ids, address = self.id_of(person), person.email.lower()
        denied = any(row["email"].lower() == address for row in self.table("denylist").values())
        return {
            "messages": len(ids),
            "content": sum(id in self.table("content") for id in ids),
            "denylist": int(denied),
            "allowlist": sum(one.lower() == address for one in self.table("allowlist")),
        }

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        if kind is Disturbance.REMOVE:
            self.table("allowlist").pop(person.email)

    # The API.

    @route("POST", "users/ping2")
    def ping(self, asked: Asked) -> Reply:
        return Reply(200, {"PING": "PONG!"})

    @route("POST", "messages/search")
    def search(self, asked: Asked) -> Reply:
        told = QUERY.fullmatch(asked.body["query"])
        if told is None:
            return error("ValidationError", 422)
        wanted = {one.lower() for one in json.loads(f"[{told.group(1).replace(' OR ', ',')}]")}
        first = asked.body.get("date_from")
        since = datetime.fromisoformat(first).replace(tzinfo=UTC) if first else NOW - LATELY
        rows = self.hits("messages", lambda row: row["email"].lower() in wanted)
        found = [{"_id": id, **row} for id, row in rows if row["ts"] >= since.timestamp()]
        return Reply(200, found[: asked.body.get("limit", 100)])

    def _one(self, asked: Asked, name: str) -> Reply:
        row = self.table(name).get(asked.body["id"])
        return Reply(200, {"_id": asked.body["id"], **row}) if row else error("Unknown_Message", 404)

    @route("POST", "messages/info")
    def info(self, asked: Asked) -> Reply:
        return self._one(asked, "messages")

    @route("POST", "messages/content")
    def content_of(self, asked: Asked) -> Reply:
        return self._one(asked, "content")

    @route("POST", "rejects/list")
    def denied(self, asked: Asked) -> Reply:
        """Without what has expired, unless it is asked for."""
        every = asked.body.get("include_expired", False)
        wanted = asked.body["email"].lower()
        rows = self.hits("denylist", lambda row: row["email"].lower() == wanted)
        return Reply(200, [row for _, row in rows if every or not row["expired"]])

    @route("POST", "rejects/add")
    def add(self, asked: Asked) -> Reply:
        """Without effect for an address that is on the allowlist."""
        email = asked.body["email"]
        able = all(one.lower() != email.lower() for one in self.table("allowlist"))
        if able and not self.quirks & {"ignored", "refused"}:
            self.deny(email, "custom")
        return Reply(200, {"email": email, "added": able})

    @route("POST", "allowlists/list")
    def allowed(self, asked: Asked) -> Reply:
        """By the beginning of an address."""
        wanted = asked.body["email"].lower()
        strangers = "strangers" in self.quirks
        rows = self.table("allowlist").items()
        return Reply(
            200, [{"email": e, **row} for e, row in rows if strangers or e.lower().startswith(wanted)]
        )

    @route("POST", "allowlists/delete")
    def disallow(self, asked: Asked) -> Reply:
        email = asked.body["email"]
        if "ignored" in self.quirks:
            return Reply(200, {"email": email, "deleted": True})
        return Reply(200, {"email": email, "deleted": self.remove("allowlist", email)})


def error(name: str, code: int) -> Reply:
    """An error as version 1.0 gives it: what it means stands in the body alone."""
    return Reply(500, {"status": "error", "code": code, "name": name, "message": "not done"})
