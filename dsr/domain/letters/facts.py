"""Everything a letter or a package says about one case, as plain values in the reader's language.

Services fill these; templates only read them. Words that belong to the case (titles, reasons, rules,
purposes) arrive already in the letter's language; codes (``verb``, ``found``, ``basis``, ``ground``,
``channel``, ``kind`` of withheld data) are put into words by the templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from .deeds import (
    AsideFacts,
    ChangedFacts,
    DoneFacts,
    KeptFacts,
    NewerFacts,
    StoppedFacts,
    ToldFacts,
)


@dataclass(frozen=True, slots=True)
class ControllerFacts:
    """Who answers: name, postal ``address`` (lines parted by newline), data protection contact."""

    name: str
    address: str
    mail: str
    phone: str = ""
    officer: str = ""
    portal_url: str = ""


@dataclass(frozen=True, slots=True)
class AuthorityFacts:
    """Where the person can complain, and the remedy in court (one sentence of local law)."""

    name: str
    address: str
    url: str
    court: str
    prior_step: str = ""
    window: str = ""


@dataclass(frozen=True, slots=True)
class SearchedFacts:
    """One system: ``found`` is found, nothing, failed, not_applicable or not_answered."""

    system: str
    found: str
    count: int = 0
    at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class RefusedFacts:
    """One part that is refused: what, by which norm, and the facts that carry it."""

    what: str
    article: str
    reasons: str


@dataclass(frozen=True, slots=True)
class CompletesFacts:
    """The letter of ``on`` that this one completes: it could not look in ``places``; ``now``: what these say."""

    on: date
    places: tuple[str, ...]
    now: tuple[SearchedFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class HandFacts:
    """What an officer did by hand for the request, in the officer's words, and when."""

    how: str
    on: date


@dataclass(frozen=True, slots=True)
class FeeFacts:
    """A reasonable fee offered instead of a refusal: how much, what it covers, why (Art. 12(5) GDPR)."""

    amount: Decimal
    currency: str
    covers: str
    why: str
    article: str = ""


@dataclass(frozen=True, slots=True)
class AutomatedFacts:
    """A decision made by a program alone and its review by a person (Art. 22 GDPR)."""

    decided: str
    logic: str
    data: str
    reviewer: str
    result: str
    contest: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintFacts:
    """What a complaint was about, as it was understood; what was looked into, what came of it, what is done."""

    about: str
    examined: str
    result: str
    measures: str = ""


@dataclass(frozen=True, slots=True)
class ForwardedFacts:
    """To whom a request was passed on that is not ours to answer: when, why, how to reach them."""

    to: str
    on: date
    why: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class RecipientFacts:
    """What a recipient is told (Art. 19 GDPR): the person as they know her, and no more. ``deed``: rectified, erased,
    restricted or lifted. ``items``: what it concerns, in words. ``link``: where they answer."""

    name: str
    deed: str
    known_as: tuple[str, ...]
    items: tuple[str, ...]
    on: date
    answer_by: date | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """Why data must stay for a legal claim: the claim, who answers for it, when it is looked at again."""

    claim: str
    owner: str
    review_on: date
    article: str = ""


