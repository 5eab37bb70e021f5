"""The pages: portal, desk, holders, API, and what monitors read."""

from __future__ import annotations

from flask import Flask

from . import health


def register(app: Flask, role: str) -> None:
    """Add the routes that a process of this role serves."""
    app.register_blueprint(health.bp)
