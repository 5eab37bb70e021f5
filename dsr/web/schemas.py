"""What goes in and out of the API: one named schema for each view, shown in openapi.json."""

from __future__ import annotations

import re
from typing import Any

import marshmallow as ma
from flask_smorest.fields import Upload
from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range, Validator

from dsr.domain.identity import KINDS
from dsr.domain.rights import CHANNELS, GROUNDS, Right
from dsr.domain.workflow import Ending, Status
from dsr.services import intake
from dsr.services.officers import ABUSIVE

RIGHTS = tuple(right.value for right in Right)
STATUSES = tuple(status.value for status in Status)
REFERENCE = f"^[{intake.ALPHABET}]{{4}}-[{intake.ALPHABET}]{{4}}$"
MOST = 100
MOST_RIGHTS = 20
LAST = 2**31 - 1


class Whole(Validator):
    """The whole text is like this; ``pattern`` has ``^`` and ``$`` because openapi.json shows it."""

    def __init__(self, pattern: str) -> None:
        self.regex = re.compile(pattern)

    def __call__(self, value: str) -> str:
        if self.regex.fullmatch(value) is None:
            raise ma.ValidationError(f"Write what matches {self.regex.pattern}.")
        return value


class Text(fields.String):
    """Text without NUL and without halves of characters, which no database keeps."""

    default_error_messages = {"control": "Take out the character with the number 0."}

    def __init__(self, most: int, *, least: int = 0, **more: Any) -> None:
        metadata = {"pattern": "^[^\\u0000]*$"} | more.pop("metadata", {})
        super().__init__(validate=Length(least, most), metadata=metadata, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise self.make_error("control")
        return str(text)


class Schema(ma.Schema):
    """Unknown fields are refused: a misspelt one would be lost without a word."""

    class Meta:
        unknown = ma.RAISE


class KeySchema(ma.Schema):
    """The header of every write."""

    class Meta:
        unknown = ma.EXCLUDE

    key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=Whole("^[!-~]{1,80}$"),
        metadata={"description": "Chosen by you, a UUID for example; the same write has the same key."},
    )


