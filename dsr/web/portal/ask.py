"""Asking: short pages, one question each. What was typed waits sealed on our side, never in an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import Form

from dsr.domain.errors import Refusal
from dsr.domain.rights import Right
from dsr.services import admission, country, drafts, evidence, intake
from dsr.web import places, uploads
from dsr.web.errors import sentence_of
from dsr.web.languages import language, switching
from dsr.web.moment import now
from dsr.web.roles import PUBLIC, roles
from dsr.web.security import network

from . import forms, road, titles
from .behalf import BehalfForm
from .place import PROVED, RECEIPT, REFERENCE, SECOND, SENT, TICKET, bp, controller, count_step, to

CARDS = frozenset((*(right.value for right in Right), titles.OTHER))
"""What a card of the start page may choose."""
UNPROCESSABLE = 422


@bp.get("/ask")
@roles(PUBLIC)
def ask() -> ResponseReturnValue:
    """Begin, or go on where she stopped. ``right``: the card of the start page that was chosen."""
    draft = _draft()
    wanted = request.args.get("right", "")
    if wanted in CARDS and "rights" not in draft:
        return to("step", step="rights", right=wanted)
    return to("step", step=road.missing(draft) or road.CHECK)


@bp.get("/ask/<step>")
@roles(PUBLIC)
def step(step: str) -> ResponseReturnValue:
    """One page of the form, filled with what was typed before."""
    draft = _draft()
    if step not in road.steps(draft):
        return to("ask")
    if step == road.CHECK and road.missing(draft):
        return to("step", step=road.missing(draft))
    form = _form(step, draft)(data=draft.get(step) or _suggested(step, draft))
    _prepare(form, step, draft)
    return _page(step, draft, form)


@bp.post("/ask/<step>")
@roles(PUBLIC)
def take(step: str) -> ResponseReturnValue:
    """Check one page, keep it, go on. The language switch and "another correction" only show it again."""
    count_step()
    draft = _draft()
    if step not in road.steps(draft):
        return to("ask")
    form = _form(step, draft)(formdata=request.form)
    _prepare(form, step, draft)
    if switching() or "more" in request.form:
        return _page(step, draft, form)
    good = form.validate() and _evidence(form, draft)
    if not good:
        return _page(step, draft, form), UNPROCESSABLE
    if step == "who" and form.data["place"] != draft.get("who", {}).get("place"):
        draft.pop(road.BEYOND, None)
    draft[step] = {name: value for name, value in form.data.items() if name != "evidence"}
    session[TICKET] = drafts.keep(draft, session.get(TICKET, ""))
    if step == road.CHECK:
        return _submit(draft, form)
    return to("step", step=road.next_step(draft, step))


@bp.post("/ask/start-again")
@roles(PUBLIC)
def start_again() -> ResponseReturnValue:
    """Throw away what was typed."""
    _forget(_draft(), session.pop(TICKET, ""))
    return to("start")


def _submit(draft: dict[str, Any], form: Form) -> ResponseReturnValue:
    """File it. Too many from one network: the same page again, nothing lost."""
    if road.missing(draft):
        return to("step", step=road.missing(draft))
    key = controller().key
    if not admission.submission(key, network(), now=now()):
        refusal = Refusal("limit.network", "Too many requests came from this network.")
        return _page(road.CHECK, draft, form, refusal=refusal), 429
    try:
        receipt = intake.submit(road.filing(draft, controller(), language()), by="person", now=now())
    except Refusal as refusal:
        return _page(road.CHECK, draft, form, refusal=refusal), UNPROCESSABLE
    _hand_over(draft, receipt.reference)
    session[SENT] = session.pop(TICKET)
    session[REFERENCE], session[RECEIPT] = receipt.reference, receipt.token
    session.pop(PROVED, None)
    session.pop(SECOND, None)
    drafts.sweep(now=now())
    return to("sent")


def _hand_over(draft: dict[str, Any], reference: str) -> None:
    upload = draft.get("upload")
    if not upload or "behalf" not in road.steps(draft):
        return
    pieces = drafts.read_file(upload["ticket"])
    evidence.attach(reference, pieces, name=upload["name"], purpose="behalf", by="person", now=now())


def _draft() -> dict[str, Any]:
    return drafts.recall(session.get(TICKET, ""))


def _forget(draft: dict[str, Any], ticket: str) -> None:
    if upload := draft.get("upload"):
        drafts.drop(upload["ticket"])
    drafts.drop(ticket)


def _form(step: str, draft: dict[str, Any]) -> type[Form] | Callable[..., Form]:
    if step == "find":
        return forms.find_form(road.place(draft, controller()).country or None)
    if step == "about-rectification":
        return forms.corrections_form(_rows(draft))
    if step.startswith("about-"):
        return forms.ABOUT[Right(step.removeprefix("about-"))]
    return PLAIN[step]


PLAIN: dict[str, type[Form]] = {
    "rights": forms.RightsForm,
    "who": forms.WhoForm,
    road.BEYOND: forms.BeyondForm,
    "behalf": BehalfForm,
    "answer": forms.AnswerForm,
    road.CHECK: forms.CheckForm,
}


def _rows(draft: dict[str, Any]) -> int:
    """As many rows as were sent or kept, and one more when she asks for it."""
    source = request.form if request.method == "POST" else draft.get("about-rectification", {})
    had = sum(1 for n in range(forms.MOST_CHANGES) if f"category{n}" in source)
    return max(1, had) + ("more" in request.form)


def _suggested(step: str, draft: dict[str, Any]) -> dict[str, Any]:
    if step == "rights" and request.args.get("right") in CARDS:
        return {"rights": [request.args["right"]]}
    if step == "who":
        return {"place": _key_of(controller().jurisdiction)}
    return {}


def _key_of(jurisdiction: str) -> str:
    """The country that stands for the controller's own law in the list; none for the generic ones."""
    key = country.TERRITORIES.get(jurisdiction, jurisdiction)
    return "" if jurisdiction in ("EU", "XX") else (jurisdiction if "-" in jurisdiction else key)


