"""Writes the draft as a map: every guess is marked, no value of the source stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import yaml

from dsr.contract import ConnectorError

from .sketch import Column, TableSketch, data_type, length, plain
from .tables import Reference, Table, tables

GUESS = "  # guess"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*", re.ASCII)
_OUT = re.compile(r"opt_?out|unsubscribed|baja")
_RESERVED = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
_HEAD = """\
# Draft of a data map, made from table names, column names, types, keys and some values.
# Lines marked "# guess" are guesses: check each one, then remove "draft: true".
# While it stands there, nothing is changed in this system.
dsr:
  draft: true
"""


def propose(sketches: Sequence[TableSketch], *, key: str, left: Sequence[str] = ()) -> str:
    """A first map (YAML text) for a source that looks like ``sketches``; ``key`` names the dataset, ``left``
    tables that could not be looked at.

    The result loads with ``connectors._map.load`` and holds ``dsr: {draft: true}``: it is never acted on
    until a person has confirmed it. Raises ConnectorError when there is no table with a column.
    """
    found = tables(sketches)
    if not found:
        raise ConnectorError("nothing to draft a map from: no table with a named column", permanent=True)
    if not key.strip():
        raise ConnectorError("a draft needs a key for its dataset", permanent=True)
    lines = [*_left(left), _HEAD.rstrip("\n"), f"  title: {quoted(key)}", "  collections:"]
    people = [table for table in found if table.identities]
    for table in found:
        lines += _extras(table, _owner(table, people))
    lines += ["dataset:", f"  - fides_key: {quoted(key)}", f"    name: {quoted(key)}", "    collections:"]
    for table in found:
        lines += _collection(table, key)
    return "\n".join(lines) + "\n"


def _left(tables: Sequence[str]) -> Iterator[str]:
    """What is missing in this map, said at its top."""
    if tables:
        yield "# NOT IN THIS MAP, so nobody is searched for there: this account may not read these tables,"
        yield "# or a dot in their name cannot be told from a schema:"
        yield from (f"#   {' '.join(one.split())}" for one in tables)


def quoted(text: str) -> str:
    """A text as YAML reads it back, on one line."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    written: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10_000_000)
    return written.strip()


def _collection(table: Table, key: str) -> Iterator[str]:
    yield f"      - name: {quoted(table.name)}"
    yield "        fields:"
    for column in table.columns:
        yield from _field(table, column, key)


def _field(table: Table, column: Column, key: str) -> Iterator[str]:
    found = table.guesses[column.name]
    yield f"          - name: {quoted(column.name)}"
    if found.category:
        yield f"            data_categories: [{found.category}]{GUESS}"
    meta = list(_meta(table, column, key))
    if meta:
        yield "            fides_meta:"
        yield from meta


def _meta(table: Table, column: Column, key: str) -> Iterator[str]:
    indent = " " * 14
    if column.name in table.key:
        yield f"{indent}primary_key: true{GUESS if table.key_guessed else ''}"
    if table.guesses[column.name].identity:
        yield f"{indent}identity: {table.guesses[column.name].identity}{GUESS}"
    if data_type(column):
        yield f"{indent}data_type: {data_type(column)}"
    if length(column):
        yield f"{indent}length: {length(column)}"
    references = [one for one in table.references if column.name in one.key.columns]
    if references:
        yield f"{indent}references:"
        for reference in references:
            yield from _reference(table, reference, column, key, indent)


def _reference(table: Table, reference: Reference, column: Column, key: str, indent: str) -> Iterator[str]:
    target = reference.key.target_columns[reference.key.columns.index(column.name)]
    yield f"{indent}  - dataset: {quoted(key)}{GUESS if reference.guessed else ''}"
    yield f"{indent}    field: {quoted(f'{reference.key.target}.{target}')}"
    yield f"{indent}    direction: from"
    if len(reference.key.columns) > 1:
        yield f"{indent}    name: reference_{table.references.index(reference) + 1}"


def _owner(table: Table, people: Sequence[Table]) -> str:
    """Rows that rows of people point to (a household, an employer) may be several people's: ask, unless they
    are clearly one person's, or hang on somebody's row themselves as an order does."""
    pointed = any(
        ref.key.target == table.name for one in people if one is not table for ref in one.references
    )
    whose = {one.name for one in people if one.persons}
    hangs = any(ref.key.target in whose for ref in table.references)
    shared = pointed and not table.persons and not hangs
    return "unknown" if shared or not (table.identities or table.references) else "subject"


def _extras(table: Table, owner: str) -> Iterator[str]:
    """What the ``dsr`` part says of a collection."""
    yield f"    {quoted(table.name)}:"
    yield f"      title: {quoted(table.name)}{GUESS}"
    yield f"      owner: {owner}{GUESS}"
    yield from _strategy(table)
    yield from _marks(table)
    if table.tracking:
        yield f"      tracking: true{GUESS}"
    if table.tracking and table.moment:
        yield f"      occurred_at: {quoted(table.moment)}{GUESS}"
    given, withdrawn = table.consent_dates()
    if given:
        yield "      consent:"
        yield f"        purpose: {quoted(table.consent_purpose or table.name)}{GUESS}"
        yield f"        given_at: {quoted(given)}{GUESS}"
    if withdrawn:
        yield f"        withdrawn_at: {quoted(withdrawn)}{GUESS}"
    if given and table.consent_proof:
        yield f"        proved_how: {quoted(table.consent_proof)}{GUESS}"


def _strategy(table: Table) -> Iterator[str]:
    if table.books and table.moment:
        yield f"      erase: keep{GUESS}"
        yield f"      keep: {{rule: commercial_books, date: {quoted(table.moment)}}}{GUESS}"
    else:
        yield f"      erase: {'delete' if table.tracking else 'ask'}{GUESS}"
    if table.flag:
        yield f"      restrict: {{flag: {quoted(table.flag)}, value: 1}}{GUESS}"
    if table.consent_columns:
        values = ", ".join(f"{quoted(name)}: {_no(table, name)}" for name in table.consent_columns)
        yield "      stop:"
        yield f"        marketing: {{{values}}}{GUESS}"


def _no(table: Table, name: str) -> str:
    """What refuses: ``opt_out`` is refused with a yes."""
    column = next(column for column in table.columns if column.name == name)
    refused = _OUT.search(plain(name)) is not None
    if data_type(column) == "boolean":
        return "true" if refused else "false"
    return "1" if refused else "0"


def _marks(table: Table) -> Iterator[str]:
    origins = {name: _origin(table, name) for name in table.guesses}
    told = ", ".join(f"{quoted(name)}: {origin}" for name, origin in origins.items() if origin)
    if told:
        yield f"      origin: {{{told}}}{GUESS}"
    free = [quoted(name) for name, found in table.guesses.items() if found.free_text]
    third = [quoted(name) for name, found in table.guesses.items() if found.third_party]
    if free:
        yield f"      free_text: [{', '.join(free)}]{GUESS}"
    if third:
        yield f"      third_party: [{', '.join(third)}]{GUESS}"


def _origin(table: Table, name: str) -> str:
    found = table.guesses[name]
    if found.third_party:
        return "third_party"
    if found.inferred:
        return "inferred"
    if found.observed:
        return "observed"
    return "provided" if found.identity and found.category.startswith(("user.contact", "user.gov")) else ""
