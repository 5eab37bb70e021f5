"""The pages: portal, desk, holders, API, and what monitors read."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from . import (
    api,
    assets,
    desk,
    errors,
    health,
    holder,
    languages,
    numbers,
    portal,
    recipient,
    security,
    words,
)

AREAS: tuple[tuple[frozenset[str], Callable[[Flask], None]], ...] = (
    (frozenset({"all", "portal"}), portal.init_app),
    (frozenset({"all", "desk"}), desk.init_app),
    (frozenset({"all", "desk"}), api.init_app),
    (frozenset({"all", "portal"}), holder.init_app),
    (frozenset({"all", "portal"}), recipient.init_app),
)
"""Which processes serve which pages: an area is one line here."""


def register(app: Flask, role: str) -> None:
    """Add the routes that a process of this role serves, and what all of them share."""
    for part in (numbers, security, languages, assets, words, errors):
        part.init_app(app)
    app.register_blueprint(health.bp)
    for served_by, init_app in AREAS:
        if role in served_by:
            init_app(app)
