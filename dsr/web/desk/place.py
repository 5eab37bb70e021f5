"""The blueprint of the desk, and what every template of it may use."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.exceptions import HTTPException

from dsr.domain.errors import Refusal
from dsr.services.house import house
from dsr.web import auth
from dsr.web.errors import TITLES, WORDS, status_of
from dsr.web.portal import titles
from dsr.web.sessions import DESK, at_desk

from . import access, words
from .refusals import sentence_of

bp = Blueprint("desk", __name__, url_prefix=DESK)
bp.before_request(access.guard)


@bp.app_context_processor
def common() -> dict[str, Any]:
    """For pages of the desk and of signing in; other blueprints get nothing."""
    if request.blueprint not in ("desk", "security") and not at_desk():
        return {}
    signed_in = current_user.is_authenticated
    return {
        "w": words,
        "demo": current_app.config["DEMO"],
        "me": access.me() if signed_in else None,
        "may": access.may if signed_in else lambda endpoint: False,
        "houses": house().controllers,
        "allowed_houses": g.get("allowed", ()),
        "kinds": titles.KINDS,
        "correctable": titles.CORRECTABLE,
        "beyond_words": titles.BEYOND,
        "channels": titles.CHANNELS,
        "grounds": titles.GROUNDS,
        "letter_names": titles.LETTERS,
        "names_of": names_of,
        "passkey_question": auth.passkey_question,
    }


def names_of(controller: str) -> dict[str, str]:
    """The titles of the systems of an organisation, by key."""
    return {one.key: one.title for one in house().registry.for_controller(controller)}


@bp.errorhandler(Refusal)
def refused(refusal: Refusal) -> ResponseReturnValue:
    """What cannot be done and why, in the frame of the desk."""
    return failed(status_of(refusal), sentence_of(refusal))


@bp.errorhandler(HTTPException)
def http_error(error: HTTPException) -> ResponseReturnValue:
    """403, 404 and the others."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    return failed(code, str(WORDS.get(code, WORDS[400 if code < 500 else 500])))


def failed(status: int, said: str) -> ResponseReturnValue:
    """An error page."""
    title = TITLES.get(status, TITLES[422 if status < 500 else 500])
    return render_template("desk/error.html", title=title, words=said, status=status), status


def to(endpoint: str, **values: Any) -> ResponseReturnValue:
    """A redirect to a page of the desk, by GET."""
    return redirect(url_for(f"desk.{endpoint}", **values), code=303)
