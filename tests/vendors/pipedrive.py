"""A fake Pipedrive: persons with activities, notes, leads, deals, files, mails and a changelog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dsr.testing import Disturbance, Person

from .server import Asked, Fake, Reply, Row, numbered, route

CHILDREN = ("activities", "notes", "leads", "deals", "files")
WHEN = "2020-01-02T10:00:00Z"
LIVE = {"activities": {"is_deleted": False}, "notes": {"active_flag": True}, "files": {"active_flag": True}}
MARK = "abcdef0123456789abcdef0123456789abcdef01"


def same(stored: str, term: str) -> bool:
    """Pipedrive compares without case."""
    return stored.casefold() == term.casefold()


class Pipedrive(Fake):
    """``campaigns`` False: an account without Campaigns has no ``marketing_status``."""

    kind = "pipedrive"
    secrets: ClassVar[Mapping[str, str]] = {"api_token": "pd-token"}
    writes = frozenset(
        f"{method} {path}"
        for method, path in (
            ("PATCH", "api/v2/persons/{id}"), ("PATCH", "api/v2/deals/{id}"),
            ("DELETE", "api/v2/persons/{id}"), ("DELETE", "api/v2/deals/{id}"),
            ("DELETE", "v1/leads/{id}"), ("DELETE", "api/v2/activities/{id}"), ("DELETE", "v1/notes/{id}"),
            ("DELETE", "v1/files/{id}"),
        )
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.campaigns = True
        self.fixed_status: set[str] = set()
        """Persons whose marketing status was changed once already."""
        self.page_size = 100

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "restriction_field": MARK}

    def signed(self, asked: Asked) -> bool:
        return asked.headers.get("x-api-token") == self.secrets["api_token"]

    def throttle(self) -> Reply:
        return Reply(403, raw=b"<html>error 1015</html>", headers={"Content-Type": "text/html"})

    def budget(self) -> Reply:
        said = {"x-daily-ratelimit-token-remaining": "0", "x-ratelimit-reset": "2"}
        return Reply(429, {"success": False, "error": "request over limit", "errorCode": 429}, said)

    def refusal(self) -> Reply:
        return Reply(200, {"success": False, "error": "not allowed"})

    # The kit's side.

    def seed(self, person: Person) -> None:
        id = int(self.new("persons", {
            "name": person.name, "owner_id": 7, "is_deleted": False, "add_time": WHEN, "update_time": WHEN,
            "emails": [{"value": person.email, "primary": True, "label": "work"}],
            "phones": [{"value": person.phone, "primary": True, "label": "mobile"}],
            "marketing_status": "subscribed", "custom_fields": {MARK: None},
        }))  # fmt: skip
        for name in ("activities", "notes"):
            for number in (1, 2):
                self.add(name, id, f"{name} {number}")
        self.add("leads", id, "lead")
        self.add("leads", id, "old lead", is_archived=True)
        self.add("deals", id, "deal", is_archived=False)
        self.add("deals", id, "old deal", is_archived=True)
        self.add("files", id, "offer.pdf")
        self.new("mails", mail(person, id, self._number))
        self.new("changes", {
            "person_id": id, "field_key": "name", "old_value": "old", "new_value": "new", "actor_user_id": 7,
            "time": WHEN,
        })  # fmt: skip

    def add(self, name: str, person: int, text: str, **more: Any) -> str:
        """One row that hangs on a person."""
        about = {"notes": "content", "leads": "title", "deals": "title", "files": "name"}.get(name, "subject")
        row = {"person_id": person, about: text, "add_time": WHEN, **LIVE.get(name, {}), **more}
        if name == "activities":
            row["participants"] = [{"person_id": person, "primary": True}]
        if name == "deals":
            closed = WHEN if more["is_archived"] else "2026-03-01T10:00:00Z"
            row |= {"is_deleted": False, "close_time": closed, "status": "won", "value": 10}
        if name == "leads":
            row.setdefault("is_archived", False)
            return self.new(name, row, f"00000000-0000-4000-8000-{self._number + 1:012}")
        return self.new(name, row)

    def id_of(self, person: Person) -> list[int]:
        """Her persons."""
        rows = self.table("persons").items()
        return [int(id) for id, row in rows if any(same(one["value"], person.email) for one in row["emails"])]

    def raw(self, person: Person) -> dict[str, int]:
        ids = self.id_of(person)
        found = {"persons": len(ids)}
        for name in CHILDREN:
            found[name] = sum(row["person_id"] in ids for row in self.table(name).values())
        found["mail_messages"] = sum(linked(row) in ids for row in self.table("mails").values())
        found["changelog"] = sum(row["person_id"] in ids for row in self.table("changes").values())
        return found

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        hers, evas = self.id_of(person)[0], self.id_of(eva)[0]
        notes = [id for id, row in self.table("notes").items() if row["person_id"] == hers]
        if kind is Disturbance.ADD:
            self.add("notes", hers, "one more")
        elif kind is Disturbance.MOVE:
            self.table("notes")[notes[0]]["person_id"] = evas
        elif kind is Disturbance.REMOVE:
            del self.table("notes")[notes[0]]
        elif kind is Disturbance.HAND_OVER:
            self.table("persons")[str(hers)]["emails"][0]["value"] = eva.email

    def grow(self, person: Person, count: int) -> None:
        for number in range(count):
            self.add("notes", self.id_of(person)[0], f"note {number}")

    def duplicate(self, person: Person) -> None:
        id = str(self.id_of(person)[0])
        row = self.table("persons")[id]
        self.new("persons", {**row, "emails": [dict(one) for one in row["emails"]]})

    # Persons.

    @route("GET", "v1/users/me")
    def me(self, asked: Asked) -> Reply:
        return Reply(200, {"success": True, "data": {"id": 7, "name": "Olga"}})

    @route("GET", "api/v2/persons/search")
    def search(self, asked: Asked) -> Reply:
        inside = "emails" if asked.query["fields"] == "email" else "phones"
        term = asked.query["term"]
        rows = self.hits("persons", lambda row: any(same(one["value"], term) for one in row[inside]))
        items = [
            {"result_score": 1, "item": {
                "id": int(id), "type": "person", "name": row["name"],
                "emails": [one["value"] for one in row["emails"]], "phones": [one["value"] for one in row["phones"]],
            }}
            for id, row in rows
        ]  # fmt: skip
        some, following = self.page(items, int(asked.query.get("cursor", 0)), self.page_size)
        return Reply(200, {"success": True, "data": {"items": some}, "additional_data": more(following)})

    @route("GET", "api/v2/persons")
    def persons(self, asked: Asked) -> Reply:
        wanted = asked.query["ids"].split(",")
        rows = self.hits("persons", lambda row: False) if "strangers" in self.quirks else []
        rows += [(id, self.table("persons")[id]) for id in wanted if id in self.table("persons")]
        found = []
        for row in numbered(dict(rows).items()):
            if not self.campaigns:
                del row["marketing_status"]
            found.append(row)
        return Reply(200, {"success": True, "data": found, "additional_data": more(None)})

    @route("PATCH", "api/v2/persons/{id}")
    def update(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        row = self.table("persons").get(id)
        if row is None:
            return missing()
        values = dict(asked.body)
        if id in self.fixed_status or values.get("marketing_status") == "subscribed":
            values.pop("marketing_status", None)
        elif "marketing_status" in values:
            self.fixed_status.add(id)
        if "custom_fields" in values:
            values["custom_fields"] = {**row["custom_fields"], **values["custom_fields"]}
        self.change(row, values)
        return Reply(200, {"success": True, "data": {"id": int(id), **row}})

    @route("DELETE", "api/v2/persons/{id}")
    def delete_person(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        if not self.remove("persons", id):
            return missing()
        if id not in self.table("persons"):
            self._unlink(int(id))
        return Reply(200, {"success": True, "data": {"id": int(id)}})

    def _unlink(self, id: int) -> None:
        for name, rows in self.tables.items():
            if name in ("mails", "changes"):
                for child in [key for key, row in rows.items() if row.get("person_id") == id]:
                    del rows[child]

    # What hangs on a person.

    def _list(self, asked: Asked, name: str, archived: bool | None = None) -> list[Row]:
        person = int(asked.query["person_id"])

        def fits(row: Row) -> bool:
            return row["person_id"] == person and archived in (None, row.get("is_archived"))

        rows = self.hits(name, fits)
        return [{"id": id if name == "leads" else int(id), **row} for id, row in rows]

    def _by_cursor(self, asked: Asked, rows: list[Row]) -> Reply:
        some, following = self.page(rows, int(asked.query.get("cursor", 0)), self.page_size)
        return Reply(200, {"success": True, "data": some, "additional_data": more(following)})

    def _by_offset(self, asked: Asked, rows: list[Any]) -> Reply:
        start, size = int(asked.query.get("start", 0)), int(asked.query.get("limit", 100))
        some, following = self.page(rows, start, size)
        if "shift" in self.quirks and start == 0 and some:
            self.quirks.discard("shift")
            self._vanish(some[0])
        return Reply(200, {"success": True, "data": some})

    def _vanish(self, row: Row) -> None:
        for name in ("notes", "leads", "files"):
            self.table(name).pop(str(row["id"]), None)

    @route("GET", "api/v2/deals")
    def deals(self, asked: Asked) -> Reply:
        return self._by_cursor(asked, self._list(asked, "deals", archived=False))

    @route("GET", "api/v2/deals/archived")
    def archived_deals(self, asked: Asked) -> Reply:
        return self._by_cursor(asked, self._list(asked, "deals", archived=True))

    @route("GET", "api/v2/activities")
    def activities(self, asked: Asked) -> Reply:
        return self._by_cursor(asked, self._list(asked, "activities"))

    @route("GET", "v1/leads")
    def leads(self, asked: Asked) -> Reply:
        return self._by_offset(asked, self._list(asked, "leads", archived=False))

    @route("GET", "v1/leads/archived")
    def archived_leads(self, asked: Asked) -> Reply:
        return self._by_offset(asked, self._list(asked, "leads", archived=True))

    @route("GET", "v1/notes")
    def notes(self, asked: Asked) -> Reply:
        return self._by_offset(asked, self._list(asked, "notes"))

    def _of_person(self, asked: Asked, name: str) -> list[Row]:
        person = int(asked.parts["id"])
        return numbered(self.hits(name, lambda row: row["person_id"] == person))

    @route("GET", "v1/persons/{id}/files")
    def files(self, asked: Asked) -> Reply:
        return self._by_offset(asked, self._of_person(asked, "files"))

    @route("GET", "v1/persons/{id}/mailMessages")
    def mails(self, asked: Asked) -> Reply:
        rows = self._of_person(asked, "mails")
        shown = [{k: v for k, v in row.items() if k != "person_id"} for row in rows]
        wrapped = [{"object": "mailMessage", "timestamp": WHEN, "data": row} for row in shown]
        return self._by_offset(asked, wrapped)

    @route("GET", "v1/persons/{id}/changelog")
    def changelog(self, asked: Asked) -> Reply:
        person = int(asked.parts["id"])
        rows = [row for _, row in self.hits("changes", lambda row: row["person_id"] == person)]
        return self._by_cursor(asked, [{k: v for k, v in row.items() if k != "person_id"} for row in rows])

    def _one(self, asked: Asked, name: str) -> Reply:
        id = asked.parts["id"]
        row = self.table(name).get(id)
        if row is None:
            return missing()
        return Reply(200, {"success": True, "data": {"id": id if name == "leads" else int(id), **row}})

    def _delete(self, asked: Asked, name: str) -> Reply:
        id = asked.parts["id"]
        if not self.remove(name, id):
            return missing()
        data: Any = True if name == "notes" else {"id": id if name == "leads" else int(id)}
        return Reply(200, {"success": True, "data": data})

    @route("GET", "api/v2/deals/{id}")
    def deal(self, asked: Asked) -> Reply:
        return self._one(asked, "deals")

    @route("PATCH", "api/v2/deals/{id}")
    def update_deal(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        if id not in self.table("deals"):
            return missing()
        self.change(self.table("deals")[id], dict(asked.body))
        return self._one(asked, "deals")

    @route("DELETE", "api/v2/deals/{id}")
    def delete_deal(self, asked: Asked) -> Reply:
        return self._delete(asked, "deals")

    @route("GET", "v1/leads/{id}")
    def lead(self, asked: Asked) -> Reply:
        return self._one(asked, "leads")

    @route("DELETE", "v1/leads/{id}")
    def delete_lead(self, asked: Asked) -> Reply:
        return self._delete(asked, "leads")

    @route("GET", "api/v2/activities/{id}")
    def activity(self, asked: Asked) -> Reply:
        return self._one(asked, "activities")

    @route("DELETE", "api/v2/activities/{id}")
    def delete_activity(self, asked: Asked) -> Reply:
        return self._delete(asked, "activities")

    @route("GET", "v1/notes/{id}")
    def note(self, asked: Asked) -> Reply:
        return self._one(asked, "notes")

    @route("DELETE", "v1/notes/{id}")
    def delete_note(self, asked: Asked) -> Reply:
        return self._delete(asked, "notes")

    @route("GET", "v1/files/{id}")
    def file(self, asked: Asked) -> Reply:
        return self._one(asked, "files")

    @route("DELETE", "v1/files/{id}")
    def delete_file(self, asked: Asked) -> Reply:
        return self._delete(asked, "files")


def missing() -> Reply:
    """There is no such thing."""
    return Reply(404, {"success": False, "error": "not found"})


def more(following: int | None) -> Row:
    """Where the next page is."""
    return {"next_cursor": str(following)} if following is not None else {}


def mail(person: Person, id: int, number: int) -> Row:
    """A mail from a colleague to the person, opened by her."""
    party = {"id": number, "email_address": person.email, "name": person.name, "linked_person_id": id}
    return {
        "person_id": id, "from": [{"id": 1, "email_address": "olga@acme.example", "name": "Olga"}], "to": [party],
        "cc": [], "bcc": [], "subject": "Offer", "snippet": "Dear", "body": "Dear", "mail_thread_id": number,
        "mail_tracking_status": "opened", "mail_link_tracking_enabled_flag": 1, "message_time": WHEN,
    }  # fmt: skip


def linked(row: Row) -> int:
    """The person a mail was sent to."""
    return int(row["to"][0]["linked_person_id"])
