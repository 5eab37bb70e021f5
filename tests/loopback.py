"""Keeps the tests on this machine: a pytest plugin that refuses every connection to somewhere else.

It covers Python's sockets. Servers and browsers the tests start are told to stay on loopback themselves.
"""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

NAMES = {"localhost", "", None}


class OutsideLoopback(RuntimeError):
    """A test tried to leave the machine. Not an OSError, so that no retry or fallback swallows it."""


def check(host: Any) -> None:
    """Raises OutsideLoopback unless `host` is localhost or a loopback address."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in NAMES or _is_loopback(str(text)):
        return
    raise OutsideLoopback(f"a test tried to reach {text!r}: tests talk to 127.0.0.1 only, start a fake there")


def _is_loopback(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _resolving(socket.getaddrinfo))
        yield


def _guarded(original: Any) -> Any:
    def to_loopback(self: socket.socket, *arguments: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            check(arguments[-1][0])
        return original(self, *arguments)

    return to_loopback


def _resolving(original: Any) -> Any:
    def names_of_this_machine(host: Any, *arguments: Any, **named: Any) -> Any:
        numeric = isinstance(host, str) and _is_address(host)
        if not numeric:
            check(host)
        return original(host, *arguments, **named)

    return names_of_this_machine


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
