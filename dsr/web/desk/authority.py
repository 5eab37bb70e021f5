"""A complaint that the authority forwarded: its arrival, and what was answered."""

from __future__ import annotations

from datetime import date

from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.services import authority
from dsr.services.authority import Forwarded
from dsr.web.moment import now

from .access import officer
from .decisions import attempt, keep_file, said
from .place import bp


@bp.post("/cases/<reference>/authority")
def authority_came(reference: str) -> ResponseReturnValue:
    """File it with the day of its arrival."""

    def act() -> None:
        came = Forwarded(_day(said("on")), said("number"), said("reason"))
        keep_file(reference, "authority")
        authority.received(reference, came, by=officer(), now=now())

    return attempt(reference, "authority", act, gettext("Filed. The clock of the answer runs."))


@bp.post("/cases/<reference>/authority/answered")
def authority_answered(reference: str) -> ResponseReturnValue:
    """Say what was answered."""

    def act() -> None:
        keep_file(reference, "authority")
        authority.answered(reference, said("reason"), by=officer(), now=now())

    return attempt(reference, "authority-answered", act, gettext("Recorded. Nothing waits there any more."))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("authority.day", "The day lies between the receipt of the request and today.") from None
