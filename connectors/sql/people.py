"""The people of a batch by what they are called, and rows compared with that once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors._map.model import Collection
from dsr.contract import Identifier, Subject

from .routes import identities

Seen = tuple[tuple[str, str], ...]


def plain(kind: str, value: Any) -> str:
    """A stored or asked value for comparison: trimmed, and A-Z folded in an e-mail address."""
    text = str(value).strip()
    if kind != "email":
        return text
    return text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)


class Asked:
    """Who is asked for, by kind and plain value: (number of the subject, proved?)."""

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self.by_kind: dict[str, dict[str, list[tuple[int, bool]]]] = {}
        for number, subject in enumerate(subjects):
            self._add(number, subject.proved, proved=True)
            self._add(number, subject.claimed, proved=False)

    def _add(self, number: int, identifiers: Iterable[Identifier], *, proved: bool) -> None:
        for one in identifiers:
            known = self.by_kind.setdefault(one.kind, {})
            for form in {plain(one.kind, form) for form in one.forms()}:
                if form:
                    known.setdefault(form, []).append((number, proved))

    def who(self, kind: str, stored: Any) -> Sequence[tuple[int, bool]]:
        """The subjects of that name; none for an empty value."""
        return self.by_kind.get(kind, {}).get(plain(kind, stored), ()) if stored is not None else ()


def seen(collection: Collection, row: Mapping[Any, Any]) -> Seen:
    """The identifiers a row holds, (kind, value as stored), in the order of the fields."""
    return tuple(
        (one.identity, str(row[one.name]))
        for one in identities(collection)
        if row[one.name] is not None
        and str(row[one.name]).strip()
        and all(row[name] == value for name, value in one.identity_where.items())
    )


def revealed(collection: Collection, row: Mapping[Any, Any]) -> tuple[Identifier, ...]:
    """Further identifiers that a row reveals."""
    found = ((one.reveals, str(row[one.name]).strip()) for one in collection.fields if one.reveals
             and row[one.name] is not None)  # fmt: skip
    return tuple(Identifier(kind, plain(kind, value)) for kind, value in found if value)


def holds(now: Seen, planned: Seen, subject: Subject, *, side: bool = False) -> bool:
    """Whether a row still names the person: every identifier of hers that was seen is still there.

    ``side``: one row of a side table, of which several were seen together; one identifier is enough.
    """
    mine = forms(subject)
    hers = [pair for pair in planned if (pair[0], plain(*pair)) in mine]
    if not hers:
        return bool(planned) and now == planned
    return any(pair in now for pair in hers) if side else all(pair in now for pair in hers)


def forms(subject: Subject) -> set[tuple[str, str]]:
    """Everything she is called by, (kind, plain value)."""
    return {
        (one.kind, plain(one.kind, form))
        for one in (*subject.proved, *subject.claimed)
        for form in one.forms()
    }
