"""Outgoing webhooks: the target checked, the call signed, bounded and never redirected.

Signature as in the Standard Webhooks specification 1.0 (standardwebhooks.com): headers ``webhook-id``,
``webhook-timestamp`` (seconds since 1970) and ``webhook-signature: v1,<base64 of HMAC-SHA256>`` over
``<id>.<timestamp>.<body>``; a secret is written ``whsec_<base64>``.

The name of the target is resolved once, every address is checked, and the connection goes to a checked
address while TLS still proves the name (``sni_hostname``, "Request extensions" in the documentation of
httpx). Environment proxies are not used.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

Networks = Sequence[IPv4Network | IPv6Network]
Address = IPv4Address | IPv6Address

PREFIX = "whsec_"
SECRET_BYTES = 32
LONGEST_URL = 400
CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 10.0, 15.0
GONE = 410
PORTS = {"http": 80, "https": 443}
NAT64 = IPv6Network("64:ff9b::/96")


class WebhookError(Exception):
    """A target that may not be used, or a call that failed. ``gone``: the receiver wants no more (410)."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


@dataclass(frozen=True, slots=True)
class Call:
    """One delivery. ``id`` stays the same when it is repeated, so that the receiver can tell."""

    id: str
    url: str
    body: bytes
    secret: bytes = field(repr=False)


def new_secret() -> bytes:
    """A secret for signatures."""
    return secrets.token_bytes(SECRET_BYTES)


def read_secret(text: str) -> bytes:
    """The bytes of a secret written ``whsec_<base64>``; WebhookError for anything else."""
    try:
        if not text.startswith(PREFIX):
            raise ValueError
        found = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise WebhookError(f"write the secret as {PREFIX} and base64") from None
    if len(found) < SECRET_BYTES // 2:
        raise WebhookError("the secret is shorter than 16 bytes")
    return found


def written(secret: bytes) -> str:
    """The secret as the receiver is told it."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(call: Call, at: datetime) -> Mapping[str, str]:
    """The three headers of a call at that moment."""
    seconds = str(int(at.timestamp()))
    signed = f"{call.id}.{seconds}.".encode() + call.body
    digest = base64.b64encode(hmac.new(call.secret, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": call.id, "webhook-timestamp": seconds, "webhook-signature": f"v1,{digest}"}


def check(url: str, allowed: Networks) -> None:
    """WebhookError, which says what to write, unless a webhook may lead to this address.

    Public addresses over https; whatever is in ``allowed`` over http, too.
    """
    _address(_parts(url), allowed)


def send(call: Call, *, allowed: Networks, now: datetime) -> str:
    """Deliver a call; the status that a server answered with when it accepted (2xx), else WebhookError."""
    parts = _parts(call.url)
    line = _Line(_address(parts, allowed))
    timer = threading.Timer(TOTAL_SECONDS, line.cut)
    timer.daemon = True
    timer.start()
    try:
        with httpx.HTTPTransport(trust_env=False) as transport:
            response = transport.handle_request(_request(call, parts, line, now))
            response.close()
    except httpx.TransportError as error:
        raise WebhookError(f"the receiver cannot be reached ({type(error).__name__})") from None
    finally:
        timer.cancel()
    if not 200 <= response.status_code < 300:
        gone = response.status_code == GONE
        raise WebhookError(f"the receiver answered {response.status_code}", gone=gone)
    return str(response.status_code)


@dataclass
class _Line:
    """The way to the receiver: its address and the connection that is open, if one is."""

    address: Address
    streams: list[Any] = field(default_factory=list)

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the open connection (httpcore calls this at every event)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.streams[:] = [info["return_value"]]

    def cut(self) -> None:
        """End whatever is going on: the time is over, however slowly the receiver speaks."""
        for stream in self.streams:
            with suppress(OSError):
                socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)


def _request(call: Call, parts: SplitResult, line: _Line, now: datetime) -> httpx.Request:
    host = f"[{line.address}]" if line.address.version == 6 else str(line.address)
    pinned = parts._replace(netloc=f"{host}:{_port(parts)}", fragment="").geturl()
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "dsr-webhook/1",
        **signature(call, now),
    }
    waits = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": READ_SECONDS}
    more = {"timeout": waits, "sni_hostname": parts.hostname, "trace": line.trace}
    return httpx.Request("POST", pinned, headers=headers, content=call.body, extensions=more)


def _parts(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise WebhookError(f"write an address of at most {LONGEST_URL} plain characters")
    try:
        parts = urlsplit(url)
        named = parts.hostname and _port(parts)
    except ValueError:
        named = None
    if not named or parts.scheme not in PORTS:
        raise WebhookError("write an address such as https://hooks.example.org/dsr")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise WebhookError("write the address without user, password and fragment")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS.get(parts.scheme, 0)


def _address(parts: SplitResult, allowed: Networks) -> Address:
    """The first address of the host; every one of them must be allowed."""
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise WebhookError("the name of the receiver cannot be resolved") from None
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    named = [_inner(one) for one in addresses]
    if all(any(one in network for network in allowed) for one in named):
        return addresses[0]
    if not all(one.is_global and not one.is_multicast for one in named):
        raise WebhookError("the receiver is not at a public address; DSR_HOOK_NETWORKS allows others")
    if parts.scheme != "https":
        raise WebhookError("write https: only networks of DSR_HOOK_NETWORKS are called over http")
    return addresses[0]


def _inner(address: Address) -> Address:
    """The IPv4 address that stands inside an IPv6 one (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
