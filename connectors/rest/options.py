"""The settings of one configured system, checked once when the connector is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors._hosts import Private, private_hosts
from connectors._signing import Auth
from connectors._words import LANGUAGES
from dsr.contract import Action, ConnectorError, Context, Order, Setting, Text

from . import texts
from .collections import BASES, ORIGINS
from .filling import fill
from .mapping import reducible, reducing
from .model import Collection, Vendor

PACE = "_per_minute"
"""How a setting is named that says what a part of the vendor's API bears."""


@dataclass(frozen=True)
class Options:
    """``given``: the settings of the vendor's file, as placeholders see them. Words are told to the person."""

    url: str
    auth: Auth
    private: Private
    order: Order
    basis: str
    origin: str
    words: Mapping[str, Text]
    recipients: tuple[Text, ...]
    given: Mapping[str, str]
    sandbox: bool = False
    """The settings say that this system is for tests: nothing is changed unless the vendor says so too."""


def offered(vendor: Vendor, given: Mapping[str, str]) -> Vendor:
    """The vendor with the collections, fields and calls that these settings open. The setting ``leave_out``, where a
    file has it, names kinds of rows that this customer does not have; what hangs on them goes with them."""
    absent = given.get("leave_out", "").replace(",", " ").split()
    there: list[Collection] = []
    for one in vendor.collections:
        is_open = not one.needs or bool(given.get(one.needs))
        if is_open and one.called not in absent and (not one.of or one.of in [each.name for each in there]):
            there.append(_offered(vendor, one, given))
    return replace(vendor, collections=tuple(there))


def _offered(vendor: Vendor, one: Collection, given: Mapping[str, str]) -> Collection:
    names = {each: str(fill(each.name, {"setting": given})) for each in one.fields}
    fields = tuple(replace(each, name=name) for each, name in names.items() if name)
    kinds, stopping = {each.identity for each in fields}, vendor.rights[Action.STOP]

    def is_open(name: str) -> bool:
        call = vendor.calls[name]
        return (not call.needs or bool(given.get(call.needs))) and not given.get(call.without)

    return replace(
        one,
        fields=fields,
        find=tuple(each for each in one.find if each.kind in kinds),
        list=tuple(each for each in one.list if is_open(each.call)),
        owners=tuple(each for each in one.owners if is_open(each.call)),
        erase_calls=tuple(name for name in one.erase_calls if is_open(name)),
        beside={name: each for name, each in one.beside.items() if not each.needs or given.get(each.needs)},
        stop=one.stop if not stopping.needs or given.get(stopping.needs) else {},
    )


def mapped(vendor: Vendor, given: Mapping[str, Any]) -> Vendor:
    """The vendor with what the setting ``map`` says of rows that the law keeps."""
    text = given.get("map", "")
    if not isinstance(text, str):
        raise _wrong("map", "must be the text of a map")
    return reducing(vendor, text, _line(given, "map_name") or "map") if text.strip() else vendor


def settings(vendor: Vendor) -> tuple[Setting, ...]:
    """All settings of a vendor: its secrets and own ones first. The file tells what each way to sign in needs."""
    ways = tuple(one.kind for one in vendor.auth)
    own = (replace(one, needed_with=_needed_with(vendor, one)) for one in vendor.settings)
    common = (replace(one, choices=ways) if one.name == "auth" else one for one in texts.COMMON)
    maps = (texts.MAP, texts.MAP_NAME) if any(reducible(one) for one in vendor.collections) else ()
    return (*own, *common, *maps, *((texts.SANDBOX,) if vendor.sandbox else ()))


def _needed_with(vendor: Vendor, setting: Setting) -> tuple[str, ...]:
    """The ways to sign in that use a setting, where it is not always asked for."""
    named = {setting.name, f"secret.{setting.name}"} if setting.secret else {f"{{setting.{setting.name}}}"}
    used = (one.kind for one in vendor.auth if named & set(one.facts.values()))
    return () if setting.required else tuple(used)


def options(vendor: Vendor, context: Context) -> Options:
    """ConnectorError(permanent=True) names the setting that is missing, unknown or wrong."""
    given = context.settings
    known = {one.name for one in settings(vendor)}
    for name in given:
        if name not in known:
            raise _wrong(name, f"is not known; known are {', '.join(sorted(known))}")
    own = {one.name: _own(given, one) for one in vendor.settings if not one.secret}
    kinds = {one.kind: one for one in vendor.auth}
    return Options(
        url=_line(given, "url") or vendor.url,
        auth=kinds[_one_of(given, "auth", vendor.auth[0].kind, tuple(kinds))],
        private=private_hosts(given.get("allow_private")),
        order=Order(_one_of(given, "order", vendor.order, tuple(Order))),
        basis=(basis := _one_of(given, "basis", "", ("", *BASES))),
        origin=(origin := _one_of(given, "origin", "", ("", *ORIGINS[:-1]))),
        words={
            name: _words(given[name], name)
            for name in ("purpose", "source", "retention", "contract", "safeguard")
            if name in given
        },
        recipients=tuple(_words(one, "recipients") for one in _list(given, "recipients")),
        given={**own, "basis": basis, "origin": origin},
        sandbox=_switch(given, "sandbox"),
    )


def _switch(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise _wrong(name, "must be true or false")
    return value


def _own(given: Mapping[str, Any], setting: Setting) -> str:
    value = _line(given, setting.name)
    if not value and setting.required:
        raise _wrong(setting.name, "is missing")
    if value and setting.name.endswith(PACE) and not (value.isascii() and value.isdigit() and int(value)):
        raise _wrong(setting.name, "must be a whole number above zero")
    return value


def _wrong(name: str, what: str) -> ConnectorError:
    return ConnectorError(f"the setting '{name}' {what}", permanent=True)


def _line(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or not value.isprintable():
        raise _wrong(name, "must be a text on one line")
    return value.strip()


def _one_of(given: Mapping[str, Any], name: str, usual: str, known: tuple[str, ...]) -> str:
    value = given.get(name, usual)
    if value not in known:
        raise _wrong(name, f"must be one of {', '.join(one for one in known if one)}")
    return str(value)


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get(name, [])
    if not isinstance(value, list | tuple):
        raise _wrong(name, "must be a list")
    return list(value)


def _words(value: Any, name: str) -> Text:
    if (
        isinstance(value, Mapping)
        and set(value) == set(LANGUAGES)
        and all(_is_line(one) for one in value.values())
    ):
        return {str(language): str(text) for language, text in value.items()}
    if not _is_line(value):
        raise _wrong(name, "must be a text, or one for each of es, en and pt")
    return str(value).strip()


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
