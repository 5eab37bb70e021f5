"""The forms of the ask flow, one per page. They check what can be checked here, in the person's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from flask_babel import LazyString, lazy_gettext
from wtforms import (
    Field,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.form import FormMeta
from wtforms.validators import InputRequired, Length, Optional, StopValidation

from dsr.domain.identity import InvalidIdentifier, Kind, identify, kinds_for
from dsr.domain.rights import CHANNELS, CORRECTABLE, GROUNDS, Right
from dsr.services.country import Beyond
from dsr.services.intake import MAX_WORDS

from . import titles

_ = lazy_gettext

MOST_CHANGES = 10
SHORT, LONG = 200, MAX_WORDS


def trimmed(value: Any) -> Any:
    """Without the spaces around it."""
    return value.strip() if isinstance(value, str) else value


def choose_one() -> InputRequired:
    """A choice must be made."""
    return InputRequired(_("Choose one."))


def _add(field: Field, message: LazyString | str) -> None:
    field.errors = [*field.errors, str(message)]


def text(label: LazyString, hint: LazyString | str = "", **more: Any) -> StringField:
    """One optional line."""
    rules = [Optional(), Length(max=SHORT, message=_("This is too long."))]
    return StringField(label, rules, description=hint, filters=[trimmed], **more)


def words(label: LazyString, hint: LazyString | str = "") -> TextAreaField:
    """Some optional lines."""
    rules = [Optional(), Length(max=LONG, message=_("This is too long. Please shorten it."))]
    return TextAreaField(label, rules, description=hint, filters=[trimmed])


def offered(choices: Mapping[str, LazyString | str]) -> list[SelectChoice]:
    """Values and their labels as WTForms wants them."""
    return [SelectChoice(value, label) for value, label in choices.items()]


class Choices(SelectMultipleField):
    """Boxes to tick."""

    def pre_validate(self, form: Form) -> None:
        if not self.data:
            raise StopValidation(str(_("Choose at least one.")))
        if set(self.data) - {value for value, *_rest in self.iter_choices()}:
            raise StopValidation(str(_("Choose from the list.")))


class RightsForm(Form):
    """Which rights."""

    rights = Choices(
        _("What do you want to ask for?"),
        description=_("You can choose several. Each one gets an answer of its own."),
        choices=offered(
            {right.value: words.title for right, words in titles.RIGHTS.items()}
            | {titles.OTHER: _("Another right that the law of my country gives me")}
        ),
    )


class BeyondForm(Form):
    """Which rights beyond the seven, of those that the law of the country gives."""

    beyond = Choices(_("Which other right do you want to use?"))
    reason = words(_("What is it about?"), _("For example which decision, which data or which permission."))

    def offer(self, found: Iterable[Beyond]) -> None:
        """The rights to choose from; a value says how the right is worked, and its key in the law."""
        choices = {f"{one.served_by}/{one.key}": titles.BEYOND[one.key][0] for one in found}
        self.beyond.choices = offered(choices)


class WhoForm(Form):
    """For whom, and where that person lives."""

    behalf = RadioField(_("Who is the request for?"), choices=offered(titles.BEHALF), default="me")
    place = SelectField(
        _("In which country does that person live?"),
        [choose_one()],
        description=_("The law of the country decides the time limits and where you can complain."),
    )

    def offer(self, places: Iterable[tuple[str, str]]) -> None:
        """The countries to choose from."""
        self.place.choices = offered(dict(places))


class FindForm(Form):
    """How the person can be found; fields by kind and country are added by ``find_form``."""

    mailbox = RadioField(
        _("Can you read e-mail sent to that address?"),
        choices=offered({"yes": _("Yes"), "no": _("No, or I have no e-mail address")}),
        default="yes",
        description=_("We send a code there, so that nobody else can ask in your name."),
    )
    email = text(
        titles.KINDS["email"],
        _("The one we know you by, if you can."),
        render_kw={"autocomplete": "email", "inputmode": "email", "type": "email", "spellcheck": "false"},
    )
    email2 = text(
        _("Another e-mail address"),
        _("Only if we may know you by it, too. We send a code there as well."),
        render_kw={"inputmode": "email", "type": "email", "autocomplete": "off", "spellcheck": "false"},
    )
    name = text(
        titles.KINDS["name"],
        _("As we may have it in our files. It alone proves nothing."),
        render_kw={"autocomplete": "name"},
    )

    country: str | None = None
    more: tuple[str, ...] = ()
    """Fields of further identifiers, shown together."""

    def typed(self) -> list[tuple[str, str]]:
        """(kind, value) of everything that was filled in."""
        return typed(self.data, (*COMMON, *self.more))

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Every identifier by the rules of its kind; at least one that can find somebody."""
        good: bool = super().validate(extra_validators)
        for field in ("email", "email2", "name", *self.more):
            good = self._identify(self[field]) and good
        if self.mailbox.data == "yes" and not self.email.data:
            _add(self.email, _("Write your e-mail address, or choose below that you have none."))
            return False
        strong = [kind for kind, _value in self.typed() if kind not in ("name", "postal_address")]
        if not strong:
            _add(self.email, _("Write at least one thing we can find you by, such as a telephone number."))
            return False
        return good

    def _identify(self, field: Field) -> bool:
        if not field.data or field.errors:
            return not field.errors
        try:
            identify(kind_of_field(field.short_name), field.data, country=self.country)
        except InvalidIdentifier as error:
            _add(field, titles.FAULTS[error.code])
            return False
        return True


