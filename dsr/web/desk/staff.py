"""Who works here: accounts, roles, passwords and second factors. For administrators."""

from __future__ import annotations

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.services import staff as service
from dsr.services.staff import STAFF_ROLES
from dsr.web.errors import status_of
from dsr.web.moment import now

from .access import actor, allowed, me
from .place import bp, to
from .refusals import sentence_of


@bp.get("/staff")
def staff_first() -> ResponseReturnValue:
    """That of her first organisation."""
    return to("staff", controller=allowed()[0])


@bp.get("/staff/<controller>")
def staff(controller: str) -> ResponseReturnValue:
    """Everybody with a role here."""
    return _page(controller)


@bp.post("/staff/<controller>")
def staff_add(controller: str) -> ResponseReturnValue:
    """A new account; its password is shown once, on this answer, and nowhere kept in clear."""
    try:
        added = service.add(
            request.form.get("email", ""),
            {controller: request.form.getlist("role")},
            by=actor(),
            now=now(),
        )
    except Refusal as refusal:
        return _page(controller, error=sentence_of(refusal), status=status_of(refusal))
    return _page(controller, secret=(request.form["email"], added.password))


@bp.post("/staff/<controller>/<int:number>/roles")
def staff_roles(controller: str, number: int) -> ResponseReturnValue:
    """Exactly these roles here; none takes her away."""
    try:
        _one_of_ours(controller, number)
        service.change_roles(number, controller, request.form.getlist("role"), by=actor(), now=now())
    except Refusal as refusal:
        return _page(controller, error=sentence_of(refusal), status=status_of(refusal))
    return _done(controller, gettext("The roles were changed."))


@bp.post("/staff/<controller>/<int:number>/password")
def staff_password(controller: str, number: int) -> ResponseReturnValue:
    """A new random password, shown once; her sessions end."""
    try:
        email = _hers_alone(controller, number)
        secret = service.new_password(number, by=actor(), now=now())
    except Refusal as refusal:
        return _page(controller, error=sentence_of(refusal), status=status_of(refusal))
    return _page(controller, secret=(email, secret))


@bp.post("/staff/<controller>/<int:number>/second-factor")
def staff_second_factor(controller: str, number: int) -> ResponseReturnValue:
    """Forget her second factor, for a lost telephone."""
    try:
        _hers_alone(controller, number)
        service.reset_second_factor(number, by=actor(), now=now())
    except Refusal as refusal:
        return _page(controller, error=sentence_of(refusal), status=status_of(refusal))
    return _done(
        controller, gettext("The second factor was forgotten. A new one is set up at the next sign-in.")
    )


@bp.post("/staff/<controller>/<int:number>/active")
def staff_active(controller: str, number: int) -> ResponseReturnValue:
    """Let her in, or not any more."""
    try:
        _hers_alone(controller, number)
        service.set_active(number, request.form.get("active") == "yes", by=actor(), now=now())
    except Refusal as refusal:
        return _page(controller, error=sentence_of(refusal), status=status_of(refusal))
    return _done(controller, gettext("Changed. Her sessions have ended."))


def _page(
    controller: str, *, error: str = "", secret: tuple[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "desk/staff.html",
        key=controller,
        people=service.directory(controller),
        roles=[role.value for role in STAFF_ROLES],
        error=error,
        secret=secret,
        typed=request.form if error else {},
        read_at=now(),
    )
    return page, status


def _done(controller: str, said: str) -> ResponseReturnValue:
    flash(said, "done")
    return to("staff", controller=controller)


def _one_of_ours(controller: str, number: int) -> str:
    """The address of somebody who works for this organisation; Refusal ``staff.unknown`` otherwise."""
    found = next((one for one in service.directory(controller) if one.number == number), None)
    if found is None:
        raise Refusal("staff.unknown", "There is no such account.")
    return found.email


def _hers_alone(controller: str, number: int) -> str:
    """Whoever also works elsewhere is changed only by an administrator of all those organisations."""
    email = _one_of_ours(controller, number)
    mine = {key for key in me().controllers() if "admin" in me().roles_in(key)}
    if set(service.controllers_of(number)) - mine:
        raise Refusal("staff.elsewhere", "This account also works for another organisation.")
    return email
