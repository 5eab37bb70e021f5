"""Whether a record is hers: the comparison the services trust instead of the connector."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dsr.contract import Identifier
from dsr.domain.identity.address import shared_address
from dsr.domain.identity.compare import mentions, same
from dsr.domain.identity.kinds import KINDS

Seen = Sequence[tuple[str, object]]
Why = Literal[
    "same", "other_number", "shared_address", "never_proof", "claimed", "alike", "mentioned", "nothing"
]


@dataclass(frozen=True)
class Match:
    """What a comparison came to.

    state: `exact` (hers), `proposed` (a person decides) or `none`. identifier: the one that matched.
    why: `same` (a proved identifier) · `other_number` (the same, but the record carries another national
    number than the proved one) · `shared_address` · `never_proof` · `claimed` (typed, not proved) ·
    `alike` (similar name, old numbering plan, other case) · `mentioned` (inside a longer value) · `nothing`.
    """

    state: Literal["exact", "proposed", "none"]
    identifier: Identifier | None
    why: Why


NO_MATCH = Match("none", None, "nothing")


def match(
    seen: Seen, proved: Iterable[Identifier], claimed: Iterable[Identifier] = (), *, region: str | None = None
) -> Match:
    """Compare a record with a person.

    `seen`: (kind, value as stored) of the record. `proved` and `claimed`: her identifiers (canonical).
    Only a proved identifier of a kind that can be proof, that no role mailbox or family shares, gives
    `exact`; everything else proposes. `region` reads phone numbers stored without prefix.
    """
    held, typed = tuple(proved), tuple(claimed)
    best = NO_MATCH
    for identifier in (*held, *typed):
        found = _one(seen, identifier, identifier in held, region)
        if found.state == "exact":
            return _unless_other_number(found, seen, held)
        if best.state == "none":
            best = found
    return best


def _one(seen: Seen, identifier: Identifier, is_proved: bool, region: str | None) -> Match:
    values = [value for kind, value in seen if kind == identifier.kind]
    if any(same(identifier.kind, value, identifier.value, region=region) for value in values):
        why = _why(identifier, is_proved)
        return Match("exact" if why == "same" else "proposed", identifier, why)
    kind = KINDS.get(identifier.kind)
    if kind and any(kind.near(value, identifier.value, region) for value in values):
        return Match("proposed", identifier, "alike")
    if any(isinstance(value, str) and mentions(identifier.kind, identifier.value, value) for value in values):
        return Match("proposed", identifier, "mentioned")
    return NO_MATCH


def _why(identifier: Identifier, is_proved: bool) -> Why:
    if KINDS[identifier.kind].proof == "never":
        return "never_proof"
    if not is_proved:
        return "claimed"
    if identifier.kind == "email" and shared_address(identifier.value):
        return "shared_address"
    return "same"


def _unless_other_number(found: Match, seen: Seen, held: Sequence[Identifier]) -> Match:
    """A proved mailbox on a record with somebody else's national number may be a shared mailbox."""
    for identifier in held:
        kind = KINDS[identifier.kind]
        numbers = [kind.stored_form(value, None) for key, value in seen if key == kind.key and kind.unique]
        present = [number for number in numbers if number]
        if present and identifier.value not in present:
            return Match("proposed", found.identifier, "other_number")
    return found
