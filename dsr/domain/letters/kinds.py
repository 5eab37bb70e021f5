"""The letters of this release as one table: what each must say and when it is the answer.

The elements are the checklist of the law (GDPR 12-21, LOPDGDD 12, 18, 23, 32 and the national
additions): a template marks the part that carries one with ``data-element``, so that a test can prove
that none is missing in any language.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dsr.domain.errors import Refusal
from dsr.domain.rights import rule
from dsr.domain.workflow import Ending

from .facts import LetterFacts


class LetterKind(StrEnum):
    """The name of each letter: also the name of its template."""

    ACKNOWLEDGEMENT = "acknowledgement"
    IDENTITY = "identity"
    CLARIFICATION = "clarification"
    EXTENSION = "extension"
    ACCESS = "access"
    RECTIFIED = "rectified"
    ERASED = "erased"
    RESTRICTED = "restricted"
    LIFTING = "lifting"
    LIFTED = "lifted"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    REFUSED = "refused"
    NOTHING_FOUND = "nothing_found"
    NOT_IDENTIFIED = "not_identified"
    CLOSING = "closing"
    FEE = "fee"
    AUTOMATED = "automated"
    COMPLAINT = "complaint"
    FORWARDED = "forwarded"
    COMPLETED = "completed"
    RECIPIENT = "recipient"
    LEGAL_HOLD = "legal_hold"


@dataclass(frozen=True, slots=True)
class Element:
    """A mandatory part. ``when`` names the fact (attribute of LetterFacts) that makes it mandatory."""

    code: str
    when: str = ""

    def required(self, facts: LetterFacts) -> bool:
        """True when these facts make the element mandatory."""
        return not self.when or bool(getattr(facts, self.when))


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: ``code`` of the checklist (L1...), its elements, whether it answers the case.

    ``inward``: it is not for the person: nothing of hers stands in its head, no remedy in its foot, and
    she never sees it.
    """

    kind: LetterKind
    code: str
    own: tuple[Element, ...]
    answer: bool = False
    inward: bool = False

    @property
    def elements(self) -> tuple[Element, ...]:
        """Head, own parts, what every answer adds, and foot."""
        if self.inward:
            return (*SENDER, *self.own)
        return (*HEAD, *self.own, *(ANSWER if self.answer else ()), *FOOT)

    def required(self, facts: LetterFacts) -> tuple[str, ...]:
        """The codes of the elements that these facts make mandatory."""
        mine = [one for one in facts.additions if self.kind in one.letters]
        local = [code for one in mine for code in (f"local-{one.id}", *one.elements)]
        return tuple(dict.fromkeys([*(e.code for e in self.elements if e.required(facts)), *local]))


def _elements(*words: str) -> tuple[Element, ...]:
    """``"code"`` is always mandatory, ``"code:fact"`` only when the fact is there."""
    return tuple(Element(*word.split(":")) for word in words)


SENDER = _elements("controller", "contact", "reference", "written_on")
HEAD = (*SENDER, *_elements("received_on", "right", "person", "on_behalf:asked_by", "channel"))
FOOT = _elements("complaint", "court", "reply")
ANSWER = _elements(
    "refused:refused",
    "granted:granted",
    "by_hand:by_hand",
    "completes:completes",
    "not_everything_searched:unsearched",
    "settled:settled",
    "note:note",
    "decided_by:decided_by",
)
_TOLD = ("recipients_told:told", "recipients_on_request")
_ARTICLE_15 = (
    "confirmation",
    "purposes",
    "categories",
    "recipients",
    "transfers:transfers",
    "storage_period",
    "rights",
    "source",
    "automated",
    "copy",
    "copy_moment",
    "package:package",
    "files:files",
    "withheld:withheld",
    "aside:aside",
    "tracking:tracking",
    "searched",
)

