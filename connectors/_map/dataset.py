"""The ``dataset`` part of a map: collections, fields and references in Fideslang's format.

Source: Fideslang, ``Dataset``, ``DatasetCollection``, ``DatasetField``, ``FidesMeta``
(https://ethyca.github.io/fideslang/resources/dataset/). Keys of that format that mean nothing here are
accepted and left alone, so that maps made for other tools load as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dsr.contract import Text

from .model import Field, Reference
from .nodes import Part, shown, texts

KINDS = (
    "email", "phone", "customer_number", "username", "device_id", "es_dni", "pt_nif", "br_cpf", "cl_rut",
    "ar_cuil", "ar_dni", "co_cedula", "mx_curp", "pe_dni", "ec_cedula", "uy_ci", "passport", "name",
    "postal_address", "other",
)  # fmt: skip
"""The identifier kinds a field may hold or reveal."""

LANGUAGES = ("es", "en", "pt")
_FIDES_KINDS = {"phone_number": "phone", "email_address": "email"}
_TYPES = (
    "string", "text", "integer", "float", "decimal", "number", "boolean", "date", "datetime", "time",
    "uuid", "bytes", "object", "object_id", "json",
)  # fmt: skip

_ABOUT = (
    "name",
    "description",
    "data_categories",
    "data_qualifier",
    "fides_meta",
    "meta",
    "tags",
    "retention",
)
DATASET_KEYS = (
    *_ABOUT, "fides_key", "organization_fides_key", "collections", "fidesctl_meta", "joint_controller",
    "third_country_transfers",
)  # fmt: skip
_COLLECTION_KEYS = (*_ABOUT, "fields")
_FIELD_KEYS = (*_ABOUT, "fields")
_META_KEYS = (
    "primary_key", "identity", "where", "references", "data_type", "length", "return_all_elements",
    "read_only", "custom_request_field", "masking_strategy_override", "redact",
)  # fmt: skip
_REFERENCE_KEYS = ("dataset", "field", "direction", "where", "name")
_CATEGORY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


@dataclass(frozen=True, slots=True)
class Pointer:
    """One entry of a field's ``references``, before its target is looked up."""

    part: Part
    column: str
    dataset: str
    target: str
    where: Mapping[str, Any]
    name: str


@dataclass(frozen=True, slots=True)
class Table:
    """A collection as the dataset part tells it."""

    part: Part
    name: str
    fields: tuple[Field, ...]
    pointers: tuple[Pointer, ...]
    description: Text

    @property
    def key(self) -> tuple[str, ...]:
        """The names of the primary key fields, in the order of the file."""
        return tuple(field.name for field in self.fields if field.primary_key)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(field.name for field in self.fields)


def tables(dataset: Mapping[str, Part]) -> dict[str, Table]:
    """The collections of the dataset by name. Raises ConnectorError with file and line."""
    found: dict[str, Table] = {}
    outer = _categories(dataset, ())
    for part in dataset["collections"].items("'collections'"):
        one = _table(part, outer)
        if one.name in found:
            raise part.wrong(f"the collection '{shown(one.name)}' stands twice")
        found[one.name] = one
    return found


def kind(part: Part, what: str) -> str:
    """An identifier kind; Fides' own words for the same are understood."""
    value = part.string(what)
    return _FIDES_KINDS.get(value) or part.choice(what, KINDS)


def column(part: Part, table: Table, what: str) -> str:
    """The name of a field of ``table``."""
    name = part.string(what)
    require(part, name, table, what)
    return name


def require(part: Part, name: str, table: Table, what: str) -> None:
    """Refuse a name that is no field of ``table``."""
    if name not in table.names:
        raise part.wrong(f"{what}: '{shown(name)}' is not a field of '{table.name}'")


def conditions(part: Part, table: Table, what: str) -> Mapping[str, Any]:
    """A ``where``: values by field of ``table``."""
    for name, value in part.mapping(what).items():
        require(value, name, table, what)
    return part.scalars(what)


def references(table: Table, every: Mapping[str, Table], dataset: str) -> tuple[tuple[str, Reference], ...]:
    """(collection, reference) pairs: who points to whom, as the key columns tell.

    Fides' ``direction`` says how a search travels (``from``: values come from the other side, ``to``: they
    go there). Here a reference always starts at the collection that holds the foreign key, so one written
    at a primary key and leading to a column that is none is turned round. Entries of several fields with
    the same ``name`` are one composite reference.
    """
    groups: dict[str, list[Pointer]] = {}
    for number, pointer in enumerate(table.pointers):
        groups.setdefault(pointer.name or f"\0{number}", []).append(pointer)
    return tuple(_reference(group, table, every, dataset) for group in groups.values())


def _reference(
    group: list[Pointer], table: Table, every: Mapping[str, Table], dataset: str
) -> tuple[str, Reference]:
    targets = [_target(pointer, every, dataset) for pointer in group]
    first = group[0]
    if len({target for target, _ in targets}) > 1:
        raise first.part.wrong(f"the reference '{shown(first.name)}' points to more than one collection")
    target, columns = targets[0][0], tuple(name for _, name in targets)
    own = tuple(pointer.column for pointer in group)
    where: dict[str, Any] = {}
    for pointer in group:
        where |= pointer.where
    if set(own) == set(table.key) and set(columns) != set(every[target].key) and not where:
        return target, Reference(table.name, columns, own, name=first.name)
    return table.name, Reference(target, own, columns, where, first.name)


