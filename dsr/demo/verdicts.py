"""What must be true after each right, found out with another client."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from dsr.demo import proof
from dsr.demo.data import Demo
from dsr.demo.proof import Place, Rows

FLAGGED: Final = frozenset(
    (("crm", "contacts"), ("crm", "orders"), ("crm", "invoices"), ("tracking", "visitors"), ("tracking", "consents"))
)  # fmt: skip
"""Where a restriction is a flag; elsewhere the rows are set aside."""

GUESSED: Final = "score"
"""A field that the company inferred: it is shown on access, but not carried away."""

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verification:
    """One thing that was looked up with another client."""

    right: str
    sentence: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the case claims: where rows were kept by law, where an officer left a mention, where searched."""

    kept: frozenset[Name]
    left: frozenset[Name]
    unsearched: tuple[str, ...]
    new_name: str


class Verifier:
    """Compares the stores before and after a case; ``done`` holds the verdicts in order."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.done: list[Verification] = []
        self._ana, self._eva = demo.cast["ana"], demo.cast["eva"]
        self._right = ""
        self._eva_first = self._rows_of_eva()
        self.begin()

    def begin(self) -> None:
        """Read everything before a case."""
        self._before = proof.rows(self.demo)
        self._hers = proof.of(self.demo, self._ana) - proof.of(self.demo, self._eva)

    def finish(self, right: str, told: Told, place: Path) -> None:
        """Read everything after the answer; ``place`` is where letter and package lie."""
        self._right, after = right, proof.rows(self.demo)
        self.add("every connected place was searched", not told.unsearched, ", ".join(told.unsearched))
        letters = sorted(path.name for path in place.glob("letter-*.html"))
        self.add("a letter was written", bool(letters), ", ".join(letters))
        checks: dict[str, Callable[[Rows, Told, Path], None]] = {
            "access": self._copied,
            "portability": self._carried,
            "rectification": self._corrected,
            "restriction": self._restricted,
            "withdrawal": self._untracked,
            "objection": self._stopped,
            "erasure": self._erased,
        }
        checks[right](after, told, place)
        strangers = proof.changed(self._before, after) - self._hers
        self.add("no row of anybody else was changed", not strangers, _named(strangers))
        self.add(
            "Eva's rows are as they were",
            self._rows_of_eva() == self._eva_first,
            f"{len(self._eva_first)} rows",
        )

    def lifted(self, before: Rows) -> None:
        """After lifting, the stores are exactly what they were before the restriction."""
        different = proof.changed(before, proof.rows(self.demo))
        self._right = "lifting"
        self.add("every store is exactly as before the restriction", not different, _named(different))

    def add(self, sentence: str, passed: bool, detail: str = "", right: str = "") -> None:
        """Keep one verdict."""
        self.done.append(Verification(right or self._right, sentence, passed, detail))

    @property
    def before(self) -> Rows:
        """The rows at the beginning of the case."""
        return self._before

    def _rows_of_eva(self) -> dict[Place, object]:
        found = proof.rows(self.demo)
        return {place: found[place] for place in proof.of(self.demo, self._eva)}

    def _unchanged(self, after: Rows) -> None:
        different = proof.changed(self._before, after)
        self.add("the stores are unchanged", not different, _named(different))

    def _copied(self, after: Rows, told: Told, place: Path) -> None:
        """Access: the package has as many rows of every table as another client counts."""
        self._unchanged(after)
        wanted = Counter((one.system, one.table) for one in self._hers)
        with ZipFile(place / "package.zip") as archive:
            held = _tables(archive)
            missing = {name: count for name, count in wanted.items() if held.get(name, 0) < count}
            self.add("the package holds every row of hers", not missing, _counted(held, missing))
            self._nothing_of_eva(archive)

    def _carried(self, after: Rows, told: Told, place: Path) -> None:
        """Portability: described by a schema, without what the company guessed."""
        self._unchanged(after)
        with ZipFile(place / "package.zip") as archive:
            names = archive.namelist()
            tables = [name for name in names if name.endswith(".csv")]
            schemas = [name for name in names if name.endswith(".schema.json")]
            self.add("every table has a schema", 0 < len(tables) == len(schemas), f"{len(tables)} tables")
            heads = {name: archive.read(name).decode("utf-8-sig").partition("\n")[0] for name in tables}
            guessed = [name for name, head in heads.items() if GUESSED in head]
            self.add("nothing that was inferred is in it", not guessed, ", ".join(guessed))
            self._nothing_of_eva(archive)

    def _nothing_of_eva(self, archive: ZipFile) -> None:
        wanted = (self._eva.email or "").lower().encode()
        found = [name for name in archive.namelist() if wanted in archive.read(name).lower()]
        self.add("Eva's address is nowhere in it", not found, ", ".join(found))

    def _corrected(self, after: Rows, told: Told, place: Path) -> None:
        names = proof.cells(after, self._hers, "name") - {""}
        cards = {after[one]["name"] for one in self._hers if one.table == "contacts" and one in after}
        self.add("her card carries the new name", cards == {told.new_name}, ", ".join(map(str, cards)))
        old = self._ana.name in names
        self.add("the old name stands in no name field of hers", not old, f"{len(names)} names")

    def _restricted(self, after: Rows, told: Told, place: Path) -> None:
        """Flagged rows carry the flag; all others are out of the stores."""
        flagged = {one for one in self._hers if (one.system, one.table) in FLAGGED}
        flags = proof.cells(after, flagged, "restricted")
        self.add("flagged rows carry the flag", flags == {1}, f"{len(flagged)} rows")
        aside = self._hers - flagged
        still = {one for one in aside if one in after}
        self.add(
            "the other rows are set aside", bool(aside) and not still, f"{len(aside)} rows; {_named(still)}"
        )

    def _untracked(self, after: Rows, told: Told, place: Path) -> None:
        flags = proof.cells(after, self._hers, "tracking_ok")
        self.add("tracking is off wherever it was on", flags == {0}, str(flags))
        first, now = (proof.cells(rows, self._hers, "marketing_ok") for rows in (self._before, after))
        self.add("marketing is as it was: she did not ask for that", first == now, str(now))

    def _stopped(self, after: Rows, told: Told, place: Path) -> None:
        flags = proof.cells(after, self._hers, "marketing_ok") | proof.cells(after, self._hers, "tracking_ok")
        self.add("marketing and tracking are off", flags == {0}, str(flags))
        listed = {after[one]["status"] for one in self._hers if one.system == "mailing" and one in after}
        self.add(
            "the mailing list says unsubscribed", listed == {"unsubscribed"}, ", ".join(map(str, listed))
        )

    def _erased(self, after: Rows, told: Told, place: Path) -> None:
        """Her address is gone, but where an outcome says that it was kept, or a mention was left."""
        allowed = told.kept | told.left
        found = proof.mentions(after, self._ana.email or "")
        unsaid = [(place, column) for place, column in found if (place.system, place.table) not in allowed]
        where = ", ".join(sorted({f"{one.system}.{one.table}" for one, _ in found})) or "nowhere"
        self.add("her address stands only where an outcome says so", not unsaid, where)
        before = len(proof.mentions(self._before, self._ana.email or ""))
        self.add("it stood there before", before > len(found), f"{before} cells before, {len(found)} after")
        kept = {one for one in self._hers if one in after and after[one] == self._before[one]}
        silent = {one for one in kept if (one.system, one.table) not in allowed}
        self.add("a row that is untouched is named as kept", not silent, _named(silent))


def _tables(archive: ZipFile) -> dict[Name, int]:
    """Rows by table, counted in the JSON files themselves, not read from the manifest."""
    found = {}
    for name in archive.namelist():
        parts = name.removesuffix(".json").split("/")
        if name.endswith(".json") and not name.endswith(".schema.json") and len(parts) == 3:
            found[parts[1], parts[2]] = len(json.loads(archive.read(name)))
    return found


def _counted(held: dict[Name, int], missing: dict[Name, int]) -> str:
    if not missing:
        return f"{sum(held.values())} rows in {len(held)} tables"
    return ", ".join(
        f"{system}.{table}: {held.get((system, table), 0)} of {n}" for (system, table), n in missing.items()
    )


def _named(places: Iterable[Place]) -> str:
    counts = Counter(f"{one.system}.{one.table}" for one in places)
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
