"""Describe: what a vendor holds and what can be done with it, from its file and the settings."""

from __future__ import annotations

from connectors import _words
from dsr.contract import (
    Action,
    Capability,
    CollectionInfo,
    Description,
    FieldInfo,
    Support,
)

from . import texts
from .deeds import flag_of
from .model import Collection, Vendor
from .options import Options


def describe(vendor: Vendor, options: Options) -> Description:
    """The description from the file and the settings; nothing is asked of the vendor."""
    return Description(
        title=vendor.title,
        collections=tuple(_collection(one, options) for one in vendor.collections),
        capabilities=tuple(_capability(vendor, options, one) for one in Action),
        operator=vendor.operator,
        contract=options.words.get("contract", ""),
        country=vendor.country,
        safeguard=options.words.get("safeguard", vendor.safeguard),
        identifiers=tuple(dict.fromkeys(find.kind for one in vendor.roots for find in one.find)),
        batch=vendor.batch,
        parallel=vendor.parallel,
        per_minute=vendor.per_minute,
        order=options.order,
    )


def _collection(one: Collection, options: Options) -> CollectionInfo:
    return CollectionInfo(
        name=one.name,
        title=one.title,
        description=one.description,
        fields=tuple(
            FieldInfo(
                name=each.name,
                categories=each.categories,
                origin=options.origin if options.origin and each.origin == "unknown" else each.origin,
                description=each.description,
                free_text=each.free_text,
                third_party=each.third_party,
                rectifiable=each.rectifiable,
                identity=each.identity,
            )
            for each in one.fields
        ),
        purpose=one.purpose or options.words.get("purpose", ""),
        basis=one.basis or options.basis,
        source=one.source or options.words.get("source", ""),
        recipients=options.recipients,
        retention=one.retention or options.words.get("retention", ""),
        tracking=one.tracking,
        occurred_at=one.occurred_at,
    )


def _capability(vendor: Vendor, options: Options, action: Action) -> Capability:
    right = vendor.rights[action]
    if right.manual:
        return Capability(action, Support.MANUAL, right.sentence)
    if right.needs and not options.given.get(right.needs):
        return Capability(action, Support.MANUAL, right.otherwise)
    reduced = [one for one in vendor.collections if one.reduced]
    if action is Action.LIFT and any(one.set_aside for one in reduced):
        return Capability(
            action, Support.EMULATED, texts.refilled(right.sentence), right.final or _words.AT_ONCE
        )
    if action in (Action.RESTRICT, Action.LIFT):
        if not any(flag_of(one, options.given) for one in vendor.roots):
            return Capability(action, Support.MANUAL, texts.NO_MARK)
        return Capability(action, Support.EMULATED, right.sentence, right.final or _words.AT_ONCE)
    keeps = action is Action.ERASE and any(one.keep for one in vendor.collections)
    sentence = right.sentence
    if keeps:
        sentence = texts.reduced(sentence, reduced[0].history) if reduced else texts.whole(sentence)
    return Capability(action, Support.NATIVE, sentence, right.final or _words.AT_ONCE)
