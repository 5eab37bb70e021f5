"""Describe: the same for every source of entries, from what its settings tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors._settings import Told
from dsr.contract import Capability, CollectionInfo, Description, FieldInfo, Text

Fields = Mapping[str, Sequence[FieldInfo]]


def description(
    title: Text,
    titles: Mapping[str, Text],
    fields: Fields,
    told: Told,
    capabilities: Iterable[Capability],
    *,
    identifiers: Iterable[str],
    batch: int,
) -> Description:
    """What is here and what can be done with it. One connection at a time: writers must not meet."""
    return Description(
        title=title,
        collections=tuple(_collection(name, titles[name], fields[name], told) for name in titles),
        capabilities=tuple(capabilities),
        operator=told.operator,
        contract=told.contract,
        country=told.country,
        safeguard=told.safeguard,
        identifiers=tuple(identifiers),
        batch=batch,
        parallel=1,
        order=told.order,
    )


def _collection(name: str, title: Text, fields: Sequence[FieldInfo], told: Told) -> CollectionInfo:
    return CollectionInfo(
        name=name,
        title=title,
        fields=tuple(fields),
        purpose=told.purpose,
        basis=told.basis,
        source=told.source,
        recipients=told.recipients,
        retention=told.retention,
    )


def names_of(fields: Fields) -> Mapping[str, tuple[str, ...]]:
    """The names of the fields of each collection."""
    return {name: tuple(one.name for one in many) for name, many in fields.items()}
