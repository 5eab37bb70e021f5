"""The settings of a Mailman server, checked once when the connector is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors._hosts import Private, private_hosts
from dsr.contract import ConnectorError, Context, Order, Text

from . import words
from .words import SETTINGS

UNSUBSCRIBE, DISABLE = "unsubscribe", "disable"
BASES = ("consent", "contract", "legal_obligation", "legitimate_interest", "vital", "public")
KNOWN = {one.name for one in SETTINGS}


@dataclass(frozen=True)
class Options:
    """``lists`` empty: all lists of the server. ``stop``: unsubscribe or disable. ``moderation``: also look
    through ban lists, held messages and requests. The rest is told to the person (Article 15)."""

    url: str
    user: str
    password: str = field(repr=False)
    lists: frozenset[str]
    stop: str
    ban: bool
    moderation: bool
    private: Private
    order: Order
    basis: str
    purpose: Text
    source: Text
    retention: Text
    recipients: tuple[Text, ...]
    operator: Text
    contract: Text
    country: str
    safeguard: Text

    def covers(self, list_id: str) -> bool:
        """Whether this system speaks for a list."""
        return not self.lists or list_id in self.lists


def options(context: Context) -> Options:
    """ConnectorError(permanent=True) names the setting that is missing, unknown or wrong."""
    given = context.settings
    for name in given:
        if name not in KNOWN:
            raise _wrong(name, f"is not known; known are {', '.join(sorted(KNOWN))}")
    return Options(
        url=_line(given, "url"),
        user=_line(given, "user"),
        password=context.secret("password"),
        lists=frozenset(one.replace("@", ".").lower() for one in _names(given, "lists")),
        stop=_one_of(given, "stop", UNSUBSCRIBE, (UNSUBSCRIBE, DISABLE)),
        ban=_switch(given, "ban", usual=False),
        moderation=_switch(given, "moderation", usual=True),
        private=private_hosts(given.get("allow_private")),
        order=Order(_one_of(given, "order", Order.SUPPRESS, tuple(Order))),
        basis=_one_of(given, "basis", "consent", BASES),
        purpose=_text(given, "purpose", words.PURPOSE),
        source=_text(given, "source", words.SOURCE),
        retention=_text(given, "retention", words.RETENTION),
        recipients=tuple(_words(one, "recipients") for one in _list(given, "recipients")),
        operator=_text(given, "operator", ""),
        contract=_text(given, "contract", ""),
        country=_line(given, "country", ""),
        safeguard=_text(given, "safeguard", ""),
    )


def _wrong(name: str, what: str) -> ConnectorError:
    return ConnectorError(f"the setting '{name}' {what}", permanent=True)


def _line(given: Mapping[str, Any], name: str, usual: str | None = None) -> str:
    value = given.get(name, usual)
    if value is None:
        raise _wrong(name, "is missing")
    if not isinstance(value, str) or (usual is None and not value.strip()):
        raise _wrong(name, "must be a text")
    return value.strip()


def _switch(given: Mapping[str, Any], name: str, *, usual: bool) -> bool:
    value = given.get(name, usual)
    if not isinstance(value, bool):
        raise _wrong(name, "must be true or false")
    return value


def _one_of(given: Mapping[str, Any], name: str, usual: str, known: tuple[str, ...]) -> str:
    value = given.get(name, usual)
    if value not in known:
        raise _wrong(name, f"must be one of {', '.join(known)}")
    return str(value)


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get(name, [])
    if not isinstance(value, list | tuple):
        raise _wrong(name, "must be a list")
    return list(value)


def _names(given: Mapping[str, Any], name: str) -> list[str]:
    value = _list(given, name)
    if name in given and not value:
        raise _wrong(name, "must name at least one list; leave it out for all of them")
    return [_checked(one, name, lambda text: isinstance(text, str) and bool(text.strip())) for one in value]


def _text(given: Mapping[str, Any], name: str, usual: Text) -> Text:
    return _words(given[name], name) if name in given else usual


def _words(value: Any, name: str) -> Text:
    return (
        value
        if isinstance(value, Mapping) and _in_all(value)
        else _checked(value, name, lambda text: isinstance(text, str) and bool(text.strip()))
    )


def _in_all(value: Mapping[Any, Any]) -> bool:
    return set(value) == set(words.LANGUAGES) and all(isinstance(one, str) and one for one in value.values())


def _checked(value: Any, name: str, fits: Callable[[Any], bool]) -> str:
    if not fits(value):
        raise _wrong(name, "must be a text, or one for each of es, en and pt")
    return str(value).strip()
