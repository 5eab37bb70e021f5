"""Describe and check: what a vendor holds, what can be done with it, and whether it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors import _words
from dsr.contract import (
    Action,
    Capability,
    CollectionInfo,
    ConnectorError,
    Description,
    FieldInfo,
    Finding,
    Support,
)

from . import texts
from .calling import Api, holds
from .checks import Schema, Scopes
from .deeds import flag_of
from .filling import entries, pick
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
    if action in (Action.RESTRICT, Action.LIFT):
        if not any(flag_of(one, options.given) for one in vendor.roots):
            return Capability(action, Support.MANUAL, texts.NO_MARK)
        return Capability(action, Support.EMULATED, right.sentence, right.final or _words.AT_ONCE)
    keeps = action is Action.ERASE and any(one.keep for one in vendor.collections)
    sentence = texts.whole(right.sentence) if keeps else right.sentence
    return Capability(action, Support.NATIVE, sentence, right.final or _words.AT_ONCE)


def check(api: Api, *, encrypted: bool, rehearsal: bool) -> Iterator[Finding]:
    """Reach the vendor with the credentials; say what is needlessly open, missing or not allowed."""
    api.read(api.vendor.check, {"collection": api.vendor.roots[0].name})
    yield Finding("ok", "reached", texts.reached(api.vendor.name))
    if not encrypted:
        yield Finding("warning", "plain", texts.PLAIN)
    what = account(api)
    if what:
        level = "error" if rehearsal and what != "sandbox" else "ok"
        yield Finding(level, f"account_{what}", texts.account(api.vendor.name, what))
    if api.vendor.scopes is not None:
        yield from _scopes(api, api.vendor.scopes)
    if api.vendor.schema is not None:
        yield from {repr(one): one for one in _drift(api, api.vendor.schema)}.values()


def account(api: Api) -> str:
    """What the vendor says of the account: sandbox, live, unknown (not to this app), '' where none is told apart."""
    told = api.vendor.sandbox
    if told is None:
        return ""
    try:
        entries = api.read(told.call, {})
    except ConnectorError as error:
        if not error.permanent:
            raise
        return "unknown"
    return "sandbox" if entries and all(holds(told.when, one, {}) for one in entries) else "live"


def refuse_live(api: Api) -> None:
    """ConnectorError where a test run would change an account that is not said to be a sandbox."""
    if account(api) not in ("", "sandbox"):
        name = api.vendor.name
        raise ConnectorError(
            f"{name} does not say that this account is a sandbox; a test run changes nothing in it",
            permanent=True,
        )


def _scopes(api: Api, scopes: Scopes) -> Iterator[Finding]:
    """Scopes that some right needs and that were not granted, and those that nothing needs. Where the vendor lets
    nobody ask, what to give the credentials."""
    if scopes.untold:
        yield Finding("ok", "untold", scopes.untold)
    granted = set(_granted(api, scopes))
    missing = [one for one in scopes.needed if not granted & set(one.split("|"))]
    weak = sorted(one for one in granted if one.lower() in scopes.weak)
    needless = sorted(one for one in granted if _is_needless(one, scopes))
    if granted and missing:
        yield Finding("error", "scope", texts.lacks_scopes([one.replace("|", " / ") for one in missing]))
    if weak:
        yield Finding("error", "scope", texts.weak(api.vendor.name, weak))
    if needless:
        yield Finding("warning", "needless", texts.needless_scopes(needless))


def _is_needless(name: str, scopes: Scopes) -> bool:
    if scopes.excess:
        return name.startswith(scopes.excess)
    used = {each for one in scopes.needed for each in one.split("|")}
    return bool(used) and name not in used and name not in scopes.besides


def _granted(api: Api, scopes: Scopes) -> list[str]:
    """The names of the scopes; none where the vendor does not tell these credentials."""
    name, path = scopes.told.get(api.signer.auth.kind, ("", ""))
    if not (scopes.needed or scopes.weak):
        return []
    if not name:
        return api.signer.granted.replace(",", " ").split()
    try:
        entries = api.read(name, {"token": api.signer.token})
    except ConnectorError as error:
        if not error.permanent:
            raise
        return []
    return [str(one) for entry in entries for one in pick(entry, path)]


def _drift(api: Api, schema: Schema) -> Iterator[Finding]:
    """What the vendor says of its own kinds of rows against what the file and the settings say."""
    known: dict[str, list[Mapping[str, Any]]] = {}
    for one in api.vendor.collections:
        if one.called not in known:
            known[one.called] = api.read(schema.call, {"collection": one.called})
        if not known[one.called]:
            yield Finding("error", "missing", texts.no_such_kind(one.called))
            continue
        yield from _differing(one, schema, known[one.called][0], api.given)


def _differing(
    one: Collection, schema: Schema, told: Mapping[str, Any], given: Mapping[str, Any]
) -> Iterator[Finding]:
    fields = {str(name): f for f in entries(told, schema.fields) for name in pick(f, schema.name)}
    set_by_us = {name.partition(".")[0] for name in _set(one, given)}
    wanted = dict.fromkeys(
        (*(each.name for each in one.fields if each.name not in one.made), *sorted(set_by_us))
    )
    absent = [name for name in wanted if name not in fields]
    if absent:
        level = "error" if set_by_us & set(absent) else "warning"
        yield Finding(level, "missing", texts.no_such_fields(one.called, absent))
    fixed = [n for n in sorted(set_by_us) if n in fields and pick(fields[n], schema.changeable) != [True]]
    if fixed:
        yield Finding("error", "privilege", texts.not_changeable(one.called, fixed))
    if one.erase in ("delete", "keep") and pick(told, schema.deletable) != [True]:
        yield Finding("error", "privilege", texts.not_deletable(one.called))


def _set(one: Collection, given: Mapping[str, Any]) -> Iterator[str]:
    """Names of the fields that some right changes."""
    yield from (each.name for each in one.fields if each.rectifiable)
    yield from flag_of(one, given) or ()
    yield from one.anonymise
    yield from (name for stop in one.stop.values() for name in stop.sets)
