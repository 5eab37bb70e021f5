"""Everything that hangs on parties, read for many of them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors._people import Seen

from .api import Api, Values
from .kinds import (
    ADDRESSES,
    BOOKS,
    DOCUMENTS,
    EMAILS,
    ENTRIES,
    ERASED_CODE,
    HANGING,
    IDENTIFIERS,
    KINDS,
    MECHANISMS,
    MERGED,
    NOTES,
    PARTIES,
    PHONES,
    PRINTS,
    Kind,
    number,
)

MANY = 200
"""Rows that are named in one question."""
STAMP = "_timestamp"
IDENTITY = (PARTIES, MERGED, IDENTIFIERS, MECHANISMS)
LEFT_BY_TRYTON = {ADDRESSES: ("party_name", "street", "postal_code", "city"), NOTES: ("message",)}


@dataclass(frozen=True)
class Held:
    """A row as it was read. ``stamp`` is the version that a write names; ``path`` leads there from the party."""

    kind: Kind
    id: int
    values: Values
    stamp: str
    path: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """How Tryton names a row of any model."""
        return f"{self.kind.model},{self.id}"

    def has_text(self) -> bool:
        """Whether a text is left in it, apart from the '-' that we put where something must stand."""
        return any(
            self.values.get(name) not in (None, "", _nothing(self.kind, name)) for name in self.kind.texts
        )


def _nothing(kind: Kind, name: str) -> str | None:
    return "-" if name in kind.needed else None


def cleared(kind: Kind) -> dict[str, str | None]:
    """The values that leave no text behind; what Tryton computed of it goes too."""
    values = {name: _nothing(kind, name) for name in kind.texts}
    return values | ({kind.large: None, f"{kind.large}_id": None} if kind.large else {})


@dataclass(frozen=True)
class Folder:
    """A party with all that hangs on it, and what other parties tell about it.

    ``numbered``: its code is the customer number.
    """

    party: Held
    rows: Mapping[str, Sequence[Held]] = field(default_factory=dict)
    numbered: bool = False

    def of(self, collection: str) -> Sequence[Held]:
        """Its rows of a collection."""
        return self.rows.get(collection, ())

    def all(self) -> Iterator[Held]:
        """Every row, the party first."""
        yield self.party
        for many in self.rows.values():
            yield from many

    @property
    def name(self) -> str:
        """What it is called, for comparison."""
        return " ".join(str(self.party.values.get("name") or "").casefold().split())

    @property
    def is_husk(self) -> bool:
        """Whether Tryton's own erasure has been here: no name, no value, not active."""
        named = self.party.values.get("name") or any(one.values.get("value") for one in self.of(MECHANISMS))
        return not named and not self.party.values.get("active")

    @property
    def is_bare(self) -> bool:
        """Whether we have been here: it stays for its papers, not active, without any address or number."""
        return not self.party.values.get("active") and not self.of(MECHANISMS)

    @property
    def seen(self) -> Seen:
        """Its identifiers as they are stored."""
        contacts = [contact(one.values) for one in self.of(MECHANISMS)]
        numbers = [number(one.values.get("type"), one.values.get("code")) for one in self.of(IDENTIFIERS)]
        code = str(self.party.values.get("code") or "").strip() if self.numbered else ""
        found = [one for one in (*contacts, *numbers) if one is not None]
        return tuple(dict.fromkeys([*found, *([("customer_number", code)] if code else [])]))

    @property
    def lists_people(self) -> bool:
        """Whether its addresses are named after somebody: perhaps an organisation with several people."""
        names = {
            " ".join(str(one.values.get("name") or "").casefold().split()) for one in self.of(MECHANISMS)
        }
        return bool(names - {"", self.name})

    def left(self) -> Iterator[Held]:
        """What is still there of a person whom Tryton's own erasure has blanked."""
        for one in self.all():
            values = one.values
            if (
                (one.kind.name == MECHANISMS and (values.get("value_compact") or values.get("comment")))
                or (one.kind.name == MERGED and values.get("name"))
                or (one.kind.name == IDENTIFIERS and values.get("code") != ERASED_CODE)
                or (one.kind.name in BOOKS and (one.has_text() or values.get("has_report_cache")))
                or one.kind.name in (*HANGING, PRINTS)
                or any(values.get(name) for name in LEFT_BY_TRYTON.get(one.kind.name, ()))
            ):
                yield one


