"""The page of a holder: one question, one minute, no account; the link is the key."""

from __future__ import annotations

from flask import Flask

from .views import bp


def init_app(app: Flask) -> None:
    """Serve the links that holders get by mail."""
    app.register_blueprint(bp)