@dataclass(frozen=True, slots=True)
class AdditionFacts:
    """What the law of one country adds to some letters; ``elements`` must then stand in them, too."""

    id: str
    letters: tuple[str, ...]
    text: str
    citation: str = ""
    elements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WithheldFacts:
    """Data taken out of the copy, by ``kind``: third_party, free_text, trade_secret or other."""

    kind: str
    count: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of the package: ``size`` in bytes, ``sha256`` in hexadecimal, ``rows`` where it is a table."""

    name: str
    size: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """The package as a whole. ``handed``: link, post or collection; ``kept_until``: the last day to renew it."""

    size: int
    sha256: str
    expires_on: date | None
    handed: str = "link"
    name: str = ""
    kept_until: date | None = None


@dataclass(frozen=True, slots=True)
class CollectionFacts:
    """Article 15(1) for one collection. Empty text: not recorded, and the letter says so."""

    title: str
    count: int
    purpose: str = ""
    categories: tuple[str, ...] = ()
    basis: str = ""
    recipients: tuple[str, ...] = ()
    retention: str = ""
    source: str = ""
    automated: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """Article 15(1) for one system: its operator (processor), country and safeguard of the transfer."""

    title: str
    collections: tuple[CollectionFacts, ...]
    operator: str = ""
    country: str = ""
    safeguard: str = ""


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """One interval of consent. ``given_on`` None: no consent is recorded."""

    purpose: str
    given_on: date | None
    withdrawn_on: date | None = None
    proved_how: str = ""


@dataclass(frozen=True, slots=True)
class TrackingFacts:
    """Who follows her e-mails: tool, facts recorded, since when, how many, consent, how to stop.

    ``outside_consent``: how many of ``count`` lie in no interval of consent.
    """

    tool: str
    recorded: tuple[str, ...]
    since: date | None
    count: int
    consents: tuple[ConsentFacts, ...] = ()
    how_to_stop: str = ""
    outside_consent: int = 0


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """One letter. Required: who, which case, which right, when; the rest as the kind needs it.

    ``channel``: portal, post, phone, mail, desk, api or cli. ``rule``: the clock in words ("un mes desde la
    recepción"); ``free``: what it costs. ``by_person``: nothing is searched, a person answers. ``promised_on``:
    by when what is missing is answered; ``settled``: why a place is not searched after all. ``articles``:
    citation per topic (``gdpr_articles``); none, none is printed. ``note``: of the officer.
    ``asked_by``: who asked for the person, in their own words.
    """

    controller: ControllerFacts
    authority: AuthorityFacts
    reference: str
    right: str
    right_name: str
    received_on: date
    written_on: date
    language: str
    channel: str = "portal"
    person: str = ""
    asked_by: str = ""
    postal_address: str = ""
    request_text: str = ""
    unclear: str = ""
    due_on: date | None = None
    rule: str = ""
    free: str = ""
    by_person: bool = False
    articles: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    # identity, clarification, closing
    doubt: str = ""
    needed: tuple[str, ...] = ()
    answer_by: date | None = None
    paused_on: date | None = None
    areas: tuple[str, ...] = ()
    asked_on: tuple[date, ...] = ()
    # extension and refusal
    first_due_on: date | None = None
    reasons: tuple[str, ...] = ()
    answered_already: str = ""
    refused: tuple[RefusedFacts, ...] = ()
    granted: tuple[str, ...] = ()
    decided_by: str = ""
    by_hand: tuple[HandFacts, ...] = ()
    fee: FeeFacts | None = None
    automated: AutomatedFacts | None = None
    complaint: ComplaintFacts | None = None
    forwarded: ForwardedFacts | None = None
    recipient: RecipientFacts | None = None
    hold: HoldFacts | None = None
    additions: tuple[AdditionFacts, ...] = ()
    # search
    identifiers: tuple[str, ...] = ()
    searched: tuple[SearchedFacts, ...] = ()
    searched_at: datetime | None = None
    completes: CompletesFacts | None = None
    promised_on: date | None = None
    settled: str = ""
    # deeds
    done: tuple[DoneFacts, ...] = ()
    kept: tuple[KeptFacts, ...] = ()
    changes: tuple[ChangedFacts, ...] = ()
    stopped: tuple[StoppedFacts, ...] = ()
    told: tuple[ToldFacts, ...] = ()
    blocked_until: date | None = None
    blocked_root: str = ""
    backups_until: date | None = None
    suppression: bool = False
    suppression_address: bool = False
    ground: str = ""
    lift_on: date | None = None
    lift_result: str = ""
    lift_follows: str = ""
    balance: str = ""
    withdrawn_on: date | None = None
    other_bases: tuple[str, ...] = ()
    transmission: str = ""
    # copy
    package: PackageFacts | None = None
    files: tuple[FileFacts, ...] = ()
    information: tuple[SystemFacts, ...] = ()
    tracking: tuple[TrackingFacts, ...] = ()
    withheld: tuple[WithheldFacts, ...] = ()
    aside: tuple[AsideFacts, ...] = ()
    # lifting
    newer: tuple[NewerFacts, ...] = ()

    @property
    def late(self) -> bool:
        """Is this letter written after the first period of the law?"""
        limit = self.first_due_on or self.due_on
        return limit is not None and self.written_on > limit

    @property
    def unsearched(self) -> tuple[SearchedFacts, ...]:
        """The places that gave no answer: while there are any, no letter says all was searched."""
        return tuple(s for s in self.searched if s.found in {"failed", "not_answered"})

    @property
    def transfers(self) -> tuple[SystemFacts, ...]:
        """The systems with a country or a safeguard of a transfer to tell of."""
        return tuple(s for s in self.information if s.country or s.safeguard)

    @property
    def pending(self) -> tuple[DoneFacts, ...]:
        """What is done but not final yet."""
        return tuple(d for d in self.done if d.pending)
