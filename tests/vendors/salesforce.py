"""A fake Salesforce: objects with a schema, SOQL, describe, rows by id, a recycle bin, bulk jobs, and its sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from dsr.testing import Disturbance, Person

from .salesforce_asking import Asking, failed
from .salesforce_schema import (
    BELOW,
    MARK,
    NUMBER,
    PREFIX,
    USER,
    VERSION,
    WHEN,
    read_only,
)
from .server import Asked, Exchange, Fake, Reply, Row, route

ROOTS = {"contacts": ("Contact", "Email"), "leads": ("Lead", "Email"), "web_cases": ("Case", "SuppliedEmail")}


class SalesforceLogin(Fake):
    """My Domain's sign-in. ``granted``: the token that counts; ``grants``: what came."""

    kind = "salesforce_login"

    def __init__(self) -> None:
        super().__init__()
        self.granted, self.scope = "t0", "api refresh_token"
        self.grants: list[Mapping[str, str]] = []

    @route("POST", "services/oauth2/token")
    def token(self, asked: Asked) -> Reply:
        self.grants.append(asked.body)
        secret = asked.body.get("client_secret", Salesforce.secrets["client_secret"])
        if secret != Salesforce.secrets["client_secret"]:
            return Reply(400, {"error": "invalid_client", "error_description": "invalid client credentials"})
        self.granted = f"t{len(self.grants)}"
        told = {"access_token": self.granted, "token_type": "Bearer", "scope": self.scope, "id": "x"}
        return Reply(200, told)


