"""Reads a data map: a Fideslang dataset with our ``dsr`` block. ``docs/connectors.md`` shows the format."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from dsr.contract import ConnectorError

from . import dataset, extras
from .dataset import Table
from .model import Collection, DataMap, Reference
from .nodes import Part, parse, shown


@lru_cache(maxsize=64)
def load(text: str, name: str, *, whole: bool = False) -> DataMap:
    """The map in ``text``. ``name`` is the file's name, used in errors. ``whole``: the system can only keep whole
    rows, so that words for single fields of rows kept by law are refused.

    What the map does not say stays unknown (owner, basis, origin, strategy): it becomes a question to the
    officer. Only rows reached by a reference alone are taken as the person's, if the map has a ``dsr`` part.
    Raises ConnectorError(permanent=True) with ``name:line`` for everything that cannot be relied on. A text that
    was read is remembered: what comes of it never changes.
    """
    root = parse(text, name)
    top = root.mapping("the map", ("dataset", "dsr"))
    if "dataset" not in top:
        raise root.wrong("the map has no 'dataset'")
    part, about = _only_dataset(top["dataset"])
    key = about["fides_key"].string("fides_key") if "fides_key" in about else ""
    tables = dataset.tables(about)
    if not tables:
        raise part.wrong("the dataset has no collections")
    facts, told = extras.system(top["dsr"]) if "dsr" in top else ({}, {})
    references = _references(tables, key)
    collections = [_collection(t, references[t.name], told, "dsr" in top) for t in tables.values()]
    _refuse_strangers(told, tables)
    if whole:
        extras.refuse_reduced(told, collections)
    title = about["name"].string("name of the dataset") if "name" in about else key
    return DataMap(**({"key": key, "title": title} | facts), collections=_parents_first(collections, tables))


def _only_dataset(part: Part) -> tuple[Part, Mapping[str, Part]]:
    found = list(part.items("'dataset'"))
    if len(found) != 1:
        raise part.wrong(f"a map describes one dataset, here are {len(found)}; give each system its own file")
    about = found[0].mapping("the dataset", dataset.DATASET_KEYS)
    for needed in ("fides_key", "collections"):
        if needed not in about:
            raise found[0].wrong(f"the dataset has no '{needed}'")
    return found[0], about


def _references(tables: Mapping[str, Table], key: str) -> dict[str, tuple[Reference, ...]]:
    found: dict[str, list[Reference]] = {name: [] for name in tables}
    for table in tables.values():
        for holder, reference in dataset.references(table, tables, key):
            if reference not in found[holder]:
                found[holder].append(reference)
    return {name: tuple(references) for name, references in found.items()}


def _collection(
    table: Table, references: tuple[Reference, ...], told: Mapping[str, Part], ours: bool
) -> Collection:
    child = bool(references) and not any(field.identity for field in table.fields)
    plain = Collection(
        name=table.name,
        fields=table.fields,
        key=table.key,
        references=references,
        description=table.description,
        owner="subject" if ours and child else "unknown",
    )
    return extras.collection(told[table.name], plain, table) if table.name in told else plain


def _refuse_strangers(told: Mapping[str, Part], tables: Mapping[str, Table]) -> None:
    for name, part in told.items():
        if name not in tables:
            raise part.wrong(f"dsr.collections: '{shown(name)}' is not a collection of the dataset")


def _parents_first(collections: list[Collection], tables: Mapping[str, Table]) -> tuple[Collection, ...]:
    """Every collection after those it references; otherwise in the order of the file."""
    left = {one.name: one for one in collections}
    ordered: list[Collection] = []
    while left:
        ready = [one for one in left.values() if not _waits(one, left)]
        if not ready:
            raise _circle(left, tables)
        ordered.append(ready[0])
        del left[ready[0].name]
    return tuple(ordered)


def _waits(one: Collection, left: Mapping[str, Collection]) -> bool:
    return any(ref.target in left and ref.target != one.name for ref in one.references)


def _circle(left: Mapping[str, Collection], tables: Mapping[str, Table]) -> ConnectorError:
    """Follow references that never end until a name returns."""
    path: list[str] = [next(iter(left))]
    while True:
        here = left[path[-1]]
        following = next(r.target for r in here.references if r.target in left and r.target != here.name)
        if following in path:
            circle = " -> ".join([*path[path.index(following) :], following])
            return tables[following].part.wrong(f"references go round in a circle: {circle}; leave one out")
        path.append(following)
