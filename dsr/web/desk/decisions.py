"""What an officer does to a case: each a form of its page, each a service, each with its reason."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.domain.rights import rule
from dsr.domain.workflow import Status
from dsr.services import (
    duties,
    evidence,
    handing,
    identity,
    promises,
    proposals,
    review,
    undelivered,
    viewing,
)
from dsr.services.identity import Proof
from dsr.services.officers import Withheld
from dsr.services.proposals import Chosen
from dsr.web import auth, uploads
from dsr.web.moment import now
from dsr.web.numbers import whole

from .access import actor, officer
from .case import approval_page, asks_code, case_page
from .place import bp, to
from .words import POWER


@bp.post("/cases/<reference>/approve")
def approve(reference: str) -> ResponseReturnValue:
    """Approve the plan that was shown; for an irreversible one with the second factor."""
    try:
        _check_code(reference)
        status = review.approve(reference, said("plan"), by=officer(), now=now())
    except Refusal as refusal:
        return _not_approved(reference, refusal)
    done = gettext("Approved.")
    if status == Status.SECOND:
        done = gettext("Approved. A second officer must approve it too.")
    return _done(reference, done)


@bp.post("/cases/<reference>/second-approve")
def second_approve(reference: str) -> ResponseReturnValue:
    """The second pair of eyes."""
    try:
        _check_code(reference)
        review.second_approve(reference, said("plan"), by=officer(), now=now())
    except Refusal as refusal:
        return _not_approved(reference, refusal)
    return _done(reference, gettext("Approved by both officers. It is being carried out."))


@bp.post("/cases/<reference>/send-back")
def send_back(reference: str) -> ResponseReturnValue:
    """The second officer disagrees."""

    def act() -> None:
        review.send_back(reference, said("reason"), by=officer(), now=now())

    return attempt(reference, "send_back", act, gettext("Sent back to review."))


@bp.post("/cases/<reference>/decide")
def decide(reference: str) -> ResponseReturnValue:
    """Accept or reject proposed records: those that were chosen, or every one of the plan that was shown.

    A value of ``proposal`` may name several records, separated by spaces.
    """
    pairs = (one.partition("/") for one in " ".join(request.form.getlist("proposal")).split())
    chosen = frozenset((system, record) for system, _slash, record in pairs)
    every = said("plan") if said("every") else ""

    def act() -> None:
        accept = said("verdict") == "accept"
        proposals.decide(reference, Chosen(chosen, every), accept, said("reason"), by=officer(), now=now())

    at = f"record-{said('at')}" if said("at") else "proposals"
    return attempt(reference, at, act, gettext("Decided. A new plan is being made."))


@bp.post("/cases/<reference>/withhold")
def withhold(reference: str) -> ResponseReturnValue:
    """Leave out a record, or one field of it."""

    def act() -> None:
        why = Withheld(said("reason"), said("field"), said("article"))
        review.withhold(reference, said("system"), said("record"), why, by=officer(), now=now())

    return attempt(reference, f"record-{said('record')}", act, gettext("Withheld. A new plan is being made."))


@bp.post("/cases/<reference>/pause")
def pause(reference: str) -> ResponseReturnValue:
    """Ask the person for something."""

    def act() -> None:
        review.pause(reference, said("reason"), ask=said("ask"), by=officer(), now=now())

    return attempt(reference, "pause", act, gettext("The person was asked. A letter is on its status page."))


@bp.post("/cases/<reference>/resume")
def resume(reference: str) -> ResponseReturnValue:
    """The answer is here."""

    def act() -> None:
        review.resume(reference, sufficient=said("sufficient") != "no", by=officer(), now=now())

    return attempt(reference, "resume", act, gettext("Noted. The clock was computed again."))


@bp.post("/cases/<reference>/extend")
def extend(reference: str) -> ResponseReturnValue:
    """Prolong once, with reasons for the person."""

    def act() -> None:
        review.extend(reference, said("reason"), by=officer(), now=now())

    return attempt(reference, "extend", act, gettext("Extended. The person is told why."))


@bp.post("/cases/<reference>/cancel")
def cancel(reference: str) -> ResponseReturnValue:
    """Close a case that should not exist."""

    def act() -> None:
        review.cancel(reference, said("reason"), by=officer(), now=now())

    return attempt(reference, "cancel", act, gettext("Cancelled. The person is told."))


@bp.post("/cases/<reference>/withdraw")
def withdraw(reference: str) -> ResponseReturnValue:
    """The person took it back on the telephone or by post."""

    def act() -> None:
        by = officer()
        review.withdraw(reference, actor=by.actor, roles=by.roles, now=now())

    return attempt(reference, "withdraw", act, gettext("Withdrawn in the name of the person."))


@bp.post("/cases/<reference>/undelivered")
def settle_mail(reference: str) -> ResponseReturnValue:
    """A mail that came back: sent again, to another address, or no longer needed."""

    def act() -> None:
        undelivered.settle(
            reference, said("way"), said("reason"), address=said("address"), by=officer(), now=now()
        )

    return attempt(reference, "undelivered", act, gettext("Settled. What is sent again leaves at once."))


@bp.post("/cases/<reference>/retry")
def retry(reference: str) -> ResponseReturnValue:
    """Try again what failed."""

    def act() -> None:
        review.retry(reference, system=said("system"), by=officer(), now=now())

    return attempt(reference, "retry", act, gettext("It is being tried again."))


@bp.post("/cases/<reference>/handed-over")
def handed_over(reference: str) -> ResponseReturnValue:
    """The person came for the answer."""

    def act() -> None:
        handing.handed_over(reference, said("way"), said("reason"), by=officer(), now=now())

    return attempt(reference, "handed-over", act, gettext("Kept as proof of delivery."))


@bp.post("/cases/<reference>/lift")
def lift(reference: str) -> ResponseReturnValue:
    """End a restriction."""

    def act() -> None:
        review.lift(reference, said("reason"), by=officer(), now=now())

    return attempt(
        reference, "lift", act, gettext("The person is told first; the plan of giving back comes next.")
    )


@bp.post("/cases/<reference>/go-on")
def go_on(reference: str) -> ResponseReturnValue:
    """Look again where the answer could not."""

    def act() -> None:
        promises.go_on(reference, by=officer(), now=now())

    return attempt(reference, "promise", act, gettext("It is being searched again; a second letter follows."))


@bp.post("/cases/<reference>/settle")
def settle(reference: str) -> ResponseReturnValue:
    """What was promised will not be searched: the person is told why."""

    def act() -> None:
        promises.settle(reference, said("reason"), by=officer(), now=now())

    return attempt(reference, "settle", act, gettext("Settled. The person is told why."))


@bp.post("/cases/<reference>/message")
def message(reference: str) -> ResponseReturnValue:
    """Write to the person."""

    def act() -> None:
        review.message(reference, said("reason"), by=officer(), now=now())

    return attempt(reference, "message", act, gettext("The message is on the status page; a mail says so."))


@bp.post("/cases/<reference>/note")
def note(reference: str) -> ResponseReturnValue:
    """An internal note."""

    def act() -> None:
        review.note(reference, said("reason"), by=officer(), now=now())

    return attempt(reference, "note", act, gettext("Note kept. The person never sees it."))


@bp.post("/cases/<reference>/duty")
def duty(reference: str) -> ResponseReturnValue:
    """Something was done by hand."""

    def act() -> None:
        duties.complete(reference, said("duty"), said("reason"), by=officer(), now=now())

    return attempt(reference, f"duty-{said('duty')}", act, gettext("Kept as proof."))


@bp.post("/cases/<reference>/assign")
def assign(reference: str) -> ResponseReturnValue:
    """Give the case to a colleague, or to nobody."""

    def act() -> None:
        chosen = said("staff")
        review.assign(reference, whole(chosen), by=officer(), now=now())

    return attempt(reference, "assign", act, gettext("Assigned."))


@bp.post("/cases/<reference>/prove")
def prove(reference: str) -> ResponseReturnValue:
    """Record a proof of identity by other means, with its evidence."""

    def act() -> None:
        chosen = [one for text in request.form.getlist("identifier") if (one := whole(text)) is not None]
        proof = Proof(how=said("how"), reason=said("reason"))
        if proof.how not in PROOFS:
            raise Refusal("identity.reason", "Say how you made sure who the person is.")
        keep_file(reference, "identity")
        identity.prove(reference, chosen, proof, by=actor(), now=now(), address=officer().address)

    return attempt(reference, "prove", act, gettext("Proof recorded. The systems are searched now."))


@bp.post("/cases/<reference>/power")
def power(reference: str) -> ResponseReturnValue:
    """Confirm that whoever asks may ask for this person."""

    def act() -> None:
        proof = Proof(how=said("how"), reason=said("reason"))
        if proof.how not in POWER:
            raise Refusal("identity.reason", "Say which document you saw, or how else you know.")
        keep_file(reference, "behalf")
        identity.confirm_power(reference, proof, by=officer(), now=now())

    return attempt(reference, "power", act, gettext("Confirmed. The case can be decided now."))


@bp.post("/cases/<reference>/attach")
def attach(reference: str) -> ResponseReturnValue:
    """Keep a scan or other evidence with the case, sealed."""

    def act() -> None:
        if not keep_file(reference, "scan"):
            raise Refusal("upload.empty", "Choose a file.")

    return attempt(reference, "attach", act, gettext("The file is kept, sealed."))


PROOFS = ("document_seen", "in_person", "call_back", "customer_area", "signature", "other")


def keep_file(reference: str, purpose: str) -> bool:
    """Seal the file of the form, if there is one; False without."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return False
    uploads.check(file)
    submission = viewing.submission_of(reference, by=officer())
    evidence.attach(
        submission, uploads.pieces(file), name=file.filename, purpose=purpose, by=actor(), now=now()
    )
    return True


def said(name: str) -> str:
    """A field of the form, without the spaces around it."""
    return request.form.get(name, "").strip()


def attempt(reference: str, at: str, act: Callable[[], None], done: str) -> ResponseReturnValue:
    """Do it; when it cannot be done, the page again with the reason and with what was typed."""
    try:
        act()
    except Refusal as refusal:
        if refusal.code == "case.unknown":
            raise
        return case_page(reference, refusal=refusal, at=at)
    return _done(reference, done)


def _done(reference: str, said: str) -> ResponseReturnValue:
    flash(said, "done")
    return to("case", reference=reference)


def _not_approved(reference: str, refusal: Refusal) -> ResponseReturnValue:
    if refusal.code == "approve.code":
        return approval_page(reference, refusal=refusal)
    return case_page(reference, refusal=refusal, at="plan")


def _check_code(reference: str) -> None:
    """The second factor for what cannot be undone, when she has one or must have one."""
    right = viewing.right_of(reference, by=officer())
    if not rule(right).second_approver or not asks_code():
        return
    if not auth.factor_holds(current_app, said("code"), said("credential")):
        raise Refusal("approve.code", "This code or passkey is not right or was used before.")
