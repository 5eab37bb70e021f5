"""What a law says, as plain values: a Pack per jurisdiction and validity. Numbers live in `dsr/laws/*.toml`.

Every number carries where it was read (`source`) and how sure we are (`confidence`):
seen (read in the text or a quotation), secondary (in a commentary), memory, derived (from others).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from .periods import LawError, Period
from .rights import Right

__all__ = [
    "Addition",
    "Authority",
    "CalendarRule",
    "ChildAge",
    "ClockRule",
    "Evidence",
    "Extension",
    "Free",
    "Heirs",
    "LawError",
    "LocalRight",
    "MAJORITY",
    "Missing",
    "OnReceipt",
    "Option",
    "Pack",
    "RETENTION_DEADLINES",
    "Retention",
    "RightMissing",
    "RIGHTS",
    "Sourced",
    "Stop",
    "Texts",
]

RIGHTS = tuple(right.value for right in Right)
MAJORITY = 18
"""At this age everybody asks for herself, also where a law names no age for children; so in every law on file."""

RETENTION_DEADLINES = ("retain_until", "block_until", "erase_by")

Confidence = Literal["seen", "secondary", "memory", "derived"]


class RightMissing(LawError):
    """The law of this pack does not give that right. `names` lists those it gives."""

    def __init__(self, jurisdiction: str, right: str, names: tuple[str, ...]) -> None:
        message = f"{jurisdiction} has no right {right!r}; it has: {', '.join(names)}"
        super().__init__(message, code="law.right_missing", names=names)
        self.names = names


@dataclass(frozen=True)
class Texts:
    """One text in the three languages of the product."""

    es: str
    en: str
    pt: str

    def of(self, language: str) -> str:
        """The text in `language` (es, en, pt); English for any other."""
        return {"es": self.es, "pt": self.pt}.get(language, self.en)


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """Where a number was read, and how sure we are."""

    source: str
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class Extension(Sourced):
    """One prolongation, valid only if its notice is dated on or before the first due date.

    counted_from 'receipt': `amount` is the whole new period; 'first_due': it is added to the first one.
    """

    amount: Period
    counted_from: Literal["receipt", "first_due"]
    event: str = "extended"


@dataclass(frozen=True, kw_only=True)
class Stop(Sourced):
    """What a question to the person does to the clock.

    effect 'pause': the days between question and answer are added, in `unit`; ends 'exclusive' counts
    (asked, answered], 'inclusive' counts both end days. effect 'restart': the period starts anew on the day
    of the answer.
    ask_within: asking later than that deserves a warning.
    """

    effect: Literal["pause", "restart"]
    unit: Literal["calendar", "business"] = "calendar"
    ends: Literal["exclusive", "inclusive"] = "exclusive"
    ask_within: Period | None = None


FirstDay = Literal["anchor", "next_day", "receipt_day"]


@dataclass(frozen=True, kw_only=True)
class Option(Sourced):
    """Another reading of the same rule, chosen by an `option name=value` or `small_agent yes` event."""

    period: tuple[Period, ...] | None = None
    first_day: FirstDay | None = None
    roll: Literal["forward", "none"] | None = None


@dataclass(frozen=True, kw_only=True)
class ClockRule(Sourced):
    """One clock. Of several periods the one that ends first counts.

    begins: 'received' or the kind of the event that starts it (`occurrence`: which, if there are several).
    party: who must act before it ends; the person's own clocks have no internal target.
    """

    period: tuple[Period, ...]
    begins: str = "received"
    occurrence: Literal["first", "last"] = "first"
    first_day: FirstDay
    roll: Literal["forward", "none"]
    party: Literal["controller", "person"] = "controller"
    extension: Extension | None = None
    stops: Mapping[str, Stop] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LocalRight:
    """A right under the name its law gives it. `canonical` is the right of the product it is, if any.

    served_by: for a right beyond those, the right of the product whose work answers it; guide: what an
    officer must do herself before it is answered, because no program can. letter: a person answers it with
    this letter, and nothing is searched or changed for it (a complaint). since: its first day.
    """

    names: Texts
    law: str
    canonical: str | None = None
    served_by: str | None = None
    guide: Texts | None = None
    letter: str | None = None
    since: date | None = None
    clocks: Mapping[str, ClockRule]

    def clock(self, deadline: str) -> ClockRule:
        """The clock for `deadline`. Raises LawError naming the clocks there are."""
        try:
            return self.clocks[deadline]
        except KeyError:
            known = ", ".join(self.clocks)
            raise LawError(f"{self.names.en} has no clock {deadline!r}; it has: {known}") from None


@dataclass(frozen=True, kw_only=True)
class Missing(Sourced):
    """Why a right of the product does not exist in this law."""

    note: Texts


@dataclass(frozen=True, kw_only=True)
class CalendarRule(Sourced):
    """Which public holidays count. Without a country: `weekends` (Sat, Sun) or `none` (every day works).

    extra_dates are added, excluded_dates taken away (bridge days on which work is optional).
    """

    code: str
    country: str | None = None
    subdiv: str | None = None
    categories: tuple[str, ...] = ("public",)
    extra_dates: tuple[date, ...] = ()
    excluded_dates: tuple[date, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Authority(Sourced):
    """To whom the person can complain, when, after what, and before which court."""

    name: str
    url: str
    address: str | None = None
    window: Period | None = None
    prior_step: Texts | None = None
    court_remedy: Texts


@dataclass(frozen=True, kw_only=True)
class Evidence(Sourced):
    """How long the controller may be asked to prove that it answered: the limitation period."""

    period: Period


@dataclass(frozen=True, kw_only=True)
class Free(Sourced):
    """What is free of charge. A request for one of `rights` may cost something when `times` were answered
    within `interval`; without an interval it is free however often."""

    words: Texts
    rights: tuple[str, ...] = ()
    interval: Period | None = None
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class OnReceipt(Sourced):
    """What the law wants done to the data as soon as a request for one of `rights` is there.

    act 'mark': the rows say that they are disputed; 'block': they are not used while the request is open.
    deadline: the clock of those rights that says until when.
    """

    rights: tuple[str, ...]
    act: Literal["mark", "block"]
    deadline: str
    words: Texts


@dataclass(frozen=True, kw_only=True)
class ChildAge(Sourced):
    """From which age a child asks alone."""

    years: int


@dataclass(frozen=True, kw_only=True)
class Heirs(Sourced):
    """Who may ask for somebody who has died, and for which rights (of the product)."""

    rights: tuple[str, ...]
    citation: str
    who: Texts


@dataclass(frozen=True, kw_only=True)
class Addition(Sourced):
    """What this law adds to `letters`; the `elements` named must stand in them, too.

    rights: only for cases of these rights (of the product); none named: of every right.
    """

    id: str
    letters: tuple[str, ...]
    rights: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    citation: str
    text: Texts


@dataclass(frozen=True, kw_only=True)
class Retention(Sourced):
    """A duty to keep, block or erase. `deadline` is the clock that shows its end; ends are never rolled.

    Either `period` counted from `trigger`, or `ends_with`, the event that ends it.
    """

    id: str
    citation: str
    deadline: Literal["retain_until", "block_until", "erase_by"]
    trigger: str
    period: Period | None = None
    ends_with: str | None = None
    action_now: Literal["keep", "block", "restrict", "pseudonymise", "erase"]
    action_at_end: Literal["erase", "destroy", "anonymise"]
    roles: tuple[str, ...] = ()
    letter: Texts
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class SuppressionRule(Sourced):
    """May the address itself be kept and handed to a mailing tool, so that nobody writes to it? Without a
    rule only keyed hashes are kept, and plain hashes handed over while the address is known."""

    address: bool


def _plain(text: str) -> str:
    """Small letters without accents."""
    parts = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))


def _spoken(names: Texts) -> frozenset[str]:
    """What a right is called: each name whole, and what stands in front of and in brackets."""
    whole = [_plain(one) for one in (names.es, names.en, names.pt)]
    parts = [part.strip(" )") for one in whole for part in one.split("(")]
    return frozenset(part for part in (*whole, *parts) if part)


@dataclass(frozen=True, kw_only=True)
class Pack:
    """The law of one jurisdiction while it is in force; chosen by the date of receipt.

    zone is an IANA name or 'controller' (the controller's own). `version` is a hash of the files it was read
    from. blocking names the retention rule of erased data where the law requires blocking (ES: LOPDGDD 32).
    """

    id: str
    jurisdiction: str
    version: str
    names: Texts
    law: str
    language: str
    valid_from: date
    valid_until: date | None = None
    zone: str
    calendar: CalendarRule
    authority: Authority
    child_age: ChildAge | None = None
    free: Free
    evidence: Evidence | None = None
    on_receipt: tuple[OnReceipt, ...] = ()
    blocking: str | None = None
    rights: Mapping[str, LocalRight]
    missing: Mapping[str, Missing] = field(default_factory=dict)
    retention: tuple[Retention, ...] = ()
    suppression: SuppressionRule | None = None
    heirs: Heirs | None = None
    additions: tuple[Addition, ...] = ()

    @property
    def blocking_required(self) -> bool:
        """Whether erased data must first be blocked."""
        return self.blocking is not None

    def right_name(self, name: str) -> str:
        """The pack's own name for `name`, which may also be a right of the product. Raises RightMissing."""
        if name in self.rights:
            return name
        for own, right in self.rights.items():
            if right.canonical == name:
                return own
        raise RightMissing(self.jurisdiction, name, tuple(self.rights))

    def right(self, name: str) -> LocalRight:
        """The right called `name` here, by its own or its canonical name. Raises RightMissing."""
        return self.rights[self.right_name(name)]

    def called(self, text: str) -> str:
        """The pack's own name of the right that somebody calls `text`: by its name, by that of the product, or
        by the words of this law in any language, whole or in brackets, whatever accents and capitals
        ('cancelación', 'consulta'). Raises RightMissing, also where the words fit two rights."""
        try:
            return self.right_name(text)
        except RightMissing:
            found = [own for own, right in self.rights.items() if _plain(text) in _spoken(right.names)]
            if len(found) != 1:
                raise
            return found[0]

    def due_on_receipt(self, name: str) -> tuple[OnReceipt, ...]:
        """What must be done at once for a request for that right, by its own or its canonical name."""
        own = self.right_name(name)
        return tuple(one for one in self.on_receipt if own in one.rights)

    def covers(self, on: date) -> bool:
        """Whether a request received on that date falls under this pack."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

    def in_zone(self, zone: str) -> Pack:
        """The same pack in the controller's zone, for packs that do not fix one."""
        return replace(self, zone=zone) if self.zone == "controller" else self

    def retention_rule(self, rule: str, on: date) -> Retention:
        """The rule with that id in force when its trigger happened. Raises LawError naming those on file."""
        for entry in self.retention:
            begun = entry.valid_from is None or entry.valid_from <= on
            if entry.id == rule and begun and (entry.valid_until is None or on <= entry.valid_until):
                return entry
        known = ", ".join(dict.fromkeys(entry.id for entry in self.retention)) or "none"
        raise LawError(
            f"{self.jurisdiction} has no retention rule {rule!r} in force on {on}; it has: {known}",
            code="law.not_in_force",
        )
