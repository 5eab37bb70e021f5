"""What a table is, guessed from its name, its keys and the guesses about its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .fields import Guess, guess
from .sketch import Column, ForeignKey, TableSketch, data_type, plain

_TRACKING = re.compile(
    r"_(opens?|aperturas?|aberturas?|clicks?|clics?|cliques?|visits?|visitas?|page_?views?|events?|eventos?"
    r"|sessions?|sesion(es)?|sessoes|hits?|impressions?|tracking|rastreo|seguimiento)_"
)
_CONSENTS = re.compile(r"_(consent\w*|opt_ins?|preferenc\w+|permisos|permissoes)_")
_BOOKS = re.compile(r"_(invoices?|facturas?|faturas?|recibos?|receipts?|payments?|pagos?|pagamentos?)_")
_FLAG = re.compile(r"_(restricted|restringido|restrito|limitado|bloqueado|bloqueio|blocked)_")
_GIVEN = re.compile(r"_(given|granted|accepted|otorgado|concedido|aceptado|aceito|alta|created|fecha|date)_")
_WITHDRAWN = re.compile(r"_(withdrawn|revoked|retirado|revocado|revogado|baja|cancelled)_")
_PURPOSE = re.compile(r"_(purpose|finalidad|finalidade|proposito|topic|tema|canal|channel)_")
_PROOF = re.compile(r"_(proof|proved|evidence|prueba|prova|evidencia|source|origen|origem)_")
_PERSONAL = (
    "user.name.first", "user.name.last", "user.demographic.", "user.government_id.", "user.authorization.",
)  # fmt: skip
_WHEN = re.compile(r"_(at|on|fecha|fec|date|data|hora|timestamp)_")


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference that the map will hold; ``guessed`` from names, not declared by the source."""

    key: ForeignKey
    guessed: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table with everything guessed about it."""

    name: str
    columns: tuple[Column, ...]
    guesses: Mapping[str, Guess]
    key: tuple[str, ...]
    key_guessed: bool
    references: tuple[Reference, ...]

    @property
    def identities(self) -> tuple[str, ...]:
        """The columns that seem to hold an identifier."""
        return tuple(name for name, found in self.guesses.items() if found.identity)

    @property
    def persons(self) -> bool:
        """True where a row can only be one person's: first name, birth, national number, password."""
        found = {one.category for one in self.guesses.values() if not one.third_party}
        return bool(self.identities) and any(one.startswith(_PERSONAL) for one in found)

    @property
    def tracking(self) -> bool:
        """True for tables of opens, clicks and visits, and for those that note an address and a moment."""
        observed = any(found.category == "user.device.ip_address" for found in self.guesses.values())
        return _called(_TRACKING, self.name) or (observed and self.moment != "")

    @property
    def books(self) -> bool:
        """True for invoices and the like, which commercial law orders to be kept."""
        return _called(_BOOKS, self.name)

    @property
    def moment(self) -> str:
        """The first column that seems to hold a date or time, or ''."""
        return next((c.name for c in self.columns if _is_moment(c)), "")

    @property
    def flag(self) -> str:
        """A column that marks restricted rows, or ''."""
        return next((c.name for c in self.columns if _called(_FLAG, c.name)), "")

    @property
    def consent_columns(self) -> tuple[str, ...]:
        """Columns that say yes or no to something."""
        yes_or_no = ("boolean", "integer")
        return tuple(
            c.name for c in self.columns if self.guesses[c.name].consent and data_type(c) in yes_or_no
        )

    @property
    def consent_purpose(self) -> str:
        """The column that says what was consented to, or ''."""
        return next((c.name for c in self.columns if _called(_PURPOSE, c.name)), "")

    @property
    def consent_proof(self) -> str:
        """The column that says how consent was proved, or ''."""
        return next((c.name for c in self.columns if _called(_PROOF, c.name)), "")

    def consent_dates(self) -> tuple[str, str]:
        """When consent was given and withdrawn, for a table of consents; ('', '') for any other."""
        if not _called(_CONSENTS, self.name):
            return "", ""
        moments = [c.name for c in self.columns if _is_moment(c) or _called(_WITHDRAWN, c.name)]
        withdrawn = next((name for name in moments if _called(_WITHDRAWN, name)), "")
        given = next((n for n in moments if n != withdrawn and _called(_GIVEN, n)), "")
        return given, withdrawn if given else ""


