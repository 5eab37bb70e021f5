"""The organisations that answer and the systems they keep data in, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Contact:
    """The data protection contact that letters and the portal name (GDPR Article 13(1)(b))."""

    email: str
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who receives personal data and must be told of changes (GDPR 19).

    ``name`` and ``called``: what the data maps call it. ``channel``: mail (a link to the letter), webhook
    (signed, ``url`` and ``secret``) or manual (an officer tells it). ``known_by``: kinds of identifiers it
    knows a person by; no others are told. ``language`` of the letter ('' = the controller's).
    """

    name: str
    channel: str
    called: tuple[str, ...] = ()
    mail: str = ""
    url: str = ""
    secret: SecretSource | None = None
    known_by: tuple[str, ...] = ("email",)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Controller:
    """One organisation that answers. ``systems`` are keys of ``SystemConfig``, in acting order.

    ``jurisdiction``: the law pack when the person names no country of her own. ``countries``: places whose
    people are served too; where she names none, the earliest date of their laws and the own counts.
    ``zone``: IANA name, the calendar of dates. ``path``: first part of the portal's address (``/acme``), or
    ``host``: the portal's own host name. ``escalation``: who hears of late cases. ``auto_approve``: rights that need
    no officer when every match is exact and the plan has no conflict. ``recipients``: who is told how.
    """

    key: str
    name: str
    address: str
    contact: Contact
    zone: str
    jurisdiction: str
    language: str = "en"
    path: str = ""
    host: str = ""
    systems: tuple[str, ...] = ()
    escalation: str = ""
    auto_approve: frozenset[str] = frozenset()
    website: str = ""
    countries: tuple[str, ...] = ()
    recipients: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a secret is read from each time it is needed: a variable, a file, or a file that we sealed."""

    env: str = ""
    file: str = ""
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class SystemConfig:
    """One configured instance of a connector.

    ``settings`` are plain values (``map`` holds the text of the data map, ``map_name`` its file name).
    ``acting``: rights that may be carried out here from the start; empty = observe only. ``roles``:
    staff roles that may see its rows; empty = all that may see a case. ``holders``: for kind
    ``manual``, the addresses of the colleagues who are asked. ``relay``: our own mails leave through it,
    so it is told to forget or to stop an address only when the answer has left. ``parallel``, ``per_minute``:
    what it bears, where that is known better than by its connector. ``declared`` at the desk, not in a
    file; ``retired``: nothing new is asked there.
    """

    key: str
    kind: str
    title: str
    controllers: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, SecretSource] = field(default_factory=dict)
    acting: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    relay: bool = False
    parallel: int | None = None
    per_minute: int | None = None
    declared: bool = False
    retired: bool = False
