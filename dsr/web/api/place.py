"""What all views of the API share: who calls, what is taken, how a repeated write is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import abort, current_app, g, request
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response
from werkzeug.routing import BaseConverter

from dsr.domain.errors import Refusal
from dsr.services import repeating, tokens
from dsr.services.repeating import Answer, Body, Slot
from dsr.services.tokens import Bearer
from dsr.store.session import Transaction
from dsr.web.moment import now
from dsr.web.problems import MEDIA
from dsr.web.roles import role_of, roles
from dsr.web.schemas import REFERENCE, ProblemSchema

PREFIX = "/api/v1"
LARGEST_BODY = 256 * 1024
REPLAYED = "Idempotency-Replayed"
View = TypeVar("View", bound=Callable[..., Any])


class Reference(BaseConverter):
    """The public number of a case; anything else is no address of ours."""

    regex = REFERENCE.strip("^$")


def reference_schema(converter: Reference) -> dict[str, str]:
    """How openapi.json describes it."""
    return {"type": "string", "pattern": REFERENCE}


class Specification(Api):
    """The description of the API. Errors are answered by ``dsr.web.errors``, as everywhere else."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        return None

    def _register_responses(self) -> None:
        """Errors have a media type of their own."""
        named = [(status.name, status.phrase) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST]
        for name, phrase in [*named, ("DEFAULT_ERROR", "An error")]:
            response = {"description": phrase, "schema": ProblemSchema}
            prepare_response(response, self.spec, MEDIA)
            self.spec.components.response(name, response, lazy=True)


def read_json() -> None:
    """Take JSON of a bounded size that is not nested without end; the parser of the views comes after."""
    if not request.is_json:
        abort(415)
    if (request.content_length or 0) > LARGEST_BODY or len(request.get_data()) > LARGEST_BODY:
        abort(413)
    try:
        json.loads(request.get_data())
    except (ValueError, RecursionError):
        abort(400)


def read_file() -> None:
    """Take a form with a file; how large, the application limits."""
    if request.mimetype != "multipart/form-data":
        abort(415, description="Send multipart/form-data with a part named file.")


def area(name: str, description: str, read: Callable[[], None] = read_json) -> Blueprint:
    """A blueprint whose views are called with a token; ``read`` looks at the body of a POST."""
    made = Blueprint(name, __name__, url_prefix=PREFIX, description=description)
    made.before_request(guard)
    made.before_request(lambda: read() if request.method == "POST" else None)
    return made


def scope(bp: Blueprint, name: str, *statuses: int) -> Callable[[View], View]:
    """Say which scope a view needs, and with which errors it may answer besides the usual ones."""

    def mark(view: View) -> View:
        for status in (401, 403, 429, *statuses):
            view = bp.alt_response(status, response=HTTPStatus(status).name)(view)
        described: View = bp.doc(security=[{"token": [name]}])(view)
        return roles(name)(described)

    return mark


def guard() -> None:
    """Before every view: a token with the scope that the view names."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Refusal("token.unknown", "Send Authorization: Bearer and a token; dsr token add makes one.")
    wanted = role_of(current_app._get_current_object(), request.endpoint or "")  # type: ignore[attr-defined]
    g.bearer = tokens.admit(secret.strip(), wanted[0], now=now())


def bearer() -> Bearer:
    """Who calls."""
    found: Bearer = g.bearer
    return found


def mine() -> tuple[str, ...]:
    """The one controller whose cases this token sees."""
    return (bearer().controller,)


def once(key: str, status: int, work: Callable[[Transaction], Body]) -> Any:
    """Answer a write that is done in one transaction."""
    return _said(repeating.once(_slot(key), status, work, now=now()))


def once_guarded(key: str, status: int, work: Callable[[], Body], *, content: bytes | None = None) -> Any:
    """Answer a write that has transactions of its own. ``content``: what is asked, if not the body as sent."""
    return _said(repeating.once_guarded(_slot(key, content), status, work, now=now()))


def _slot(key: str, content: bytes | None = None) -> Slot:
    body = request.get_data() if content is None else content
    asked = f"{request.method} {request.path}\n".encode() + body
    return Slot(bearer().number, key, hashlib.sha256(asked).hexdigest())


def _said(answer: Answer) -> Any:
    return answer.body, {REPLAYED: "true"} if answer.again else {}
