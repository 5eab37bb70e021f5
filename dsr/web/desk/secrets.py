"""Trying a system with one person, and its secrets, which are written here and never shown."""

from __future__ import annotations

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.contract import ConnectorError
from dsr.domain.errors import Refusal
from dsr.domain.identity import InvalidIdentifier
from dsr.services import preview
from dsr.services import systems as service
from dsr.web.errors import status_of
from dsr.web.moment import now

from .access import actor, officer
from .place import bp, to
from .refusals import sentence_of


@bp.get("/systems/<controller>/<system>/try")
def try_system(controller: str, system: str) -> ResponseReturnValue:
    """The form: whom to look for, and why."""
    return _page(controller, system)


@bp.post("/systems/<controller>/<system>/try")
def tried(controller: str, system: str) -> ResponseReturnValue:
    """What a search would find: read-only, masked unless opened, written down."""
    kind, value = request.form.get("kind", "email"), request.form.get("value", "").strip()
    opened = request.form.get("open") == "yes"
    try:
        found = preview.run(
            controller,
            system,
            [(kind, value)],
            opened=opened,
            reason=request.form.get("reason", ""),
            by=officer(),
            now=now(),
        )
    except (InvalidIdentifier, ConnectorError) as error:
        return _page(controller, system, refusal=_refusal(error))
    except Refusal as refusal:
        return _page(controller, system, refusal=refusal)
    return _page(controller, system, found=found, opened=opened)


@bp.post("/systems/<controller>/<system>/secret")
def write_secret(controller: str, system: str) -> ResponseReturnValue:
    """Replace a secret that is kept in a file; what was there is not shown."""
    name, value = request.form.get("name", ""), request.form.get("value", "")
    service.write_secret(controller, system, name, value, by=actor(), now=now())
    flash(gettext("The secret is written. Check the system now."), "done")
    return to("systems", controller=controller, _anchor=system)


def _refusal(error: InvalidIdentifier | ConnectorError) -> Refusal:
    if isinstance(error, ConnectorError):
        return Refusal("system.unreachable", str(error))
    return Refusal("identifier.none", str(error))


def _page(
    controller: str,
    system: str,
    *,
    found: list[preview.Previewed] | None = None,
    opened: bool = False,
    refusal: Refusal | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "desk/try.html",
        key=controller,
        config=service.config(controller, system),
        found=found,
        opened=opened,
        typed=request.form,
        error=sentence_of(refusal) if refusal else "",
    )
    return page, status_of(refusal) if refusal else 200
