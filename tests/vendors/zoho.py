"""A fake Zoho CRM: contacts and leads, what hangs on them by related lists, a recycle bin, and its sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dsr.testing import Disturbance, Person

from .server import Asked, Fake, Reply, Row, route

WHEN = "2020-01-02T10:00:00+01:00"
MARK = "DSR_Restricted"
ROOTS = {"Contacts": "", "Leads": "lead_"}
MAILS = 10
"""In one answer."""
ACTIVITIES = ("Tasks", "Calls", "Events")
TEXT = {
    "Notes": "Note_Title",
    "Tasks": "Subject",
    "Calls": "Subject",
    "Events": "Event_Title",
    "Deals": "Deal_Name",
    "Attachments": "File_Name",
}
USER = {"id": "9", "name": "Olga Oficial", "email": "olga@example.com"}


class ZohoAccounts(Fake):
    """The sign-in of a region, on a host of its own. ``granted``: the token that counts; ``grants``: what came."""

    kind = "zoho_accounts"

    def __init__(self) -> None:
        super().__init__()
        self.granted = "t0"
        self.scope = "ZohoCRM.modules.ALL ZohoCRM.modules.emails.READ ZohoCRM.settings.recycle_bin.ALL ZohoCRM.org.READ"
        """What is told with a token; empty: nothing is."""
        self.grants: list[Mapping[str, str]] = []

    @route("POST", "oauth/v2/token")
    def token(self, asked: Asked) -> Reply:
        self.grants.append(asked.body)
        if asked.body.get("refresh_token") != Zoho.secrets["refresh_token"]:
            return Reply(200, {"error": "invalid_code"})
        self.granted = f"t{len(self.grants)}"
        told = {"scope": self.scope} if self.scope else {}
        told |= {"access_token": self.granted, "token_type": "Bearer", "expires_in": 3600}
        return Reply(200, told | {"api_domain": "https://www.zohoapis.eu"})


class Zoho(Fake):
    """``bin``: what was deleted and is not purged. Quirk ``full_bin``: a purge is answered and not made."""

    kind = "zoho"
    secrets: ClassVar[Mapping[str, str]] = {"client_secret": "zoho-secret", "refresh_token": "zoho-refresh"}
    writes = frozenset({
        "PUT crm/v8/{module}/{id}", "DELETE crm/v8/{module}", "DELETE crm/v8/{module}/{id}/{list}/{child}",
        "DELETE crm/v8/settings/recycle_bin/{id}",
    })  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.accounts = ZohoAccounts()
        self.lagging: set[str] = set()
        """Ids that the search does not know yet."""
        self.scopes = {"modules", "recycle_bin", "org"}
        self.account = "production"

    def close(self) -> None:
        super().close()
        self.accounts.close()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            **super().settings,
            "region": "eu",
            "accounts": f"http://127.0.0.1:{self.accounts.port}",
            "client_id": "app",
            "restriction_field": MARK,
        }

    def signed(self, asked: Asked) -> bool:
        named = [
            one
            for one in ("recycle_bin", "org")
            if asked.path.endswith(f"/{one}") or f"/{one}/" in asked.path
        ]
        scope = named[0] if named else "modules"
        token = asked.headers.get("authorization")
        return scope in self.scopes and token == f"Zoho-oauthtoken {self.accounts.granted}"

    def budget(self) -> Reply:
        return Reply(429, error("TOO_MANY_REQUESTS"), {"X-API-CREDITS-REMAINING": "0"})

    def refusal(self) -> Reply:
        return Reply(200, {"data": [item("", "NOT_ALLOWED", "error")]})

    # The kit's side.

    def seed(self, person: Person) -> None:
        first, _, last = person.name.partition(" ")
        name = {"First_Name": first, "Last_Name": last, "Full_Name": person.name, "Email_Opt_Out": False}
        about = {**name, "Email": person.email, "Phone": person.phone, MARK: None, "Owner": USER}
        contact = self.new("Contacts", {**about, "Title": "Directora", "Shoe_Size": "38"})
        lead = self.new("Leads", {**about, "Designation": "Directora", "Converted__s": False})
        for kind in TEXT:
            self.child(kind, contact, f"{kind} one")
            if kind != "Deals":
                self.child(kind, lead, f"{kind} of the lead", "Leads")
        self.mail(person, contact)
        self.mail(person, lead, "Leads")
        self.child("Tasks", contact, "a task that is done", Status="Completed")
        self.child("Deals", contact, "deal of this year", Closing_Date="2026-03-01")

    def child(self, kind: str, parent: str, words: str, module: str = "Contacts", **more: Any) -> str:
        """One note, activity, file or deal of a contact or a lead."""
        owner = {"id": parent, "name": "who"}
        row: Row = {TEXT[kind]: words, "Created_Time": WHEN, **more}
        if kind in ("Notes", "Attachments"):
            row |= {"Parent_Id": owner, "$se_module": module}
        elif kind == "Deals":
            row |= {"Contact_Name": owner, "Closing_Date": more.get("Closing_Date", "2015-01-02")}
        else:
            row |= {"Who_Id": owner if module == "Contacts" else None, "Status": more.get("Status", "Open")}
            row |= {"What_Id": owner if module == "Leads" else None, "$se_module": module}
        return self.new(kind, row)

    def mail(self, person: Person, parent: str, module: str = "Contacts") -> str:
        """One mail that a colleague sent to her, with what is known of its opening."""
        id = f"e{self._number + 1}"
        opened = {"type": "opened", "count": "2", "bounced_time": None, "bounced_reason": None}
        return self.new("Emails", {
            "record": parent, "message_id": id, "subject": "Offer", "summary": None, "sent": True, "read": None,
            "from": {"user_name": "Olga", "email": "olga@example.com"}, "cc": [], "intent": "query", "emotion": None,
            "to": [{"user_name": person.name, "email": person.email}], "time": WHEN, "source": "crm",
            "status": [opened | {"first_open": WHEN, "last_open": WHEN}], "owner": {"id": "9", "name": "Olga"},
            "linked_record": {"id": parent, "name": person.name, "module": {"api_name": module, "id": "1"}},
            "activity_info": None, "sentiment_info": "neutral", "has_attachment": False, "has_thread_attachment": False,
        }, id)  # fmt: skip

    def id_of(self, person: Person, module: str = "Contacts") -> list[str]:
        """Her contacts or leads."""
        rows = self.table(module).items()
        return [id for id, row in rows if row["Email"].lower() == person.email.lower()]

    def raw(self, person: Person) -> dict[str, int]:
        found: dict[str, int] = {}
        for module, before in ROOTS.items():
            ids = set(self.id_of(person, module))
            found[module.lower()] = len(ids)
            for kind in TEXT:
                if (module, kind) != ("Leads", "Deals"):
                    rows = self.table(kind).values()
                    found[f"{before}{kind.lower()}"] = sum(bool(owners(row) & ids) for row in rows)
            mails = self.table("Emails").values()
            found[f"{before}emails"] = sum(row["record"] in ids for row in mails)
        return found

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        hers = self.id_of(person)[0]
        notes = [id for id, row in self.table("Notes").items() if hers in owners(row)]
        if kind is Disturbance.ADD:
            self.child("Notes", hers, "one more")
        elif kind is Disturbance.MOVE:
            self.table("Notes")[notes[0]]["Parent_Id"] = {"id": self.id_of(eva)[0], "name": "who"}
        elif kind is Disturbance.REMOVE:
            del self.table("Notes")[notes[0]]
        elif kind is Disturbance.HAND_OVER:
            self.table("Contacts")[hers]["Email"] = eva.email

    def duplicate(self, person: Person) -> None:
        self.new("Contacts", dict(self.table("Contacts")[self.id_of(person)[0]]))

    def grow(self, person: Person, count: int) -> None:
        for number in range(count):
            self.child("Notes", self.id_of(person)[0], f"note {number}")

    # Records.

    @route("GET", "crm/v8/org")
    def org(self, asked: Asked) -> Reply:
        return Reply(
            200, {"org": [{"id": "1", "type": self.account, "company_name": "Acme", "country_code": "ES"}]}
        )

    @route("GET", "crm/v8/{module}/search")
    def search(self, asked: Asked) -> Reply:
        """By any e-mail or phone field. Converted leads only when asked for; what is new comes later."""
        module = asked.parts["module"]
        names = ("Email", "Secondary_Email") if "email" in asked.query else ("Phone", "Mobile", "Home_Phone")
        wanted = asked.query.get("email", asked.query.get("phone", "")).lower()

        def fits(row: Row) -> bool:
            shown = not row.get("Converted__s") or asked.query.get("converted") == "both"
            return shown and wanted in [str(row.get(name) or "").lower() for name in names]

        rows = [{"id": id} for id, _ in self.hits(module, fits) if id not in self.lagging]
        return self.listed(asked, rows)

    def listed(self, asked: Asked, rows: list[Row]) -> Reply:
        """One page of a listing; 204 when there is nothing."""
        page, size = int(asked.query["page"]), int(asked.query["per_page"])
        some, following = self.page(rows, (page - 1) * size, size)
        if not some:
            return Reply(204)
        info = {"page": page, "per_page": size, "count": len(some), "more_records": following is not None}
        return Reply(200, {"data": some, "info": info})

    @route("GET", "crm/v8/{module}/{id}")
    def record(self, asked: Asked) -> Reply:
        row = self.table(asked.parts["module"]).get(asked.parts["id"])
        hidden = row is not None and row.get("Converted__s") and asked.query.get("converted") != "both"
        if row is None or hidden:
            return Reply(204) if asked.parts["id"].isdigit() else Reply(400, error("INVALID_DATA"))
        return Reply(200, {"data": [{"id": asked.parts["id"], **row}]})

    @route("PUT", "crm/v8/{module}/{id}")
    def update(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        row = self.table(asked.parts["module"]).get(id)
        if row is None:
            return Reply(400, {"data": [item(id, "INVALID_DATA", "error")]})
        self.change(row, asked.body["data"][0])
        return Reply(200, {"data": [item(id)]})

    @route("DELETE", "crm/v8/{module}")
    def delete(self, asked: Asked) -> Reply:
        """Into the bin; told for each one apart."""
        module, told = asked.parts["module"], []
        for id in asked.query["ids"].split(","):
            row = self.table(module).get(id)
            if row is None:
                told.append(item(id, "INVALID_DATA", "error"))
                continue
            self.remove(module, id)
            if id not in self.table(module):
                self.table("bin")[id] = {"module": module, "row": row}
            told.append(item(id))
        return Reply(200, {"data": told})

    # Related lists.

    @route("GET", "crm/v8/{module}/{id}/{list}")
    def related(self, asked: Asked) -> Reply:
        id, name = asked.parts["id"], asked.parts["list"]
        if id not in self.table(asked.parts["module"]):
            return Reply(400, error("INVALID_DATA"))
        kind, history = name.removesuffix("_History"), name.endswith("_History")
        wanted = asked.query["fields"].split(",")

        def fits(row: Row) -> bool:
            return id in owners(row) and (kind not in ACTIVITIES or (row["Status"] == "Completed") is history)

        rows = [
            {"id": key, **{k: v for k, v in row.items() if k in wanted}} for key, row in self.hits(kind, fits)
        ]
        reply = self.listed(asked, rows)
        if "shift" in self.quirks and kind == "Notes" and reply.status == 200:
            self.quirks.discard("shift")
            del self.table(kind)[reply.data["data"][0]["id"]]
        return reply

    @route("GET", "crm/v8/{module}/{id}/Emails")
    def emails(self, asked: Asked) -> Reply:
        """Ten at a time; an entry does not name the record whose list it is in."""
        id = asked.parts["id"]
        if id not in self.table(asked.parts["module"]):
            return Reply(400, error("INVALID_DATA"))
        rows = [
            {k: v for k, v in row.items() if k != "record"}
            for row in self.table("Emails").values()
            if row["record"] == id
        ]
        some, following = self.page(rows, int(asked.query.get("index", 0)), MAILS)
        if not some:
            return Reply(204)
        more = {"next_index": str(following) if following is not None else None, "prev_index": None}
        more |= {"count": len(some), "per_page": MAILS, "more_records": following is not None}
        return Reply(200, {"Emails": some, "info": more})

    @route("DELETE", "crm/v8/{module}/{id}/{list}/{child}")
    def delete_attachment(self, asked: Asked) -> Reply:
        """A file is deleted at once; it knows no bin."""
        child = asked.parts["child"]
        if not self.remove(asked.parts["list"], child):
            return Reply(400, {"data": [item(child, "INVALID_DATA", "error")]})
        return Reply(200, {"data": [item(child)]})

    # The recycle bin.

    @route("GET", "crm/v8/settings/recycle_bin/{id}")
    def binned(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        held = self.table("bin").get(id)
        if held is None:
            return Reply(204)
        module = {"api_name": held["module"], "id": "1"}
        one = {"id": id, "display_name": "who", "deleted_time": WHEN, "module": module}
        info = {"page": 1, "per_page": 200, "count": 1, "more_records": False}
        return Reply(200, {"recycle_bin": [one | {"owner": USER, "deleted_by": USER}], "info": info})

    @route("DELETE", "crm/v8/settings/recycle_bin/{id}")
    def purge(self, asked: Asked) -> Reply:
        id = asked.parts["id"]
        if id not in self.table("bin"):
            return Reply(400, {"recycle_bin": [item(id, "INVALID_DATA", "error")]})
        if "full_bin" not in self.quirks:
            del self.table("bin")[id]
        return Reply(200, {"recycle_bin": [item(id)]})


def owners(row: Row) -> set[str]:
    """Ids of the records that a row hangs on."""
    found = (row.get(name) for name in ("Parent_Id", "Who_Id", "What_Id", "Contact_Name"))
    return {one["id"] for one in found if one}


def item(id: str, code: str = "SUCCESS", status: str = "success") -> Row:
    """What is said of one item inside an answer."""
    return {"code": code, "status": status, "message": code.lower(), "details": {"id": id}}


def error(code: str) -> Row:
    """An error of a whole request."""
    return {"code": code, "status": "error", "message": code.lower(), "details": {}}
