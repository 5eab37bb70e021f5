"""The page for whoever asks for somebody else."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from wtforms import FileField, Form, IntegerField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from dsr.domain.law import MAJORITY
from dsr.domain.rights import Right

from . import titles
from .forms import SHORT, trimmed

_ = lazy_gettext


class Years(IntegerField):
    """A whole number, with a sentence of ours for what is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("Write the age in years.")) from None


class BehalfForm(Form):
    """Who asks for somebody else."""

    representative = StringField(
        _("Your own name, and how we can reach you"),
        [InputRequired(_("Write your name and how we can reach you.")), Length(max=SHORT)],
        description=_("For example: Ana Pérez, mother, +34 612 34 56 78"),
        filters=[trimmed],
    )
    age = Years(_("How old is the child?"), [InputRequired(_("Write the age in years."))])
    evidence = FileField(
        _("Document that shows you may ask"),
        description=_(
            "An authorisation, a court decision or the family record book. PDF, PNG or JPEG. It is kept "
            "encrypted and only the data protection officer can open it. You can also send it later by post."
        ),
    )

    heirs: tuple[str, ...] | None = None
    """For somebody who has died: the rights chosen that the law there does not give to heirs."""

    def validate_representative(self, field: StringField) -> None:
        """Heirs ask only where the law of that country says so."""
        if self.heirs:
            raise ValidationError(
                gettext(
                    "The law of that country does not let relatives or heirs ask for this: %(rights)s. "
                    "You can write to us instead.",
                    rights=", ".join(str(titles.RIGHTS[Right(name)].title) for name in self.heirs),
                )
            )

    who: str = ""
    """Who may ask for somebody who has died, as the law there says it."""

    alone_from: int = MAJORITY
    """From which age a child asks alone in that country."""

    def validate_age(self, field: IntegerField) -> None:
        """The law of the country says until when a parent asks."""
        if field.data is not None and not 0 <= field.data < 120:
            raise ValidationError(gettext("Write the age in years."))
        if field.data is not None and field.data >= self.alone_from:
            raise ValidationError(
                gettext(
                    "From the age of %(years)d children ask for themselves there. Go back and choose “For a "
                    "person I represent” if you ask with their permission.",
                    years=self.alone_from,
                )
            )
