"""The settings of a directory, checked once when the connector is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connectors._entries import Restriction
from connectors._hosts import Private
from connectors._settings import Given, Keep, Told, keeping, told, unblocked, wrong
from dsr.contract import Change, ConnectorError, Context, Order

from . import words
from .names import ATTRIBUTE, is_name
from .words import SETTINGS

PORTS = {"ldap": 389, "ldaps": 636}
IDENTITIES: Mapping[str, tuple[str, ...]] = {
    "email": ("mail",),
    "phone": ("telephoneNumber", "mobile"),
    "username": ("uid",),
    "customer_number": ("employeeNumber",),
}
MENTIONS = ("description", "info")
REFERENCES = ("member", "uniqueMember", "roleOccupant", "owner", "manager", "secretary", "seeAlso")
USUAL = Told(Order.SOURCE, "", words.PURPOSE, words.SOURCE, "", (), "", "", "", "")


@dataclass(frozen=True)
class Options:
    """``identities``: kind of identifier -> attributes. ``references``: attributes that hold the names of
    entries. ``uids``: attributes of groups that hold user names. ``mentions``: attributes with free text.
    ``placeholder``: the name that takes the
    place of a group's last member, or ''. ``tls``: ldaps, starttls or none."""

    host: str
    port: int
    tls: str
    authority: str = field(repr=False)
    user: str = field(repr=False)
    password: str = field(repr=False)
    base: str
    identities: Mapping[str, tuple[str, ...]]
    references: tuple[str, ...]
    uids: tuple[str, ...]
    mentions: tuple[str, ...]
    persons: frozenset[str]
    placeholder: str
    restriction: Restriction
    mark: Change | None
    private: Private
    told: Told
    keep: Keep | None
    unblocked: bool


def options(context: Context) -> Options:
    """ConnectorError(permanent=True) names the setting that is missing, unknown or wrong."""
    given = Given(context.settings, SETTINGS)
    scheme, host, port = _place(given.line("url"))
    restriction, mark = _restriction(given)
    return Options(
        host=host,
        port=port,
        tls="ldaps" if scheme == "ldaps" else given.one_of("tls", "starttls", ("starttls", "none")),
        authority=given.line("ca", ""),
        user=given.line("user"),
        password=_secret(context),
        base=_name(given, "base"),
        identities=_attributes(given, "identities", IDENTITIES),
        references=_checked(given.names("references", REFERENCES), "references"),
        uids=_checked(given.names("uids", ("memberUid",)), "uids"),
        mentions=_checked(_texts(given), "mentions"),
        persons=frozenset(one.lower() for one in given.names("persons", words.PERSONS)),
        placeholder=_name(given, "placeholder", ""),
        restriction=restriction,
        mark=mark,
        private=given.private(),
        told=told(given, USUAL),
        keep=keeping(given),
        unblocked=unblocked(given),
    )


def _secret(context: Context) -> str:
    """A simple bind without a password is an anonymous one, and would go well (RFC 4513, 5.1.2)."""
    password = context.secret("password")
    if not password:
        raise ConnectorError("the secret 'password' is empty", permanent=True)
    return password


def _place(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in PORTS or not host or parts.path not in ("", "/") or parts.username is not None:
        raise wrong("url", "must look like ldaps://host or ldap://host:389")
    return parts.scheme, host.lower(), port or PORTS[parts.scheme]


def _name(given: Given, name: str, usual: str | None = None) -> str:
    found = given.line(name, usual)
    if found and not is_name(found):
        raise wrong(name, "must be a distinguished name, like ou=people,dc=example,dc=org")
    return found


def _attributes(
    given: Given, name: str, usual: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    found = given.lists(name, usual)
    for many in found.values():
        _checked(many, name)
    if not found:
        raise wrong(name, "must name at least one kind of identifier")
    return found


def _texts(given: Given) -> tuple[str, ...]:
    """An empty list says that texts are not looked through."""
    return tuple(str(one) for one in given.items("mentions")) if given.has("mentions") else MENTIONS


def _checked(many: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Names that go into filters: nothing but names of attributes."""
    if not all(ATTRIBUTE.fullmatch(one) for one in many):
        raise wrong(name, "must hold names of attributes, like mail")
    return many


def _restriction(given: Given) -> tuple[Restriction, Change | None]:
    mark = given.table("mark")
    way = given.one_of("restrict", "mark" if mark is not None else "none", ("set_aside", "mark", "none"))
    if way != "mark":
        return ("set_aside" if way == "set_aside" else "none"), None
    if mark is None or set(mark) != {"attribute", "value"}:
        raise wrong("mark", "must hold 'attribute' and 'value'")
    attribute, value = mark["attribute"], mark["value"]
    if not isinstance(attribute, str) or not ATTRIBUTE.fullmatch(attribute):
        raise wrong("mark", "must name one attribute")
    if not isinstance(value, str) or not value:
        raise wrong("mark", "must hold the value that says restricted")
    return "mark", Change(attribute, value)
