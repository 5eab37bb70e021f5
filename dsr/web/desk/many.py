"""Work on many cases at once: first a page that says what will happen to how many, then the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import prospects, review
from dsr.services.officers import Officer
from dsr.services.prospects import ASSIGN, EXTEND, MANY, RETRY
from dsr.store.queries import desk
from dsr.web.moment import now

from .access import allowed, me, officers
from .place import bp, to
from .queue import deciders
from .refusals import sentence_of
from .today import today_here

MOST_AT_ONCE = 200


@bp.post("/queue/many")
def many() -> ResponseReturnValue:
    """The preview; with ``confirmed`` the work, each case by itself and each with its own answer."""
    what = request.form.get("what", "")
    chosen = list(dict.fromkeys(request.form.getlist("case")))[:MOST_AT_ONCE]
    if what not in MANY or not chosen:
        flash(sentence_of(Refusal("queue.none", "Choose at least one case.")), "error")
        return to("queue")
    if request.form.get("confirmed") != "yes":
        return _preview(what, chosen)
    reason = request.form.get("reason", "").strip()
    if what == EXTEND and not reason:
        return _preview(what, chosen, Refusal("reason.missing", "Say why, in your own words."))
    done, refused = _carry_out(what, chosen, reason)
    if done:
        flash(_said(what, done), "done")
    for reference, said in refused:
        flash(gettext("%(reference)s: %(why)s", reference=reference, why=said), "error")
    return to("queue")


def _preview(what: str, chosen: list[str], refusal: Refusal | None = None) -> ResponseReturnValue:
    with store.reading() as session:
        lines = {line.reference: line for line in desk.by_references(session, allowed(), chosen)}
    found = prospects.of(what, list(lines), by=officers(), now=now())
    page = render_template(
        "desk/many.html",
        what=what,
        will=[(lines[one.reference], one) for one in found if one.refusal is None],
        not_=[(lines[one.reference], sentence_of(one.refusal)) for one in found if one.refusal],
        colleague=_colleague(),
        on=today_here(),
        error=sentence_of(refusal) if refusal else "",
    )
    return page, 422 if refusal else 200


def _carry_out(what: str, chosen: list[str], reason: str) -> tuple[int, list[tuple[str, str]]]:
    with store.reading() as session:
        lines = desk.by_references(session, allowed(), chosen)
    mine, act = officers(), _ACTS[what]
    done, refused = 0, []
    for line in lines:
        try:
            act(line.reference, reason, mine[line.controller])
            done += 1
        except Refusal as refusal:
            refused.append((line.reference, sentence_of(refusal)))
    return done, refused


def _assign(reference: str, reason: str, by: Officer) -> None:
    colleague = _colleague()
    review.assign(reference, colleague[0] if colleague else None, by=by, now=now())


def _extend(reference: str, reason: str, by: Officer) -> None:
    review.extend(reference, reason, by=by, now=now())


def _retry(reference: str, reason: str, by: Officer) -> None:
    review.retry(reference, by=by, now=now())


_ACTS: Mapping[str, Callable[[str, str, Officer], None]] = {ASSIGN: _assign, EXTEND: _extend, RETRY: _retry}


def _colleague() -> tuple[int, str] | None:
    """The colleague chosen in the form; me without a choice, None for nobody."""
    number = request.form.get("staff", str(me().id))
    return next(((n, email) for n, email in deciders() if str(n) == number), None)


def _said(what: str, done: int) -> str:
    if what == EXTEND:
        said = ngettext(
            "%(num)d case extended; the person is told why.",
            "%(num)d cases extended; each person is told why.",
            done,
        )
    elif what == RETRY:
        said = ngettext("%(num)d case is tried again.", "%(num)d cases are tried again.", done)
    else:
        said = ngettext("%(num)d case assigned.", "%(num)d cases assigned.", done)
    return str(said)
