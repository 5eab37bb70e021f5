"""Legal hold on a case: set and released by the roles of the matrix."""

from __future__ import annotations

from datetime import date

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.services import legal_hold
from dsr.web.moment import now
from dsr.web.numbers import whole

from .access import officer
from .case import case_page
from .place import bp, to


@bp.post("/cases/<reference>/legal-hold")
def case_hold(reference: str) -> ResponseReturnValue:
    """Nothing of this person is erased until it is released."""
    form = request.form
    try:
        owner = form.get("owner", "")
        before = legal_hold.hold(
            reference,
            form.get("reason", ""),
            _day(form.get("review", "")),
            owner=whole(owner),
            by=officer(),
            now=now(),
        )
    except Refusal as refusal:
        if refusal.code == "case.unknown":
            raise
        return case_page(reference, refusal=refusal, at="hold")
    if before:
        flash(gettext("Held. Nothing of this person is erased until it is released."), "done")
    else:
        flash(gettext("Held, but the erasure is under way already: that run finishes."), "error")
    return to("case", reference=reference)


@bp.post("/cases/<reference>/release")
def case_release(reference: str) -> ResponseReturnValue:
    """The claim is over."""
    try:
        legal_hold.release(reference, by=officer(), now=now())
    except Refusal as refusal:
        if refusal.code == "case.unknown":
            raise
        return case_page(reference, refusal=refusal, at="hold")
    flash(gettext('Released. An erasure that was stopped is planned anew with "Try again".'), "done")
    return to("case", reference=reference)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("hold.review", "The review date must lie ahead.") from None
