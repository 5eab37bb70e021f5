"""What an organisation may say in its own words: which parts of a letter, and with which placeholders.

Parts that carry what was found, done, decided or refused are written by the product alone; so is the
title of a letter that says whether anything was done.
"""

from __future__ import annotations

from collections.abc import Mapping

from .kinds import LETTERS, LetterKind

TITLE, OPENING, CLOSING = "title", "opening", "closing"

FIXED_TITLES = frozenset({LetterKind.ERASED, LetterKind.RESTRICTED, LetterKind.LIFTED, LetterKind.REFUSED})

PLACEHOLDERS = (
    "reference",
    "right",
    "person",
    "controller",
    "officer",
    "mail",
    "phone",
    "portal",
    "authority",
    "authority_url",
    "received_on",
    "written_on",
    "due_on",
    "answer_by",
    "lift_on",
)
"""What ``{name}`` stands for; there are no others, and nothing is computed."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "answer_by": ("answer_by",),
    "basis": (),
    "cannot_identify": (),
    "choice": (),
    "complaint": ("authority",),
    "confirmation": (),
    "copy": (),
    "due_on": ("due_on",),
    "everything_possible": (),
    "format": (),
    "free": (),
    "how_to_object": ("mail",),
    "large_quantity": (),
    "lift_on": ("lift_on",),
    "new_date": ("due_on",),
    "new_request": (),
    "next": (),
    "no_full_id": (),
    "nothing_erased": (),
    "notice_before_lifting": (),
    "offer_erasure": (),
    "only_for_this": (),
    "other_identifiers": (),
    "pass_on": (),
    "past_lawful": (),
    "recipients_on_request": (),
    "reply": ("mail", "reference"),
    "rights": (),
    "scope": (),
    "secure_channel": (),
    "still_allowed": (),
    "suppression": (),
    "until_then": (),
    "without_answer": (),
}
"""The parts that may be said otherwise, each with the placeholders its words must hold."""


def parts_of(kind: LetterKind) -> dict[str, tuple[str, ...]]:
    """What of this letter an organisation may word itself: part -> placeholders that it needs."""
    codes = [element.code for element in LETTERS[kind].elements]
    mine = {code: PARTS[code] for code in codes if code in PARTS}
    title: dict[str, tuple[str, ...]] = {} if kind in FIXED_TITLES else {TITLE: ()}
    return title | {OPENING: (), CLOSING: ()} | mine
