"""The portal: everything a data subject sees. Public pages, and those of her own request."""

from __future__ import annotations

from flask import Flask

from dsr.services.house import house

from . import about, answer, ask, confirm, follow, outbox, start
from .place import blueprint_name, bp

PAGES = (start, ask, confirm, follow, answer, about)
"""The modules that add routes to the blueprint when they are imported."""


def init_app(app: Flask) -> None:
    """Serve the portal at the root, and below the path of every controller that has one."""
    app.register_blueprint(bp)
    with app.app_context():
        everyone = list(house().controllers.values())
    for one in everyone:
        if one.path:
            app.register_blueprint(bp, name=blueprint_name(one), url_prefix=f"/{one.path.strip('/')}")
    if app.config["DEMO"]:
        app.register_blueprint(outbox.bp)
