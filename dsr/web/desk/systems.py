"""The systems of an organisation: are they well, what may be done there, and the switches."""

from __future__ import annotations

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.domain.rights import Right
from dsr.services import systems as service
from dsr.services.systems import ALL
from dsr.web.errors import status_of
from dsr.web.moment import now

from .access import actor, allowed
from .place import bp, to
from .refusals import sentence_of


@bp.get("/systems")
def systems_first() -> ResponseReturnValue:
    """Those of her first organisation."""
    return to("systems", controller=allowed()[0])


@bp.get("/systems/<controller>")
def systems(controller: str) -> ResponseReturnValue:
    """One card a system."""
    return _page(controller)


@bp.post("/systems/<controller>/<system>/check")
def check(controller: str, system: str) -> ResponseReturnValue:
    """Reach it now: credentials, privileges, drift from its map."""
    findings = service.check(controller, system, by=actor(), now=now())
    wrong = sum(finding.level == "error" for finding in findings)
    if wrong:
        flash(gettext("The check found something that must be mended first."), "error")
    else:
        flash(gettext("The check went well."), "done")
    return to("systems", controller=controller, _anchor=system)


@bp.post("/systems/<controller>/<system>/mode")
def mode(controller: str, system: str) -> ResponseReturnValue:
    """For which rights it may be acted on; none: observe only."""
    try:
        service.set_mode(controller, system, request.form.getlist("right"), by=actor(), now=now())
    except Refusal as refusal:
        if refusal.code != "system.unchecked":
            raise
        return _page(controller, refusal, at=system)
    flash(gettext("The mode was changed."), "done")
    return to("systems", controller=controller, _anchor=system)


@bp.post("/systems/<controller>/<system>/hold")
def hold(controller: str, system: str) -> ResponseReturnValue:
    """The switch: '*' holds everything."""
    held = request.form.get("held") == "yes"
    service.hold(controller, system, held, by=actor(), now=now())
    flash(gettext("Held: nothing is changed there any more.") if held else gettext("Released."), "done")
    return to("systems", controller=controller)


def _page(controller: str, refusal: Refusal | None = None, at: str = "") -> ResponseReturnValue:
    page = render_template(
        "desk/systems.html",
        key=controller,
        systems=service.views(controller, now=now()),
        held=service.all_held(controller),
        rights=list(Right),
        all=ALL,
        error=sentence_of(refusal) if refusal else "",
        at=at,
    )
    return page, status_of(refusal) if refusal else 200
