"""The parts of the HTTP client that know no server: limits, what is sent, what came back, the open line."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import httpx

from dsr.contract import ConnectorError

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Where the scheme is http no certificate is ever looked at; this trusts none."""


REFUSED = (400, 404, 405, 409, 410, 412, 422)
"""Answers to a change that concern one row, not the system. What they mean is read back, never believed."""


class Lost(Exception):
    """A change whose answer never came or was no answer: it may have been made. Carries what to raise."""

    def __init__(self, error: ConnectorError) -> None:
        super().__init__()
        self.error = error


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one call. Seconds to connect, between two pieces, and for all of it with its repeats;
    bytes and depth of an answer; pages of a listing; redirects; attempts and the first pause between them."""

    connect: float = 5.0
    read: float = 30.0
    total: float = 60.0
    bytes: int = 32 * 1024 * 1024
    depth: int = 32
    pages: int = 10_000
    redirects: int = 3
    attempts: int = 4
    pause: float = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """``data`` is the JSON of an answer; None where it was empty, or not 2xx and something else than JSON.

    ``is_json``: the server itself spoke (or said nothing), not a page of something before it.
    """

    status: int
    data: Any = None
    is_json: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came, unpacked."""

    status: int
    headers: httpx.Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent along: the bytes, and the headers of this call alone."""

    body: bytes | None
    headers: Mapping[str, str]


@dataclass
class Line:
    """The way to one origin: its address and the connection that is open, if one is."""

    address: str
    transport: httpx.HTTPTransport
    streams: list[Any] = field(default_factory=list)

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the open connection (httpcore calls this at every event)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.streams[:] = [info["return_value"]]

    def cut(self) -> None:
        """End whatever is going on: the time is over."""
        for stream in self.streams:
            with suppress(OSError):
                # The plain method: SSLSocket.shutdown would take the session from the reading thread.
                socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)


@lru_cache(maxsize=1)
def usual_trust() -> ssl.SSLContext:
    """The certificates httpx trusts; reading them takes long, so they are read once."""
    return httpx.create_ssl_context(trust_env=False)


def load_of(form: Mapping[str, Any] | None, body: Any, headers: Mapping[str, str]) -> Load:
    """A form, JSON, bytes as they are, or nothing."""
    if isinstance(body, bytes):
        return Load(body, headers)
    if body is not None:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return Load(content, {"Content-Type": "application/json", **headers})
    if form is not None:
        media = {"Content-Type": "application/x-www-form-urlencoded"}
        return Load(urlencode(form, doseq=True).encode(), {**media, **headers})
    return Load(None, headers)


def certificate_fault(error: BaseException | None) -> str:
    """Why a certificate proves nothing, and what to do, where that was the cause; '' where it was not."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return unproved(error.verify_message or str(error))
        error = error.__cause__ or error.__context__
    return ""


def unproved(words: str) -> str:
    """What OpenSSL says of a certificate, for people: goes after 'the certificate of X'."""
    told = words.lower()
    if "expired" in told:
        why = "it has expired and must be renewed there"
    elif "not yet valid" in told:
        why = "it is not valid yet; compare the clocks of both machines"
    elif "match" in told:
        why = "it is of another name; write in the settings a name that stands in it"
    else:
        why = (
            "no authority trusted here signed it; write the certificate (PEM) of the one that did into the setting"
            " 'ca', where this kind has it"
        )
    return f"does not prove its name: {why}"


def no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which are not JSON."""
    raise ValueError(name)


def deeper(data: Any, most: int) -> bool:
    """Whether anything is nested more than ``most`` levels deep."""
    level: list[Any] = [data]
    for _ in range(most + 1):
        nested = [one for one in level if isinstance(one, dict | list)]
        if not nested:
            return False
        level = [inner for one in nested for inner in (one.values() if isinstance(one, dict) else one)]
    return True
