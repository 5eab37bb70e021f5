"""What is blocked, for the role legal: counts and dates, opening for an authority, certificates.

Nothing of what is blocked is ever on a page: it leaves once, as a file, after two people agreed.
"""

from __future__ import annotations

from flask import Response, current_app, flash, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.services import blocking, staff
from dsr.services.blocking import Mandate
from dsr.web import auth
from dsr.web.errors import status_of
from dsr.web.languages import language
from dsr.web.moment import now
from dsr.web.numbers import whole

from .access import actor, allowed, officer
from .case import asks_code
from .place import bp, to
from .refusals import sentence_of

PAGE = 50


@bp.get("/vault")
def vault_first() -> ResponseReturnValue:
    """That of her first organisation."""
    return to("vault", controller=allowed()[0])


@bp.get("/vault/<controller>")
def vault(controller: str) -> ResponseReturnValue:
    """What is blocked, by case, and what was asked to be opened."""
    return _page(controller)


@bp.post("/vault/<controller>/ask")
def vault_ask(controller: str) -> ResponseReturnValue:
    """Ask for an opening, with the reference of an authority."""
    try:
        mandate = Mandate(_said("authority"), _said("number"), _said("reason"))
        blocking.ask(controller, _said("case"), mandate, by=officer(), now=now())
    except Refusal as refusal:
        return _page(controller, refusal=refusal, at="ask")
    flash(gettext("Asked for. A second person approves it, signed in as herself."), "done")
    return to("vault", controller=controller)


@bp.post("/vault/<controller>/openings/<int:number>/decide")
def vault_decide(controller: str, number: int) -> ResponseReturnValue:
    """The second person approves or denies."""
    try:
        if _said("verdict") == "approve":
            _check_code()
            blocking.approve(controller, number, by=officer(), now=now())
            said = gettext("Approved. The person who asked can fetch it once.")
        else:
            blocking.deny(controller, number, by=officer(), now=now())
            said = gettext("Denied.")
    except Refusal as refusal:
        return _page(controller, refusal=refusal, at=f"o-{number}")
    flash(said, "done")
    return to("vault", controller=controller)


@bp.post("/vault/<controller>/openings/<int:number>/fetch")
def vault_fetch(controller: str, number: int) -> ResponseReturnValue:
    """The file, once. The private key comes with the form, or from this machine if it still lies here."""
    try:
        _check_code()
        file = request.files.get("key")
        text = file.read() if file is not None and file.filename else None
        pieces = blocking.fetch(controller, number, text, by=officer(), now=now())
    except Refusal as refusal:
        return _page(controller, refusal=refusal, at=f"o-{number}")
    answer = Response(stream_with_context(pieces), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="opening-{number}.zip"'
    return answer


@bp.post("/vault/<controller>/certificate")
def vault_certificate(controller: str) -> ResponseReturnValue:
    """The certificate of destruction of one case."""
    reference = _said("case")
    try:
        made = blocking.certificate(controller, reference, language(), by=actor(), now=now())
    except Refusal as refusal:
        return _page(controller, refusal=refusal)
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{reference}-destruction.pdf"'
    return answer


def _page(controller: str, *, refusal: Refusal | None = None, at: str = "") -> ResponseReturnValue:
    page = request.args.get("page", "0")
    start = (whole(page) or 0) * PAGE
    found = blocking.sets(controller, limit=PAGE + 1, offset=start)
    asked = blocking.openings(controller, now=now())
    people = [one.asked_by for one in asked] + [one.decided_by for one in asked if one.decided_by]
    body = render_template(
        "desk/vault.html",
        key=controller,
        sets=found[:PAGE],
        following=start // PAGE + 1 if len(found) > PAGE else None,
        openings=asked,
        keys=blocking.key_states(controller),
        key_file=current_app.config["LEGAL_KEY_FILE"],
        staff=staff.names(people),
        asks_code=asks_code(),
        error=sentence_of(refusal) if refusal else "",
        at=at,
        typed=request.form if refusal else {},
    )
    return body, status_of(refusal) if refusal else 200


def _check_code() -> None:
    if asks_code() and not auth.factor_holds(current_app, _said("code"), _said("credential")):
        raise Refusal("approve.code", "This code or passkey is not right or was used before.")


def _said(name: str) -> str:
    return request.form.get(name, "").strip()
