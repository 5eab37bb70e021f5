"""A link shows one letter; a form answers it once."""

from __future__ import annotations

import re

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from dsr.domain.errors import Refusal
from dsr.domain.workflow import Role
from dsr.services import telling
from dsr.services.telling import Asked
from dsr.web.errors import sentence_of
from dsr.web.languages import switching
from dsr.web.moment import now
from dsr.web.roles import roles

bp = Blueprint("recipient", __name__)

GONE, UNPROCESSABLE = 404, 422
ARTICLE = re.compile(r'<article class="letter".*</article>', re.DOTALL)


@bp.get("/n/<token>")
@roles(Role.HOLDER.value)
def ask(token: str) -> ResponseReturnValue:
    """The letter. Looking does not spend the link: programs that open links answer nothing."""
    asked = telling.question(token)
    return _gone() if asked is None else _page(asked)


@bp.post("/n/<token>")
@roles(Role.HOLDER.value)
def answer(token: str) -> ResponseReturnValue:
    """The answer. Unknown, spent and expired links look alike."""
    changed = switching()
    asked = telling.question(token)
    if asked is None:
        return _gone()
    if changed:
        return _page(asked)
    try:
        state, why = request.form.get("state", ""), request.form.get("why", "")
        taken = telling.answer(token, state, why, now=now())
    except Refusal as refusal:
        said = {
            "notice.state": gettext("Choose one."),
            "notice.why": gettext("Say why it is impossible."),
        }
        return _page(asked, said.get(refusal.code) or sentence_of(refusal)), UNPROCESSABLE
    return render_template("recipient/thanks.html", controller=asked.controller) if taken else _gone()


def _page(asked: Asked, refusal: str = "") -> str:
    found = ARTICLE.search(asked.html)
    return render_template(
        "recipient/letter.html",
        asked=asked,
        controller=asked.controller,
        article=Markup(found.group()) if found else "",  # noqa: S704 - rendered by us, autoescaped
        refusal=refusal,
        typed=request.form,
        demo=current_app.config["DEMO"],
    )


def _gone() -> ResponseReturnValue:
    """One page for every link that opens nothing."""
    return render_template("holder/gone.html", controller=None), GONE
