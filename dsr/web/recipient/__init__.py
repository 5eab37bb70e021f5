"""The page of a recipient: the letter about data it received, and its answer; the link is the key."""

from __future__ import annotations

from flask import Flask

from .views import bp


def init_app(app: Flask) -> None:
    """Serve the links that recipients get by mail."""
    app.register_blueprint(bp)
