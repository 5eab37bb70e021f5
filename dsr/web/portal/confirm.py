"""Confirming who she is: a code or a link, another code, a wrong address, a mailbox that is gone."""

from __future__ import annotations

from flask import flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.services import drafts, following, identity
from dsr.web.languages import switching
from dsr.web.moment import now
from dsr.web.roles import PERSON, PUBLIC, roles

from . import forms
from .place import RECEIPT, REFERENCE, SENT, TICKET, bp, controller, count_step, enter, reference, to, view

UNPROCESSABLE = 422


@bp.get("/sent")
@roles(PERSON)
def sent() -> ResponseReturnValue:
    """It arrived: the reference, what happens next, and the field for the code."""
    seen = view()
    if seen.verified_at is not None:
        return to("follow")
    return render_template(
        "portal/sent.html",
        seen=seen,
        form=forms.CodeForm(),
        receipt=session.get(RECEIPT, ""),
        again=bool(session.get(SENT)),
    )


@bp.post("/sent")
@roles(PERSON)
def confirm_code() -> ResponseReturnValue:
    """Spend the typed code. Wrong, spent, expired and unknown look alike."""
    count_step()
    which, form = reference(), forms.CodeForm(request.form)
    if not switching() and form.validate():
        if identity.confirm_code(which, form.code.data or "", now=now()):
            enter(which, second=False)
            flash(gettext("Thank you. Your identity is confirmed and we have begun to work on your request."))
            return to("follow")
        form.code.errors = [wrong_code()]
    page = render_template(
        "portal/sent.html",
        seen=view(),
        form=form,
        receipt=session.get(RECEIPT, ""),
        again=bool(session.get(SENT)),
    )
    return page, UNPROCESSABLE if form.errors else 200


@bp.post("/sent/again")
@roles(PERSON)
def resend() -> ResponseReturnValue:
    """Another code to the same addresses; the answer is the same whether or not one was sent."""
    count_step()
    identity.send_code(reference(), now=now())
    flash(gettext("We have sent a new code. It can take a few minutes; look in the spam folder, too."))
    return to("sent")


@bp.route("/confirm/<token>", methods=["GET"])
@roles(PUBLIC)
def link(token: str) -> ResponseReturnValue:
    """The link of the mail only shows a button: programs that open links must not confirm anything."""
    return render_template("portal/confirm.html", token=token, spent=False)


@bp.post("/confirm/<token>")
@roles(PUBLIC)
def confirm_link(token: str) -> ResponseReturnValue:
    """The button spends the link."""
    count_step()
    which = identity.confirm_link(token, now=now())
    if which is None:
        return render_template("portal/confirm.html", token=token, spent=True), UNPROCESSABLE
    enter(which, second=False)
    flash(gettext("Thank you. Your identity is confirmed and we have begun to work on your request."))
    return to("follow")


@bp.post("/sent/correct")
@roles(PERSON)
def correct() -> ResponseReturnValue:
    """The address was wrong: take back what nobody confirmed and show the form again, filled."""
    count_step()
    which, ticket = reference(), session.get(SENT, "")
    if not drafts.recall(ticket):
        return to("ask")
    following.withdraw_unconfirmed(which, controller().key, now=now())
    session[TICKET] = session.pop(SENT)
    session.pop(REFERENCE, None)
    session.pop(RECEIPT, None)
    return to("step", step="find")


@bp.get("/no-mailbox")
@roles(PERSON)
def no_mailbox() -> ResponseReturnValue:
    """She cannot read that mailbox any more: an officer proves who she is. Help where nothing was asked yet."""
    if not session.get(REFERENCE):
        return to("help_page", _anchor="mailbox")
    return render_template("portal/no_mailbox.html", seen=view(), form=forms.NoMailboxForm())


@bp.post("/no-mailbox")
@roles(PERSON)
def take_no_mailbox() -> ResponseReturnValue:
    """Keep how to answer and how to reach her; the officer sees it as a message."""
    count_step()
    form, which = forms.NoMailboxForm(request.form), reference()
    if switching() or not form.validate():
        page = render_template("portal/no_mailbox.html", seen=view(), form=form)
        return page, UNPROCESSABLE if form.errors else 200
    text = gettext(
        "I cannot read the mailbox any more. You can reach me here: %(reach)s", reach=form.reach.data
    )
    following.without_mailbox(
        which,
        controller().key,
        answer_by=form.answer_by.data,
        postal_address=form.postal_address.data or "",
        text=text,
        now=now(),
    )
    flash(gettext("Thank you. An officer will get in touch with you to make sure it is you."))
    return to("follow")


def wrong_code() -> str:
    """One sentence for every reason."""
    return str(
        gettext("This code is wrong, or it is no longer valid. Check the digits or ask for a new code.")
    )
