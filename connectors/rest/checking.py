"""Check: whether a vendor answers, what its account is for, and what these credentials may not do, by right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors._http import Forbidden
from connectors._rights import closed, lacks_scopes, needless_scopes
from dsr.contract import Action, ConnectorError, Finding

from . import texts
from .calling import Api, holds
from .checks import Powers, Schema, Scopes
from .deeds import flag_of
from .filling import entries, pick
from .model import Collection

Entry = Mapping[str, Any]
Needs = dict[str, tuple[Action, ...]]


def check(api: Api, *, encrypted: bool, rehearsal: bool) -> Iterator[Finding]:
    """Reach the vendor with the credentials; say what is needlessly open, missing or not allowed."""
    try:
        api.read(api.vendor.check, {"collection": api.vendor.roots[0].name})
    except Forbidden:
        yield Finding("error", "scope", closed(api.vendor.calls[api.vendor.check].path))
    else:
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
        found = api.read(told.call, {})
    except ConnectorError as error:
        if not error.permanent:
            raise
        return "unknown"
    return "sandbox" if found and all(holds(told.when, one, {}) for one in found) else "live"


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
    nobody ask, what to give the credentials, and what they may not even read."""
    if scopes.untold:
        yield Finding("ok", "untold", scopes.untold)
    for name, rights in scopes.tried.items():
        if not _may_read(api, name):
            yield Finding("error", "scope", closed(api.vendor.calls[name].path, rights))
    granted = _granted(api, scopes)
    if granted is not None:
        yield from _compared(api.vendor.name, scopes, granted)
    if scopes.powers is not None:
        yield from _beyond(api, scopes.powers)


def _beyond(api: Api, powers: Powers) -> Iterator[Finding]:
    """What this user may or may not do beyond scopes; nothing where the vendor does not tell this user."""
    try:
        found = api.read(powers.call, {})
    except ConnectorError as error:
        if not error.permanent:
            raise
        return
    for entry in found[:1]:
        for name, said in powers.lacks.items():
            if pick(entry, name) == [False]:
                yield Finding("warning", "scope", said)
        for name, said in powers.needless.items():
            if pick(entry, name) == [True]:
                yield Finding("warning", "needless", said)


@dataclass(frozen=True)
class _Granted:
    """Names as the vendor told them; ``all``: whatever they are, this user may do everything."""

    names: frozenset[str]
    all: bool = False


def _compared(vendor: str, scopes: Scopes, granted: _Granted) -> Iterator[Finding]:
    missing = {
        name.replace("|", " / "): rights
        for name, rights in scopes.needed.items()
        if not granted.all and not granted.names & set(name.split("|"))
    }
    weak = sorted(one for one in granted.names if one.lower() in scopes.weak)
    needless = sorted(one for one in granted.names if _is_needless(one, scopes))
    if missing:
        yield Finding("error", "scope", lacks_scopes(missing))
    if weak:
        yield Finding("error", "scope", texts.weak(vendor, weak))
    if needless:
        yield Finding("warning", "needless", needless_scopes(needless))


def _is_needless(name: str, scopes: Scopes) -> bool:
    if scopes.excess:
        return name.startswith(scopes.excess)
    used = {each for one in scopes.needed for each in one.split("|")}
    return bool(used) and name not in used and name not in scopes.besides


def _granted(api: Api, scopes: Scopes) -> _Granted | None:
    """None where the vendor does not tell these credentials."""
    if not (scopes.needed or scopes.weak):
        return None
    name, path = scopes.told.get(api.signer.auth.kind, ("", ""))
    if not name:
        told = frozenset(api.signer.granted.replace(",", " ").split())
        return _Granted(told) if told else None
    try:
        found = api.read(name, {"token": api.signer.token})
    except ConnectorError as error:
        if not error.permanent:
            raise
        return None
    rule = scopes.all_of
    mighty = rule is not None and any(holds(rule, one, {}) for one in found)
    names = frozenset(str(one) for entry in found for one in pick(entry, path))
    return _Granted(names, mighty) if names or mighty else None


def _may_read(api: Api, name: str) -> bool:
    """Whether a call is allowed once others were; a key that lacks a part may be refused with 401 as well."""
    try:
        api.read(name, {})
    except ConnectorError as error:
        if not error.permanent:
            raise
        return False
    return True


def _drift(api: Api, schema: Schema) -> Iterator[Finding]:
    """What the vendor says of its own kinds of rows against what the file and the settings say."""
    known: dict[str, list[Entry]] = {}
    for one in api.vendor.collections:
        if one.called not in known:
            known[one.called] = api.read(schema.call, {"collection": one.called})
        if not known[one.called]:
            yield Finding("error", "missing", texts.no_such_kind(one.called))
            continue
        yield from _differing(one, schema, known[one.called][0], api.given)


def _differing(one: Collection, schema: Schema, told: Entry, given: Mapping[str, Any]) -> Iterator[Finding]:
    fields = {str(name): f for f in entries(told, schema.fields) for name in pick(f, schema.name)}
    needs = _needs(one, given)
    wanted = dict.fromkeys((*(each.name for each in one.fields if each.name not in one.made), *sorted(needs)))
    absent = [name for name in wanted if name not in fields]
    if absent:
        level = "error" if needs.keys() & set(absent) or _searched(one) & set(absent) else "warning"
        yield Finding(level, "missing", texts.no_such_fields(one.called, absent))
    if schema.readable and pick(told, schema.readable) != [True]:
        yield Finding("error", "privilege", texts.not_readable(one.called))
    there = {name: needs[name] for name in sorted(needs) if name in fields}
    whole = not schema.writable or pick(told, schema.writable) == [True]
    fixed = {n: there[n] for n in there if not whole or pick(fields[n], schema.changeable) != [True]}
    if fixed:
        yield Finding("error", "privilege", texts.not_changeable(one.called, fixed))
    if one.erase in ("delete", "keep") and pick(told, schema.deletable) != [True]:
        yield Finding("error", "privilege", texts.not_deletable(one.called))


def _searched(one: Collection) -> set[str]:
    """Fields by which people are found: without them every search is refused."""
    kinds = {find.kind for find in one.find}
    return {each.name for each in one.identities if each.identity in kinds}


def _needs(one: Collection, given: Mapping[str, Any]) -> Needs:
    """Names of the fields that some right changes, with these rights."""
    found: Needs = {}

    def need(names: Sequence[str], *rights: Action) -> None:
        for name in dict.fromkeys(each.partition(".")[0] for each in names):
            found[name] = (*found.get(name, ()), *rights)

    need([each.name for each in one.fields if each.rectifiable], Action.RECTIFY)
    need(list(flag_of(one, given) or ()), Action.RESTRICT, Action.LIFT)
    need([*one.anonymise, *one.pseudonymise, *one.set_aside], Action.ERASE)
    need([name for stop in one.stop.values() for name in stop.sets], Action.STOP)
    return found
