"""Who is at the desk, for which controllers, and whether this page is hers."""

from __future__ import annotations

from typing import Any, cast

from flask import abort, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from dsr import store
from dsr.services import inventory
from dsr.services.house import house
from dsr.services.officers import Officer
from dsr.store.queries import files_of_case
from dsr.store.staff import Staff
from dsr.web.auth import unauthenticated

from .matrix import MATRIX


def guard() -> ResponseReturnValue | None:
    """Before every page of the desk: signed in, and a role for the controller that the page is about.

    Another controller's page does not exist (404); one's own without the role is refused (403).
    """
    if not current_user.is_authenticated:
        return cast(ResponseReturnValue, unauthenticated())
    endpoint, about = request.endpoint or "", request.view_args or {}
    wanted = frozenset(MATRIX.get(endpoint, ()))
    key = _controller(about)
    if key is None:
        allowed = tuple(one for one in me().controllers() if me().roles_in(one) & wanted)
    elif key not in me().controllers():
        abort(404)
    else:
        allowed = (key,) if me().roles_in(key) & wanted else ()
    if not allowed:
        abort(403)
    g.allowed = tuple(one for one in allowed if one in house().controllers)
    g.zone = house().controller(g.allowed[0]).zone if g.allowed else "UTC"
    inventory.refresh()
    return None


def me() -> Staff:
    """The member of staff who is signed in."""
    return cast(Staff, current_user._get_current_object())


def allowed() -> tuple[str, ...]:
    """Her controllers on which this page's role holds."""
    return cast("tuple[str, ...]", g.allowed)


def controller() -> str:
    """The controller that this page is about."""
    return allowed()[0]


def officer() -> Officer:
    """She, deciding a case of ``controller()``: with her roles there and nowhere else."""
    staff, key = me(), controller()
    return Officer(staff.id, tuple(sorted(staff.roles_in(key))), (key,), staff.email)


def officers() -> dict[str, Officer]:
    """She, once for each of her controllers on which this page's role holds."""
    staff = me()
    return {
        key: Officer(staff.id, tuple(sorted(staff.roles_in(key))), (key,), staff.email) for key in allowed()
    }


def actor() -> str:
    """How the audit log names her."""
    return f"staff:{me().id}"


def may(endpoint: str) -> bool:
    """Would this page open for her, for the controller of this page or for any of hers?"""
    wanted = frozenset(MATRIX[endpoint])
    keys = g.get("allowed") if (request.view_args or {}) else me().controllers()
    return any(me().roles_in(key) & wanted for key in keys or ())


def demo() -> bool:
    """Is this a demonstration?"""
    return bool(current_app.config["DEMO"])


def _controller(about: dict[str, Any]) -> str | None:
    """The controller that an address names, by itself or by a case; 404 for a case that is nobody's."""
    if "controller" in about:
        return str(about["controller"])
    if "reference" not in about:
        return None
    with store.reading() as session:
        found = files_of_case.controller_of(session, about["reference"])
    if found is None:
        abort(404)
    return found
