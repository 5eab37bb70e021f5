"""Her own passkeys: a second factor beside the codes of her app."""

from __future__ import annotations

from flask import current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.services import passkeys as service
from dsr.web import auth, passkeys
from dsr.web.errors import status_of
from dsr.web.moment import now

from .access import me
from .place import bp, to
from .refusals import sentence_of


@bp.get("/passkeys")
def passkey_list() -> ResponseReturnValue:
    """Hers, and the form for another one."""
    return _page()


@bp.post("/passkeys")
def passkey_add() -> ResponseReturnValue:
    """Keep the passkey that her browser made; with a code, so that an open desk is not enough."""
    staff = me()
    try:
        name = service.check_name(staff.id, request.form.get("name", ""))
        if not auth.code_holds(current_app, request.form.get("code", "")):
            raise Refusal("approve.code", "This code is not right or was used before.")
        service.add(staff.id, name, passkeys.made(request.form.get("credential", "")), now=now())
    except Refusal as refusal:
        return _page(refusal)
    flash(gettext("The passkey is set up. From now on it may stand for the code."), "done")
    return to("passkey_list")


@bp.post("/passkeys/<int:number>/forget")
def passkey_forget(number: int) -> ResponseReturnValue:
    """Remove one of hers."""
    service.forget(me().id, number, now=now())
    flash(gettext("The passkey is removed."), "done")
    return to("passkey_list")


def _page(refusal: Refusal | None = None) -> ResponseReturnValue:
    staff = me()
    ready = bool(staff.tf_totp_secret) and passkeys.possible()
    page = render_template(
        "desk/passkeys.html",
        mine=service.of(staff.id),
        creation=passkeys.creation(staff) if ready else "",
        possible=passkeys.possible(),
        typed=request.form,
        error=sentence_of(refusal) if refusal else "",
        at="code" if refusal and refusal.code == "approve.code" else "name",
    )
    return page, status_of(refusal) if refusal else 200