_K = LetterKind
LETTERS: dict[LetterKind, Letter] = {
    letter.kind: letter
    for letter in (
        Letter(
            _K.ACKNOWLEDGEMENT,
            "L1",
            _elements("request", "unclear:unclear", "due_on:due_on", "rule:rule", "free", "next"),
        ),
        Letter(
            _K.IDENTITY,
            "L2",
            _elements(
                "doubt",
                "needed",
                "no_full_id",
                "secure_channel",
                "only_for_this",
                "clock",
                "without_answer",
                "answer_by:answer_by",
            ),
        ),
        Letter(
            _K.CLARIFICATION,
            "L3",
            _elements("large_quantity", "areas", "everything_possible", "clock", "answer_by:answer_by"),
        ),
        Letter(
            _K.EXTENSION,
            "L4",
            _elements("in_time:first_due_on", "new_date", "reasons", "answered_already", "note:note"),
        ),
        Letter(_K.ACCESS, "L5", _elements(*_ARTICLE_15), answer=True),
        Letter(
            _K.RECTIFIED,
            "L6",
            _elements("changes", "done_on", *_TOLD, "blocked:blocked_until", "kept:kept"),
            answer=True,
        ),
        Letter(
            _K.ERASED,
            "L7",
            _elements(
                "done",
                "pending:pending",
                "kept:kept",
                "blocked:blocked_until",
                *_TOLD,
                "backups",
                "suppression:suppression",
            ),
            answer=True,
        ),
        Letter(
            _K.RESTRICTED,
            "L8",
            _elements("ground", "done", "still_allowed", "notice_before_lifting", *_TOLD, "kept:kept"),
            answer=True,
        ),
        Letter(
            _K.LIFTING,
            "L9",
            _elements("lift_on", "lift_result", "lift_follows", "how_to_object", "note:note"),
        ),
        Letter(_K.LIFTED, "L9b", _elements("lifted_on", "done", "newer:newer", "used_again"), answer=True),
        Letter(
            _K.PORTABILITY,
            "L10",
            _elements(
                "format",
                "scope",
                "basis",
                "transmission",
                "nothing_erased",
                "copy",
                "copy_moment",
                "package:package",
                "files:files",
                "withheld:withheld",
                "aside:aside",
                "searched",
            ),
            answer=True,
        ),
        Letter(
            _K.OBJECTION,
            "L11",
            _elements(
                "stopped:stopped",
                "balance:balance",
                "suppression:suppression",
                "kept:kept",
            ),
            answer=True,
        ),
        Letter(
            _K.WITHDRAWAL,
            "L12",
            _elements("since", "stopped:stopped", "past_lawful", "other_bases", "offer_erasure", "kept:kept"),
            answer=True,
        ),
        Letter(
            _K.AUTOMATED,
            "L13",
            _elements("decided", "logic", "data_used", "reviewer", "result", "contest"),
            answer=True,
        ),
        Letter(
            _K.COMPLAINT, "L21", _elements("complaint_about", "examined", "result", "measures"), answer=True
        ),
        Letter(_K.REFUSED, "L14", _elements("refused", "in_time"), answer=True),
        Letter(_K.FEE, "L14b", _elements("fee", "covers", "why", "choice", "clock", "answer_by:answer_by")),
        Letter(
            _K.NOTHING_FOUND,
            "L15",
            _elements("nothing_found", "identifiers", "searched", "other_identifiers", "rights"),
            answer=True,
        ),
        Letter(
            _K.NOT_IDENTIFIED, "L16", _elements("cannot_identify", "would_help", "until_then"), answer=True
        ),
        Letter(
            _K.RECIPIENT,
            "L17",
            _elements("recipient", "known_as", "items", "done_on", "confirm", "pass_on"),
            inward=True,
        ),
        Letter(
            _K.FORWARDED,
            "L18",
            _elements("forwarded_to", "forwarded_on", "why", "next"),
            answer=True,
        ),
        Letter(_K.COMPLETED, "L22", _elements("searched", "rights"), answer=True),
        Letter(_K.CLOSING, "L19", _elements("asked_on", "new_request"), answer=True),
        Letter(_K.LEGAL_HOLD, "L20", _elements("claim", "owner", "review_on", "until_then"), inward=True),
    )
}

_BY_ENDING = {
    Ending.NOTHING: LetterKind.NOTHING_FOUND,
    Ending.REFUSED: LetterKind.REFUSED,
    Ending.UNVERIFIED: LetterKind.CLOSING,
    Ending.FORWARDED: LetterKind.FORWARDED,
}


def letter(kind: str) -> Letter:
    """The letter of that name; Refusal ``letter.unknown`` lists the names."""
    try:
        return LETTERS[LetterKind(kind)]
    except ValueError:
        known = ", ".join(LetterKind)
        raise Refusal("letter.unknown", f"There is no letter {kind!r}. Known letters: {known}.") from None


def letter_for(right: str, ending: str, *, identified: bool = True) -> LetterKind | None:
    """The letter that ends a case of ``right``.

    ``done`` and ``partly`` give the letter of the right: what was kept or refused stands in it, part by
    part, so that nobody must read two letters. ``identified`` False: the controller cannot tell who
    asks (GDPR 11(2)). None: the case was cancelled or withdrawn and only a mail says so.
    """
    own = LetterKind(rule(right).letter)
    if Ending(ending) in {Ending.CANCELLED, Ending.WITHDRAWN}:
        return None
    if not identified:
        return LetterKind.NOT_IDENTIFIED
    return _BY_ENDING.get(Ending(ending), own)
