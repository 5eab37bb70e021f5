"""Whose portal this is, and what this browser may see of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ParamSpec, cast

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from dsr.domain.errors import Refusal
from dsr.domain.organisation import Controller
from dsr.services import admission, following
from dsr.services.house import house
from dsr.web.moment import now
from dsr.web.security import network

bp = Blueprint("portal", __name__)

REFERENCE, PROVED, SECOND, TICKET, SENT, FETCHED, RECEIPT = (
    "reference",
    "proved",
    "second",
    "ticket",
    "sent",
    "fetched",
    "receipt",
)
"""Names of what the signed session holds: references, tickets and moments, never personal data."""

FRESH = timedelta(minutes=30)
"""How long a fresh code keeps an answer open."""

P = ParamSpec("P")


@bp.before_request
def find_controller() -> ResponseReturnValue | None:
    """Set the organisation of this request; a page to choose one where the address does not say."""
    found = controller_here()
    if found is None:
        return render_template("portal/choose.html", controllers=house().controllers.values())
    g.controller = found
    g.zone = found.zone
    g.language_fallback = lambda: found.language
    return None


@bp.context_processor
def common() -> dict[str, Any]:
    """What every template of the portal may use."""
    return {
        "controller": g.get("controller"),
        "demo": current_app.config["DEMO"],
        "following_reference": session.get(REFERENCE, ""),
    }


def controller_here() -> Controller | None:
    """By the path of the address, by its host, by the link that was opened, or the only one there is."""
    everyone = list(house().controllers.values())
    by_path = {blueprint_name(one): one for one in everyone if one.path}
    if request.blueprint in by_path:
        return by_path[request.blueprint]
    host = request.host.partition(":")[0].lower()
    named = [one for one in everyone if one.host == host]
    plain = [one for one in everyone if not one.path and not one.host]
    found = named or plain or (everyone if len(everyone) == 1 else [])
    return found[0] if found else _by_link()


def blueprint_name(controller: Controller) -> str:
    """The blueprint that serves a controller with a path of its own."""
    return f"portal_{controller.key}"


def controller() -> Controller:
    """The organisation of this request."""
    return cast(Controller, g.controller)


def to(endpoint: str, **values: Any) -> ResponseReturnValue:
    """A redirect to a page of this organisation's portal, by GET."""
    here = controller()
    name = blueprint_name(here) if here.path else bp.name
    return redirect(url_for(f"{name}.{endpoint}", **values), code=303)


def reference() -> str:
    """The submission this browser follows; 404 page with a way in when there is none."""
    found = session.get(REFERENCE, "")
    if not found:
        raise Refusal("submission.unknown", "There is no request in this browser.")
    return str(found)


def proved(which: str) -> bool:
    """Did this browser prove an address of that submission?"""
    return which in session.get(PROVED, [])


def fresh(which: str) -> bool:
    """Was the second step of that submission passed in this browser a short while ago?"""
    at = session.get(SECOND, {}).get(which)
    return bool(at) and now() - datetime.fromisoformat(at) < FRESH


def enter(which: str, *, second: bool) -> None:
    """Let this browser in after a code or a link; ``second``: the code was fresh, answers open too."""
    session[REFERENCE] = which
    session[PROVED] = [which, *(one for one in session.get(PROVED, []) if one != which)][:5]
    session.pop(SENT, None)
    if second:
        session[SECOND] = {which: now().isoformat()}


def view() -> following.Following:
    """The submission this browser follows, as much of it as it may see."""
    which = reference()
    return following.see(which, controller().key, proved=proved(which), now=now())


def count_step() -> None:
    """Count one page that writes; Refusal ``limit.network`` far beyond what a person needs."""
    if not admission.step(controller().key, network(), now=now()):
        raise Refusal("limit.network", "Too many requests came from this network.")


def _by_link() -> Controller | None:
    """Links in mails may carry no path: the challenge, the reference or the session says whose they are."""
    args = request.view_args or {}
    which = args.get("which") or session.get(REFERENCE)
    key = None
    if "token" in args:
        key = following.controller_of_link(args["token"])
    elif which:
        key = following.controller_of(which)
    return house().controllers.get(key) if key else None
