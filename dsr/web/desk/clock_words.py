"""What the clock of a case says: events, rules, other time limits, warnings, how sure a rule is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import LazyString, gettext, lazy_gettext
from markupsafe import Markup

from dsr.domain.deadlines import Notice, Step
from dsr.domain.periods import parse_period
from dsr.web.words import day, period

_ = lazy_gettext

EVENT: Mapping[str, LazyString] = {
    "identity_requested": _("Proof of identity asked for"),
    "clarification_requested": _("Clarification asked for"),
    "info_requested": _("Information asked for"),
    "fee_requested": _("Fee asked for"),
    "identity_confirmed": _("Identity proved"),
    "clarification_received": _("Clarification received"),
    "info_received": _("Information received"),
    "fee_paid": _("Fee paid"),
    "extended": _("Extended"),
    "execution_extended": _("Execution extended"),
    "identity_insufficient": _("Proof of identity was not enough"),
    "forwarded_by_authority": _("Forwarded by the authority"),
    "authority_answered": _("Authority answered"),
    "answered": _("Answered"),
    "done": _("Carried out"),
    "received": _("Request received"),
}

STEP: Mapping[str, LazyString] = {
    "started": _("The period starts on %(after)s"),
    "restarted": _("The period starts again on %(after)s, after the answer of the person"),
    "period": _("The period of the law ends on %(after)s"),
    "extended": _("The extension moves it to %(after)s"),
    "paused": _("The pause moves it to %(after)s"),
    "rolled": _("That day is no working day: it moves to %(after)s"),
    "suspended": _("The clock stands still while the person is asked"),
    "retained": _("The retention period ends on %(after)s"),
}

WHY_NOT: Mapping[str, LazyString] = {
    "twice": _("It was extended already; the law allows it once."),
    "closed": _("The case is closed."),
    "late": _("The first period is over; a notice of extension has no effect now."),
    "none": _("The law of this case knows no extension for this right."),
}

DEADLINE: Mapping[str, LazyString] = {
    "respond": _("Answer"),
    "execute": _("Carry out after the answer"),
    "refuse": _("Refuse, if it is refused"),
    "ack": _("Acknowledge receipt"),
    "simplified": _("Answer in simplified form"),
    "stop": _("Stop"),
    "marketing_stop": _("Stop advertising"),
    "forward": _("Forward, where another is competent"),
    "mark_in_dispute": _("Mark the data as claimed"),
    "block_on_receipt": _("Block the data for the time of the request"),
    "notify_recipients": _("Tell those who received the data"),
    "request_missing": _("Ask for what is missing"),
    "request_more": _("Ask for more information"),
    "person_answer": _("Answer of the person to our question"),
    "person_correction": _("Correction by the person"),
    "abandoned": _("Given up by the person"),
    "complaint_window": _("Complaint to the authority"),
    "dpo_decision": _("Decision of the data protection officer"),
    "dpo_answer": _("Answer to the authority"),
    "retain_until": _("Keep until"),
    "block_until": _("Keep blocked until"),
    "erase_by": _("Erase by"),
}

CERTAINTY: Mapping[str, LazyString] = {
    "secondary": _("this time limit was read in a commentary, not in the law itself."),
    "memory": _("this time limit was not checked against the text of the law; have it read by a lawyer."),
    "derived": _("this time limit follows from another rule, or is the more careful of two readings."),
}

CERTAIN: Mapping[str, LazyString] = {
    "seen": _("read in the law"),
    "secondary": _("read in a commentary"),
    "memory": _("not checked"),
    "derived": _("derived"),
}

WARNING: Mapping[str, LazyString] = {
    "extension_late": _(
        "The extension of %(on)s came after the legal date of %(due_on)s: it does not count."
    ),
    "asked_after_due": _(
        "The question of %(on)s came after the legal date of %(due_on)s: it does not stop the clock."
    ),
    "asked_late": _("The question of %(on)s came late: ask within %(within)s of receipt."),
    "does_not_stop": _("The law of this case does not stop the clock for the question of %(on)s."),
    "not_extendable": _("The law of this case knows no extension: that of %(on)s does not count."),
    "already_extended": _(
        "It was extended on %(extended_on)s already: the extension of %(on)s does not count."
    ),
}


def step(one: Step) -> str:
    """One rule that was applied, as a sentence."""
    after = day(one.after) if one.after else ""
    return _filled(STEP.get(one.code), {"after": after}) or one.code


def warning(one: Notice) -> str:
    """Why an event does not count, or counts with a doubt."""
    said = _filled(WARNING.get(one.code), {name: _said(name, value) for name, value in one.data.items()})
    return said or str(gettext("Look at the clock: %(code)s", code=one.code))


def _filled(words: LazyString | None, data: Mapping[str, str]) -> Markup:
    """Our own words with dates in them, which are markup already; everything else is escaped."""
    return Markup(str(words)) % data if words is not None else Markup("")  # noqa: S704 - our own table


def _said(name: str, value: str | int) -> str:
    if name == "within":
        return period(parse_period(str(value)))
    return day(date.fromisoformat(str(value))) if name.endswith("on") else str(value)
