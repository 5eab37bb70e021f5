"""Following a request: where it stands and by when, messages, withdrawing, and the door back in."""

from __future__ import annotations

from flask import flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.services import country, following, identity, results
from dsr.web.errors import sentence_of
from dsr.web.languages import CHOICE, language, switching
from dsr.web.moment import now
from dsr.web.roles import PERSON, PUBLIC, roles

from . import forms, titles
from .confirm import UNPROCESSABLE, wrong_code
from .place import RECEIPT, REFERENCE, bp, controller, count_step, enter, fresh, proved, reference, to, view

REFERENCE_SHAPE = 9


@bp.get("/follow")
@roles(PERSON)
def follow() -> ResponseReturnValue:
    """Where every right stands, what we wait for, until when; letters and data when they are ready."""
    return _page(forms.MessageForm())


@bp.post("/follow")
@roles(PERSON)
def write() -> ResponseReturnValue:
    """A message to the officer."""
    count_step()
    form = forms.MessageForm(request.form)
    seen = view()
    if switching() or seen.locked or not form.validate():
        return _page(form), UNPROCESSABLE if form.errors else 200
    try:
        following.write(reference(), controller().key, form.text.data or "", now=now())
    except Refusal as refusal:
        form.text.errors = [sentence_of(refusal)]
        return _page(form), UNPROCESSABLE
    flash(gettext("Your message was sent to the data protection officer."))
    return to("follow")


@bp.get("/follow/withdraw/<case>")
@roles(PERSON)
def ask_withdraw(case: str) -> ResponseReturnValue:
    """A page, not a pop-up: what withdrawing means."""
    return render_template("portal/withdraw.html", case=_mine(case), titles=titles)


@bp.post("/follow/withdraw/<case>")
@roles(PERSON)
def withdraw(case: str) -> ResponseReturnValue:
    """Take one right back."""
    count_step()
    _mine(case)
    following.withdraw(reference(), case, controller().key, now=now())
    flash(gettext("You have withdrawn this request. Nothing more will happen."))
    return to("follow")


@bp.get("/s")
@roles(PUBLIC)
def find() -> ResponseReturnValue:
    """Type the reference to come back to a request."""
    typed = request.args.get("reference", "").strip().upper()
    plain = "".join(letter for letter in typed if letter.isalnum())
    if plain:
        return to("door", which=f"{plain[:4]}-{plain[4:8]}")
    if session.get(REFERENCE):
        return to("follow")
    return render_template("portal/find.html")


@bp.get("/s/<which>")
@roles(PUBLIC)
def door(which: str) -> ResponseReturnValue:
    """The door of a request: only its reference is in the address. Every reference looks the same."""
    if proved(which) and (fresh(which) or "to" not in request.args):
        session[REFERENCE] = which
        return to("answer" if request.args.get("to") == "answer" else "follow")
    return _door(which, forms.CodeForm())


@bp.post("/s/<which>/code")
@roles(PUBLIC)
def send_code(which: str) -> ResponseReturnValue:
    """Mail a fresh code to the proved addresses; says the same when there is nobody to mail it to."""
    count_step()
    if following.verified(which):
        identity.send_second_code(which, now=now())
    else:
        identity.send_code(which, now=now())
    flash(gettext("If this request exists, we have sent a code to its e-mail address."))
    return to("door", which=which, sent=1, to=request.args.get("to"))


@bp.post("/s/<which>")
@roles(PUBLIC)
def open_door(which: str) -> ResponseReturnValue:
    """Spend the code: this browser follows the request, and the answers stay open for a while."""
    count_step()
    form = forms.CodeForm(request.form)
    if not switching() and form.validate():
        second = following.verified(which)
        spend = identity.pass_second_step if second else identity.confirm_code
        if following.controller_of(which) == controller().key and spend(
            which, form.code.data or "", now=now()
        ):
            enter(which, second=second)
            return to("answer" if request.args.get("to") == "answer" and second else "follow")
        form.code.errors = [wrong_code()]
    return _door(which, form), UNPROCESSABLE if form.errors else 200


@bp.get("/r/<receipt>")
@roles(PUBLIC)
def by_receipt(receipt: str) -> ResponseReturnValue:
    """The private link of a person without a mailbox."""
    found = following.find(receipt, controller().key)
    if found is None:
        raise Refusal("submission.unknown", "There is no such request.")
    session[REFERENCE], session[RECEIPT] = found, receipt
    return to("follow")


@bp.post("/leave")
@roles(PUBLIC)
def leave() -> ResponseReturnValue:
    """Forget everything in this browser but the language: she may sit at somebody else's computer."""
    chosen = session.get(CHOICE)
    session.clear()
    if chosen:
        session[CHOICE] = chosen
    flash(gettext("This browser has forgotten your request."))
    return to("start")


def _page(form: forms.MessageForm) -> str:
    seen = view()
    if seen.locked:
        return _door(seen.reference, forms.CodeForm())
    here = controller()
    return render_template(
        "portal/follow.html",
        seen=seen,
        form=form,
        titles=titles,
        open=fresh(seen.reference),
        results=results.of_submission(seen.reference, language(), now=now()) if fresh(seen.reference) else {},
        authority=country.authority(seen.jurisdiction, here, now=now()),
        receipt=session.get(RECEIPT, "") if not seen.mails else "",
        language_of_page=language(),
    )


def _door(which: str, form: forms.CodeForm) -> str:
    return render_template("portal/door.html", which=which[:REFERENCE_SHAPE], form=form)


def _mine(case: str) -> following.CaseView:
    for one in view().cases:
        if one.reference == case:
            return one
    raise Refusal("case.unknown", "There is no such case.")
