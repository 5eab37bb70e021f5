"""One connection to a directory (ldap3), and what its answers mean."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ldap3
from ldap3.core import exceptions as faults
from ldap3.operation.search import compile_filter, parse_filter
from ldap3.protocol.controls import build_control

from connectors._entries import Moved
from connectors._hosts import address_of
from connectors._trust import trust
from connectors._wire import unproved
from dsr.contract import ConnectorError, Context

from . import names
from .options import Options

ASSERTION = "1.3.6.1.1.12"
"""The assertion control (RFC 4528): a change only happens where a filter holds."""
PAGED = "1.2.840.113556.1.4.319"
ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"
UNIQUE = ("entryUUID", "objectGUID", "nsUniqueId")
ROOT = ("supportedControl", "supportedCapabilities", "vendorName", "vendorVersion", "objectClass")
PAGE = 500
OK, TIME, SIZE, REFERRAL, ADMIN = 0, 3, 4, 10, 11
NO_ATTRIBUTE, EXISTS_VALUE, NO_OBJECT = 16, 20, 32
CREDENTIALS, RIGHTS, BUSY, UNAVAILABLE = 49, 50, 51, 52
CLASS, NOT_LEAF, EXISTS, ASSERTED = 65, 66, 68, 122
REASONS = {
    REFERRAL: "keeps this part on another server; connect that one as a system of its own",
    7: "asks for another way to sign in",
    8: "asks for a protected connection; set 'tls'",
    13: "asks for a protected connection; set 'tls'",
    CREDENTIALS: "refuses the user and password",
    RIGHTS: "does not allow this user to do that",
    SIZE: "answers with fewer entries than there are; raise its size limit for this user",
    ADMIN: "answers with fewer entries than there are; raise its limit for this user",
}
PART = re.compile(r"([^;]+);range=\d+-(\d+)", re.IGNORECASE)
"""The name of an attribute of which only these values came; the last part has a star for its end."""
Changes = Mapping[str, Sequence[tuple[str, Sequence[bytes]]]]


@dataclass(frozen=True)
class Node:
    """One entry as the directory has it. ``uuid`` '' where the directory gives none."""

    dn: str
    uuid: str
    values: Mapping[str, tuple[bytes, ...]]

    def get(self, name: str) -> tuple[bytes, ...]:
        """The values of an attribute, with those of its options (``cn;lang-es``)."""
        wanted = name.lower()
        return tuple(
            one
            for given, many in self.values.items()
            if given.lower().partition(";")[0] == wanted
            for one in many
        )


class Directory:
    """Opened with the first call. Every method raises ConnectorError where the directory is in trouble."""

    def __init__(self, options: Options, context: Context) -> None:
        self.options, self._context = options, context
        self._open: ldap3.Connection | None = None
        self.calls = 0

    def search(
        self, base: str, filter: str, attributes: Sequence[str], scope: str = ldap3.SUBTREE
    ) -> Iterator[Node]:
        """The entries below ``base``, page by page. Referrals are not followed, aliases not looked through."""
        cookie: bytes | None = None
        while True:
            code = self._do(
                "search",
                search_base=base,
                search_filter=filter,
                search_scope=scope,
                dereference_aliases=ldap3.DEREF_NEVER,
                attributes=[*attributes, *UNIQUE],
                paged_size=PAGE if PAGED in self.controls and base else None,
                paged_cookie=cookie,
            )
            if code == NO_OBJECT:
                return
            self._check(code)
            found = self._entries()
            # Asked for before anything is given away: what comes next on this connection has an answer of its own.
            cookie = self._cookie()
            for one in found:
                yield self._whole(one)
            if not cookie:
                return

    def _entries(self) -> list[Node]:
        answers = self._now.response or ()
        return [_node(one) for one in answers if one.get("type") == "searchResEntry"]

    def _whole(self, node: Node) -> Node:
        """The entry with all values of attributes that came in part (MS-ADTS, 3.1.1.3.1.3.3): Active Directory
        gives 1,500 members of a group, says so in the name, and is asked for the others."""
        values = dict(node.values)
        part = next((found for name in values if (found := PART.fullmatch(name))), None)
        while part:
            values[part[1]] = values.get(part[1], ()) + values.pop(part[0])
            further = f"{part[1]};range={int(part[2]) + 1}-*"
            self._check(self._do("search", search_base=node.dn, search_filter="(objectClass=*)",
                                 search_scope=ldap3.BASE, attributes=[further]))  # fmt: skip
            more = next(iter(self._entries()), None)
            if more is None or not any(
                name.lower().startswith(f"{part[1].lower()};range=") for name in more.values
            ):
                raise ConnectorError("the directory gives a part of an entry's values alone", permanent=False)
            values |= more.values
            part = next((found for name in values if (found := PART.fullmatch(name))), None)
        return Node(node.dn, node.uuid, values)

    def _cookie(self) -> bytes | None:
        control = (self._now.result.get("controls") or {}).get(PAGED)
        return control["value"]["cookie"] if control else None

    def read(self, dn: str, attributes: Sequence[str] = ("*",)) -> Node | None:
        """One entry by its name, None when it is not there."""
        return next(self.search(dn, "(objectClass=*)", attributes, ldap3.BASE), None)

    def change(self, dn: str, changes: Changes, guard: str) -> int:
        """Modify where ``guard`` (a filter) holds; the result code is one the caller asked about."""
        return self._write(
            "modify", guard, dn=dn, changes={k: [list(c) for c in v] for k, v in changes.items()}
        )

    def delete(self, dn: str, guard: str) -> bool:
        """Delete where ``guard`` holds; False when it is gone. Moved: it does not hold, or something is below."""
        code = self._write("delete", guard, dn=dn)
        if code == NOT_LEAF:
            raise Moved
        self._check(code, NO_OBJECT)
        return code == OK

    def add(self, dn: str, values: Mapping[str, Sequence[bytes]]) -> bool:
        """Add an entry; False when there is one of that name. Moved: there is nothing it could stand in."""
        code = self._do("add", dn=dn, attributes={name: list(many) for name, many in values.items()})
        if code == NO_OBJECT:
            raise Moved
        self._check(code, EXISTS)
        return code == OK

    def _write(self, what: str, guard: str, **how: Any) -> int:
        """With the assertion control where the directory has it, else compared before."""
        if ASSERTION in self.controls:
            how["controls"] = [build_control(ASSERTION, True, _compiled(guard))]
        elif not any(True for _ in self.search(how["dn"], guard, (), ldap3.BASE)):
            return NO_OBJECT if self.read(how["dn"], ()) is None else self._moved()
        code = self._do(what, **how)
        return self._moved() if code == ASSERTED else code

    def _moved(self) -> int:
        raise Moved

    @cached_property
    def root(self) -> Node:
        """What the directory says of itself (RFC 4512, 5.1)."""
        self._check(self._do("search", search_base="", search_filter="(objectClass=*)",
                             search_scope=ldap3.BASE, attributes=list(ROOT)))  # fmt: skip
        found = [one for one in self._now.response or () if one.get("type") == "searchResEntry"]
        return _node(found[0]) if found else Node("", "", {})

    @cached_property
    def controls(self) -> frozenset[str]:
        """The controls it has."""
        return frozenset(names.text(one) for one in self.root.get("supportedControl"))

    @property
    def is_active_directory(self) -> bool:
        """Whether it is one of Microsoft's, which numbers accounts itself (MS-ADTS, 3.1.1.3.4.3)."""
        return ACTIVE_DIRECTORY.encode() in self.root.get("supportedCapabilities")

    def own(self, uuid: str) -> str:
        """A filter that holds for the entry with this identifier alone, or for any where it gives none."""
        return names.own(uuid, active_directory=self.is_active_directory) or "(objectClass=*)"

    def check(self, code: int, *also: int) -> None:
        """ConnectorError for every code but success and ``also``."""
        self._check(code, *also)

    def close(self) -> None:
        """Sign out."""
        if self._open is not None:
            self._open.strategy.close()
        self._open = None

    def _do(self, what: str, **how: Any) -> int:
        """One operation; its result code."""
        connection = self._now
        self.calls += 1
        try:
            getattr(connection, what)(**how)
        except faults.LDAPCommunicationError:
            raise ConnectorError(
                "the directory broke off or did not answer in time", permanent=False
            ) from None
        except faults.LDAPException:
            raise ConnectorError(
                "the directory gave an answer that cannot be read", permanent=False
            ) from None
        return int(connection.result["result"])

    def _check(self, code: int, *also: int) -> None:
        if code == OK or code in also:
            return
        if code in (BUSY, UNAVAILABLE, TIME):
            raise ConnectorError("the directory is too busy now", permanent=False)
        reason = REASONS.get(code, f"refuses the call (result {code})")
        raise ConnectorError(f"the directory {reason}", permanent=True)

    @property
    def _now(self) -> ldap3.Connection:
        if self._open is None:
            self._open = self._connected()
        return self._open

    def _connected(self) -> ldap3.Connection:
        options = self.options
        address = address_of("the directory", options.host, options.port, options.private)
        if options.authority:
            trust(options.authority)
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_data=options.authority or None,
                        valid_names=[options.host], sni=options.host)  # fmt: skip
        limit = max(int(self._context.limits.statement_seconds), 1)
        server = ldap3.Server(address, options.port, use_ssl=options.tls == "ldaps", tls=tls,
                              get_info=ldap3.NONE, connect_timeout=min(limit, 10))  # fmt: skip
        connection = ldap3.Connection(
            server, options.user, options.password, auto_referrals=False, check_names=False,
            auto_escape=False, receive_timeout=limit, raise_exceptions=False, read_only=False,
        )  # fmt: skip
        try:
            connection.open()
            if options.tls == "starttls" and not connection.start_tls():
                raise ConnectorError("the directory does not offer StartTLS", permanent=True)
            connection.bind()
        except faults.LDAPException as error:
            raise _unreached(error) from None
        except ssl.SSLError:
            raise ConnectorError("the directory does not speak TLS as it should", permanent=True) from None
        code = int(connection.result["result"])
        if code != OK:
            connection.strategy.close()
            self._check(code)
        return connection


def _unreached(error: faults.LDAPException) -> ConnectorError:
    if isinstance(error, faults.LDAPCertificateError) or "CERTIFICATE" in str(error).upper():
        return ConnectorError(f"the certificate of the directory {unproved(str(error))}", permanent=True)
    if isinstance(error, faults.LDAPStartTLSError):
        return ConnectorError("the directory does not offer StartTLS", permanent=True)
    return ConnectorError("the directory cannot be reached", permanent=False)


def _compiled(filter: str) -> Any:
    return compile_filter(parse_filter(filter, None, False, True, None, False).elements[0])


def _node(found: Mapping[str, Any]) -> Node:
    values = {name: tuple(many) for name, many in found["raw_attributes"].items()}
    own = next(((name, many[0]) for name, many in values.items() if many and name in UNIQUE), None)
    shown = {name: many for name, many in values.items() if many and name not in UNIQUE}
    return Node(found["dn"], names.unique(*own) if own else "", shown)
