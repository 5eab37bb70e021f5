"""A fake Infobip account: persons with their contact information, the blocklist, and logs of e-mails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dsr.testing import Disturbance, Person

from .server import Asked, Fake, Reply, Row, route

WHEN = "2026-01-02T10:00:00.000Z"
MARK = "Restricted"
PHONE_CHANNELS = ("SMS", "MMS", "RCS", "VIBER", "WHATSAPP")
FILTERS = ("destination", "channel", "sender")


class Infobip(Fake):
    """One account. ``slow``: orders to the blocklist are taken and carried out by ``settle``."""

    kind = "infobip"
    secrets: ClassVar[Mapping[str, str]] = {"api_key": "ib-key"}
    writes = frozenset(
        {
            "PATCH people/2/persons",
            "DELETE people/2/persons",
            "PUT people/2/persons/contactInformation",
            "POST platform/1/blocklists",
        }
    )

    def __init__(self) -> None:
        self.slow = False
        self.ordered: list[Row] = []
        super().__init__()

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "host": "x1.api.infobip.example", "restriction_field": MARK}

    def signed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == "App ib-key"

    def budget(self) -> Reply:
        return Reply(429, problem("TOO_MANY_REQUESTS"), {"Retry-After": "7200"})

    def refusal(self) -> Reply:
        """It never says no inside a 2xx."""
        return Reply(400, problem("BAD_REQUEST"))

    # The kit's side.

    def seed(self, person: Person) -> None:
        first, _, last = person.name.partition(" ")
        self.new("persons", {
            "externalId": person.number, "firstName": first, "lastName": last, "city": "Lima", "type": "CUSTOMER",
            "tags": ["news"], "customAttributes": {"Company": "Acme", MARK: ""}, "createdAt": WHEN, "modifiedAt": WHEN,
            "contactInformation": {
                "email": [{"address": person.email}], "phone": [{"number": person.phone.removeprefix("+")}],
            },
        })  # fmt: skip
        self.log(person.email)
        self.log(person.email)
        self.sms(person.phone)

    def sms(self, phone: str) -> str:
        """One SMS of the last two days."""
        id = f"s{self._number + 1}"
        return self.new("sms", {
            "messageId": id, "destination": phone.removeprefix("+"), "sender": "Acme", "content": {"text": "Offers"},
            "sentAt": WHEN, "doneAt": WHEN, "messageCount": 1, "bulkId": "b2", "mccMnc": "21401",
            "price": {"pricePerMessage": 0.01, "currency": "EUR"},
            "status": {"groupId": 3, "groupName": "DELIVERED", "id": 5, "name": "DELIVERED_TO_HANDSET"},
        }, id)  # fmt: skip

    def log(self, address: str) -> str:
        """One e-mail of the last two days."""
        id = f"m{self._number + 1}"
        return self.new("logs", {
            "messageId": id, "destination": address, "sender": "news@acme.example", "text": "Offers", "sentAt": WHEN,
            "doneAt": WHEN, "messageCount": 1, "bulkId": "b1",
            "status": {"groupId": 3, "groupName": "DELIVERED", "id": 5, "name": "DELIVERED_TO_HANDSET"},
        }, id)  # fmt: skip

    def block(self, destination: str, channel: str, **more: str) -> None:
        """One entry of the blocklist."""
        row = {
            "destination": destination,
            "channel": channel,
            "sourceType": "CUSTOM",
            "accountKey": "A1",
            **more,
        }
        if all(one != row for one in self.table("blocklist").values()):
            self.new("blocklist", {**row, "createdDate": WHEN})

    def settle(self) -> None:
        """Carry out what was ordered."""
        for one in self.ordered:
            for to in one["destinations"]:
                self.block(to["to"], one["channel"])
        self.ordered.clear()

    def id_of(self, person: Person) -> list[str]:
        """Her persons."""
        return [id for id, row in self.table("persons").items() if person.email.lower() in emails(row)]

    def raw(self, person: Person) -> dict[str, int]:
        rows = [self.table("persons")[id] for id in self.id_of(person)]
        return {
            "persons": len(rows),
            "emails": sum(len(row["contactInformation"]["email"]) for row in rows),
            "phones": sum(len(row["contactInformation"]["phone"]) for row in rows),
            "email_logs": sum(row["destination"] == person.email for row in self.table("logs").values()),
            "sms_logs": sum(f"+{row['destination']}" == person.phone for row in self.table("sms").values()),
        }

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        known = self.contacts(person)
        if kind is Disturbance.ADD:
            known["phone"].append({"number": "34600999001"})
        elif kind is Disturbance.MOVE:
            self.contacts(eva)["phone"].append(known["phone"].pop())
        elif kind is Disturbance.REMOVE:
            known["phone"].pop()
        elif kind is Disturbance.HAND_OVER:
            known["email"][0]["address"] = eva.email

    def contacts(self, person: Person) -> dict[str, list[Row]]:
        """The contact information of her first person."""
        found: dict[str, list[Row]] = self.table("persons")[self.id_of(person)[0]]["contactInformation"]
        return found

    def grow(self, person: Person, count: int) -> None:
        for _ in range(count):
            self.log(person.email)

    # The API.

    def _asked(self, asked: Asked) -> str | None:
        """The id of the person that the query names."""
        kind, value = asked.query["type"], asked.query["identifier"]
        rows = list(self.table("persons").items())
        if "stale_search" in self.quirks and kind != "ID":
            rows += self.removed.get("persons", {}).items()
        for id, row in rows:
            told = {
                "ID": [id],
                "EXTERNAL_ID": [row.get("externalId")],
                "EMAIL": emails(row),
                "PHONE": [one["number"] for one in row["contactInformation"]["phone"]],
            }
            if (value.lower() if kind == "EMAIL" else value) in told[kind]:
                return id
        return None

    @route("GET", "people/2/persons")
    def person(self, asked: Asked) -> Reply:
        id = self._asked(asked)
        if id is None:
            return missing()
        row = self.table("persons").get(id) or self.removed["persons"][id]
        return Reply(200, {"id": int(id), **row})

    @route("PATCH", "people/2/persons")
    def update(self, asked: Asked) -> Reply:
        """Values replace, own attributes one by one; contacts are appended."""
        id = self._asked(asked)
        if id is None:
            return missing()
        row, values = self.table("persons")[id], dict(asked.body)
        values["customAttributes"] = {**row["customAttributes"], **values.get("customAttributes", {})}
        more = values.pop("contactInformation", {})
        values["contactInformation"] = {
            name: [*row["contactInformation"][name], *more.get(name, [])] for name in ("email", "phone")
        }
        self.change(row, values)
        return Reply(200, {"id": int(id), **row})

    @route("PUT", "people/2/persons/contactInformation")
    def replace_contacts(self, asked: Asked) -> Reply:
        id = self._asked(asked)
        if id is None:
            return missing()
        row = self.table("persons")[id]
        self.change(
            row, {"contactInformation": {"email": [], "phone": [], **asked.body["contactInformation"]}}
        )
        return Reply(200, {"id": int(id), **row})

    @route("DELETE", "people/2/persons")
    def delete(self, asked: Asked) -> Reply:
        id = self._asked(asked)
        return Reply(200) if id is not None and self.remove("persons", id) else missing()

    @route("GET", "platform/1/blocklists")
    def blocklist(self, asked: Asked) -> Reply:
        wanted = {name: asked.query[name] for name in FILTERS if name in asked.query}
        rows = self.hits("blocklist", lambda row: all(row.get(k) == v for k, v in wanted.items()))
        page, size = int(asked.query.get("page", 0)), int(asked.query.get("size", 20))
        some, _ = self.page([row for _, row in rows], page * size, size)
        pages = -(-len(rows) // size)
        paging = {"page": page, "size": size, "totalPages": pages, "totalResults": len(rows)}
        return Reply(200, {"results": some, "paging": paging})

    @route("POST", "platform/1/blocklists")
    def order(self, asked: Asked) -> Reply:
        """Taken now, carried out later."""
        if "ignored" not in self.quirks:
            self.ordered += asked.body["blocklist"]
        if not self.slow:
            self.settle()
        return Reply(202)

    @route("GET", "email/4/logs")
    def logs(self, asked: Asked) -> Reply:
        wanted = asked.query.get("destination")
        rows = self.hits("logs", lambda row: wanted in (None, row["destination"]))
        size = int(asked.query.get("limit", 50))
        some, following = self.page([row for _, row in rows], int(asked.query.get("cursor", 0)), size)
        if "shift" in self.quirks and some:
            self.quirks.discard("shift")
            self.table("logs").pop(some[0]["messageId"])
        cursor = {"limit": size} | ({"nextCursor": str(following)} if following is not None else {})
        return Reply(200, {"results": some, "cursor": cursor})

    @route("GET", "sms/3/logs")
    def sms_logs(self, asked: Asked) -> Reply:
        """By number, or by the id of a message."""
        wanted = {name: asked.query[name] for name in ("destination", "messageId") if name in asked.query}
        rows = self.hits("sms", lambda row: all(row[name] == one for name, one in wanted.items()))
        size = int(asked.query.get("limit", 50))
        some, following = self.page([row for _, row in rows], int(asked.query.get("cursor", 0)), size)
        cursor = {"limit": size} | ({"nextCursor": str(following)} if following is not None else {})
        return Reply(200, {"results": some, "cursor": cursor})


def emails(row: Row) -> list[str]:
    """The addresses of a person, for comparison."""
    return [one["address"].lower() for one in row["contactInformation"]["email"]]


def problem(code: str) -> Row:
    """An error as Infobip writes it."""
    return {"requestError": {"serviceException": {"messageId": code, "text": "Not done"}}}


def missing() -> Reply:
    """There is no such person."""
    return Reply(404, problem("NOT_FOUND"))