def _prepare(form: Form, step: str, draft: dict[str, Any]) -> None:
    if isinstance(form, forms.WhoForm):
        form.offer(places.offered())
    if isinstance(form, forms.BeyondForm):
        form.offer(_beyond(draft))
    if isinstance(form, BehalfForm):
        form.evidence.description = f"{form.evidence.description} {uploads.at_most()}"
        here = road.place(draft, controller())
        form.alone_from = country.asks_alone(here.jurisdiction, controller(), now=now())
        if draft["who"]["behalf"] == "heir":
            allowed = country.heirs(here.jurisdiction, controller(), language(), now=now())
            form.heirs = tuple(one.value for one in road.worked(draft) if one.value not in allowed.rights)
            form.who = allowed.who
        if draft["who"]["behalf"] != "parent":
            del form.age


def _beyond(draft: dict[str, Any]) -> tuple[country.Beyond, ...]:
    here = road.place(draft, controller())
    return country.beyond(here.jurisdiction, controller(), language(), now=now())


def _named(draft: dict[str, Any]) -> dict[str, str]:
    """What the law of the place calls each right, by our name for it or by its key there."""
    here = road.place(draft, controller())
    names = {
        right.value: country.local_name(here.jurisdiction, right, controller(), language(), now=now())
        for right in Right
    }
    return names | {one.key: one.name for one in _beyond(draft)}


def _evidence(form: Form, draft: dict[str, Any]) -> bool:
    """Keep an uploaded document with the form, checked by its first bytes."""
    sent = request.files.get("evidence")
    if not isinstance(form, BehalfForm) or sent is None or not sent.filename:
        return True
    try:
        uploads.check(sent)
    except Refusal as refusal:
        form.evidence.errors = [sentence_of(refusal)]
        return False
    if old := draft.get("upload"):
        drafts.drop(old["ticket"])
    ticket = drafts.keep_file(uploads.pieces(sent))
    draft["upload"] = {"ticket": ticket, "name": sent.filename[:200]}
    return True


def _page(step: str, draft: dict[str, Any], form: Form, refusal: Refusal | None = None) -> str:
    steps = road.steps(draft)
    position = steps.index(step)
    shared = {
        "form": form,
        "step": step,
        "number": position + 1,
        "steps": len(steps),
        "back": steps[position - 1] if position else "",
        "draft": draft,
        "titles": titles,
        "refusal": sentence_of(refusal) if refusal else "",
    }
    if step in ("rights", road.BEYOND):
        shared["local"] = _named(draft)
    if step == road.CHECK:
        here = road.place(draft, controller())
        shared |= {"answers": _answers(draft), "jurisdiction": here.jurisdiction}
    if step.startswith("about-"):
        return render_template("portal/ask/about.html", right=Right(step.removeprefix("about-")), **shared)
    return render_template(f"portal/ask/{step}.html", **shared)


def _answers(draft: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """What was answered, for the check page: (step, question, lines)."""
    who, find = draft["who"], draft["find"]
    names = dict(places.offered())
    lines = _asked(draft)
    lines.append(
        ("who", gettext("For whom"), [str(titles.BEHALF[who["behalf"]]), names.get(who["place"], "")])
    )
    if "behalf" in road.steps(draft):
        upload = draft.get("upload", {}).get("name", "")
        sent = [gettext("Document: %(name)s", name=upload)] if upload else []
        lines.append(("behalf", gettext("Sent by"), [draft["behalf"]["representative"], *sent]))
    known = [f"{titles.KINDS[kind]}: {value}" for kind, value in forms.typed(find)]
    lines.append(("find", gettext("How we find you"), known))
    if "answer" in road.steps(draft):
        answer = draft["answer"]
        said = [str(titles.ANSWER_BY[answer["answer_by"]]), answer.get("postal_address") or ""]
        lines.append(("answer", gettext("Your answer"), said))
    lines += [
        (f"about-{right.value}", str(titles.RIGHTS[right].title), _about(draft[f"about-{right.value}"]))
        for right in road.worked(draft)
        if right in forms.ABOUT
    ]
    return lines


def _asked(draft: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """The rights asked for, each with its name in the law of the place."""
    local, told = _named(draft), []
    pairs = [(right.value, str(titles.RIGHTS[right].title)) for right in road.chosen(draft)]
    if pairs:
        told.append(("rights", gettext("You ask for"), [_both(title, local[key]) for key, title in pairs]))
    more = [(key, str(titles.BEYOND[key][0])) for _right, key in road.beyond(draft)]
    if more:
        said = [draft[road.BEYOND].get("reason") or ""]
        names = [_both(title, local.get(key, "")) for key, title in more]
        told.append((road.BEYOND, gettext("Another right"), names + said))
    return told


def _both(title: str, local: str) -> str:
    return f"{title} ({local})" if local else title


def _about(data: dict[str, Any]) -> list[str]:
    said = [str(titles.CHANNELS[key][0]) for key in data.get("channels") or ()]
    if data.get("ground"):
        said.append(str(titles.GROUNDS[data["ground"]]))
    said += [
        gettext(
            "%(what)s: %(wrong)s → %(right)s", what=titles.CORRECTABLE[what], wrong=wrong or "…", right=right
        )
        for what, wrong, right in forms.changes(data)
    ]
    if data.get("reason"):
        said.append(data["reason"])
    return said or [gettext("No reason given")]
