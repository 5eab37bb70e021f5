"""The rights a person can use, each one table entry: what it asks for, does and answers with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dsr.contract import Action

from .errors import Refusal


class Right(StrEnum):
    """The canonical rights; packs map their local names to these (GDPR 15-21 and 7(3))."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class RightRule:
    """How one right is worked.

    ``action`` is what connectors are asked to do. ``asks`` names the form fields the right needs.
    ``at_once``: exact matches are acted on before review (Art. 21(3), 7(3): stop first, answer later).
    ``second_approver``: irreversible. ``package``: the answer carries the data. ``lasting``: it holds for data
    that come later too. ``letter`` names the letter when all went well. ``article`` of the GDPR.
    """

    right: Right
    action: Action
    article: str
    letter: str
    asks: tuple[str, ...] = ()
    at_once: bool = False
    second_approver: bool = False
    package: bool = False
    lasting: bool = False


RULES: dict[Right, RightRule] = {
    rule.right: rule
    for rule in (
        RightRule(Right.ACCESS, Action.EXPORT, "15", "access", package=True),
        RightRule(Right.RECTIFICATION, Action.RECTIFY, "16", "rectified", asks=("changes",)),
        RightRule(Right.ERASURE, Action.ERASE, "17", "erased", asks=("reason",), second_approver=True),
        RightRule(
            Right.RESTRICTION, Action.RESTRICT, "18", "restricted", asks=("ground", "reason"), lasting=True
        ),
        RightRule(Right.PORTABILITY, Action.EXPORT, "20", "portability", package=True),
        RightRule(
            Right.OBJECTION,
            Action.STOP,
            "21",
            "objection",
            asks=("channels", "reason"),
            at_once=True,
            lasting=True,
        ),
        RightRule(
            Right.WITHDRAWAL,
            Action.STOP,
            "7(3)",
            "withdrawal",
            asks=("channels",),
            at_once=True,
            lasting=True,
        ),
    )
}

NAMES: dict[Right, dict[str, str]] = {
    Right.ACCESS: {"es": "acceso", "en": "access", "pt": "acesso"},
    Right.RECTIFICATION: {"es": "rectificación", "en": "rectification", "pt": "retificação"},
    Right.ERASURE: {"es": "supresión", "en": "erasure", "pt": "eliminação"},
    Right.RESTRICTION: {
        "es": "limitación del tratamiento",
        "en": "restriction",
        "pt": "limitação do tratamento",
    },
    Right.PORTABILITY: {"es": "portabilidad", "en": "portability", "pt": "portabilidade"},
    Right.OBJECTION: {"es": "oposición", "en": "objection", "pt": "oposição"},
    Right.WITHDRAWAL: {
        "es": "retirada del consentimiento",
        "en": "withdrawal of consent",
        "pt": "revogação do consentimento",
    },
}
"""What a right is called where the law of the country has no name of its own for it."""

CHANNELS = ("marketing", "tracking", "grounds")
"""What an objection or a withdrawal can stop; 'grounds' (Art. 21(1)) always waits for an officer."""

GROUNDS = ("accuracy", "unlawful", "needed_by_person", "objection_pending")
"""The four grounds of restriction, GDPR 18(1)(a)-(d)."""

CORRECTABLE = (
    "user.name",
    "user.contact.email",
    "user.contact.phone_number",
    "user.contact.address",
    "user.demographic.date_of_birth",
    "user.job_title",
)
"""Data categories (Fideslang) that the rectification form offers."""


def action_of(right: str, doing: str) -> Action:
    """What is done for a case now: what its right wants, or (``doing`` is 'lift') giving back what was set aside."""
    return Action.LIFT if doing == Action.LIFT else rule(right).action


def rule(right: str) -> RightRule:
    """The rule of a right by its canonical name; Refusal ``right.unknown`` lists the names."""
    try:
        return RULES[Right(right)]
    except ValueError:
        known = ", ".join(r.value for r in Right)
        raise Refusal("right.unknown", f"There is no right {right!r}. Known rights: {known}.") from None
