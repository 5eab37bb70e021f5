"""Who decides, the reasons of a refusal, and that nobody decides a case of her own."""

from __future__ import annotations

from dataclasses import dataclass

from dsr.domain.errors import Refusal
from dsr.domain.organisation import SystemConfig
from dsr.store import keys
from dsr.store.models import Case
from dsr.store.queries import people
from dsr.store.session import Transaction

MAX_WORDS = 10_000
ABUSIVE = frozenset({"unfounded", "excessive"})
"""Grounds of GDPR 12(5) that only a named person can find, with evidence."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who decides: ``number`` in the staff table (0: command line), roles, controllers she works for.

    ``address``: her own e-mail, so that nobody decides a case of her own. ``name`` where there is no
    number: of the command line, or ``token:<n>`` for a program of the API.
    """

    number: int
    roles: tuple[str, ...]
    controllers: tuple[str, ...] | None = None
    address: str = ""
    name: str = ""

    @property
    def actor(self) -> str:
        """How the audit log names her."""
        if self.is_program:
            return self.name
        return f"cli:{self.name}" if self.name else f"staff:{self.number}"

    @property
    def said(self) -> str:
        """How a letter names her."""
        return self.address or self.name or self.actor

    @property
    def is_program(self) -> bool:
        """Does a program decide, with a token of the API?"""
        return is_program(self.name)


def is_program(actor: str) -> bool:
    """Is this the name of a program in the audit log?"""
    return actor.startswith("token:")


@dataclass(frozen=True, slots=True)
class RefusalReasons:
    """What is refused (empty: the whole request), by which article, on which facts.

    ``ground``: unfounded or excessive, then with its ``evidence``. ``late``: she knows that the first
    period of the law is over.
    ``helps``: where she cannot be identified, what would help to.
    ``decided_by``: the person the letter names, where the one who acts is not a member of our staff.
    """

    article: str
    facts: str
    what: str = ""
    not_identified: bool = False
    decided_by: str = ""
    ground: str = ""
    evidence: str = ""
    late: bool = False
    helps: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why a record, or one ``field`` of it, is left out, and by which article."""

    reason: str
    field: str = ""
    article: str = ""


def case_for(tx: Transaction, reference: str, by: Officer, *, own: bool = False) -> Case:
    """A case of her controllers; Refusal ``case.own`` when it is about herself, unless ``own``."""
    case = people.case(tx.session, reference, by.controllers)
    if not own:
        refuse_own(case, by.address)
    return case


def said(text: str) -> dict[str, str]:
    """What somebody wrote, as it is kept. Refusals ``reason.missing``, ``reason.long``."""
    words = text.strip()
    if not words:
        raise Refusal("reason.missing", "Say why, in your own words.")
    if len(words) > MAX_WORDS:
        raise Refusal("reason.long", f"That is longer than {MAX_WORDS} characters.")
    return {"reason": words}


def closed_to(config: SystemConfig | None, roles: frozenset[str]) -> bool:
    """Are the rows of this system hidden from these roles? (``roles`` in systems.toml)"""
    return config is not None and bool(config.roles) and not roles & set(config.roles)


def refuse_own(case: Case, address: str) -> None:
    """Refusal ``case.own`` when the case is about the officer with this address."""
    if not address:
        return
    mine = keys.keyring().lookup(case.controller, "email", address.strip().lower())
    if any(row.lookup_hash == mine for row in case.submission.identifiers):
        raise Refusal("case.own", "Nobody decides a case of her own; give it to a colleague.")
