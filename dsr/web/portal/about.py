"""Help, the portal's own privacy notice, and the accessibility statement."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from dsr.domain.law import Authority
from dsr.services import country
from dsr.services.house import house
from dsr.web.moment import now
from dsr.web.roles import PUBLIC, roles

from .place import bp, controller


@bp.get("/help")
@roles(PUBLIC)
def help_page() -> ResponseReturnValue:
    """Questions people have, and what to do when something does not work."""
    return render_template("portal/help.html", policy=house().policy, authority=_authority())


@bp.get("/privacy")
@roles(PUBLIC)
def privacy() -> ResponseReturnValue:
    """What this portal itself does with what is typed here (GDPR 13)."""
    return render_template("portal/privacy.html", policy=house().policy, authority=_authority())


@bp.get("/accessibility")
@roles(PUBLIC)
def accessibility() -> ResponseReturnValue:
    """What was done so that everybody can use this, and whom to tell when somebody cannot."""
    return render_template("portal/accessibility.html")


def _authority() -> Authority:
    here = controller()
    return country.authority(here.jurisdiction, here, now=now())
