"""What rights, identifiers, grounds and steps are called on screen: one table each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from dsr.domain.rights import Right

_ = lazy_gettext


@dataclass(frozen=True, slots=True)
class RightWords:
    """A right as a card: what it is called, what it means in two sentences, one example."""

    title: LazyString
    means: LazyString
    example: LazyString
    icon: str


RIGHTS: Mapping[Right, RightWords] = {
    Right.ACCESS: RightWords(
        _("See my data"),
        _(
            "You get a copy of the data we hold about you. We also tell you why we have them, where they "
            "came from and who received them."
        ),
        _("For example: which of our e-mails you opened, when, on which device and from which place."),
        "eye",
    ),
    Right.RECTIFICATION: RightWords(
        _("Correct my data"),
        _("You tell us what is wrong and what is right. We correct it in every place where we keep it."),
        _("For example: my surname is misspelt, or I have moved."),
        "pencil",
    ),
    Right.ERASURE: RightWords(
        _("Delete my data"),
        _(
            "We delete your data. If a law obliges us to keep something, "
            "we tell you what, why and until when."
        ),
        _("For example: I am no longer a customer and want to leave no trace."),
        "bin",
    ),
    Right.RESTRICTION: RightWords(
        _("Limit the use of my data"),
        _(
            "We keep your data but stop using them. You choose this while something is being clarified, or "
            "when you need us to keep them."
        ),
        _("For example: the debt you claim is wrong; do not use it until that is settled."),
        "pause",
    ),
    Right.PORTABILITY: RightWords(
        _("Take my data with me"),
        _("You get the data you gave us in files that another company can read."),
        _("For example: I am changing provider and want my order history."),
        "box",
    ),
    Right.OBJECTION: RightWords(
        _("Object"),
        _(
            "We stop using your data for advertising or for tracking. For other uses you tell us your "
            "reasons and we weigh them."
        ),
        _("For example: stop recording whether I open your e-mails."),
        "hand",
    ),
    Right.WITHDRAWAL: RightWords(
        _("Withdraw my consent"),
        _("You once said yes to something; now you say no. It is as easy as saying yes was."),
        _("For example: I no longer want the newsletter."),
        "undo",
    ),
}

OTHER = "other"
"""The choice of a right beyond the seven; which, depends on the country and is asked when that is known."""

BEYOND: Mapping[str, tuple[LazyString, LazyString]] = {
    "automated_decisions": (
        _("Have a person look at an automatic decision"),
        _("A person checks a decision that a program took alone, and tells you how it came about."),
    ),
    "dpo_complaint": (
        _("Complain to the data protection officer"),
        _(
            "You say what went wrong with your data; a person answers. You may also go to the authority at once."
        ),
    ),
    "complaint": (
        _("Complain about the use of my data"),
        _("You say what went wrong with your data. A person looks into it and tells you what came of it."),
    ),
    "objective_processing": (
        _("Not be judged by a program alone"),
        _("A person looks at what a program alone concluded about you."),
    ),
    "challenge": (
        _("Contest an assessment of me"),
        _("A person looks again at a judgement of you that rests on your data alone."),
    ),
    "authorization_proof": (
        _("See what I agreed to"),
        _("You get the proof that you allowed the use of your data, or we tell you that there is none."),
    ),
    "confirmation": (
        _("Know whether you have data about me"),
        _("We tell you whether we hold data about you."),
    ),
    "information": (
        _("Know how my data are used"),
        _("We tell you what your data are used for, who receives them and how long they are kept."),
    ),
    "sharing_information": (
        _("Know with whom you shared my data"),
        _("We tell you which companies and public bodies received your data."),
    ),
    "update": (
        _("Bring my data up to date"),
        _("You tell us what is out of date and what is true now."),
    ),
    "inclusion": (
        _("Add data that are missing"),
        _("You tell us what is missing, and we add it."),
    ),
    "confidentiality": (
        _("Keep my data confidential"),
        _("You tell us which data nobody else may see or receive."),
    ),
    "prevent_supply": (
        _("Do not hand on my data"),
        _("We stop giving your data to others."),
    ),
    "opt_out": (
        _("Do not sell or share my data"),
        _("We stop selling your data, and sharing them for advertising."),
    ),
    "marketing_block": (
        _("Take me off advertising lists"),
        _("We remove or block your data in lists that serve advertising."),
    ),
    "limit": (
        _("Limit how my data are used or handed on"),
        _("You tell us which use, or which handing on, should end."),
    ),
}
"""The rights beyond the seven by their key in the packs: what they are called, what they mean."""


def of_case(right: str, local_right: str) -> LazyString:
    """What the right of a case is called: one beyond the seven by its own words."""
    return BEYOND[local_right][0] if local_right in BEYOND else RIGHTS[Right(right)].title


KINDS: Mapping[str, LazyString] = {
    "email": _("E-mail address"),
    "phone": _("Telephone number"),
    "customer_number": _("Customer number"),
    "username": _("User name"),
    "device_id": _("Device or cookie identifier"),
    "es_dni": _("DNI or NIE"),
    "pt_nif": _("NIF"),
    "br_cpf": _("CPF"),
    "cl_rut": _("RUT"),
    "ar_cuil": _("CUIL"),
    "ar_dni": _("DNI"),
    "co_cedula": _("Cédula"),
    "mx_curp": _("CURP"),
    "pe_dni": _("DNI"),
    "ec_cedula": _("Cédula"),
    "uy_ci": _("Cédula de identidad"),
    "passport": _("Passport number"),
    "name": _("Full name"),
    "postal_address": _("Postal address"),
    "other": _("Anything else that identifies you"),
}

FAULTS: Mapping[str, LazyString] = {
    "empty": _("Write it, or leave this field empty."),
    "too_long": _("This is too long. Write only the identifier."),
    "characters": _("This contains invisible characters. Type it instead of pasting it."),
    "wildcard": _("This contains *, ? or %. Write it completely."),
    "placeholder": _("This belongs to nobody. Write your own, or leave the field empty."),
    "email.syntax": _("Write one e-mail address, like ana@example.com."),
    "email.wildcard": _("Write the whole e-mail address, without *, ? or %."),
    "phone.invalid": _("Write the number with its country, like +34 612 34 56 78."),
    "phone.country": _("Begin the number with + and the code of the country, like +34."),
    "number.syntax": _("The number has the wrong length. Copy it as it stands on the document."),
    "check_digit": _("The last letter or digit does not fit this number. Check every character."),
    "not_a_person": _("This number belongs to an organisation. Write the number of a person."),
    "never_proof": _("This cannot be used here."),
    "unknown_kind": _("This cannot be used here."),
}

CHANNELS: Mapping[str, tuple[LazyString, LazyString]] = {
    "marketing": (
        _("Advertising"),
        _("Newsletters, offers, calls and letters. Messages about your orders or contracts still reach you."),
    ),
    "tracking": (
        _("Tracking"),
        _("Recording whether you open our e-mails, what you click, your device and your place."),
    ),
    "grounds": (
        _("Another use of my data"),
        _("You tell us which one and why, from your own situation. An officer weighs it."),
    ),
}

GROUNDS: Mapping[str, LazyString] = {
    "accuracy": _("The data are wrong, and I want you to stop using them until this is checked"),
    "unlawful": _("You use the data unlawfully, but I do not want them deleted"),
    "needed_by_person": _("You no longer need the data, but I need them for a legal claim"),
    "objection_pending": _("I have objected, and wait for your decision"),
}

CORRECTABLE: Mapping[str, LazyString] = {
    "user.name": _("Name"),
    "user.contact.email": _("E-mail address"),
    "user.contact.phone_number": _("Telephone number"),
    "user.contact.address": _("Postal address"),
    "user.demographic.date_of_birth": _("Date of birth"),
    "user.job_title": _("Occupation"),
}

BEHALF: Mapping[str, LazyString] = {
    "me": _("For me"),
    "representative": _("For a person I represent"),
    "parent": _("For my child, or a child in my care"),
    "heir": _("For somebody who has died"),
}

ANSWER_BY: Mapping[str, LazyString] = {
    "mail": _("On this website, with a code that we send you by e-mail"),
    "post": _("By post"),
    "collection": _("I will collect it in person"),
}

STAGES: Mapping[str, LazyString] = {
    "received": _("Received"),
    "confirmed": _("Identity confirmed"),
    "searched": _("Data searched"),
    "decided": _("Checked by an officer"),
    "answered": _("Answered"),
}

ENDINGS: Mapping[str, LazyString] = {
    "done": _("Done"),
    "partly": _("Done in part"),
    "nothing": _("Nothing found"),
    "refused": _("Refused"),
    "cancelled": _("Cancelled"),
    "withdrawn": _("Withdrawn by you"),
    "unverified": _("Closed without confirmation"),
}

RESULTS = {
    "correct": lazy_gettext("Corrected"),
    "mark": lazy_gettext("Marked"),
    "restrict": lazy_gettext("Set aside"),
    "lift": lazy_gettext("Given back"),
    "unmark": lazy_gettext("Mark taken off"),
    "newer": lazy_gettext("Left as it is, because it was changed or removed meanwhile"),
    "seal_then_delete": lazy_gettext("Erased, and blocked until its date"),
    "delete": lazy_gettext("Erased"),
    "anonymise": lazy_gettext("Made anonymous"),
    "strip": lazy_gettext("What the law does not need was taken out of"),
    "pseudonymise": lazy_gettext("A pseudonym took the place of values in"),
    "aside": lazy_gettext("Values set aside and sealed, nobody uses them"),
    "stop": lazy_gettext("Stopped"),
    "keep": lazy_gettext("Kept"),
}
"""What became of something, by verb of the contract."""

COPIES: Mapping[str, LazyString] = {
    "first": _("First part of your data"),
    "rest": _("What was missing in the first part"),
    "earlier": _("An earlier copy"),
}
"""What a copy holds beside the other copies of its case."""

LETTERS: Mapping[str, LazyString] = {
    "acknowledgement": _("Acknowledgement of receipt"),
    "identity": _("Question about your identity"),
    "clarification": _("Question about your request"),
    "extension": _("We need more time"),
    "refused": _("Refusal with reasons"),
    "complaint": _("Answer to your complaint"),
    "not_identified": _("We could not identify you"),
    "nothing_found": _("Nothing found"),
    "lifting": _("End of the restriction"),
    "lifted": _("What was given back"),
    "closing": _("Closing letter"),
    "fee": _("Offer of a fee"),
    "automated": _("Review of an automated decision"),
    "forwarded": _("Passed on to somebody else"),
    "completed": _("What was missing from our answer"),
    "legal_hold": _("Internal note of a legal claim"),
}
"""Letters that are not simply the answer."""

BASES: Mapping[str, LazyString] = {
    "consent": _("your consent"),
    "contract": _("a contract with you, or steps you asked for before one"),
    "legal_obligation": _("a duty that the law sets"),
    "legitimate_interest": _("a legitimate interest"),
    "vital": _("the protection of vital interests"),
    "vital_interest": _("the protection of vital interests"),
    "public": _("a task in the public interest"),
    "public_task": _("a task in the public interest"),
}
"""Why data may be used, as a person reads it."""

ORIGINS: Mapping[str, LazyString] = {
    "provided": _("you gave it to us"),
    "observed": _("noted while you used the service"),
    "inferred": _("concluded by us"),
}