def tables(sketches: Sequence[TableSketch]) -> tuple[Table, ...]:
    """Everything that can be a collection: named, with columns; of equal names the first one."""
    usable = [clean for clean in map(_clean, _first(sketches)) if clean.columns]
    keys = {one.name: _key(one) for one in usable}
    found: dict[str, list[Reference]] = {one.name: [] for one in usable}
    for one in usable:
        for reference in (*_declared(one, usable), *_named(one, keys)):
            circle = _makes_circle(found, one.name, reference.key.target)
            if not circle and not _held(found[one.name], reference):
                found[one.name].append(reference)
    return tuple(
        Table(
            one.name,
            one.columns,
            {column.name: _guess(one, column, found[one.name], keys[one.name][0]) for column in one.columns},
            *keys[one.name],
            tuple(found[one.name]),
        )
        for one in usable
    )


def _guess(
    sketch: TableSketch, column: Column, references: Sequence[Reference], key: tuple[str, ...]
) -> Guess:
    """Columns that only join are no personal data by themselves."""
    if any(column.name in reference.key.columns for reference in references):
        return Guess()
    found = guess(sketch, column)
    return Guess() if column.name in key and not found.identity else found


def _first(sketches: Sequence[TableSketch]) -> list[TableSketch]:
    found: dict[str, TableSketch] = {}
    for one in sketches:
        if one.name.strip():
            found.setdefault(one.name, one)
    return list(found.values())


def _clean(sketch: TableSketch) -> TableSketch:
    """Columns with a name; of equal names the first one."""
    columns: dict[str, Column] = {}
    for one in map(Column._make, sketch.columns):
        if one.name.strip():
            columns.setdefault(one.name, one)
    return TableSketch(sketch.name, tuple(columns.values()), sketch.samples, sketch.foreign_keys)


def _key(sketch: TableSketch) -> tuple[tuple[str, ...], bool]:
    """The declared primary key, else the most likely one and True."""
    declared = tuple(column.name for column in sketch.columns if column.primary_key)
    if declared:
        return declared, False
    names = [column.name for column in sketch.columns]
    own = {"id", "uuid", "rowid", f"{plain(sketch.name)}_id", f"id_{plain(sketch.name)}"}
    likely = [name for name in names if plain(name) in own]
    distinct = [name for name in names if _distinct(sketch.values(name))]
    return ((likely or distinct or names)[0],), True


def _distinct(values: list[str]) -> bool:
    return len(values) > 1 and len(set(values)) == len(values)


def _declared(sketch: TableSketch, usable: Sequence[TableSketch]) -> list[Reference]:
    columns = {one.name: {column.name for column in one.columns} for one in usable}
    return [
        Reference(key, guessed=False)
        for key in map(ForeignKey._make, sketch.foreign_keys)
        if set(key.columns) <= columns[sketch.name]
        and set(key.target_columns) <= columns.get(key.target, set())
        and 0 < len(key.columns) == len(key.target_columns)
    ]


def _named(sketch: TableSketch, keys: Mapping[str, tuple[tuple[str, ...], bool]]) -> list[Reference]:
    """``contact_id``, ``id_contacto``: a table of that name, singular or plural, with one key column."""
    found = []
    for column in sketch.columns:
        stem = re.sub(r"^id_|_id$", "", plain(column.name))
        if stem == plain(column.name) or column.name in keys[sketch.name][0]:
            continue
        for name, (key, _) in keys.items():
            if name != sketch.name and len(key) == 1 and _same_word(stem, name):
                found.append(Reference(ForeignKey((column.name,), name, key), guessed=True))
                break
    return found


def _same_word(stem: str, table: str) -> bool:
    name = plain(table)
    plurals = {stem, f"{stem}s", f"{stem}es", re.sub(r"y$", "ies", stem), re.sub(r"ao$", "oes", stem)}
    return bool(stem) and name in plurals


def _held(references: Sequence[Reference], new: Reference) -> bool:
    """True when a column already points somewhere: what is declared goes before what is guessed."""
    taken = {column for reference in references for column in reference.key.columns}
    return bool(taken & set(new.key.columns))


def _makes_circle(found: Mapping[str, Sequence[Reference]], source: str, target: str) -> bool:
    """True when ``source`` can be reached from ``target`` already; a reference to itself is no circle."""
    if source == target:
        return False
    seen: set[str] = set()
    waiting = [target]
    while waiting:
        here = waiting.pop()
        if here == source:
            return True
        if here not in seen:
            seen.add(here)
            waiting += [reference.key.target for reference in found[here]]
    return False


def _is_moment(column: Column) -> bool:
    kind = data_type(column)
    return kind in ("date", "datetime") or (kind in ("", "string") and _called(_WHEN, column.name))


def _called(pattern: re.Pattern[str], name: str) -> bool:
    return pattern.search(f"_{plain(name)}_") is not None
