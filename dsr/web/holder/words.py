"""What the holder's page says: the work to do by verb, and why an answer was not taken."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from dsr.domain.errors import Refusal
from dsr.web.errors import sentence_of

_ = lazy_gettext

DOING: Mapping[str, LazyString] = {
    "correct": _("Correct these documents by hand, as written below."),
    "delete": _("Destroy these documents, so that nobody can read them again."),
    "seal_then_delete": _(
        "Take these documents away and lock them up, so that nobody uses them. They are kept only for judges "
        "and authorities."
    ),
    "restrict": _("Set these documents aside, so that nobody uses them."),
    "lift": _("Put these documents back. They may be used again."),
    "stop": _("Stop using these documents for what is written below."),
}

REFUSED: Mapping[str, LazyString] = {
    "task.answer": _("Choose one."),
    "task.copy": _("The person asks for a copy. Add a photo, a scan or a PDF of what you found."),
    "task.count": _("Write how many documents there are, as a number."),
    "task.evidence": _(
        "Write how and when it was done, or why it cannot be done, or add a file that shows it."
    ),
    "task.long": _("This is too long. Please shorten it."),
}


def sentence(refusal: Refusal) -> str:
    """Why the answer was not taken, and what to do."""
    return str(REFUSED.get(refusal.code, sentence_of(refusal)))
