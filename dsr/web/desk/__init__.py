"""The desk: everything that officers and other staff see, below ``/desk``."""

from __future__ import annotations

from flask import Flask

from dsr.web import auth
from dsr.web.roles import roles

from . import (
    audit,
    authority,
    case,
    decisions,
    filing,
    inventory,
    law,
    legal,
    many,
    passkeys,
    queue,
    recipients,
    records,
    refusing,
    secrets,
    staff,
    suppression,
    survey,
    systems,
    tasks,
    today,
    vault,
)
from .matrix import MATRIX
from .place import bp

PAGES = (
    today,
    passkeys,
    queue,
    many,
    case,
    decisions,
    legal,
    refusing,
    authority,
    recipients,
    tasks,
    filing,
    systems,
    secrets,
    inventory,
    survey,
    audit,
    staff,
    law,
    suppression,
    vault,
    records,
)
"""The modules that add routes to the blueprint when they are imported."""


def init_app(app: Flask) -> None:
    """Sign-in and the pages; RuntimeError for a page without a line in the matrix, or a line without page."""
    app.register_blueprint(bp)
    auth.init_app(app)
    mine = {endpoint for endpoint in app.view_functions if endpoint.startswith("desk.")}
    if mine != set(MATRIX):
        raise RuntimeError(f"the matrix of the desk and its routes differ: {sorted(mine ^ set(MATRIX))}")
    for endpoint, names in MATRIX.items():
        roles(*names)(app.view_functions[endpoint])
