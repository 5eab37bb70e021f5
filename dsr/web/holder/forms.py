"""The two forms of a holder: is there anything; is it done."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask_babel import lazy_gettext
from wtforms import Form, IntegerField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from dsr.services.tasks import Answer, Handed

from .words import REFUSED

_ = lazy_gettext

PIECE = 64 * 1024
SHORT, LONG = 200, 2_000


class AnswerForm(Form):
    """What both have: a choice, a remark, files."""

    note = TextAreaField(
        _("Remark"), [Optional(), Length(max=LONG, message=_("This is too long. Please shorten it."))]
    )
    files = MultipleFileField(
        _("Photos, scans or PDF files"),
        [Optional()],
        description=_("PDF, PNG or JPEG. They are kept encrypted."),
    )

    def answer(self) -> Answer:
        """What was chosen and written."""
        given: dict[str, Any] = self.data
        return Answer(
            state=given["state"] or "",
            count=given.get("count") or 0,
            where=given.get("where") or "",
            note=given["note"] or "",
        )

    def handed(self) -> tuple[Handed, ...]:
        """The files that were chosen."""
        chosen = [one for one in self.files.data or () if getattr(one, "filename", "")]
        return tuple(Handed(one.filename, iter(partial(one.read, PIECE), b"")) for one in chosen)


class Number(IntegerField):
    """A whole number, or a sentence that says so."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(REFUSED["task.count"])) from None


class FindForm(AnswerForm):
    """Is there anything about this person?"""

    state = RadioField(
        _("Do you keep anything about this person?"),
        [InputRequired(_("Choose one."))],
        choices=[("found", _("Yes, I found something")), ("nothing", _("No, nothing"))],
    )
    count = Number(
        _("If you found something: how many documents?"), [Optional()], description=_("A number, like 2.")
    )
    where = StringField(
        _("Where are they?"),
        [Optional(), Length(max=SHORT, message=_("This is too long. Please shorten it."))],
        description=_("For example: cabinet 3, second drawer."),
    )


class ActForm(AnswerForm):
    """Is it done?"""

    state = RadioField(
        _("Is it done?"),
        [InputRequired(_("Choose one."))],
        choices=[("done", _("Yes, it is done")), ("cannot", _("No, it cannot be done"))],
    )