class ProblemSchema(ma.Schema):
    """RFC 9457. ``code`` is stable; ``errors`` names fields, each with a list of sentences."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.Dict(keys=fields.String())


class ChangeSchema(Schema):
    """One correction: what kind of data, what it says now, what it should say."""

    category = Text(200, load_default="")
    old = Text(2_000, load_default="", data_key="from")
    new = Text(2_000, least=1, required=True, data_key="to")


class WantedSchema(Schema):
    """One right asked for, with what that right needs: `right`, or `local_right` of `GET /rights`."""

    right = fields.String(load_default="", validate=OneOf(("", *RIGHTS)))
    local_right = fields.String(
        load_default="",
        validate=Whole("^[a-z_]{0,60}$"),
        metadata={
            "description": "A right that only the law of the country has, by its key in `GET /rights`."
        },
    )
    changes = fields.List(fields.Nested(ChangeSchema), load_default=list, validate=Length(max=20))
    channels = fields.List(
        fields.String(validate=OneOf(CHANNELS)), load_default=list, validate=Length(max=len(CHANNELS))
    )
    ground = fields.String(load_default="", validate=OneOf(("", *GROUNDS)))
    reason = Text(intake.MAX_WORDS, load_default="")

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **_: Any) -> None:
        if not data["right"] and not data["local_right"]:
            raise ma.ValidationError("Say which right, or which local_right.", "right")


class IdentifierSchema(Schema):
    """One way to find the person."""

    kind = fields.String(required=True, validate=OneOf(tuple(KINDS)))
    value = Text(320, least=1, required=True)


def _country() -> fields.String:
    return fields.String(
        load_default="",
        validate=Whole("^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$"),
        metadata={"description": "Where the person lives: ES, BR, US-CA. Without it, your own law."},
    )


def _language(what: str) -> fields.String:
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=OneOf(("es", "en", "pt")),
        metadata={"description": what},
    )


class WhereSchema(Schema):
    """Where a person lives."""

    country = _country()
    language = _language("Of the names. Without it, the controller's.")


class OfferedSchema(ma.Schema):
    """What can be asked for; ``law``: the article."""

    right = fields.String(required=True, validate=OneOf(RIGHTS))
    local_right = fields.String(required=True)
    name = fields.String(required=True)
    law = fields.String(required=True)


class RightsSchema(ma.Schema):
    """Everything that can be asked for under that law."""

    jurisdiction = fields.String(required=True)
    rights = fields.List(fields.Nested(OfferedSchema), required=True)


class EvidenceSchema(Schema):
    """A form with one file."""

    file = Upload(required=True, metadata={"description": "PDF, PNG or JPEG."})


class KeptSchema(ma.Schema):
    """What was sealed. ``sha256`` of the file as it was sent."""

    reference = fields.String(required=True)
    sha256 = fields.String(required=True)


class FilingSchema(Schema):
    """A request that a person made on a page of yours."""

    rights = fields.List(fields.Nested(WantedSchema), required=True, validate=Length(1, MOST_RIGHTS))
    identifiers = fields.List(
        fields.Nested(IdentifierSchema), required=True, validate=Length(1, intake.MAX_IDENTIFIERS)
    )
    country = _country()
    language = _language("Of mails and letters. Without it, the controller's.")
    name = Text(200, load_default="")
    message = Text(intake.MAX_WORDS, load_default="")
    behalf = fields.String(load_default="", validate=OneOf(intake.BEHALF))
    representative = Text(400, load_default="")
    child_age = fields.Integer(load_default=None, allow_none=True, validate=Range(0, 120))
    forwarded_by = Text(
        200,
        load_default="",
        metadata={"description": "The processor that passes the request on to its controller."},
    )
    received_at = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "When it was received, if before now; at most a year ago."},
    )
    answer_by = fields.String(load_default="mail", validate=OneOf(intake.ANSWER_BY))
    postal_address = Text(intake.MAX_WORDS, load_default="")


class FiledCaseSchema(ma.Schema):
    """One case of a filing."""

    reference = fields.String(required=True)
    right = fields.String(required=True, validate=OneOf(RIGHTS))
    local_right = fields.String(required=True)


class ReceiptSchema(ma.Schema):
    """What was filed; says nothing about whether the person is known."""

    reference = fields.String(required=True)
    cases = fields.List(fields.Nested(FiledCaseSchema), required=True)


class ListingSchema(Schema):
    """Filters of the list."""

    status = fields.String(
        load_default="open",
        validate=OneOf(("open", "all", *STATUSES)),
        metadata={"description": "'open': neither answered nor closed."},
    )
    right = fields.String(load_default="", validate=OneOf(("", *RIGHTS)))
    due_before = fields.Date()
    due_from = fields.Date()
    failed = fields.Boolean(load_default=False)
    bounced = fields.Boolean(load_default=False)
    promised = fields.Boolean(load_default=False)
    cursor = fields.String(
        load_default="",
        validate=Length(max=80),
        metadata={"description": "`next` of the page before."},
    )
    limit = fields.Integer(load_default=50, validate=Range(1, MOST))


class LineSchema(ma.Schema):
    """A case in the list."""

    reference = fields.String(required=True)
    right = fields.String(required=True, validate=OneOf(RIGHTS))
    status = fields.String(required=True, validate=OneOf(STATUSES))
    ending = fields.String(required=True, allow_none=True, validate=OneOf([one.value for one in Ending]))
    received_on = fields.Date(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    target_on = fields.Date(required=True, allow_none=True, attribute="internal_on")
    suspended_on = fields.Date(required=True, allow_none=True)
    failed = fields.Boolean(required=True)
    bounced = fields.Boolean(required=True)
    promised_on = fields.Date(required=True, allow_none=True)


class PageSchema(ma.Schema):
    """A page of the list, sorted by the earlier of target and legal date. ``next`` null: the last one."""

    cases = fields.List(fields.Nested(LineSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class SearchedSchema(ma.Schema):
    """What one system answered. ``proposals``: records that an officer must accept or reject."""

    system = fields.String(required=True)
    found = fields.String(required=True)
    count = fields.Integer(required=True)
    proposals = fields.Integer(required=True)
    at = fields.DateTime(required=True)


class PlanLineSchema(ma.Schema):
    """One verb on one collection, counted. ``citation`` and ``until``: why and how long something is kept."""

    system = fields.String(required=True)
    verb = fields.String(required=True)
    collection = fields.String(required=True)
    count = fields.Integer(required=True)
    citation = fields.String(required=True)
    until = fields.String(required=True)


class PlanSchema(ma.Schema):
    """What would happen. ``hash`` is what is approved."""

    hash = fields.String(required=True)
    made_at = fields.DateTime(required=True)
    conflicts = fields.Integer(required=True)
    proposals = fields.Integer(required=True)
    approved_at = fields.DateTime(required=True, allow_none=True)
    lines = fields.List(fields.Nested(PlanLineSchema), required=True)


class WorkSchema(ma.Schema):
    """How far one system is. ``verified``: what a fresh read said."""

    system = fields.String(required=True)
    state = fields.String(required=True)
    verified = fields.String(required=True)
    done_at = fields.DateTime(required=True, allow_none=True)
    final_on = fields.Date(required=True, allow_none=True)


class CaseSchema(ma.Schema):
    """Status, dates, counts and plan of a case; nothing personal. ``promised_on``: by when the rest of a partial
    answer is promised."""

    reference = fields.String(required=True)
    submission = fields.String(required=True)
    right = fields.String(required=True, validate=OneOf(RIGHTS))
    local_right = fields.String(required=True)
    status = fields.String(required=True, validate=OneOf(STATUSES))
    ending = fields.String(required=True, allow_none=True, validate=OneOf([one.value for one in Ending]))
    jurisdiction = fields.String(required=True)
    law = fields.String(required=True)
    received_at = fields.DateTime(required=True)
    received_on = fields.Date(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    first_due_on = fields.Date(required=True, allow_none=True)
    target_on = fields.Date(required=True, allow_none=True)
    suspended_on = fields.Date(required=True, allow_none=True)
    answered_at = fields.DateTime(required=True, allow_none=True)
    closed_at = fields.DateTime(required=True, allow_none=True)
    failed = fields.Boolean(required=True)
    bounced = fields.Boolean(required=True)
    waits_for = fields.String(required=True)
    promised_on = fields.Date(required=True, allow_none=True)
    searches = fields.List(fields.Nested(SearchedSchema), required=True)
    plan = fields.Nested(PlanSchema, required=True, allow_none=True)
    works = fields.List(fields.Nested(WorkSchema), required=True)


class ApprovalSchema(Schema):
    """Exactly the plan that was looked at."""

    plan_hash = fields.String(required=True, validate=Whole("^[0-9a-f]{64}$"))


class RefusingSchema(Schema):
    """A refusal with its reasons, for the letter. ``what``: the part that is refused; empty, all of it."""

    article = Text(200, least=1, required=True)
    facts = Text(intake.MAX_WORDS, least=1, required=True)
    what = Text(2_000, load_default="")
    not_identified = fields.Boolean(load_default=False)
    ground = fields.String(load_default="", validate=OneOf(("", *sorted(ABUSIVE))))
    evidence = Text(intake.MAX_WORDS, load_default="")
    late = fields.Boolean(
        load_default=False, metadata={"description": "You know that the first period is over."}
    )
    decided_by = Text(
        200,
        least=1,
        required=True,
        metadata={"description": "The person who decided; the letter names her."},
    )


class ExtendingSchema(Schema):
    """Why more time is needed; the person is told."""

    reasons = Text(intake.MAX_WORDS, least=1, required=True)


class StateSchema(ma.Schema):
    """Where a case stands after a decision."""

    reference = fields.String(required=True)
    status = fields.String(required=True, validate=OneOf(STATUSES))
    due_on = fields.String(required=True, allow_none=True, metadata={"format": "date"})


class CourseSchema(Schema):
    """Where to go on reading."""

    after = fields.Integer(load_default=0, validate=Range(0, LAST))
    limit = fields.Integer(load_default=MOST, validate=Range(1, MOST))


class HappeningSchema(ma.Schema):
    """One entry of the audit log about a case. ``actor``: person, system, staff:<n>, token:<n>, cli:<name>."""

    seq = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    kind = fields.String(required=True)
    actor = fields.String(required=True)
    status = fields.String(required=True, allow_none=True, validate=OneOf(STATUSES))


class HappeningsSchema(ma.Schema):
    """The oldest first. ``next``: value of ``after`` for the next page, null at the end."""

    events = fields.List(fields.Nested(HappeningSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)
