"""Errors of the API as RFC 9457 problem details: a stable ``code``, a sentence, nothing of the inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from dsr.domain.errors import Refusal

ROOT = "/api/"
MEDIA = "application/problem+json"
TYPE = "urn:dsr:problem:"
"""What ``type`` begins with; the code follows (RFC 9457, 3.1.1: a URI that need not lead anywhere)."""

UNSAID = "Something went wrong on our side. Nothing you sent was lost; try again in a few minutes."

CODES: Mapping[int, tuple[str, str]] = {
    400: ("body.malformed", "The body is not valid JSON."),
    404: ("path.unknown", "There is nothing at this address; /api/v1/openapi.json lists what there is."),
    405: ("method.unknown", "This address does not take this method."),
    413: ("body.large", "The body is too large."),
    415: ("body.media", "Send what this address takes; /api/v1/openapi.json says what."),
    422: ("fields", "Some fields are missing or wrong; errors says which."),
}
"""Code and sentence of errors that are not refusals."""


def wanted() -> bool:
    """Does a program ask, and not a browser?"""
    return request.path.startswith(ROOT)


def of_refusal(refusal: Refusal, status: int) -> Response:
    """A refusal with its own code; one that is our fault says nothing of the inside."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer(status, "server", UNSAID)
    more: dict[str, Any] = {}
    if "index" in refusal.data:
        more["errors"] = {"identifiers": {str(refusal.data["index"]): [refusal.message]}}
    found = answer(status, refusal.code, refusal.message, **more)
    if status == HTTPStatus.UNAUTHORIZED:
        found.headers["WWW-Authenticate"] = 'Bearer realm="dsr", error="invalid_token"'
    if refusal.code == "token.scope":
        found.headers["WWW-Authenticate"] = 'Bearer realm="dsr", error="insufficient_scope"'
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        found.headers["Retry-After"] = "60"
    return found


def of_http(error: HTTPException) -> Response:
    """What the framework refuses; fields that were judged are named with the reason."""
    status = error.code or 500
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer(status, "server", UNSAID)
    code, sentence = CODES.get(status, (f"http.{status}", error.name + "."))
    messages = getattr(error, "data", {}).get("messages")
    places = messages if isinstance(messages, dict) else {}
    fields = {
        name: one for place in places.values() if isinstance(place, dict) for name, one in place.items()
    }
    found = answer(status, code, sentence, **({"errors": fields} if fields else {}))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            found.headers[name] = value
    return found


def answer(status: int, code: str, detail: str, **more: Any) -> Response:
    """One problem."""
    title = HTTPStatus(status).phrase
    body = {"type": TYPE + code, "title": title, "status": status, "detail": detail, "code": code}
    return Response(json.dumps(body | more), status, content_type=MEDIA)
