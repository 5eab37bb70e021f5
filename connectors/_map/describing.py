"""What a map tells the officer and Article 15(1): contract values made from map values."""

from __future__ import annotations

from collections.abc import Sequence

from dsr.contract import Capability, CollectionInfo, ConsentInfo, Description, FieldInfo

from .model import Collection, DataMap, Field


def description(
    map: DataMap,
    *,
    capabilities: Sequence[Capability],
    batch: int = 500,
    parallel: int | None = None,
    per_minute: int | None = None,
) -> Description:
    """The description of a mapped system. Identifiers, consents and order come from the map itself."""
    return Description(
        title=map.title,
        collections=tuple(collection_info(one) for one in map.collections),
        capabilities=tuple(capabilities),
        operator=map.operator,
        contract=map.contract,
        country=map.country,
        safeguard=map.safeguard,
        consents=tuple(_consent(one) for one in map.collections if one.consent),
        identifiers=identifier_kinds(map),
        batch=batch,
        parallel=parallel,
        per_minute=per_minute,
        order=map.order,
    )


def identifier_kinds(map: DataMap) -> tuple[str, ...]:
    """The kinds of identifiers by which this map can find a person, without repeats, in map order."""
    return tuple(dict.fromkeys(f.identity for c in map.collections for f in c.fields if f.identity))


def collection_info(c: Collection) -> CollectionInfo:
    """One collection as the letter and the systems page tell it; its name stands in for a missing title."""
    return CollectionInfo(
        name=c.name,
        title=c.title or c.name,
        description=c.description,
        fields=tuple(_field_info(field) for field in c.fields),
        purpose=c.purpose,
        basis=c.basis,
        source=c.source,
        recipients=c.recipients,
        retention=c.retention,
        tracking=c.tracking,
        automated=c.automated,
        occurred_at=c.occurred_at,
    )


def _field_info(field: Field) -> FieldInfo:
    return FieldInfo(
        name=field.name,
        categories=field.categories,
        origin=field.origin,
        description=field.description,
        free_text=field.free_text,
        third_party=field.third_party,
        rectifiable=field.rectifiable,
        identity=field.identity,
    )


def _consent(c: Collection) -> ConsentInfo:
    if c.consent is None:
        raise ValueError("the collection records no consent")
    return ConsentInfo(
        collection=c.name,
        purpose=c.consent.purpose,
        given_at=c.consent.given_at,
        withdrawn_at=c.consent.withdrawn_at,
        proved_how=c.consent.proved_how,
    )