def _target(pointer: Pointer, every: Mapping[str, Table], dataset: str) -> tuple[str, str]:
    if pointer.dataset != dataset:
        raise pointer.part.wrong(
            f"the reference leads to the dataset '{shown(pointer.dataset)}', another system; "
            "mark the field with 'reveals' or 'identity' and it is searched there too"
        )
    names = [name for name in every if pointer.target.startswith(f"{name}.")]
    if not names:
        raise pointer.part.wrong(f"the reference '{shown(pointer.target)}' leads to no collection here")
    name = max(names, key=len)
    field = pointer.target[len(name) + 1 :]
    require(pointer.part, field, every[name], "the reference")
    return name, field


def _table(part: Part, outer: tuple[str, ...]) -> Table:
    about = part.mapping("a collection", _COLLECTION_KEYS)
    name = _needed(part, about, "name", "a collection").string("the name of a collection")
    what = f"the collection '{shown(name)}'"
    inherited = _categories(about, outer)
    rows = [(p, *_field(p, what, inherited)) for p in _needed(part, about, "fields", what).items(what)]
    _refuse_twice([(p, field.name) for p, field, _ in rows], what)
    table = Table(part, name, tuple(field for _, field, _ in rows), (), _description(about))
    if not table.key:
        raise part.wrong(f"{what} has no primary key; add 'primary_key: true' to the fields that make it")
    made = [_with_conditions(field, meta, table) for _, field, meta in rows]
    pointers = tuple(p for _, field, meta in rows for p in _pointers(field.name, meta, table))
    return replace(table, fields=tuple(made), pointers=pointers)


def _refuse_twice(names: list[tuple[Part, str]], what: str) -> None:
    seen: set[str] = set()
    for part, name in names:
        if name in seen:
            raise part.wrong(f"the field '{shown(name)}' stands twice in {what}")
        seen.add(name)


def _field(part: Part, where: str, inherited: tuple[str, ...]) -> tuple[Field, Mapping[str, Part]]:
    about = part.mapping(f"a field of {where}", _FIELD_KEYS)
    name = _needed(part, about, "name", f"a field of {where}").string("the name of a field")
    what = f"'{shown(name)}'"
    meta = (
        about["fides_meta"].mapping(f"fides_meta of {what}", _META_KEYS) if _said(about, "fides_meta") else {}
    )
    field = Field(
        name=name,
        categories=tuple(dict.fromkeys((*_categories(about, inherited), *_inner(about, what)))),
        data_type=_data_type(meta["data_type"]) if "data_type" in meta else "",
        length=meta["length"].whole(f"length of {what}") if "length" in meta else None,
        primary_key="primary_key" in meta and meta["primary_key"].boolean(f"primary_key of {what}"),
        identity=kind(meta["identity"], f"identity of {what}") if "identity" in meta else "",
        description=_description(about),
    )
    return field, meta


def _inner(about: Mapping[str, Part], what: str) -> tuple[str, ...]:
    """Categories of the fields nested in a JSON or object field: the field as a whole carries them."""
    found: list[str] = []
    if "fields" not in about:
        return ()
    for part in about["fields"].items(f"fields of {what}"):
        field, meta = _field(part, what, ())
        if field.identity or field.primary_key or "references" in meta:
            raise part.wrong(
                f"'{shown(field.name)}' lies inside {what}: it cannot be a key, identity or reference"
            )
        found += field.categories
    return tuple(found)


def _with_conditions(field: Field, meta: Mapping[str, Part], table: Table) -> Field:
    if "where" not in meta:
        return field
    if not field.identity:
        raise meta["where"].wrong(f"'where' of '{shown(field.name)}' needs 'identity' beside it")
    return replace(field, identity_where=conditions(meta["where"], table, f"where of '{shown(field.name)}'"))


def _pointers(field: str, meta: Mapping[str, Part], table: Table) -> list[Pointer]:
    found = []
    what = f"a reference of '{shown(field)}'"
    for part in meta["references"].items(f"references of '{shown(field)}'") if "references" in meta else ():
        about = part.mapping(what, _REFERENCE_KEYS)
        if "direction" in about:
            about["direction"].choice(f"direction of {what}", ("from", "to"))
        found.append(
            Pointer(
                part,
                field,
                _needed(part, about, "dataset", what).string(f"dataset of {what}"),
                _needed(part, about, "field", what).string(f"field of {what}"),
                conditions(about["where"], table, f"where of {what}") if "where" in about else {},
                about["name"].string(f"name of {what}") if "name" in about else "",
            )
        )
    return found


def _needed(part: Part, about: Mapping[str, Part], key: str, what: str) -> Part:
    if key not in about:
        raise part.wrong(f"{what} has no '{key}'")
    return about[key]


def _said(about: Mapping[str, Part], key: str) -> bool:
    """True when the key stands there with more than null (Fides' own exports write ``fides_meta: null``)."""
    return key in about and (
        about[key].is_mapping or about[key].is_list or about[key].scalar(key) is not None
    )


def _description(about: Mapping[str, Part]) -> Text:
    return texts(about["description"], "description", LANGUAGES) if _said(about, "description") else ""


def _data_type(part: Part) -> str:
    value = part.string("data_type")
    part_of_list = value.removesuffix("[]")
    if part_of_list not in _TYPES:
        part.choice("data_type", _TYPES)
    return value


def _categories(about: Mapping[str, Part], otherwise: tuple[str, ...]) -> tuple[str, ...]:
    if not _said(about, "data_categories"):
        return otherwise
    for part in about["data_categories"].items("data_categories"):
        if not _CATEGORY.fullmatch(value := part.string("a data category")):
            raise part.wrong(f"'{shown(value)}' is not a data category; write it like user.contact.email")
    return about["data_categories"].strings("data_categories")
