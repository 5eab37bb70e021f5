"""The settings of a mailbox, checked once when the connector is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connectors._hosts import Private
from connectors._people import plain
from connectors._settings import Given, Keep, Told, keeping, told, unblocked, wrong
from dsr.contract import Context, Order

from . import words
from .words import SETTINGS

ARRIVED = "arrived"
"""The only date that every message has."""
PORTS = {"imap": 143, "imaps": 993}
USUAL = Told(Order.SOURCE, "", words.PURPOSE, words.SOURCE, "", (), "", "", "", "")


@dataclass(frozen=True)
class Options:
    """``own``: addresses and domains (with @) of the organisation. ``folders`` empty: all. ``largest``:
    octets of a message that is still read and kept. ``tls``: imaps, starttls or none."""

    host: str
    port: int
    tls: str
    authority: str = field(repr=False)
    user: str = field(repr=False)
    password: str = field(repr=False)
    folders: frozenset[str]
    own: frozenset[str]
    mentions: bool
    largest: int
    private: Private
    told: Told
    keep: Keep | None
    unblocked: bool

    def is_own(self, address: str) -> bool:
        """Whether an address (in plain form) is the organisation's."""
        return address in self.own or f"@{address.rpartition('@')[2]}" in self.own


def options(context: Context) -> Options:
    """ConnectorError(permanent=True) names the setting that is missing, unknown or wrong."""
    given = Given(context.settings, SETTINGS)
    scheme, host, port = _place(given.line("url"))
    user = given.line("user")
    own = given.names("own", (user,) if "@" in user else ())
    return Options(
        host=host,
        port=port,
        tls="imaps" if scheme == "imaps" else given.one_of("tls", "starttls", ("starttls", "none")),
        authority=given.line("ca", ""),
        user=user,
        password=context.secret("password"),
        folders=frozenset(given.names("folders")),
        own=frozenset(plain("email", one) for one in own),
        mentions=given.switch("mentions", usual=True),
        largest=given.number("largest", 64, 1, 512) * 1024 * 1024,
        private=given.private(),
        told=told(given, USUAL),
        keep=keeping(given, ARRIVED),
        unblocked=unblocked(given),
    )


def _place(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in PORTS or not host or parts.path not in ("", "/") or parts.username is not None:
        raise wrong("url", "must look like imaps://host or imap://host:143")
    return parts.scheme, host.lower(), port or PORTS[parts.scheme]