class Salesforce(Asking):
    """``locked``: ids on which somebody else is at
    work, and how often still. ``denied``: (object, what) that the user may not do. Quirk ``slow_jobs``: bulk jobs
    wait for ``work``."""

    kind = "salesforce"
    base = VERSION
    secrets: ClassVar[Mapping[str, str]] = {"client_secret": "sf-secret", "refresh_token": "sf-refresh"}
    writes = frozenset({"PATCH sobjects/{object}/{id}", "DELETE composite/sobjects", "POST jobs/ingest"})

    def __init__(self) -> None:
        super().__init__()
        self.login = SalesforceLogin()
        self.refused = Reply(200, [told("", "INSUFFICIENT_ACCESS_OR_READONLY")])
        self.locked: dict[str, int] = {}
        self.denied: set[tuple[str, str]] = set()
        self.jobs: list[tuple[str, list[str]]] = []
        self.powers = {"PermissionsViewAllData": True, "PermissionsModifyAllData": False}
        self.table("UserPermissionAccess")["000"] = self.powers
        self.account = "sandbox"

    def __setattr__(self, name: str, value: Any) -> None:
        """``account``: what the organisation is, ``sandbox`` or anything else."""
        super().__setattr__(name, value)
        if name == "account":
            kind = {"IsSandbox": value == "sandbox", "OrganizationType": "Developer Edition"}
            self.table("Organization")["00D"] = kind

    def close(self) -> None:
        super().close()
        self.login.close()

    @property
    def settings(self) -> dict[str, Any]:
        told = {"domain": f"http://127.0.0.1:{self.login.port}", "client_id": "app"}
        return {**super().settings, **told, "restriction_field": MARK}

    def signed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {self.login.granted}"

    def stranger(self) -> Reply:
        return failed(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def throttle(self) -> Reply:
        return failed(
            403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
        )

    def budget(self) -> Reply:
        reply = failed(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        return Reply(reply.status, reply.data, {"Sforce-Limit-Info": "api-usage=15000/15000"})

    def refusal(self) -> Reply:
        return self.refused

    # The kit's side.

    def seed(self, person: Person) -> None:
        """A contact and a lead with one Individual, something of each kind, and a case from the web."""
        first, _, last = person.name.partition(" ")
        name = {"FirstName": first, "LastName": last, "Name": person.name}
        individual = self.add("Individual", **name, HasOptedOutProcessing=False, HasOptedOutTracking=False,
                              HasOptedOutSolicit=False)  # fmt: skip
        about = {**name, "Email": person.email, "Phone": person.phone, NUMBER: person.number, MARK: False,
                 "HasOptedOutOfEmail": False, "DoNotCall": False, "IndividualId": individual}  # fmt: skip
        contact = self.add("Contact", **about, Title="Directora", Shoe_Size__c="38")
        lead = self.add("Lead", **about, IsConverted=False)
        for who, kind in ((contact, "Contact"), (lead, "Lead")):
            self.add("Task", WhoId=who, Subject="a call", IsArchived=False)
            self.add("Event", WhoId=who, Subject="a meeting", IsArchived=False)
            self.mail(who, kind)
            self.add("CampaignMember", **{f"{kind}Id": who}, CampaignId="701", Status="Sent")
            self.add("Note", ParentId=who, Title="a note", Body="she likes tea")
            self.add("Attachment", ParentId=who, Name="old.pdf", BodyLength=3)
            self.file(who)
        self.add("Task", WhoId=contact, Subject="an old call", IsArchived=True)
        self.below(self.add("Case", ContactId=contact, Subject="it hums"))
        self.below(self.add("Case", SuppliedEmail=person.email, SuppliedName=person.name, **{MARK: False}))
        self.deal(contact, "2015-01-02")
        self.deal(contact, "2026-03-01")

    def add(self, object: str, **values: Any) -> str:
        """A row with every field of its object, under an id of 18 letters."""
        self._number += 1
        fixed = {"CreatedDate": WHEN, "LastModifiedDate": WHEN, "CreatedById": USER, "OwnerId": USER}
        names = [name for name in self.schema[object] if name not in ("Id", "IsDeleted")]
        row = {name: values.get(name, fixed.get(name)) for name in names}
        return self.new(object, row, f"{PREFIX[object]}{self._number:012}AAA")

    def mail(self, who: str, kind: str) -> str:
        """A mail to somebody, seen at her record and at no case."""
        mail = self.add("EmailMessage", Subject="offer", TextBody="dear you")
        self.relate(mail, who, kind)
        self.relate(mail, USER, "User")
        return mail

    def relate(self, mail: str, who: str, kind: str) -> None:
        """One more person of a mail."""
        self.add("EmailMessageRelation", EmailMessageId=mail, RelationId=who, RelationObjectType=kind)

    def file(self, *shown_at: str) -> str:
        """A file that somebody of the organisation owns, shown at these records."""
        document = self.add("ContentDocument", Title="contract", FileType="PDF", ContentSize=4711)
        for one in (USER, *shown_at):
            self.add("ContentDocumentLink", ContentDocumentId=document, LinkedEntityId=one, ShareType="V")
        return document

    def below(self, case: str) -> None:
        """What hangs on a case."""
        self.add("CaseComment", ParentId=case, CommentBody="we look at it")
        self.add("EmailMessage", ParentId=case, Subject="it hums")
        self.file(case)

    def deal(self, contact: str, closed: str) -> None:
        """An opportunity of a contact."""
        deal = self.add("Opportunity", Name="deal", CloseDate=closed)
        self.add("OpportunityContactRole", OpportunityId=deal, ContactId=contact)

    def id_of(self, person: Person, root: str = "contacts") -> list[str]:
        """Her rows of a root."""
        object, field = ROOTS[root]
        rows = self.table(object).items()
        return [id for id, row in rows if (row[field] or "").lower() == person.email.lower()]

    def raw(self, person: Person) -> dict[str, int]:
        contacts, leads, web = (set(self.id_of(person, root)) for root in ROOTS)
        cases = self.hanging("Case", "ContactId", contacts)
        found = {"contacts": len(contacts), "leads": len(leads), "web_cases": len(web), "cases": len(cases)}
        for before, who, kind in (("", contacts, "Contact"), ("lead_", leads, "Lead")):
            table = self.table(kind)
            linked = {table[id]["IndividualId"] for id in who}
            found[f"{before}individuals"] = len(linked & set(self.table("Individual")))
            found[f"{before}tasks"] = len(self.hanging("Task", "WhoId", who))
            found[f"{before}events"] = len(self.hanging("Event", "WhoId", who))
            found[f"{before}mails"] = len(self.hanging("EmailMessageRelation", "RelationId", who))
            found[f"{before}notes"] = len(self.hanging("Note", "ParentId", who))
            found[f"{before}attachments"] = len(self.hanging("Attachment", "ParentId", who))
            found[f"{before}files"] = len(self.hanging("ContentDocumentLink", "LinkedEntityId", who))
            found[f"{before}memberships"] = len(self.hanging("CampaignMember", f"{kind}Id", who))
        for before, of in (("case_", cases), ("web_case_", web)):
            found[f"{before}comments"] = len(self.hanging("CaseComment", "ParentId", of))
            found[f"{before}mails"] = len(self.hanging("EmailMessage", "ParentId", of))
            found[f"{before}files"] = len(self.hanging("ContentDocumentLink", "LinkedEntityId", of))
        return {**found, "deals": len(self.hanging("OpportunityContactRole", "ContactId", contacts))}

    def hanging(self, object: str, field: str, ids: set[str]) -> set[str]:
        """Rows whose field names one of these."""
        return {id for id, row in self.table(object).items() if row[field] in ids}

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        hers = self.id_of(person)[0]
        task = sorted(self.hanging("Task", "WhoId", {hers}))[0]
        if kind is Disturbance.ADD:
            self.add("Task", WhoId=hers, Subject="one more", IsArchived=False)
        elif kind is Disturbance.MOVE:
            self.table("Task")[task]["WhoId"] = self.id_of(eva)[0]
        elif kind is Disturbance.REMOVE:
            del self.table("Task")[task]
        elif kind is Disturbance.HAND_OVER:
            self.table("Contact")[hers]["Email"] = eva.email

    def duplicate(self, person: Person) -> None:
        self.add("Contact", **self.table("Contact")[self.id_of(person)[0]])

    def grow(self, person: Person, count: int) -> None:
        for number in range(count):
            self.add("Task", WhoId=self.id_of(person)[0], Subject=f"call {number}", IsArchived=False)

    # Rows and their schema.

    @route("GET", "sobjects/{object}/describe")
    def describe(self, asked: Asked) -> Reply:
        object = asked.parts["object"]
        if object not in self.schema:
            return failed(404, "NOT_FOUND", "The requested resource does not exist")
        able = {name: (object, name) not in self.denied for name in ("deletable", "updateable", "queryable")}
        fields = [
            {
                "name": name,
                "type": "string",
                "updateable": name not in read_only(object) and (object, name) not in self.denied,
            }
            for name in self.schema[object]
        ]
        return Reply(200, {"name": object, "label": object, **able, "fields": fields})

    @route("POST", "composite")
    def composite(self, asked: Asked) -> Reply:
        """Each part is answered by itself; of twenty-five, five may be queries."""
        parts = asked.body["compositeRequest"]
        if len(parts) > 25 or sum("/query" in one["url"] for one in parts) > 5:
            return failed(400, "PROCESSING_HALTED", "too many parts")
        told = []
        for one in parts:
            where = urlsplit(one["url"])
            pairs = parse_qsl(where.query, keep_blank_values=True)
            path = where.path.removeprefix(f"{self.base}/")
            part, reply, faulty = self.answer(
                Asked(one["method"], path, {}, dict(pairs), pairs, asked.headers, None)
            )
            self.inner.append(Exchange(part, reply, faulty))
            if reply.cut or reply.raw is not None:
                return reply
            status = {"httpStatusCode": reply.status, "referenceId": one["referenceId"]}
            told.append({"body": reply.data, "httpHeaders": {}, **status})
        return Reply(200, {"compositeResponse": told})

    @route("PATCH", "sobjects/{object}/{id}")
    def update(self, asked: Asked) -> Reply:
        object, id = asked.parts["object"], asked.parts["id"]
        row = self.table(object).get(id)
        if row is None:
            return failed(404, "ENTITY_IS_DELETED" if id in self.bin else "NOT_FOUND", "entity is deleted")
        if self.is_locked(id):
            return failed(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        if row.get("IsConverted"):
            return failed(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        if (
            not set(asked.body) <= set(self.schema[object]) - read_only(object)
            or row.get("IsPersonAccount")
            and object == "Contact"
        ):
            return failed(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields")
        self.change(row, asked.body)
        return Reply(204)

    @route("DELETE", "composite/sobjects")
    def delete(self, asked: Asked) -> Reply:
        """Into the bin, with what hangs on each; told for each one apart."""
        return Reply(200, [self.deleted(id, binned=True) for id in asked.query["ids"].split(",")])

    def deleted(self, id: str, *, binned: bool) -> Row:
        object = next((name for name, before in PREFIX.items() if id.startswith(before)), "")
        row = self.table(object).get(id)
        if row is None:
            return told(id, "ENTITY_IS_DELETED")
        if self.is_locked(id):
            return told(id, "UNABLE_TO_LOCK_ROW")
        if object == "Contact" and row.get("IsPersonAccount") or (object, "deletable") in self.denied:
            return told(id, "DELETE_FAILED")
        self.remove(object, id)
        if id in self.table(object):
            return told(id)
        if binned:
            self.bin[id] = (object, row)
        for child, fields in BELOW.items():
            for one in {one for field in fields for one in self.hanging(child, field, {id})}:
                self.deleted(one, binned=binned)
        return told(id)

    def is_locked(self, id: str) -> bool:
        left = self.locked.get(id, 0)
        self.locked[id] = max(left - 1, 0)
        return left > 0

    # Bulk jobs.

    @route("POST", "jobs/ingest")
    def job(self, asked: Asked) -> Reply:
        """A job with its data in one request; it is accepted, and done when it is done."""
        about, content = asked.body["job"], asked.body["content"]
        if about["operation"] != "hardDelete" or ("", "hardDelete") in self.denied:
            return failed(400, "FEATURENOTENABLED", "hardDelete is not enabled for this user")
        head, *ids = content.split()
        assert head == "Id"
        self.jobs.append((about["object"], ids))
        if "slow_jobs" not in self.quirks:
            self.work()
        return Reply(200, {"id": f"750{len(self.jobs)}", "state": "UploadComplete", **about})

    def work(self) -> None:
        """Every job is carried out."""
        for object, ids in self.jobs:
            for id in ids:
                if id.startswith(PREFIX[object]):
                    self.deleted(id, binned=False)
        self.jobs.clear()


def told(id: str, code: str = "") -> Row:
    """What is said of one row of many."""
    errors = [{"statusCode": code, "message": code.lower(), "fields": []}] if code else []
    return {"success": not code, "errors": errors, **({} if code else {"id": id})}
