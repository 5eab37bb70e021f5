"""The API for programs of the organisation, below ``/api/v1``: tokens instead of sessions, no cookies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from dsr.web.roles import PUBLIC, roles
from dsr.web.security import csrf

from . import cases, hooks, submissions
from .place import PREFIX, Reference, Specification, reference_schema

PAGES = (cases.bp, submissions.bp, submissions.files, hooks.bp)
ABOUT = """Data-subject requests: file them, follow them, decide them, be told when they move on.

Errors are RFC 9457 problem details with a stable `code`. Every write needs an `Idempotency-Key`."""


def init_app(app: Flask) -> None:
    """Serve the API and its description (``/api/v1/openapi.json``)."""
    app.config["OPENAPI_URL_PREFIX"] = PREFIX
    app.url_map.converters["reference"] = Reference
    bearer = {"type": "http", "scheme": "bearer", "description": "dsr token add"}
    api = Specification(
        app,
        spec_kwargs={
            "title": "Data-subject requests",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": {"description": ABOUT},
            "components": {"securitySchemes": {"token": bearer}},
        },
    )
    api.register_converter(Reference, reference_schema)
    for page in PAGES:
        csrf.exempt(page)
        api.register_blueprint(page)
    app.view_functions["api-docs.openapi_json"] = _public(app.view_functions["api-docs.openapi_json"])


def _public(method: Callable[..., Any]) -> Callable[..., Any]:
    """A bound method takes no mark, so a function of its own stands for it."""

    def view() -> Any:
        return method()

    return roles(PUBLIC)(view)