COMMON = ("email", "email2", "name")


def typed(data: Mapping[str, Any], fields: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """(kind, value) of the identifiers in stored form data, without repeats."""
    names = [name for name in data if name != "mailbox"] if fields is None else fields
    found = [(kind_of_field(name), str(data[name])) for name in names if data.get(name)]
    return list(dict.fromkeys(found))


def kind_of_field(name: str) -> str:
    """Both e-mail fields are e-mail addresses."""
    return "email" if name == "email2" else name


@cache
def find_form(country: str | None) -> type[FindForm]:
    """The form with a field for every kind of identifier that is used there."""
    extra = [kind for kind in kinds_for(country) if kind.key not in ("email", "name")]
    fields: dict[str, Any] = {kind.key: _kind_field(kind) for kind in extra}
    more = tuple(kind.key for kind in extra)
    made: type[FindForm] = FormMeta("FindHereForm", (FindForm,), fields | {"country": country, "more": more})
    return made


def _kind_field(kind: Kind) -> StringField:
    attributes = {"autocomplete": kind.autocomplete, "inputmode": kind.inputmode, "spellcheck": "false"}
    hint = _("With the code of the country, like +34 612 34 56 78.") if kind.key == "phone" else ""
    return text(titles.KINDS[kind.key], hint, render_kw=attributes)


class AnswerForm(Form):
    """How the answer gets to a person without a mailbox."""

    answer_by = RadioField(
        _("How do you want your answer?"),
        [choose_one()],
        choices=offered({key: titles.ANSWER_BY[key] for key in ("post", "collection")}),
    )
    postal_address = words(_("Postal address"), _("Name, street, postcode, town and country."))

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """A letter needs an address."""
        good: bool = super().validate(extra_validators)
        if self.answer_by.data == "post" and not self.postal_address.data:
            _add(self.postal_address, _("Write the address the letter should go to."))
            return False
        return good


class AboutErasureForm(Form):
    """Why, if she wants to say."""

    reason = words(_("Do you want to tell us why?"), _("You need not. It can help us to find what you mean."))


class AboutRestrictionForm(Form):
    """On which ground."""

    ground = RadioField(
        _("Why should we limit the use of your data?"),
        [choose_one()],
        choices=offered({key: titles.GROUNDS[key] for key in GROUNDS}),
    )
    reason = words(_("Which data, and what happened?"), _("A few sentences are enough."))


class AboutObjectionForm(Form):
    """What to stop."""

    channels = Choices(
        _("What should we stop?"), choices=offered({key: titles.CHANNELS[key][0] for key in CHANNELS})
    )
    reason = words(
        _("Which use, and why?"),
        _("Only needed for “Another use of my data”. Tell us what in your situation speaks against it."),
    )

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """An objection on grounds needs grounds (GDPR 21(1))."""
        good: bool = super().validate(extra_validators)
        if "grounds" in (self.channels.data or []) and not self.reason.data:
            _add(self.reason, _("Tell us which use you object to, and why."))
            return False
        return good


class AboutWithdrawalForm(Form):
    """Which consent."""

    channels = Choices(
        _("What do you no longer agree to?"),
        choices=offered({key: titles.CHANNELS[key][0] for key in CHANNELS if key != "grounds"}),
    )


AS_IT_IS = _(
    "Only if you know exactly how it reads, the whole value. Leave it empty otherwise: we then replace what is there."
)


class AboutRectificationForm(Form):
    """What is wrong and what is right; rows are added by ``corrections_form``."""

    rows = 0

    def changes(self) -> list[tuple[str, str, str]]:
        """(category, wrong, right) of the rows that were filled in."""
        return changes(self.data)

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """A row that was begun must be finished; the first one must be there."""
        good: bool = super().validate(extra_validators)
        for n in range(self.rows):
            wanted = n == 0 or self[f"category{n}"].data or self[f"wrong{n}"].data or self[f"right{n}"].data
            if wanted and not self[f"category{n}"].data:
                _add(self[f"category{n}"], _("Choose what should be corrected."))
                good = False
            if wanted and not self[f"right{n}"].data:
                _add(self[f"right{n}"], _("Write how it should be."))
                good = False
        return good


def changes(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(category, wrong, right) of stored form data."""
    rows = range(MOST_CHANGES)
    return [
        (str(data[f"category{n}"]), str(data.get(f"wrong{n}") or ""), str(data[f"right{n}"]))
        for n in rows
        if data.get(f"category{n}") and data.get(f"right{n}")
    ]


@cache
def corrections_form(rows: int) -> type[AboutRectificationForm]:
    """The form with so many rows."""
    rows = max(1, min(rows, MOST_CHANGES))
    fields: dict[str, Any] = {"rows": rows}
    categories = offered({"": _("Choose")} | {key: titles.CORRECTABLE[key] for key in CORRECTABLE})
    for n in range(rows):
        fields[f"category{n}"] = SelectField(_("What is wrong?"), choices=categories, default="")
        fields[f"wrong{n}"] = text(_("As it is now"), AS_IT_IS)
        fields[f"right{n}"] = text(_("How it should be"))
    made: type[AboutRectificationForm] = FormMeta("CorrectionsForm", (AboutRectificationForm,), fields)
    return made


class CheckForm(Form):
    """A last word before it is sent."""

    message = words(_("Is there anything else we should know?"), _("You can leave this empty."))


class NoMailboxForm(AnswerForm):
    """She can no longer read the mailbox."""

    reach = StringField(
        _("How can we reach you?"),
        [
            InputRequired(_("Write a telephone number or another way to reach you.")),
            Length(max=SHORT, message=_("This is too long.")),
        ],
        description=_("A telephone number at which we may ask you something that only you know."),
        filters=[trimmed],
    )


class CodeForm(Form):
    """A code from a mail."""

    code = StringField(
        _("Code"),
        [InputRequired(_("Write the code from the e-mail.")), Length(max=40, message=_("This is too long."))],
        description=_("Eight digits, like 1234 5678."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )


class MessageForm(Form):
    """A message to the officer."""

    text = TextAreaField(
        _("Your message"),
        [
            InputRequired(_("Write your message first.")),
            Length(max=LONG, message=_("This is too long. Please shorten it.")),
        ],
    )


ABOUT: Mapping[Right, type[Form]] = {
    Right.RECTIFICATION: AboutRectificationForm,
    Right.ERASURE: AboutErasureForm,
    Right.RESTRICTION: AboutRestrictionForm,
    Right.OBJECTION: AboutObjectionForm,
    Right.WITHDRAWAL: AboutWithdrawalForm,
}
"""The page of its own that a right has; access and portability need none."""
