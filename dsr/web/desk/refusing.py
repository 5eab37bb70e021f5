"""Refusing and what comes instead, as forms of the case page, and each letter shown before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.documents import policy
from dsr.domain.errors import Refusal
from dsr.domain.letters import AutomatedFacts, ComplaintFacts, FeeFacts, ForwardedFacts
from dsr.services import composing, previewing, promises, refusing
from dsr.services.officers import RefusalReasons
from dsr.services.previewing import Compose, Previewed
from dsr.web.moment import now

from .access import officer
from .case import case_page
from .decisions import attempt, keep_file, said
from .place import bp


@bp.post("/cases/<reference>/refuse")
def refuse(reference: str) -> ResponseReturnValue:
    """Refuse the request, or a part of it."""

    def act() -> None:
        why = _reasons()
        refusing.check(why, officer())
        keep_file(reference, "refusal")
        refusing.refuse(reference, why, by=officer(), now=now())

    done = gettext("Refused. The letter names the reasons and the remedies.")
    if said("what"):
        done = gettext("That part is refused. The answer will name it with its reasons.")
    return attempt(reference, "refuse", act, done)


@bp.post("/cases/<reference>/fee")
def fee(reference: str) -> ResponseReturnValue:
    """Offer a fee instead of refusing."""

    def act() -> None:
        refusing.offer_fee(reference, _fee(), by=officer(), now=now())

    return attempt(reference, "fee", act, gettext("Offered. The person pays, withdraws or says why not."))


@bp.post("/cases/<reference>/forward")
def forward(reference: str) -> ResponseReturnValue:
    """Not ours to answer."""

    def act() -> None:
        refusing.forward(reference, _forwarded(), by=officer(), now=now())

    return attempt(reference, "forward", act, gettext("Noted. The person is told to whom it went."))


@bp.post("/cases/<reference>/automated")
def automated(reference: str) -> ResponseReturnValue:
    """A person reviewed an automated decision."""

    def act() -> None:
        refusing.answer_automated(reference, _automated(), by=officer(), now=now())

    return attempt(reference, "automated", act, gettext("Answered with the result of your review."))


@bp.post("/cases/<reference>/complaint")
def complaint(reference: str) -> ResponseReturnValue:
    """A complaint is answered by a person."""

    def act() -> None:
        refusing.answer_complaint(reference, _complaint(), by=officer(), now=now())

    return attempt(reference, "complaint", act, gettext("Answered. The letter is on its way."))


@bp.post("/cases/<reference>/preview/<act>")
def preview(reference: str, act: str) -> ResponseReturnValue:
    """The letter that this form would send, with what was typed; nothing is kept."""
    try:
        found = _previewed(reference, act)
    except Refusal as refusal:
        if refusal.code == "case.unknown":
            raise
        return case_page(reference, refusal=refusal, at=act)
    if said("as") == "pdf":
        answer = Response(found.pdf, mimetype="application/pdf")
        answer.headers["Content-Disposition"] = f'inline; filename="{reference}-{act}.pdf"'
        return answer
    return Response(
        found.html, headers={"Content-Security-Policy": policy() + "; sandbox"}, mimetype="text/html"
    )


def _previewed(reference: str, act: str) -> Previewed:
    if act == "approve":
        return previewing.answer(reference, by=officer(), now=now())
    if act not in COMPOSE:
        raise Refusal("letter.unknown", "There is no such letter.")
    return previewing.decision(reference, COMPOSE[act](), by=officer())


def _reasons() -> RefusalReasons:
    return RefusalReasons(
        article=said("article"),
        facts=said("reason"),
        what=said("what"),
        not_identified=said("not_identified") == "yes",
        decided_by=said("decided_by"),
        ground=said("ground"),
        evidence=said("evidence"),
        late=said("late") == "yes",
        helps=said("helps"),
    )


def _fee() -> FeeFacts:
    try:
        amount = Decimal(said("amount").replace(",", "."))
    except InvalidOperation:
        amount = Decimal(0)
    return FeeFacts(amount, said("currency").upper(), said("covers"), said("reason"), said("article"))


def _forwarded() -> ForwardedFacts:
    return ForwardedFacts(said("to"), _day("on"), said("reason"), said("contact"))


def _automated() -> AutomatedFacts:
    return AutomatedFacts(said("decided"), said("logic"), said("data"), said("reviewer"), said("reason"))


def _complaint() -> ComplaintFacts:
    return ComplaintFacts(said("about"), said("examined"), said("reason"), said("measures"))


def _day(name: str) -> date:
    try:
        return date.fromisoformat(said(name))
    except ValueError:
        raise Refusal("law.date", "Write a date.") from None


def _refusal() -> Compose:
    why, by, at = _reasons(), officer(), now()
    refusing.check(why, by)
    return lambda case: composing.refusal(case, why, by=by, now=at)


def _fee_offer() -> Compose:
    offer, by, at = _fee(), officer(), now()
    refusing.check_fee(offer, by)
    return lambda case: composing.fee(case, offer, by=by, now=at)


def _forwarding() -> Compose:
    to, by, at = _forwarded(), officer(), now()
    return lambda case: composing.forwarded(case, to, by=by, now=at)


def _reviewing() -> Compose:
    review, at = _automated(), now()
    return lambda case: composing.automated(case, review, now=at)


def _complained() -> Compose:
    answer, by, at = _complaint(), officer(), now()
    return lambda case: composing.complaint(case, answer, by=by, now=at)


def _asking() -> Compose:
    ask, text, at = said("ask"), said("reason"), now()
    return lambda case: composing.question(case, ask, text, now=at)


def _extending() -> Compose:
    reasons, at = said("reason"), now()
    return lambda case: composing.extension(case, reasons, now=at)


def _lifting() -> Compose:
    reason, at = said("reason"), now()
    return lambda case: composing.lifting(case, reason, now=at)


def _settling() -> Compose:
    reason, by, at = said("reason"), officer(), now()
    seen = promises.looked_of(str((request.view_args or {}).get("reference", "")), by=by)
    return lambda case: promises.composed(case, seen, reason, by=by, now=at)


COMPOSE: dict[str, Callable[[], Compose]] = {
    "refuse": _refusal,
    "fee": _fee_offer,
    "forward": _forwarding,
    "automated": _reviewing,
    "complaint": _complained,
    "pause": _asking,
    "extend": _extending,
    "lift": _lifting,
    "settle": _settling,
}
"""What each form of the case page would send."""
