"""The start page: what this is, who is responsible, what a person can ask for."""

from __future__ import annotations

from flask import render_template, session
from flask.typing import ResponseReturnValue

from dsr.services import country
from dsr.web.languages import language
from dsr.web.moment import now
from dsr.web.roles import PUBLIC, roles

from . import titles
from .place import TICKET, bp, controller


@bp.get("/")
@roles(PUBLIC)
def start() -> ResponseReturnValue:
    """The rights as cards, how long it takes, other ways to ask, how to complain."""
    here = controller()
    local = {
        right: country.local_name(here.jurisdiction, right, here, language(), now=now())
        for right in titles.RIGHTS
    }
    more = country.beyond(here.jurisdiction, here, language(), now=now())
    return render_template(
        "portal/start.html",
        rights=titles.RIGHTS,
        local=local,
        beyond=[titles.BEYOND[one.key][0] for one in more],
        authority=country.authority(here.jurisdiction, here, now=now()),
        begun=bool(session.get(TICKET)),
    )
