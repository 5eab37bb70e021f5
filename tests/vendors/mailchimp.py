"""A fake Mailchimp audience: members with an activity feed, notes and events."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, ClassVar

from dsr.testing import Disturbance, Person

from .server import Asked, Fake, Reply, Row, route

WHEN = "2026-01-02T10:00:{:02}+00:00"
MARK = "LIMITED"
LIST = "a1b2c3"


def hashed(email: str) -> str:
    """The id of a member."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


class Mailchimp(Fake):
    """One audience."""

    kind = "mailchimp"
    base = "/3.0"
    secrets: ClassVar[Mapping[str, str]] = {"api_key": "mc-key-us21"}
    writes = frozenset(
        {
            "PATCH lists/{list}/members/{id}",
            "DELETE lists/{list}/members/{id}",
            "POST lists/{list}/members/{id}/actions/delete-permanent",
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.role = "manager"
        """Of the user whose key it is."""

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "datacenter": "us21", "audience": LIST, "restriction_field": MARK}

    def signed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == "Basic " + b64encode(b"dsr:mc-key-us21").decode()

    def budget(self) -> Reply:
        return Reply(429, problem(429, "too many requests"), {"Retry-After": "7200"})

    def refusal(self) -> Reply:
        """It never says no inside a 2xx."""
        return Reply(400, problem(400, "not changed"))

    # The kit's side.

    def seed(self, person: Person) -> None:
        first, _, last = person.name.partition(" ")
        id = self.new("members", {
            "email_address": person.email, "status": "subscribed", "full_name": person.name, "ip_opt": "192.0.2.7",
            "merge_fields": {"FNAME": first, "LNAME": last, MARK: ""}, "tags": [], "list_id": LIST, "language": "es",
            "timestamp_opt": WHEN.format(0), "last_changed": WHEN.format(0),
        }, hashed(person.email))  # fmt: skip
        self.open(id, 1)
        self.open(id, 2)
        self.note(id)
        self.new(
            "events",
            {"email_id": id, "name": "bought", "occurred_at": WHEN.format(3), "properties": {"a": "b"}},
        )

    def open(self, id: str, second: int) -> None:
        """One open of a mail."""
        self.new("feed", {
            "email_id": id, "activity_type": "open", "created_at_timestamp": WHEN.format(second % 60),
            "campaign_id": f"c{second}", "campaign_title": "Spring",
        })  # fmt: skip

    def note(self, id: str) -> None:
        """One note of a colleague."""
        self.new("notes", {
            "email_id": id, "list_id": LIST, "note": "called", "created_at": WHEN.format(0), "created_by": "Olga",
        })  # fmt: skip

    def id_of(self, person: Person) -> list[str]:
        """Her members."""
        rows = self.table("members").items()
        return [id for id, row in rows if row["email_address"].lower() == person.email.lower()]

    def raw(self, person: Person) -> dict[str, int]:
        ids = self.id_of(person)
        tables = {"activity": "feed", "notes": "notes", "events": "events"}
        return {
            "members": len(ids),
            **{
                name: sum(row["email_id"] in ids for row in self.table(table).values())
                for name, table in tables.items()
            },
        }

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        hers = self.id_of(person)[0]
        notes = [id for id, row in self.table("notes").items() if row["email_id"] == hers]
        if kind is Disturbance.ADD:
            self.note(hers)
        elif kind is Disturbance.MOVE:
            self.table("notes")[notes[0]]["email_id"] = self.id_of(eva)[0]
        elif kind is Disturbance.REMOVE:
            del self.table("notes")[notes[0]]
        elif kind is Disturbance.HAND_OVER:
            self.table("members")[hers]["email_address"] = eva.email

    def grow(self, person: Person, count: int) -> None:
        for _ in range(count):
            self.note(self.id_of(person)[0])

    # The API.

    @route("GET", "")
    def root(self, asked: Asked) -> Reply:
        return Reply(200, {"role": self.role})

    @route("GET", "lists/{list}")
    def audience(self, asked: Asked) -> Reply:
        return Reply(200, {"id": LIST, "name": "News", "stats": {"member_count": len(self.table("members"))}})

    def _shown(self, id: str) -> Row | None:
        row = self.table("members").get(id)
        if row is None and "stale_search" in self.quirks:
            row = self.removed.get("members", {}).get(id)
        return {"id": id, **row} if row else None

    @route("GET", "lists/{list}/members/{id}")
    def member(self, asked: Asked) -> Reply:
        found = self._shown(asked.parts["id"]) if "fields" in asked.query else self._stored(asked.parts["id"])
        if found is None:
            return Reply(404, problem(404, "The requested resource could not be found."))
        wanted = asked.query.get("fields", "").split(",")
        return Reply(200, {k: v for k, v in found.items() if k in wanted} if wanted != [""] else found)

    def _stored(self, id: str) -> Row | None:
        row = self.table("members").get(id)
        return {"id": id, **row} if row else None

    @route("PATCH", "lists/{list}/members/{id}")
    def update(self, asked: Asked) -> Reply:
        row = self.table("members").get(asked.parts["id"])
        if row is None:
            return Reply(404, problem(404, "not found"))
        values = dict(asked.body)
        if "merge_fields" in values:
            fields = values["merge_fields"] = {**row["merge_fields"], **values["merge_fields"]}
            values["full_name"] = f"{fields['FNAME']} {fields['LNAME']}".strip()
        self.change(row, values)
        return Reply(200, {"id": asked.parts["id"], **row})

    @route("DELETE", "lists/{list}/members/{id}")
    def archive(self, asked: Asked) -> Reply:
        """Archives only: the member and everything of it stays."""
        row = self.table("members").get(asked.parts["id"])
        if row is None:
            return Reply(404, problem(404, "not found"))
        self.change(row, {"status": "archived"})
        return Reply(204)

    @route("POST", "lists/{list}/members/{id}/actions/delete-permanent")
    def erase(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        if not self.remove("members", id):
            return Reply(404, problem(404, "not found"))
        if id not in self.table("members"):
            for name in ("feed", "notes", "events"):
                rows = self.table(name)
                for key in [key for key, row in rows.items() if row["email_id"] == id]:
                    self.removed.setdefault(name, {})[key] = rows.pop(key)
        return Reply(204)

    def _listed(self, asked: Asked, name: str) -> list[Row] | None:
        id = asked.parts["id"]
        if id not in self.table("members"):
            return None
        rows = self.hits(name, lambda row: row["email_id"] == id)
        if name == "notes":
            return [{"id": int(key), **row} for key, row in rows]
        return [{k: v for k, v in row.items() if k != "email_id"} for _, row in rows if row["email_id"] == id]

    def _part(self, asked: Asked, name: str, shown: str) -> Reply:
        rows = self._listed(asked, name)
        if rows is None:
            return Reply(404, problem(404, "not found"))
        some, _ = self.page(rows, int(asked.query.get("offset", 0)), int(asked.query.get("count", 10)))
        if "shift" in self.quirks and name == "notes" and some:
            self.quirks.discard("shift")
            self.table("notes").pop(str(some[0]["id"]))
        return Reply(200, {shown: some, "list_id": LIST, "email_id": asked.parts["id"]})

    @route("GET", "lists/{list}/members/{id}/activity-feed")
    def feed(self, asked: Asked) -> Reply:
        return self._part(asked, "feed", "activity")

    @route("GET", "lists/{list}/members/{id}/notes")
    def notes(self, asked: Asked) -> Reply:
        return self._part(asked, "notes", "notes")

    @route("GET", "lists/{list}/members/{id}/events")
    def events(self, asked: Asked) -> Reply:
        reply = self._part(asked, "events", "events")
        if reply.status == 200:
            return Reply(200, {"events": reply.data["events"], "total_items": len(reply.data["events"])})
        return reply


def problem(status: int, detail: str) -> Row:
    """An error as Mailchimp writes it."""
    return {"type": "about:blank", "title": "Error", "status": status, "detail": detail, "instance": "1"}
