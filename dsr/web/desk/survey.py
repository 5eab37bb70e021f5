"""The survey of the inventory: where people's data are kept beside the connected systems."""

from __future__ import annotations

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.domain.survey import DETAILS, Present
from dsr.services import survey as service
from dsr.web.errors import status_of
from dsr.web.languages import language
from dsr.web.moment import now

from .access import actor
from .place import bp, to
from .refusals import sentence_of


@bp.get("/systems/<controller>/survey")
def survey(controller: str) -> ResponseReturnValue:
    """One question an area, those that are due first."""
    return _page(controller)


@bp.post("/systems/<controller>/survey/<area>")
def answer_survey(controller: str, area: str) -> ResponseReturnValue:
    """Keep what was said; it is asked again after six months."""
    details = {name: request.form.get(name, "") for name in DETAILS}
    present = request.form.get("present", "")
    try:
        service.answer(
            controller, area, present, details if present == Present.YES else {}, by=actor(), now=now()
        )
    except Refusal as refusal:
        if refusal.code == "survey.area":
            raise
        return _page(controller, refusal, at=area)
    if present == Present.UNKNOWN:
        flash(gettext("Noted. The question stays open until somebody knows."), "done")
    else:
        flash(gettext("Noted. It is asked again in six months."), "done")
    return to("survey", controller=controller)


def _page(controller: str, refusal: Refusal | None = None, at: str = "") -> ResponseReturnValue:
    found = service.survey(controller, now=now())
    page = render_template(
        "desk/survey.html",
        key=controller,
        found=sorted(found, key=lambda one: not one.due),
        due=sum(one.due for one in found),
        lang=language(),
        at=at,
        typed=request.form if refusal else {},
        error=sentence_of(refusal) if refusal else "",
    )
    return page, status_of(refusal) if refusal else 200