def contact(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """The (kind, value) of an address or number; None where it is something else or empty."""
    held = values.get("type")
    if held == "email":
        value = values.get("value") or values.get("value_compact")
    else:
        value = values.get("value_compact") or values.get("value")
    kind = "email" if held == "email" else "phone" if held in PHONES else ""
    return (kind, str(value).strip()) if kind and value and str(value).strip() else None


class Reader:
    """Reads folders with one question for each model, whatever the number of parties. ``strangers`` counts rows
    that nobody asked for."""

    def __init__(self, api: Api, *, numbered: bool) -> None:
        self.api, self.numbered = api, numbered
        self._modules: frozenset[str] | None = None
        self.strangers = 0

    @property
    def modules(self) -> frozenset[str]:
        """The modules that are activated, asked for once."""
        if self._modules is None:
            found = self.api.rows("ir.module", [["state", "=", "activated"]], ["name"])
            self._modules = frozenset(str(one.get("name")) for one in found) | {"ir"}
        return self._modules

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The collections that this Tryton has: those of its modules."""
        return {name: kind for name, kind in KINDS.items() if kind.module in self.modules}

    def folders(self, numbers: Collection[int], *, whole: bool = True) -> dict[int, Folder]:
        """The parties with these numbers that are there, each with all that hangs on it, or only with what
        tells who it is."""
        made: dict[int, Folder] = {}
        ordered = sorted(numbers)
        kinds = self.kinds if whole else {name: KINDS[name] for name in IDENTITY}
        for start in range(0, len(ordered), MANY):
            made |= self._some(ordered[start : start + MANY], kinds.values())
        return made

    def _some(self, numbers: Sequence[int], kinds: Collection[Kind]) -> dict[int, Folder]:
        found: dict[int, dict[str, list[Held]]] = {}
        parties = {one.id: one for one in self._asked(KINDS[PARTIES], "id", numbers)}
        owner = {one.ref: number for number, one in parties.items()}
        for kind in [one for one in kinds if one.link and one.name != PARTIES]:
            above = [
                int(ref.partition(",")[2]) for ref in owner if ref.startswith(f"{KINDS[kind.above].model},")
            ]
            for held in self._asked(kind, kind.link, above):
                whose = owner[f"{KINDS[kind.above].model},{held.values[kind.link]}"]
                owner.setdefault(held.ref, whose)
                found.setdefault(whose, {}).setdefault(kind.name, []).append(held)
        for held in self._hanging(owner, [one for one in kinds if not one.link]):
            whose = owner[str(held.values["resource"])]
            found.setdefault(whose, {}).setdefault(held.kind.name, []).append(held)
        return {n: Folder(one, found.get(n, {}), self.numbered) for n, one in parties.items()}

    def _asked(self, kind: Kind, link: str, values: Sequence[int]) -> Iterator[Held]:
        """Rows that point to one of these; what the server gives besides is dropped."""
        fields = [*kind.fields, *([link] if link != "id" else []), STAMP]
        fields += ["has_report_cache"] if kind.name == "invoices" else []
        for start in range(0, len(values), MANY):
            wanted = list(values[start : start + MANY])
            for row in self.api.rows(kind.model, [[link, "in", wanted]], fields):
                if row.get(link) in wanted:
                    yield held_of(kind, row)
                else:
                    self.strangers += 1

    def _hanging(self, owner: Mapping[str, int], kinds: Collection[Kind]) -> Iterator[Held]:
        refs = list(owner)
        for kind in kinds:
            for start in range(0, len(refs), MANY):
                wanted = refs[start : start + MANY]
                fields = [*kind.fields, "resource", STAMP]
                for row in self.api.rows(kind.model, [["resource", "in", wanted]], fields):
                    if row.get("resource") in wanted:
                        yield held_of(kind, row)
                    else:
                        self.strangers += 1

    def staff(self, numbers: Collection[int]) -> set[int]:
        """Which of these parties are a company of this Tryton or an employee."""
        if not numbers or "company" not in self.modules:
            return set()
        found: set[int] = set()
        for model in ("company.company", "company.employee"):
            rows = self.api.rows(model, [["party", "in", list(numbers)]], ["party"])
            found |= {one["party"] for one in rows if one.get("party") in numbers}
        return found


def held_of(kind: Kind, row: Values) -> Held:
    """A row as we keep it: names of countries instead of their numbers, the path from the party."""
    values = {name: one for name, one in row.items() if name not in ("id", STAMP) and not name.endswith(".")}
    for name, one in row.items():
        if name.endswith(".") and isinstance(one, dict):
            values[f"{name}rec_name"] = one.get("rec_name")
    path: tuple[str, ...] = () if kind.name == PARTIES else (kind.name,)
    if kind.single:
        path = (kind.name, str(row["id"]))
    elif kind.name in HANGING and str(row.get("resource", "")).partition(",")[0] in BOOK_MODELS:
        path = (DOCUMENTS, kind.name)
    return Held(kind, row["id"], values, str(row.get(STAMP) or ""), path)


BOOK_MODELS = frozenset(KINDS[name].model for name in BOOKS)
UNREACHABLE = (ENTRIES, EMAILS)
"""Posted bookings cannot be changed by anybody, and sent mails only by an administrator."""


def stamps(rows: Iterable[Held]) -> dict[str, str]:
    """The versions that a write names, so that what changed meanwhile is refused."""
    return {one.ref: one.stamp for one in rows if one.stamp}
