"""The page of one case: who asks, what was found, what would happen, what may be done now."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from dsr.documents import policy
from dsr.domain.errors import Refusal
from dsr.services import evidence as uploads
from dsr.services import proofs, recipients, staff, standing, viewing
from dsr.services.viewing import CaseView
from dsr.web import auth
from dsr.web.errors import status_of
from dsr.web.languages import language
from dsr.web.moment import now

from .access import actor, controller, may, officer
from .place import bp
from .queue import next_case
from .refusals import sentence_of

APPROVING = frozenset({"approve", "first_approve", "second_approve"})
WORKING = frozenset({"ready", "collecting", "approved", "acting"})
"""While a case is worked on, its page loads itself again."""


@bp.get("/cases/<reference>")
def case(reference: str) -> ResponseReturnValue:
    """The page."""
    return case_page(reference)


@bp.get("/cases/<reference>/approval")
def approval(reference: str) -> ResponseReturnValue:
    """Before something irreversible: a page that repeats everything and asks for the second factor."""
    return approval_page(reference)


@bp.post("/cases/<reference>/values")
def values(reference: str) -> ResponseReturnValue:
    """Open the rows of one record; recorded."""
    opened = viewing.open_values(
        reference,
        request.form.get("system", ""),
        request.form.get("record", ""),
        by=officer(),
        language=language(),
        now=now(),
    )
    return render_template("desk/values.html", reference=reference, opened=opened)


@bp.post("/cases/<reference>/identifiers")
def identifiers(reference: str) -> ResponseReturnValue:
    """Open what the person typed; recorded."""
    opened = viewing.open_person(reference, by=officer(), now=now())
    return render_template("desk/identifiers.html", reference=reference, opened=opened)


@bp.post("/cases/<reference>/letters/<int:number>")
def letter(reference: str, number: int) -> ResponseReturnValue:
    """A letter as it was sent, under its own policy; recorded."""
    html = viewing.open_letter(reference, number, by=officer(), now=now())
    return Response(html, headers={"Content-Security-Policy": policy() + "; sandbox"}, mimetype="text/html")


@bp.post("/cases/<reference>/evidence/<int:number>")
def evidence(reference: str, number: int) -> ResponseReturnValue:
    """A scan or a proof, as a file; recorded."""
    viewing.submission_of(reference, by=officer(), upload=number)
    found = uploads.open_for_desk(number, (controller(),), by=actor(), now=now())
    answer = Response(found.pieces, mimetype=found.media)
    name = f"{reference}-{number}.{found.extension}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def case_page(reference: str, *, refusal: Refusal | None = None, at: str = "") -> ResponseReturnValue:
    """The page; after a refusal with the error on top, linked to the form ``at`` that is open again."""
    seen = viewing.view(reference, by=officer(), language=language(), now=now())
    page = render_template(
        "desk/case.html",
        c=seen,
        staff=staff.names(_numbers(seen)),
        colleagues=staff.directory(controller()),
        standing=standing.of(reference, by=officer(), language=language(), now=now()),
        proofs=proofs.of_case(reference, (controller(),)) if seen.reads else (),
        notices=recipients.of_case(reference, by=officer(), language=language()) if seen.reads else (),
        following=next_case(reference) if may("desk.queue") else "",
        working=seen.facts.status in WORKING and not refusal,
        deciding=bool(seen.allowed & APPROVING),
        tasks=viewing.tasks_of(reference, by=officer(), language=language()) if seen.reads else (),
        error=sentence_of(refusal) if refusal else "",
        at=at,
        typed=request.form if refusal else {},
        read_at=now(),
    )
    return page, status_of(refusal) if refusal else 200


def approval_page(reference: str, *, refusal: Refusal | None = None) -> ResponseReturnValue:
    """The confirmation page, with the error when the code or the plan was not right."""
    seen = viewing.view(reference, by=officer(), language=language(), now=now())
    page = render_template(
        "desk/approval.html",
        c=seen,
        staff=staff.names(_numbers(seen)),
        asks_code=asks_code(),
        deciding=bool(seen.allowed & APPROVING),
        error=sentence_of(refusal) if refusal else "",
    )
    return page, status_of(refusal) if refusal else 200


def asks_code() -> bool:
    """Has she a second factor, or must she have one?"""
    user: Any = current_user
    return bool(user.tf_totp_secret) or auth.second_factor_required(current_app)


def _numbers(seen: CaseView) -> list[int]:
    facts = seen.facts
    plain = [facts.assignee, facts.decided_by, facts.seconded_by]
    actors = [one.actor.removeprefix("staff:") for one in seen.timeline if one.actor.startswith("staff:")]
    return [one for one in plain if one] + [int(one) for one in actors if one.isdigit()]
