"""What the clock of a case says: events, rules, other time limits, warnings, how sure a rule is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import LazyString, gettext, lazy_gettext
from markupsafe import Markup

from dsr.domain.deadlines import Notice, Step
from dsr.domain.periods import parse_period
from dsr.services.records import clock_words
from dsr.web.languages import spoken
from dsr.web.words import day, period

_ = lazy_gettext

EVENT = spoken(clock_words.EVENT)

STEP = spoken(clock_words.STEP)

WHY_NOT: Mapping[str, LazyString] = {
    "twice": _("It was extended already; the law allows it once."),
    "closed": _("The case is closed."),
    "late": _("The first period is over; a notice of extension has no effect now."),
    "none": _("The law of this case knows no extension for this right."),
    "waiting": _("The clock stands still: extend when it runs again."),
}

DEADLINE = spoken(clock_words.DEADLINE)

CERTAINTY: Mapping[str, LazyString] = {
    "secondary": _("this time limit was read in a commentary, not in the law itself."),
    "memory": _("this time limit was not checked against the text of the law; have it read by a lawyer."),
    "derived": _("this time limit follows from another rule, or is the more careful of two readings."),
}

CERTAIN = spoken(clock_words.CERTAIN)

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
