"""The list of people not to contact again: look somebody up, add, take off, export for a mailing tool."""

from __future__ import annotations

from flask import Response, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.services import suppression as service
from dsr.web.errors import status_of
from dsr.web.moment import now
from dsr.web.numbers import whole

from .access import actor, allowed
from .place import bp, to
from .refusals import sentence_of

PAGE = 50


@bp.get("/suppression")
def suppression_first() -> ResponseReturnValue:
    """That of her first organisation."""
    return to("suppression", controller=allowed()[0])


@bp.get("/suppression/<controller>")
def suppression(controller: str) -> ResponseReturnValue:
    """The newest entries."""
    return _page(controller)


@bp.post("/suppression/<controller>/find")
def suppression_find(controller: str) -> ResponseReturnValue:
    """Is this address on the list? By POST, so that no address stands in a log."""
    try:
        found = service.find(controller, _said("value"), _said("kind") or "email")
    except Refusal as refusal:
        return _page(controller, refusal=refusal, at="value")
    return _page(controller, found=found)


@bp.post("/suppression/<controller>/add")
def suppression_add(controller: str) -> ResponseReturnValue:
    """Put somebody on the list."""
    try:
        made = service.add(
            controller, _said("value"), _said("channel"), kind=_said("kind") or "email", by=actor(), now=now()
        )
    except Refusal as refusal:
        return _page(controller, refusal=refusal, at="add-value")
    flash(gettext("Added.") if made else gettext("This was on the list already."), "done")
    return to("suppression", controller=controller)


@bp.post("/suppression/<controller>/<int:number>/withdraw")
def suppression_withdraw(controller: str, number: int) -> ResponseReturnValue:
    """She changed her mind."""
    try:
        service.withdraw(controller, number=number, by=actor(), now=now())
    except Refusal as refusal:
        return _page(controller, refusal=refusal)
    flash(gettext("Taken off the list."), "done")
    return to("suppression", controller=controller)


@bp.post("/suppression/<controller>/export")
def suppression_export(controller: str) -> ResponseReturnValue:
    """A CSV for a mailing tool."""
    try:
        found = service.export(controller, _said("form"), _said("channel"), by=actor(), now=now())
    except Refusal as refusal:
        return _page(controller, refusal=refusal, at="form")
    text = "\r\n".join((found.header, *found.lines)) + "\r\n"
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="suppression.csv"'
    return answer


def _page(
    controller: str,
    *,
    refusal: Refusal | None = None,
    at: str = "",
    found: list[service.Entry] | None = None,
) -> ResponseReturnValue:
    before = request.args.get("before", "")
    listed = service.entries(controller, limit=PAGE + 1, before=whole(before))
    body = render_template(
        "desk/suppression.html",
        key=controller,
        entries=listed[:PAGE],
        following=listed[PAGE - 1].id if len(listed) > PAGE else None,
        found=found,
        channels=service.CHANNELS,
        forms=service.FORMS,
        error=sentence_of(refusal) if refusal else "",
        at=at,
    )
    return body, status_of(refusal) if refusal else 200


def _said(name: str) -> str:
    return request.form.get(name, "").strip()
