"""A complaint that the authority forwarded: its arrival, and what was answered."""

from __future__ import annotations

from datetime import date

from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.services import authority, kept_ends
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


@bp.post("/cases/<reference>/kept-ended")
def kept_ended(reference: str) -> ResponseReturnValue:
    """What an erasure kept is past its time and was taken away."""

    def act() -> None:
        kept_ends.settle(reference, said("reason"), by=officer(), now=now())

    return attempt(reference, "kept-ended", act, gettext("Recorded. Nothing more is past its time here."))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("authority.day", "The day lies between the receipt of the request and today.") from None
