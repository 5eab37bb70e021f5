"""A fake listmonk: subscribers with lists, views and clicks by campaign, bounces."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, ClassVar

from dsr.testing import Disturbance, Person

from .server import Asked, Fake, Reply, Row, route

WHEN = "2026-01-02T10:00:00Z"
WANTED = re.compile(r"LOWER\(subscribers\.email\) = LOWER\('((?:[^']|'')*)'\)")
NEWS = {
    "id": 3,
    "uuid": "c1",
    "name": "News",
    "type": "public",
    "tags": [],
    "subscription_status": "confirmed",
}


PERMISSIONS = (
    "lists:get_all", "lists:manage_all", "subscribers:get_all", "subscribers:manage", "subscribers:sql_query",
    "bounces:get",
)  # fmt: skip
"""What a role made for this gives (listmonk.app/docs/roles-and-permissions)."""


class Listmonk(Fake):
    """One installation. ``permissions`` of the user's ``role``; 1 is the super admin's, that may do everything."""

    kind = "listmonk"
    base = "/api"
    secrets: ClassVar[Mapping[str, str]] = {"token": "lm-token"}
    permissions: ClassVar[tuple[str, ...]] = PERMISSIONS
    role = 4
    writes = frozenset({"PUT subscribers/{id}", "PUT subscribers/{id}/blocklist", "DELETE subscribers/{id}"})

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "user": "dsr"}

    def signed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == "Basic " + b64encode(b"dsr:lm-token").decode()

    def budget(self) -> Reply:
        """It has none of its own; a proxy in front of it may."""
        return Reply(429, {"message": "slow down"}, {"Retry-After": "7200"})

    def refusal(self) -> Reply:
        """It never says no inside a 2xx."""
        return Reply(409, {"message": "not changed"})

    # The kit's side.

    def seed(self, person: Person) -> None:
        id = int(self.new("subscribers", {
            "uuid": f"u-{self._number}", "email": person.email, "name": person.name, "status": "enabled",
            "attribs": {"city": "Lima"}, "lists": [dict(NEWS)], "created_at": WHEN, "updated_at": WHEN,
        }))  # fmt: skip
        for campaign in ("Spring", "Summer"):
            self.new("views", {"subscriber_id": id, "campaign": campaign, "views": 2})
        self.new("clicks", {"subscriber_id": id, "url": "https://acme.example/offer", "clicks": 1})
        self.bounce(id)

    def bounce(self, id: int) -> None:
        """One mail that came back."""
        self.new(
            "bounces", {"subscriber_id": id, "type": "soft", "source": "api", "meta": {}, "created_at": WHEN}
        )

    def id_of(self, person: Person) -> list[int]:
        """Her subscribers."""
        rows = self.table("subscribers").items()
        return [int(id) for id, row in rows if row["email"].lower() == person.email.lower()]

    def raw(self, person: Person) -> dict[str, int]:
        ids = self.id_of(person)

        def count(name: str) -> int:
            return sum(row["subscriber_id"] in ids for row in self.table(name).values())

        names = {"campaign_views": "views", "link_clicks": "clicks", "bounces": "bounces"}
        return {"subscribers": len(ids), **{name: count(table) for name, table in names.items()}}

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        hers = self.id_of(person)[0]
        bounces = [id for id, row in self.table("bounces").items() if row["subscriber_id"] == hers]
        if kind is Disturbance.ADD:
            self.bounce(hers)
        elif kind is Disturbance.MOVE:
            self.table("bounces")[bounces[0]]["subscriber_id"] = self.id_of(eva)[0]
        elif kind is Disturbance.REMOVE:
            del self.table("bounces")[bounces[0]]
        elif kind is Disturbance.HAND_OVER:
            self.table("subscribers")[str(hers)]["email"] = eva.email

    def grow(self, person: Person, count: int) -> None:
        for _ in range(count):
            self.bounce(self.id_of(person)[0])

    def duplicate(self, person: Person) -> None:
        row = self.table("subscribers")[str(self.id_of(person)[0])]
        self.new("subscribers", {**row, "email": person.email.upper()})

    # The API.

    @route("GET", "profile")
    def profile(self, asked: Asked) -> Reply:
        role = {"id": self.role, "name": "dsr", "permissions": list(self.permissions)}
        about = {"id": 9, "username": "dsr", "type": "api", "status": "enabled", "user_role": role}
        return Reply(200, {"data": {**about, "list_role": None}})

    @route("GET", "lists")
    def lists(self, asked: Asked) -> Reply:
        return Reply(
            200, {"data": {"results": [{"id": 3, "name": "News"}], "total": 1, "page": 1, "per_page": 1}}
        )

    @route("GET", "subscribers")
    def search(self, asked: Asked) -> Reply:
        found = WANTED.fullmatch(asked.query["query"])
        if found is None:
            return Reply(500, {"message": "error in the query"})
        email = found[1].replace("''", "'").lower()
        rows = self.hits("subscribers", lambda row: row["email"].lower() == email)
        page, size = int(asked.query.get("page", 1)), int(asked.query.get("per_page", 20))
        some, _ = self.page([{"id": int(id), **row} for id, row in rows], (page - 1) * size, size)
        said = {
            "results": some,
            "total": len(rows),
            "page": page,
            "per_page": size,
            "query": asked.query["query"],
        }
        return Reply(200, {"data": said})

    def _one(self, asked: Asked) -> Row | None:
        return self.table("subscribers").get(asked.parts["id"])

    @route("GET", "subscribers/{id}")
    def subscriber(self, asked: Asked) -> Reply:
        row = self._one(asked)
        return Reply(200, {"data": {"id": int(asked.parts["id"]), **row}}) if row else missing()

    @route("PUT", "subscribers/{id}")
    def update(self, asked: Asked) -> Reply:
        row = self._one(asked)
        if row is None:
            return missing()
        kept = [one for one in row["lists"] if one["id"] in asked.body.get("lists", [])]
        self.change(row, {**asked.body, "lists": kept})
        return Reply(200, {"data": {"id": int(asked.parts["id"]), **row}})

    @route("PUT", "subscribers/{id}/blocklist")
    def blocklist(self, asked: Asked) -> Reply:
        row = self._one(asked)
        if row is None:
            return missing()
        lists = [{**one, "subscription_status": "unsubscribed"} for one in row["lists"]]
        self.change(row, {"status": "blocklisted", "lists": lists})
        return Reply(200, {"data": True})

    @route("DELETE", "subscribers/{id}")
    def delete(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        if not self.remove("subscribers", id):
            return missing()
        if id not in self.table("subscribers"):
            for name in ("views", "clicks", "bounces"):
                rows = self.table(name)
                for key in [key for key, row in rows.items() if row["subscriber_id"] == int(id)]:
                    self.removed.setdefault(name, {})[key] = rows.pop(key)
        return Reply(200, {"data": True})

    @route("GET", "subscribers/{id}/export")
    def export(self, asked: Asked) -> Reply:
        row = self._one(asked)
        if row is None:
            return missing()
        id = int(asked.parts["id"])
        profile = {name: value for name, value in row.items() if name != "lists"}

        def counted(name: str) -> list[Row]:
            hers = [one for one in self.table(name).values() if one["subscriber_id"] == id]
            return [{k: v for k, v in one.items() if k != "subscriber_id"} for one in hers]

        return Reply(200, {
            "email": row["email"], "profile": [{"id": id, **profile}], "subscriptions": [],
            "campaign_views": counted("views"), "link_clicks": counted("clicks"),
        })  # fmt: skip

    @route("GET", "subscribers/{id}/bounces")
    def bounces(self, asked: Asked) -> Reply:
        if self._one(asked) is None:
            return missing()
        rows = self.hits("bounces", lambda row: row["subscriber_id"] == int(asked.parts["id"]))
        return Reply(200, {"data": [{"id": int(id), **row} for id, row in rows]})


def missing() -> Reply:
    """There is no such subscriber."""
    return Reply(400, {"message": "Subscriber not found"})
