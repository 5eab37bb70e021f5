"""A link opens one question; a form answers it once."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict

from dsr.domain.errors import Refusal
from dsr.domain.workflow import Role
from dsr.services import inventory, tasks
from dsr.services.tasks import Question
from dsr.web.languages import language, switching
from dsr.web.moment import now
from dsr.web.portal.titles import CHANNELS, KINDS
from dsr.web.roles import roles

from .forms import ActForm, AnswerForm, FindForm
from .words import DOING, sentence

bp = Blueprint("holder", __name__)
bp.before_request(inventory.refresh)
bp.context_processor(lambda: {"demo": current_app.config["DEMO"]})

GONE, UNPROCESSABLE = 404, 422
FORMS: dict[str, type[AnswerForm]] = {"find": FindForm, "act": ActForm}


@bp.get("/t/<token>")
@roles(Role.HOLDER.value)
def ask(token: str) -> ResponseReturnValue:
    """The question. Looking does not spend the link: programs that open links answer nothing."""
    asked = tasks.question(token, language=language(), now=now())
    if asked is None:
        return gone()
    return page(asked, FORMS[asked.phase]())


@bp.post("/t/<token>")
@roles(Role.HOLDER.value)
def answer(token: str) -> ResponseReturnValue:
    """The answer. Unknown, spent and expired links look alike."""
    changed = switching()
    asked = tasks.question(token, language=language(), now=now())
    if asked is None:
        return gone()
    form = FORMS[asked.phase](CombinedMultiDict([request.form, request.files]))
    if changed:
        return page(asked, form)
    if not form.validate():
        return page(asked, form), UNPROCESSABLE
    try:
        taken = tasks.answer(token, form.answer(), form.handed(), now=now())
    except Refusal as refusal:
        return page(asked, form, sentence(refusal)), UNPROCESSABLE
    return (
        render_template("holder/thanks.html", asked=asked, controller=asked.controller) if taken else gone()
    )


def page(asked: Question, form: AnswerForm, refusal: str = "") -> str:
    """The question with its form."""
    return render_template(
        "holder/question.html",
        asked=asked,
        controller=asked.controller,
        form=form,
        refusal=refusal,
        kinds=KINDS,
        channels=CHANNELS,
        doing=DOING.get(asked.doing, ""),
    )


def gone() -> ResponseReturnValue:
    """One page for every link that opens nothing."""
    return render_template("holder/gone.html", controller=None), GONE
