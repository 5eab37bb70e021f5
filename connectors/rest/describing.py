"""Describe and check: what a vendor holds, what can be done with it, and whether it answers."""

from __future__ import annotations

from collections.abc import Iterator

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
    if action in (Action.RESTRICT, Action.LIFT):
        if not any(flag_of(one, options.given) for one in vendor.collections):
            return Capability(action, Support.MANUAL, texts.NO_MARK)
        return Capability(action, Support.EMULATED, right.sentence, right.final or _words.AT_ONCE)
    keeps = action is Action.ERASE and any(one.keep for one in vendor.collections)
    sentence = texts.whole(right.sentence) if keeps else right.sentence
    return Capability(action, Support.NATIVE, sentence, right.final or _words.AT_ONCE)


def check(api: Api, *, encrypted: bool, rehearsal: bool) -> Iterator[Finding]:
    """Reach the vendor with the credentials; say what is needlessly open."""
    api.read(api.vendor.check, {"collection": api.vendor.roots[0].name})
    yield Finding("ok", "reached", texts.reached(api.vendor.name))
    if not encrypted:
        yield Finding("warning", "plain", texts.PLAIN)
    what = account(api)
    if what:
        level = "error" if rehearsal and what != "sandbox" else "ok"
        yield Finding(level, f"account_{what}", texts.account(api.vendor.name, what))


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
