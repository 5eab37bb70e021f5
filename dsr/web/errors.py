"""Refusals and HTTP errors as pages: one table of codes, friendly words, nothing of the inside."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from flask import Flask, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext, lazy_gettext
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from dsr.domain.errors import Refusal
from dsr.store.queries.batching import UNAVAILABLE

from . import problems
from .sessions import at_desk

LOG = structlog.get_logger("dsr.web")
AGAIN_SECONDS = "60"

STATUS: Mapping[str, int] = {
    "approve.same": 403,
    "case.own": 403,
    "case.unknown": 404,
    "controller.unknown": 404,
    "file.broken": 410,
    "file.unknown": 404,
    "hook.unknown": 404,
    "idempotency.running": 409,
    "identity.never": 422,
    "letter.gone": 404,
    "letter.pdf": 422,
    "limit": 429,
    "package.destroyed": 410,
    "package.expired": 410,
    "package.none": 404,
    "plan.stale": 409,
    "seal": 500,
    "storage": 507,
    "submission.unknown": 404,
    "system.unknown": 404,
    "upload.over": 409,
    "upload.size": 413,
    "token.scope": 403,
    "token.unknown": 401,
    "suppression.none": 404,
    "vault.destroyed": 410,
    "vault.opening_over": 409,
    "vault.opening_unknown": 404,
    "vault.other": 403,
    "vault.role": 403,
    "vault.unknown": 404,
    "workflow.illegal": 409,
    "workflow.role": 403,
    "workflow.unknown": 404,
}
"""HTTP status by code, or by the part of the code before the point; anything else is 422."""

SENTENCES: Mapping[str, LazyString] = {
    "filing.local_right": lazy_gettext("The law of this country has no such right."),
    "limit.network": lazy_gettext(
        "Too many requests came from your connection. Please try again in an hour, or write to us by post."
    ),
    "package.destroyed": lazy_gettext(
        "These data were destroyed when their time was over. You can ask again."
    ),
    "package.expired": lazy_gettext("The days of these data are over. You can have them ready again."),
    "package.none": lazy_gettext("This request has no data to download."),
    "letter.gone": lazy_gettext("This letter does not exist."),
    "letter.pdf": lazy_gettext("This letter cannot be made into a PDF. Read or print the page instead."),
    "file.unknown": lazy_gettext("This file does not exist any more."),
    "file.broken": lazy_gettext("This file is damaged. Please write to us; we will prepare it again."),
    "workflow.illegal": lazy_gettext("This is no longer possible: the request has moved on meanwhile."),
    "reason.missing": lazy_gettext("Write your message first."),
    "reason.long": lazy_gettext("Your message is too long. Please shorten it to 10,000 characters."),
    "upload.media": lazy_gettext("Choose a PDF, PNG or JPEG file."),
    "upload.many": lazy_gettext("You have sent the most files we can take. Please send others by post."),
    "storage.full": lazy_gettext("We cannot store anything at the moment. Please try again later."),
}
"""What a person reads instead of the English sentence of a Refusal; by code."""

TITLES: Mapping[int, LazyString] = {
    400: lazy_gettext("We did not understand that"),
    403: lazy_gettext("You may not open this page"),
    404: lazy_gettext("We cannot find this page"),
    405: lazy_gettext("We did not understand that"),
    409: lazy_gettext("This is no longer possible"),
    410: lazy_gettext("This has ended"),
    413: lazy_gettext("That file is too large"),
    416: lazy_gettext("We did not understand that"),
    422: lazy_gettext("Something is missing"),
    429: lazy_gettext("Too many requests"),
    500: lazy_gettext("Something went wrong on our side"),
}

WORDS: Mapping[int, LazyString] = {
    400: lazy_gettext("Go back, load the page again and repeat the last step."),
    403: lazy_gettext("It belongs to somebody else, or you have to sign in again."),
    404: lazy_gettext("Check the address, or begin at the start page."),
    405: lazy_gettext("Go back, load the page again and repeat the last step."),
    413: lazy_gettext("Go back and choose a smaller file."),
    416: lazy_gettext("Start the download again."),
    429: lazy_gettext("Please wait a little before you try again."),
    500: lazy_gettext("Nothing you sent was lost. Please try again in a few minutes."),
}


def init_app(app: Flask) -> None:
    """Show every error as a page of ours."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(HTTPException, http_error)
    for trouble in UNAVAILABLE:
        app.register_error_handler(trouble, unavailable)


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return STATUS.get(refusal.code, STATUS.get(refusal.code.partition(".")[0], 422))


def sentence_of(refusal: Refusal) -> str:
    """What a person reads: translated where we have it, else the refusal's own words."""
    return str(SENTENCES.get(refusal.code, refusal.message))


def refused(refusal: Refusal) -> ResponseReturnValue:
    """A page that says what cannot be done and why."""
    status = status_of(refusal)
    if problems.wanted():
        return problems.of_refusal(refusal, status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        stored = refusal.code.partition(".")[0] != "storage"
        return page(status, str(WORDS[500]) if stored else sentence_of(refusal))
    unknown = refusal.code in ("submission.unknown", "case.unknown", "controller.unknown")
    return page(status, str(WORDS[404]) if unknown else sentence_of(refusal))


def unavailable(error: Exception) -> ResponseReturnValue:
    """The database is gone, locked or full: nothing of what was sent was written; it may be sent again."""
    LOG.error("web.database", error=type(error).__name__)
    kept = {"Retry-After": AGAIN_SECONDS}
    if problems.wanted():
        return problems.of_http(ServiceUnavailable(str(SENTENCES["storage.full"])))
    return *page(503, str(SENTENCES["storage.full"])), kept


def stale_form(error: CSRFError) -> ResponseReturnValue:
    """The session ended while a form lay open."""
    return page(
        400, gettext("This page was open for too long. Go back, load it again and send it once more.")
    )


def http_error(error: HTTPException) -> ResponseReturnValue:
    """404 and the others, with what to do next."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    if problems.wanted():
        return problems.of_http(error)
    words = str(WORDS.get(error.code, WORDS[400 if error.code < 500 else 500]))
    kept = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return *page(error.code, words), kept


def page(status: int, words: str) -> tuple[str, int]:
    """An error page, and its status."""
    title = TITLES.get(status, TITLES[422 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500])
    inside = "desk" in current_app.blueprints and at_desk() and current_user.is_authenticated
    template = "desk/error.html" if inside else "portal/error.html"
    return render_template(template, title=title, words=words, status=status), status
