"""A fake SendGrid: marketing contacts, lists of suppressed addresses, unsubscribes, and the activity of mails."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from dsr.testing import NOW, Disturbance, Person

from .server import Asked, Fake, Reply, Row, route

WHEN = "2026-01-02T10:00:00Z"
LISTS = ("bounces", "blocks", "spam_reports", "invalid_emails")
MORE: Mapping[str, Row] = {
    "bounces": {"reason": "550 no such user", "status": "5.1.1"},
    "blocks": {"reason": "blocked", "status": "4.0.0"},
    "spam_reports": {"ip": "192.0.2.7"},
    "invalid_emails": {"reason": "no domain"},
}
QUERY = re.compile(r'(to_email|msg_id) IN \(("(?:[^"\\]|\\.)*"(?:,"(?:[^"\\]|\\.)*")*)\)')


class SendGrid(Fake):
    """``slow``: a quirk; a job is accepted and only done by ``jobs_end``."""

    kind = "sendgrid"
    secrets: ClassVar[Mapping[str, str]] = {"api_key": "SG.key"}
    writes = frozenset({
        "PUT v3/marketing/contacts", "DELETE v3/marketing/contacts", "POST v3/asm/suppressions/global",
        "DELETE v3/suppression/{list}/{email}",
    })  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[str] = []
        """Ids of contacts whose deletion was accepted and not done yet."""
        self.scopes = ["marketing.read", "marketing.automation.read", "suppression.read", "asm.groups.read"]

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "activity": "yes", "events": "yes"}

    def signed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == "Bearer SG.key"

    def budget(self) -> Reply:
        return Reply(429, errors("too many"), {"X-RateLimit-Reset": str(int(NOW.timestamp()) + 7200)})

    def refusal(self) -> Reply:
        """It never says no inside a 2xx."""
        return Reply(400, errors("not changed"))

    # The kit's side.

    def seed(self, person: Person) -> None:
        first, _, last = person.name.partition(" ")
        self.new("contacts", {
            "email": person.email.lower(), "first_name": first, "last_name": last, "alternate_emails": [],
            "city": "Vigo", "custom_fields": {"shoe_size": "38"}, "list_ids": ["l1"], "segment_ids": [],
            "created_at": WHEN, "updated_at": WHEN,
        })  # fmt: skip
        for name in LISTS:
            self.table(name)[person.email] = {"created": 1767348000, **MORE[name]}
        self.leave_group(person.email, 7)
        self.mail(person)

    def leave_group(self, email: str, group: int) -> None:
        """She does not want this kind of mail."""
        self.new("left", {"email": email.lower(), "group": group})

    def mail(self, person: Person) -> str:
        """One mail that was sent to her."""
        return self.new("messages", {
            "to_email": person.email, "from_email": "news@example.com", "subject": "Spring", "status": "delivered",
            "opens_count": 2, "clicks_count": 1, "last_event_time": WHEN,
        })  # fmt: skip

    def opened(self, mail: str) -> None:
        """The pixel of a mail was loaded: an open is counted at the mail while its activity is kept."""
        if mail in self.table("messages"):
            self.table("messages")[mail]["opens_count"] += 1

    def id_of(self, person: Person) -> list[str]:
        """Her contacts."""
        return [id for id, row in self.table("contacts").items() if row["email"] == person.email.lower()]

    def raw(self, person: Person) -> dict[str, int]:
        address = person.email.lower()
        contacts = len(self.id_of(person))
        left = sum(row["email"] == address for row in self.table("left").values())
        mails = sum(row["to_email"].lower() == address for row in self.table("messages").values())
        found = {name: sum(one.lower() == address for one in self.table(name)) for name in LISTS}
        found |= {"contacts": contacts, "subscription": contacts, "groups": left * contacts}
        return found | {
            "messages": mails,
            "events": 3 * mails,
            "unsubscribes": int(address in self.table("global")),
        }

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        if kind is Disturbance.REMOVE:
            self.table("bounces").pop(person.email)
        elif kind is Disturbance.HAND_OVER:
            self.table("contacts")[self.id_of(person)[0]]["email"] = eva.email.lower()

    def grow(self, person: Person, count: int) -> None:
        for number in range(count):
            self.leave_group(person.email, 100 + number)

    def jobs_end(self) -> None:
        """What was accepted is done."""
        for id in self.jobs:
            self.remove("contacts", id)
        self.jobs.clear()

    # Marketing.

    def shown(self, id: str, row: Row) -> Row:
        """A contact as it is given."""
        return {"id": id, **row}

    @route("GET", "v3/marketing/contacts/count")
    def count(self, asked: Asked) -> Reply:
        return Reply(200, {"contact_count": len(self.table("contacts"))})

    @route("POST", "v3/marketing/contacts/search/emails")
    def search(self, asked: Asked) -> Reply:
        wanted = {one.lower() for one in asked.body["emails"]}
        rows = self.hits("contacts", lambda row: bool({row["email"], *row["alternate_emails"]} & wanted))
        if not rows:
            return Reply(404, errors("not found"))
        return Reply(200, {"result": {row["email"]: {"contact": self.shown(id, row)} for id, row in rows}})

    @route("POST", "v3/marketing/contacts/batch")
    def batch(self, asked: Asked) -> Reply:
        rows = self.table("contacts")
        ids = list(rows) if "strangers" in self.quirks else [one for one in asked.body["ids"] if one in rows]
        return Reply(200, {"result": [self.shown(id, rows[id]) for id in ids]})

    @route("PUT", "v3/marketing/contacts")
    def update(self, asked: Asked) -> Reply:
        """By address: a contact that is not there would be made."""
        for given in asked.body["contacts"]:
            ids = [id for id, row in self.table("contacts").items() if row["email"] == given["email"].lower()]
            for id in ids:
                self.change(self.table("contacts")[id], given)
            if not ids:
                self.new("contacts", {**given, "alternate_emails": [], "list_ids": [], "segment_ids": []})
        return Reply(202, {"job_id": "j1"})

    @route("DELETE", "v3/marketing/contacts")
    def delete(self, asked: Asked) -> Reply:
        """A job: accepted for ids that are not there as well."""
        for id in asked.query["ids"].split(","):
            if "slow" in self.quirks:
                self.jobs.append(id)
            else:
                self.remove("contacts", id)
        return Reply(202, {"job_id": {}})

    # Suppressions.

    @route("GET", "v3/suppression/{list}/{email}")
    def suppressed(self, asked: Asked) -> Reply:
        name, wanted = asked.parts["list"], asked.parts["email"].lower()
        # An answer about an address that is not valid has one entry at most.
        strangers = "strangers" in self.quirks and name != "invalid_emails"
        found = [
            {"email": email, **row}
            for email, row in self.table(name).items()
            if strangers or email.lower() == wanted
        ]
        return Reply(200, found)

    @route("DELETE", "v3/suppression/{list}/{email}")
    def unsuppress(self, asked: Asked) -> Reply:
        name, email = asked.parts["list"], asked.parts["email"]
        return Reply(204) if self.remove(name, email) else Reply(404, errors("not found"))

    @route("GET", "v3/asm/suppressions/global/{email}")
    def is_unsubscribed(self, asked: Asked) -> Reply:
        """An empty object for an address that may be written to."""
        email = asked.parts["email"].lower()
        return Reply(200, {"recipient_email": email} if email in self.table("global") else {})

    @route("POST", "v3/asm/suppressions/global")
    def unsubscribe(self, asked: Asked) -> Reply:
        for email in asked.body["recipient_emails"]:
            if not self.quirks & {"ignored", "refused"}:
                self.table("global")[email.lower()] = {}
        return Reply(201, {"recipient_emails": asked.body["recipient_emails"]})

    @route("GET", "v3/asm/suppressions/{email}")
    def groups(self, asked: Asked) -> Reply:
        """Every group there is, left or not."""
        email = asked.parts["email"].lower()
        left = {row["group"] for row in self.table("left").values() if row["email"] == email}
        shown = [
            {
                "id": id,
                "name": f"group {id}",
                "description": "mails",
                "is_default": False,
                "suppressed": id in left,
            }
            for id in sorted({7, 8} | left)
        ]
        return Reply(200, {"suppressions": shown})

    @route("GET", "v3/scopes")
    def granted(self, asked: Asked) -> Reply:
        """What this key may do."""
        return Reply(200, {"scopes": self.scopes})

    # Activity.

    @route("GET", "v3/messages")
    def messages(self, asked: Asked) -> Reply:
        told = QUERY.fullmatch(asked.query["query"])
        if told is None:
            return Reply(400, errors("the query cannot be read"))
        name, values = told.group(1), {one.lower() for one in json.loads(f"[{told.group(2)}]")}
        found = [{"msg_id": id, **row} for id, row in self.table("messages").items()]
        if "strangers" not in self.quirks:
            found = [one for one in found if one[name].lower() in values]
        return Reply(200, {"messages": found[: int(asked.query["limit"])]})

    @route("GET", "v3/messages/{id}")
    def message(self, asked: Asked) -> Reply:
        """One mail with everything that happened to it."""
        row = self.table("messages").get(asked.parts["id"])
        if row is None:
            return Reply(404, errors("not found"))
        about = {name: row[name] for name in ("to_email", "from_email", "subject", "status")}
        happened = [event("delivered"), event("opened"), event("clicked", url="https://example.com/spring")]
        return Reply(200, {
            "msg_id": asked.parts["id"], **about, "events": happened, "originating_ip": "192.0.2.1", "categories": [],
            "unique_args": "{}", "outbound_ip": "192.0.2.2", "outbound_ip_type": "shared", "template_id": "t1",
            "asm_group_id": 7, "teammate": "olga", "api_key_id": "key1",
        })  # fmt: skip


def event(name: str, **more: str) -> Row:
    """Something that happened to a mail."""
    about = {"event_name": name, "processed": WHEN, "bounce_type": "soft", "mx_server": "mx.example.com"}
    return {**about, "http_user_agent": "Mail/1.0 (phone)", **more}


def errors(message: str) -> Row:
    """An error as SendGrid writes it."""
    return {"errors": [{"message": message, "field": "", "error_id": "e1"}]}
