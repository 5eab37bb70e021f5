"""A fake HubSpot: contacts with properties, engagements, tickets and deals by association, preferences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dsr.testing import Disturbance, Person

from .server import Asked, Fake, Reply, Row, route

KINDS = ("notes", "calls", "emails", "meetings", "tasks", "communications", "tickets", "deals")
WHEN = "2020-01-02T10:00:00Z"
TEXT = {
    "notes": "hs_note_body", "calls": "hs_call_title", "emails": "hs_email_subject", "meetings": "hs_meeting_title",
    "tasks": "hs_task_subject", "communications": "hs_communication_body", "tickets": "subject", "deals": "dealname",
}  # fmt: skip
OWN = ["shoe_size", "dsr_restricted"]
"""Properties that this customer made."""
CONTACT = [
    "email",
    "hs_additional_emails",
    "phone",
    "mobilephone",
    "firstname",
    "lastname",
    "jobtitle",
    "hs_object_id",
    *OWN,
]
USUAL = ("email", "firstname", "lastname", "hs_object_id")
"""What is given when nobody asks for more."""


SCOPES = (
    "oauth", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.deals.read",
    "crm.objects.deals.write", "tickets", "crm.schemas.contacts.read", "sales-email-read",
    "communication_preferences.read_write",
)  # fmt: skip


class HubSpot(Fake):
    """``blocked``: addresses that a careless gdpr-delete put on the blocklist. ``archive`` holds the bin."""

    kind = "hubspot"
    secrets: ClassVar[Mapping[str, str]] = {"access_token": "hs-token"}
    writes = frozenset({
        "PATCH crm/v3/objects/contacts/{id}", "PATCH crm/v3/objects/deals/{id}",
        "POST crm/v3/objects/contacts/gdpr-delete",
        "POST crm/v3/objects/{type}/batch/archive", "POST communication-preferences/v3/unsubscribe",
    })  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.blocked: list[str] = []
        self.lagging: set[str] = set()
        """Ids that the search does not know yet."""
        self.most_links = 1000
        self.account = "STANDARD"
        self.scopes = list(SCOPES)
        """What the app was granted; empty: the vendor does not tell."""

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "restriction_field": "dsr_restricted"}

    def signed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {self.secrets['access_token']}"

    def throttle(self) -> Reply:
        return Reply(429, error("slow") | {"policyName": "TEN_SECONDLY_ROLLING", "errorType": "RATE_LIMIT"})

    def budget(self) -> Reply:
        return Reply(429, error("daily") | {"policyName": "DAILY", "errorType": "RATE_LIMIT"})

    def refusal(self) -> Reply:
        return Reply(
            207,
            batch([])
            | {"numErrors": 1, "errors": [error("no") | {"context": {}, "links": {}, "errors": []}]},
        )

    # The app itself.

    @route("POST", "oauth/v2/private-apps/get/access-token-info")
    def private_app(self, asked: Asked) -> Reply:
        if not self.scopes or asked.body["tokenKey"] != self.secrets["access_token"]:
            return Reply(404, error("no such token"))
        return Reply(200, {"userId": 1, "hubId": 2, "appId": 3, "scopes": self.scopes})

    @route("GET", "oauth/v1/access-tokens/{token}")
    def app(self, asked: Asked) -> Reply:
        if asked.parts["token"] != self.secrets["access_token"]:
            return Reply(404, error("no such token"))
        ids = {"hub_id": 2, "user_id": 1, "app_id": 3}
        told = {
            "token": asked.parts["token"],
            "token_type": "access",
            "scopes": self.scopes,
            "expires_in": 1800,
        }
        return Reply(200, told | ids)

    # The kit's side.

    def seed(self, person: Person) -> None:
        first, _, last = person.name.partition(" ")
        id = self.new("contacts", {
            "email": person.email, "phone": person.phone, "firstname": first, "lastname": last, "shoe_size": "38",
        })  # fmt: skip
        self.table("contacts")[id]["hs_object_id"] = id
        for kind in KINDS:
            self.link(kind, id, f"{kind} one")
        self.link("notes", id, "notes two")
        self.link("deals", id, "deal of this year", closedate="2026-03-01T10:00:00Z")
        for name in ("news", "offers"):
            self.table("subscriptions")[f"{name}:{person.email.lower()}"] = {"status": "SUBSCRIBED"}

    def link(self, kind: str, *contacts: str, text: str = "", **more: Any) -> str:
        """One engagement, ticket or deal of these contacts."""
        *ids, words = contacts
        row = {TEXT[kind]: words, "hs_timestamp": WHEN, "createdate": WHEN, **more}
        if kind == "deals":
            row.setdefault("closedate", WHEN)
        id = self.new(kind, row)
        for contact in ids:
            self.new("links", {"kind": kind, "child": id, "contact": contact})
        return id

    def opened(self, mail: str) -> None:
        """The pixel of a mail was loaded: an open is counted at the mail and dated at its contacts, if they are
        there."""
        if mail in self.table("emails"):
            row = self.table("emails")[mail]
            row["hs_email_open_count"] = row.get("hs_email_open_count", 0) + 1
            for one in self.table("links").values():
                if one["child"] == mail and one["contact"] in self.table("contacts"):
                    self.table("contacts")[one["contact"]]["hs_email_last_open_date"] = WHEN

    def id_of(self, person: Person) -> list[str]:
        """Her contacts."""
        return [
            id for id, row in self.table("contacts").items() if row["email"].lower() == person.email.lower()
        ]

    def linked(self, kind: str, contacts: list[str]) -> list[str]:
        """The children of these contacts."""
        links = self.table("links").values()
        found = [one["child"] for one in links if one["kind"] == kind and one["contact"] in contacts]
        return [one for one in found if one in self.table(kind)]

    def raw(self, person: Person) -> dict[str, int]:
        ids = self.id_of(person)
        found = {"contacts": len(ids)} | {kind: len(self.linked(kind, ids)) for kind in KINDS}
        mine = f":{person.email.lower()}"
        found["subscriptions"] = sum(key.endswith(mine) for key in self.table("subscriptions")) * bool(ids)
        return found

    def content(self) -> str:
        names = [
            f"{one.get('firstname', '')} {one.get('lastname', '')}" for one in self.table("contacts").values()
        ]
        return super().content() + "\n" + "\n".join(sorted(names))

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        hers, evas = self.id_of(person)[0], self.id_of(eva)[0]
        note = self.linked("notes", [hers])[0]
        if kind is Disturbance.ADD:
            self.link("notes", hers, "one more")
        elif kind is Disturbance.MOVE:
            for one in self.table("links").values():
                if one["child"] == note:
                    one["contact"] = evas
        elif kind is Disturbance.REMOVE:
            del self.table("notes")[note]
        elif kind is Disturbance.HAND_OVER:
            self.table("contacts")[hers]["email"] = eva.email

    def duplicate(self, person: Person) -> None:
        self.new("contacts", dict(self.table("contacts")[self.id_of(person)[0]]))

    def grow(self, person: Person, count: int) -> None:
        self.most_links = 100
        for number in range(count):
            self.link("notes", self.id_of(person)[0], f"note {number}")

    # Properties and objects.

    @route("GET", "account-info/v3/details")
    def details(self, asked: Asked) -> Reply:
        return Reply(200, {
            "portalId": 1, "accountType": self.account, "timeZone": "Europe/Madrid", "companyCurrency": "EUR",
            "additionalCurrencies": [], "utcOffset": "+01:00", "utcOffsetMilliseconds": 3600000,
            "uiDomain": "app.hubspot.com", "dataHostingLocation": "eu1",
        })  # fmt: skip

    @route("GET", "crm/v3/properties/{type}")
    def properties(self, asked: Asked) -> Reply:
        kind = asked.parts["type"]
        names = CONTACT if kind == "contacts" else [TEXT[kind], "hs_timestamp", "createdate", "closedate"]
        names = [*names, "amount", "description"] if kind == "deals" else names
        found = [
            {
                "name": n,
                "label": n,
                "type": "string",
                "fieldType": "text",
                "groupName": "g",
                "description": "",
                "options": [],
            }
            for n in names
        ]
        return Reply(200, {"results": found})

    def shown(self, kind: str, id: str, names: list[str] | None) -> Row:
        """An object with the properties that were asked for."""
        row = self.table(kind).get(id) or self.removed[kind][id]
        wanted = names or USUAL
        values = {name: row[name] for name in wanted if name in row and row[name] is not None}
        return {"id": id, "properties": values, "createdAt": WHEN, "updatedAt": WHEN, "archived": False}

    @route("POST", "crm/v3/objects/{type}/batch/read")
    def read(self, asked: Asked) -> Reply:
        kind, body = asked.parts["type"], asked.body
        wanted = [one["id"] for one in body["inputs"]]
        rows = self.table(kind)
        if body.get("idProperty") == "email":
            asked_for = {one.lower() for one in wanted}
            ids = [id for id, row in rows.items() if row["email"].lower() in asked_for]
        else:
            ids = [one for one in wanted if one in rows]
        if "strangers" in self.quirks:
            ids = list(rows)
        found = [self.shown(kind, id, body["properties"]) for id in ids]
        missing = len(wanted) - len(found)
        if missing > 0:
            told = error("not found") | {"context": {"ids": wanted[:1]}, "links": {}, "errors": []}
            return Reply(207, batch(found) | {"numErrors": missing, "errors": [told]})
        return Reply(200, batch(found))

    @route("POST", "crm/v3/objects/contacts/search")
    def search(self, asked: Asked) -> Reply:
        groups = [group["filters"] for group in asked.body["filterGroups"]]

        def fits(row: Row) -> bool:
            return any(all(matches(row, one) for one in group) for group in groups)

        rows = [id for id, _ in self.hits("contacts", fits) if id not in self.lagging]
        some, following = self.page(rows, int(asked.body.get("after", 0)), asked.body["limit"])
        found = [self.shown("contacts", id, asked.body["properties"]) for id in some]
        return Reply(200, {"total": len(rows), "results": found, **paging(following)})

    @route("PATCH", "crm/v3/objects/contacts/{id}")
    def update(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        row = self.table("contacts").get(id)
        if row is None:
            return Reply(404, error("not found"))
        self.change(row, {name: value or None for name, value in asked.body["properties"].items()})
        if not self.quirks and asked.body["properties"].get("dsr_restricted") == "":
            row.pop("dsr_restricted", None)
        return Reply(200, self.shown("contacts", id, None))

    @route("PATCH", "crm/v3/objects/deals/{id}")
    def update_deal(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        row = self.table("deals").get(id)
        if row is None:
            return Reply(404, error("not found"))
        self.change(row, {name: value or None for name, value in asked.body["properties"].items()})
        return Reply(200, self.shown("deals", id, None))

    @route("POST", "crm/v3/objects/contacts/gdpr-delete")
    def gdpr_delete(self, asked: Asked) -> Reply:
        id = asked.body["objectId"]
        if asked.body.get("idProperty") == "email" or not id.isdigit():
            ids = [one for one, row in self.table("contacts").items() if row["email"] == id]
            if not ids:
                self.blocked.append(id)
                return Reply(204)
            id = ids[0]
        if not self.remove("contacts", id):
            return Reply(404, error("not found"))
        return Reply(204)

    @route("POST", "crm/v3/objects/{type}/batch/archive")
    def archive(self, asked: Asked) -> Reply:
        for one in asked.body["inputs"]:
            self.remove(asked.parts["type"], one["id"])
        return Reply(204)

    # Associations.

    @route("POST", "crm/v4/associations/{from}/{to}/batch/read")
    def associations(self, asked: Asked) -> Reply:
        source, target = asked.parts["from"], asked.parts["to"]
        found = []
        wanted = [one["id"] for one in asked.body["inputs"]]
        if "strangers" in self.quirks and source == "contacts":
            wanted = list(self.table("contacts"))
        for id in wanted:
            ends = self.ends(source, target, id)
            if not ends:
                continue
            more = paging(self.most_links) if len(ends) > self.most_links else {}
            found.append({"from": {"id": id}, "to": [end(one) for one in ends[: self.most_links]], **more})
        if len(found) < len(wanted):
            told = error("no associations") | {
                "context": {"fromObjectId": wanted[:1]},
                "links": {},
                "errors": [],
            }
            return Reply(207, batch(found) | {"numErrors": 1, "errors": [told]})
        return Reply(200, batch(found))

    def ends(self, source: str, target: str, id: str) -> list[str]:
        """What an object is associated with, and is not deleted."""
        if source == "contacts":
            rows = [
                row["child"]
                for row in self.table("links").values()
                if (row["kind"], row["contact"]) == (target, id)
            ]
            there = {
                **self.table(target),
                **(self.removed.get(target, {}) if "stale_search" in self.quirks else {}),
            }
            return [one for one in rows if one in there and id in self.table("contacts")]
        rows = [
            row["contact"]
            for row in self.table("links").values()
            if (row["kind"], row["child"]) == (source, id)
        ]
        return [one for one in rows if one in self.table("contacts")]

    @route("GET", "crm/v4/objects/contacts/{id}/associations/{type}")
    def all_associations(self, asked: Asked) -> Reply:
        ends = self.ends("contacts", asked.parts["type"], asked.parts["id"])
        some, following = self.page(ends, int(asked.query.get("after", 0)), self.most_links)
        if "shift" in self.quirks and some:
            self.quirks.discard("shift")
            del self.table(asked.parts["type"])[some[0]]
        return Reply(200, {"results": [end(one) for one in some], **paging(following)})

    # Communication preferences.

    @route("GET", "communication-preferences/v3/status/email/{email}")
    def preferences(self, asked: Asked) -> Reply:
        email = asked.parts["email"].lower()
        found = [
            {
                "id": key.partition(":")[0], "name": key.partition(":")[0], "description": "", "status": row["status"],
                "sourceOfStatus": "SUBSCRIPTION_STATUS",
            }
            for key, row in self.table("subscriptions").items()
            if key.partition(":")[2] == email
        ]  # fmt: skip
        return Reply(200, {"recipient": asked.parts["email"], "subscriptionStatuses": found})

    @route("POST", "communication-preferences/v3/unsubscribe")
    def unsubscribe(self, asked: Asked) -> Reply:
        name = asked.body["subscriptionId"]
        row = self.table("subscriptions").get(f"{name}:{asked.body['emailAddress'].lower()}")
        if row is None or row["status"] == "NOT_SUBSCRIBED":
            return Reply(400, error("already unsubscribed"))
        self.change(row, {"status": "NOT_SUBSCRIBED"})
        told = {"id": name, "name": name, "description": "", "status": "NOT_SUBSCRIBED"}
        return Reply(200, told | {"sourceOfStatus": "SUBSCRIPTION_STATUS"})


def matches(row: Row, wanted: Row) -> bool:
    """Whether a row fits one filter of a search."""
    stored = str(row.get(wanted["propertyName"]) or "").lower()
    if wanted["operator"] == "IN":
        return stored in [one.lower() for one in wanted["values"]]
    return wanted["value"].lower() in stored.split(";")


def error(message: str) -> Row:
    """An error in HubSpot's form."""
    return {"status": "error", "message": message, "category": "VALIDATION_ERROR"}


def batch(results: list[Row]) -> Row:
    """The answer of a batch."""
    return {"status": "COMPLETE", "results": results, "startedAt": WHEN, "completedAt": WHEN}


def paging(following: int | None) -> Row:
    """Where the next page is."""
    return {"paging": {"next": {"after": str(following)}}} if following is not None else {}


def end(id: str) -> Row:
    """One end of an association."""
    return {
        "toObjectId": id,
        "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "x"}],
    }
