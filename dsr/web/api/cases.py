"""Cases: file, list, follow, decide."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from marshmallow import RAISE

from dsr import store
from dsr.domain.errors import Refusal
from dsr.domain.workflow import Status
from dsr.services import country, intake, refusing, review
from dsr.services.house import house
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import RefusalReasons
from dsr.services.tokens import DECIDE, READ, WRITE
from dsr.services.viewing import summary as viewing
from dsr.store.queries import desk
from dsr.store.session import Transaction
from dsr.web import schemas
from dsr.web.moment import now

from .place import area, bearer, mine, once, once_guarded, scope

bp = area("cases", "Requests of people, one case for each right.")

OLDEST = timedelta(days=366)
LAST_ID = 2**31 - 1


@bp.route("/cases", methods=["POST"])
@scope(bp, WRITE, 409, 413, 415)
@bp.arguments(schemas.KeySchema, location="headers")
@bp.arguments(schemas.FilingSchema)
@bp.response(202, schemas.ReceiptSchema)
def file(headers: Mapping[str, str], asked: Mapping[str, Any]) -> Any:
    """File a request that a person made on a page of yours.

    The address typed is sent a mail to confirm it; nothing is searched before. The answer is the same
    whether the person is known or not.
    """
    return once(headers["key"], 202, lambda tx: _file(tx, _filing(asked)))


@bp.route("/cases", methods=["GET"])
@scope(bp, READ)
@bp.arguments(schemas.ListingSchema, location="query", unknown=RAISE)
@bp.response(200, schemas.PageSchema)
def listing(asked: Mapping[str, Any]) -> Any:
    """List cases by the earlier of target and legal date."""
    wanted = desk.Wanted(
        controllers=mine(),
        statuses={"open": desk.OPEN, "all": desk.EVERY}.get(asked["status"], (asked["status"],)),
        right=asked["right"],
        due_before=asked.get("due_before"),
        due_from=asked.get("due_from"),
        failed=asked["failed"],
        bounced=asked["bounced"],
        promised=asked["promised"],
    )
    most = asked["limit"]
    with store.reading() as session:
        lines = desk.review_queue(session, wanted, _place(asked["cursor"]), most + 1)
    last = lines[most - 1] if len(lines) > most else None
    return {"cases": lines[:most], "next": _cursor(last.sort_on, last.id) if last else None}


@bp.route("/cases/<reference:reference>", methods=["GET"])
@scope(bp, READ, 404)
@bp.response(200, schemas.CaseSchema)
def show(reference: str) -> Any:
    """Status, dates, counts and plan of a case; nothing personal."""
    return viewing.summary(reference, mine())


@bp.route("/cases/<reference:reference>/events", methods=["GET"])
@scope(bp, READ, 404)
@bp.arguments(schemas.CourseSchema, location="query", unknown=RAISE)
@bp.response(200, schemas.HappeningsSchema)
def course(asked: Mapping[str, int], reference: str) -> Any:
    """What happened to a case, from the audit log."""
    most = asked["limit"]
    found = viewing.course(reference, mine(), after=asked["after"], limit=most + 1)
    events = [
        {"seq": one.seq, "at": one.at, "kind": one.kind, "actor": one.actor, "status": one.data.get("status")}
        for one in found[:most]
    ]
    return {"events": events, "next": found[most - 1].seq if len(found) > most else None}


@bp.route("/cases/<reference:reference>/approve", methods=["POST"])
@scope(bp, DECIDE, 404, 409, 413, 415)
@bp.arguments(schemas.KeySchema, location="headers")
@bp.arguments(schemas.ApprovalSchema)
@bp.response(200, schemas.StateSchema)
def approve(headers: Mapping[str, str], asked: Mapping[str, str], reference: str) -> Any:
    """Approve exactly the plan with this hash.

    Where four eyes rule, the first approval leads to the status `second`; a program cannot give the
    second one after a program gave the first.
    """
    by, digest = bearer().officer, asked["plan_hash"]

    def work() -> dict[str, Any]:
        if viewing.status_of(reference, mine()) == Status.SECOND:
            review.second_approve(reference, digest, by=by, now=now())
        else:
            review.approve(reference, digest, by=by, now=now())
        return _state(reference)

    return once_guarded(headers["key"], 200, work)


@bp.route("/cases/<reference:reference>/refuse", methods=["POST"])
@scope(bp, DECIDE, 404, 409, 413, 415)
@bp.arguments(schemas.KeySchema, location="headers")
@bp.arguments(schemas.RefusingSchema)
@bp.response(200, schemas.StateSchema)
def refuse(headers: Mapping[str, str], asked: Mapping[str, Any], reference: str) -> Any:
    """Refuse with article and facts; the person is told both, who decided, and how to complain."""
    why = RefusalReasons(**asked)

    def work() -> dict[str, Any]:
        refusing.refuse(reference, why, by=bearer().officer, now=now())
        return _state(reference)

    return once_guarded(headers["key"], 200, work)


@bp.route("/cases/<reference:reference>/extend", methods=["POST"])
@scope(bp, DECIDE, 404, 409, 413, 415)
@bp.arguments(schemas.KeySchema, location="headers")
@bp.arguments(schemas.ExtendingSchema)
@bp.response(200, schemas.StateSchema)
def extend(headers: Mapping[str, str], asked: Mapping[str, str], reference: str) -> Any:
    """Extend once, in time, with reasons that the person is told."""

    def work() -> dict[str, Any]:
        review.extend(reference, asked["reasons"], by=bearer().officer, now=now())
        return _state(reference)

    return once_guarded(headers["key"], 200, work)


def _filing(asked: Mapping[str, Any]) -> Filing:
    controller = house().controller(bearer().controller)
    received_at: datetime | None = asked["received_at"]
    if received_at is not None and received_at < now() - OLDEST:
        raise Refusal("filing.old", "The date of receipt is more than a year ago.")
    where = country.place(asked["country"], controller)
    beyond = country.beyond(where.jurisdiction, controller, controller.language, now=now())
    served = {one.key: one.served_by for one in beyond}
    same = ("name", "message", "behalf", "representative", "child_age", "forwarded_by", "answer_by")
    return Filing(
        controller=controller.key,
        language=asked["language"] or controller.language,
        jurisdiction=where.jurisdiction,
        country=where.country,
        rights=tuple(_wanted(one, served) for one in asked["rights"]),
        identifiers=tuple((one["kind"], one["value"]) for one in asked["identifiers"]),
        channel="processor" if asked["forwarded_by"] else "api",
        postal_address=asked["postal_address"],
        received_at=received_at,
        **{name: asked[name] for name in same},
    )


def _wanted(asked: Mapping[str, Any], served: Mapping[str, str]) -> Wanted:
    """What is asked for; ``served``: the right whose work answers each of those beyond the seven."""
    local = asked["local_right"]
    if local and local not in served:
        raise Refusal(
            "filing.local_right", "The law of this country has no such right; GET /rights names them."
        )
    return Wanted(
        right=asked["right"] or served[local],
        local_right=local,
        changes=tuple((one["category"], one["old"], one["new"]) for one in asked["changes"]),
        channels=tuple(asked["channels"]),
        ground=asked["ground"],
        reason=asked["reason"],
    )


def _file(tx: Transaction, filing: Filing) -> dict[str, Any]:
    at, by = now(), bearer().actor
    identifiers = intake.checked(filing, now=at)
    # Nobody but the person gets the secret of her status page; she comes there by the mail.
    token = secrets.token_urlsafe(32)
    submission = intake.file_in(tx, filing, identifiers, token=token, by=by, now=at)
    return {
        "reference": submission.reference,
        "cases": [
            {"reference": case.reference, "right": case.right, "local_right": case.local_right}
            for case in submission.cases
        ],
    }


def _state(reference: str) -> dict[str, Any]:
    found = viewing.summary(reference, mine())
    due_on = found.due_on.isoformat() if found.due_on else None
    return {"reference": reference, "status": found.status, "due_on": due_on}


def _cursor(day: date | None, number: int) -> str:
    return base64.urlsafe_b64encode(f"{day or ''}|{number}".encode()).decode()


def _place(cursor: str) -> desk.Cursor | None:
    """Where a page ended; Refusal ``cursor`` for what is no cursor of ours."""
    if not cursor:
        return None
    try:
        day, _, number = (
            base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii").partition("|")
        )
        place = (date.fromisoformat(day) if day else None, int(number))
    except (ValueError, binascii.Error):
        raise Refusal("cursor", "This is no cursor: send next of the page before.") from None
    if not 0 <= place[1] <= LAST_ID:
        raise Refusal("cursor", "This is no cursor: send next of the page before.")
    return place
