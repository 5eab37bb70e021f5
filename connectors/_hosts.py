"""Which host a URL names and which addresses it may have: public ones, unless a setting allows others."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from dsr.contract import ConnectorError

Private = bool | frozenset[str]
"""Which hosts may have an address that is not public: none, all (but link-local ones), or these."""
PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a URL: what credentials belong to."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def private_hosts(value: object) -> Private:
    """The setting ``allow_private``: true, false or a list of host names; ConnectorError otherwise."""
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, list | tuple) and all(isinstance(one, str) and one for one in value):
        return frozenset(one.lower() for one in value)
    raise ConnectorError("the setting 'allow_private' must be true or a list of host names", permanent=True)


def origin_of(url: str) -> Origin:
    """Scheme, host and port. ConnectorError: not http(s), no host, credentials or odd characters in it."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode().lower(), parts.port
    except ValueError:
        raise ConnectorError("the address of the server is not a valid URL", permanent=True) from None
    if parts.scheme not in PORTS or not host or parts.username is not None or not url.isprintable():
        raise ConnectorError(
            "the address of the server must look like https://host/path, without user and password",
            permanent=True,
        )
    return Origin(parts.scheme, host, port or PORTS[parts.scheme])


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host. OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_allowed(address: str, host: str, private: Private) -> bool:
    """Whether ``host`` may have this address: a public one, or one that was allowed for it."""
    try:
        found = _plain(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if found.is_multicast or found.is_unspecified:
        return False
    if not isinstance(private, bool) and host in private:
        return True
    if found.is_link_local:
        return False
    return found.is_global or private is True


def address_of(
    name: str, host: str, port: int, private: Private, resolve: Callable[[str, int], Sequence[str]] = resolved
) -> str:
    """The address to connect to, resolved once and allowed. ConnectorError in the name of ``name``."""
    try:
        addresses = resolve(host, port)
    except OSError:
        addresses = ()
    if not addresses:
        raise ConnectorError(f"the name of the server of {name} cannot be resolved", permanent=False)
    if not all(is_allowed(one, host, private) for one in addresses):
        raise ConnectorError(
            f"the server of {name} has an address that is not public; if that is right, name its"
            " host in the setting 'allow_private'",
            permanent=True,
        )
    return addresses[0]


def _plain(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
