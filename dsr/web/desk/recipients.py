"""Recipients of personal data: who is to be told of what, by when, and what they answered."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.documents import policy
from dsr.services import recipients as service
from dsr.web.languages import language
from dsr.web.moment import now

from .access import allowed, officer
from .decisions import attempt, said
from .place import bp
from .today import today_here


@bp.get("/recipients")
def recipients_first() -> ResponseReturnValue:
    """The recipients of her first organisation."""
    return _page(allowed()[0])


@bp.get("/recipients/<controller>")
def recipients(controller: str) -> ResponseReturnValue:
    """Who is still to be told or has not answered; ``all``: everybody, the newest first."""
    return _page(controller)


@bp.post("/cases/<reference>/recipients/<int:number>")
def recipient(reference: str, number: int) -> ResponseReturnValue:
    """Note that a recipient was told, confirmed, or cannot."""

    def act() -> None:
        service.note(reference, number, said("state"), said("reason"), by=officer(), now=now())

    return attempt(reference, f"recipient-{number}", act, gettext("Noted."))


@bp.post("/cases/<reference>/recipients/<int:number>/letter")
def recipient_letter(reference: str, number: int) -> ResponseReturnValue:
    """The letter to a recipient, to read or to print; recorded."""
    html = service.letter(reference, number, by=officer(), now=now())
    return Response(html, headers={"Content-Security-Policy": policy() + "; sandbox"}, mimetype="text/html")


def _page(key: str) -> ResponseReturnValue:
    everything = request.args.get("all") == "yes"
    return render_template(
        "desk/recipients.html",
        key=key,
        notices=service.open_ones(key, language=language(), everything=everything),
        everything=everything,
        today=today_here(),
    )
