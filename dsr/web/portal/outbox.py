"""Demonstrations only: the mails that would have left, kept in files and read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from flask import Blueprint, abort, current_app, g, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from dsr.web.roles import PUBLIC, roles

bp = Blueprint("outbox", __name__)

MOST = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as a page shows it. ``text``: escaped, with the links of this portal clickable."""

    name: str
    at: datetime
    to: str
    subject: str
    text: Markup


@bp.before_request
def zone() -> None:
    """Times as this machine has them."""
    g.zone = "UTC"


@bp.get("/outbox")
@roles(PUBLIC)
def outbox() -> ResponseReturnValue:
    """The newest mails of this demonstration."""
    if not current_app.config["DEMO"]:
        abort(404)
    files = sorted(Path(current_app.config["MAIL_FOLDER"]).glob("*.eml"), reverse=True)[:MOST]
    return render_template("portal/outbox.html", mails=[_read(path) for path in files], demo=True)


def _read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    at = datetime.strptime(path.name.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    return Mail(path.stem, at, str(message["To"]), str(message["Subject"]), _linked(text))


def _linked(text: str) -> Markup:
    """Only addresses of this portal and of the desk become links."""
    ours = (current_app.config["PORTAL_URL"], current_app.config["DESK_URL"])
    lines = []
    for line in text.splitlines():
        word = line.strip()
        if word.startswith(ours) and " " not in word:
            lines.append(Markup('<a href="{0}">{0}</a>').format(word))
        else:
            lines.append(escape(line))
    return Markup("\n").join(lines)
