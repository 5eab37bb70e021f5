"""Whose is a record? The connector's word is compared again with the identity; it is not believed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from dsr.contract import Identifier, Match, Record, Subject

from . import identity


def judged(
    records: Iterable[Record], subject: Subject, typed: Iterable[Identifier], region: str | None
) -> tuple[Record, ...]:
    """The records with our own verdict; those that match none of her identifiers are left out.

    ``typed``: the identifiers that were proved themselves; what her records revealed locates further,
    but a record that carries only other people's addresses is then a proposal (a shared number).
    A connector may propose less than we would, never more.
    """
    proved_first = {(one.kind, one.value) for one in typed}
    found = []
    for record in records:
        verdict = identity.match(record.seen, subject.proved, subject.claimed, region=region)
        if verdict.state == "none":
            continue
        exact = verdict.state == "exact" and record.match is Match.EXACT
        by = verdict.identifier
        revealed = by is not None and (by.kind, by.value) not in proved_first
        if exact and revealed and _of_somebody_else(record, subject, region):
            exact = False
        if exact:
            found.append(record)
        else:
            kept = Match.PROPOSED if record.match is Match.EXACT else record.match
            found.append(replace(record, match=kept))
    return tuple(found)


def _of_somebody_else(record: Record, subject: Subject, region: str | None) -> bool:
    """True when the record names e-mail addresses and none of them is hers."""
    addresses = [value for kind, value in record.seen if kind == "email" and value]
    hers = [one.value for one in subject.proved if one.kind == "email"]
    return bool(addresses) and not any(
        identity.same("email", value, mine, region=region) for value in addresses for mine in hers
    )


def shared(revealed: Iterable[tuple[str, Identifier]]) -> frozenset[tuple[str, str]]:
    """Identifiers that the records of several subjects reveal: (kind, value). They only propose."""
    owners: dict[tuple[str, str], set[str]] = {}
    for subject, identifier in revealed:
        owners.setdefault((identifier.kind, identifier.value), set()).add(subject)
    return frozenset(name for name, who in owners.items() if len(who) > 1)


_ADDRESS = re.compile(
    r"[^\s@<>()\[\],;:\"'=&?/#%]{1,64}(?:@|%40)"
    r"[^\s@<>()\[\],;:\"'=&?/#%]{1,190}\.[^\s@<>()\[\],;:\"'=&?/#%.]{2,24}"
)
"""Also as a web address holds it: ``?email=eva%40example.org``."""


def without_others(text: str, subject: Subject, instead: str) -> tuple[str, int]:
    """Free text with every e-mail address that is not one of hers replaced, and how many there were.

    GDPR 15(4): a copy must not harm the rights of others; a note about her may name somebody else.
    """
    hers = [one.value for one in (*subject.proved, *subject.claimed) if one.kind == "email"]
    hidden = 0

    def shown(found: re.Match[str]) -> str:
        nonlocal hidden
        if any(identity.same("email", found.group().replace("%40", "@"), mine) for mine in hers):
            return found.group()
        hidden += 1
        return instead

    return _ADDRESS.sub(shown, text), hidden
