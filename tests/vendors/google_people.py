"""A fake People API: contacts with versions, other contacts, a directory, labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dsr.testing import Disturbance, Person

from .google import Google, refused
from .server import Asked, Reply, Row, route

MARK = "dsr"
SINGLE = ("biographies", "birthdays", "genders", "names")
WHEN = "2026-01-02T10:00:00Z"


class GooglePeople(Google):
    """Quirks besides the usual ones: ``slow`` (what was changed is shown by ``settle``), ``profile`` (a deleted
    contact leaves the profile of the Google account)."""

    kind = "google_contacts"
    writes = frozenset({"POST v1/people:batchDeleteContacts", "PATCH v1/people/{id}:updateContact"})

    def __init__(self) -> None:
        super().__init__()
        self.versions: dict[str, int] = {}
        self.waiting: list[Callable[[], object]] = []
        self.tokens.scopes = {"contacts", "contacts.other.readonly", "directory.readonly"}
        self.largest = 100
        """The most a page has, whatever was asked for."""
        self.new("groups", {"name": "myContacts", "formattedName": "My Contacts"}, "myContacts")
        self.new("groups", {"name": "Friends", "formattedName": "Friends"}, "f1")

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "restriction_field": MARK, "directory": True}

    # The kit's side.

    def seed(self, person: Person) -> None:
        self.contact(person, organizations=[{"name": "Acme", "title": "Directora"}])
        self.contact(person, biographies=[{"value": "prefers mail", "contentType": "TEXT_PLAIN"}])
        self.new(
            "other", {"names": [{"displayName": person.name}], "emailAddresses": [{"value": person.email}]}
        )

    def contact(self, person: Person, email: str = "", **more: list[Row]) -> str:
        """One contact of hers."""
        id = f"c{self._number}"
        first, _, last = person.name.partition(" ")
        name = {
            "displayName": person.name,
            "unstructuredName": person.name,
            "givenName": first,
            "familyName": last,
        }
        row: Row = {
            "names": [name],
            "emailAddresses": [{"value": email or person.email, "type": "work", "formattedType": "Work"}],
            "phoneNumbers": [{"value": person.phone, "canonicalForm": person.phone, "type": "mobile"}],
            "memberships": [
                {
                    "contactGroupMembership": {
                        "contactGroupId": one,
                        "contactGroupResourceName": f"contactGroups/{one}",
                    }
                }
                for one in ("myContacts", "f1")
            ],
            **more,
        }
        self.versions[id] = 1
        return self.new("contacts", row, id)

    def id_of(self, person: Person, table: str = "contacts") -> list[str]:
        """Her contacts."""
        return [id for id, row in self.table(table).items() if holds(row, person.email)]

    def raw(self, person: Person) -> dict[str, int]:
        names = {"contacts": "contacts", "other": "other_contacts", "directory": "directory"}
        return {shown: len(self.id_of(person, table)) for table, shown in names.items()}

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        hers = self.id_of(person)[0]
        if kind is Disturbance.REMOVE:
            del self.table("contacts")[hers]
        elif kind is Disturbance.HAND_OVER:
            self.table("contacts")[hers]["emailAddresses"] = [{"value": eva.email}]
            self.versions[hers] += 1

    def duplicate(self, person: Person) -> None:
        self.contact(person)

    def grow(self, person: Person, count: int) -> None:
        for _ in range(count):
            self.contact(person)

    # What is read.

    def person(self, id: str, row: Row, fields: Iterable[str]) -> Row:
        """A contact as it is told, with the fields that were asked for."""
        source = {"type": "CONTACT", "id": id[1:], "etag": f"#{self.versions.get(id, 1)}", "updateTime": WHEN}
        about = {"sources": [source], "objectType": "PERSON"}
        made = {"resourceName": f"people/{id}", "etag": f"%{self.versions.get(id, 1)}"}
        told = {
            name: [{**one, "metadata": {"primary": n == 0, "source": {"type": "CONTACT", "id": id[1:]}}}
                   for n, one in enumerate(values)]
            for name, values in row.items() if name in fields
        }  # fmt: skip
        return {**made, **told, **({"metadata": about} if "metadata" in fields else {})}

    def listed(self, asked: Asked, rows: list[Row], name: str, total: str = "") -> Reply:
        """One page; Google leaves out what is empty."""
        start, size = (
            int(asked.query.get("pageToken", "p0")[1:]),
            min(int(asked.query["pageSize"]), self.largest),
        )
        some, following = self.page(rows, start, size)
        data: Row = {name: some} if some else {}
        if total:
            data[total] = len(rows)
        return Reply(200, data | ({"nextPageToken": f"p{following}"} if following is not None else {}))

    @route("GET", "v1/people/me/connections")
    def connections(self, asked: Asked) -> Reply:
        if not self.tokens.scopes & {"contacts", "contacts.readonly"}:
            return refused(403, "PERMISSION_DENIED", "insufficientPermissions")
        fields = asked.query["personFields"].split(",")
        rows = [self.person(id, row, fields) for id, row in self.hits("contacts", lambda row: True)]
        reply = self.listed(asked, rows, "connections", "totalItems")
        if "shift" in self.quirks and "nextPageToken" in reply.data:
            self.quirks.discard("shift")
            del self.table("contacts")[next(iter(self.table("contacts")))]
        return reply

    @route("GET", "v1/people:batchGet")
    def batch_get(self, asked: Asked) -> Reply:
        names = [value for key, value in asked.all_query if key == "resourceNames"]
        if len(names) > 200:
            return refused(400, "INVALID_ARGUMENT")
        return Reply(
            200,
            {"responses": [self.answered(name, asked.query["personFields"].split(",")) for name in names]},
        )

    def answered(self, name: str, fields: list[str]) -> Row:
        """One answer inside a batch."""
        id = name.removeprefix("people/")
        row = self.table("contacts").get(id)
        if row is None and "profile" in self.quirks and id in self.removed.get("contacts", {}):
            about = {"sources": [{"type": "PROFILE", "id": "9"}], "objectType": "PERSON"}
            person = {"resourceName": name, "etag": "%p", "metadata": about}
            held = self.removed["contacts"][id]
            person |= {one: held[one] for one in ("emailAddresses", "phoneNumbers")}
            return {"requestedResourceName": name, "httpStatusCode": 200, "status": {}, "person": person}
        if row is None:
            status = {"code": 5, "message": "Not found."}
            return {"requestedResourceName": name, "httpStatusCode": 404, "status": status}
        person = self.person(id, row, fields)
        return {"requestedResourceName": name, "httpStatusCode": 200, "status": {}, "person": person}

    @route("GET", "v1/otherContacts")
    def other_contacts(self, asked: Asked) -> Reply:
        if "contacts.other.readonly" not in self.tokens.scopes:
            return refused(403, "PERMISSION_DENIED", "insufficientPermissions")
        rows = [
            {"resourceName": f"otherContacts/c{id}", "etag": "%1", **row}
            for id, row in self.table("other").items()
        ]
        return self.listed(asked, rows, "otherContacts", "totalSize")

    @route("GET", "v1/people:listDirectoryPeople")
    def directory(self, asked: Asked) -> Reply:
        if "directory.readonly" not in self.tokens.scopes:
            return refused(403, "PERMISSION_DENIED", "insufficientPermissions")
        rows = [
            {"resourceName": f"people/{id}", "etag": "%1", **row}
            for id, row in self.table("directory").items()
        ]
        return self.listed(asked, rows, "people")

    @route("GET", "v1/contactGroups")
    def groups(self, asked: Asked) -> Reply:
        rows = [{"resourceName": f"contactGroups/{id}", **row} for id, row in self.table("groups").items()]
        return self.listed(asked, rows, "contactGroups", "totalItems")

    # What is changed.

    def made(self, change: Callable[[], object]) -> None:
        """Make a change now, or when the delay is over."""
        if "slow" in self.quirks:
            self.waiting.append(change)
        else:
            change()

    def settle(self) -> None:
        """The delay is over."""
        self.quirks.discard("slow")
        while self.waiting:
            self.waiting.pop(0)()

    @route("POST", "v1/people:batchDeleteContacts")
    def delete(self, asked: Asked) -> Reply:
        ids = [name.removeprefix("people/") for name in asked.body["resourceNames"]]
        if len(ids) > 500:
            return refused(400, "INVALID_ARGUMENT")
        if any(id not in self.table("contacts") for id in ids):
            return refused(404, "NOT_FOUND")
        for id in ids:
            self.made(lambda id=id: self.remove("contacts", id))  # type: ignore[misc]
        return Reply(200, {})

    @route("PATCH", "v1/people/{id}:updateContact")
    def update(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        row = self.table("contacts").get(id)
        if row is None:
            return refused(404, "NOT_FOUND")
        sources = [
            one for one in asked.body.get("metadata", {}).get("sources", []) if one.get("type") == "CONTACT"
        ]
        mask = asked.query["updatePersonFields"].split(",")
        values = {name: asked.body.get(name, []) for name in mask}
        if not sources or any(len(values.get(one, [])) > 1 for one in SINGLE):
            return refused(400, "INVALID_ARGUMENT")
        if sources[0].get("etag") != f"#{self.versions[id]}":
            return refused(400, "FAILED_PRECONDITION", "failedPrecondition")
        self.made(lambda: self.written(id, row, values))
        return Reply(200, self.person(id, row, ["metadata"]))

    def written(self, id: str, row: Row, values: Mapping[str, list[Row]]) -> None:
        """Replace whole fields; Google adds what it derives from them."""
        derived = {name: [derive(name, one) for one in many] for name, many in values.items()}
        if self.change(row, derived):
            self.versions[id] += 1
            for name in [one for one in derived if not row[one]]:
                del row[name]


def derive(name: str, value: Row) -> Row:
    """What Google makes of a value."""
    if name == "names":
        first, _, last = str(value["unstructuredName"]).partition(" ")
        return {**value, "displayName": value["unstructuredName"], "givenName": first, "familyName": last}
    if name == "phoneNumbers":
        return {**value, "canonicalForm": value["value"]}
    return value


def holds(row: Row, email: str) -> bool:
    """Whether a contact has this address."""
    return any(one["value"].lower() == email.lower() for one in row.get("emailAddresses", []))
