"""A gate before a real server that goes wrong on order, as the fakes do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import httpx

from dsr.testing import ANA

from .server import Asked, Fake, Handler, Reply

HOPS = frozenset({"connection", "transfer-encoding", "content-length", "content-encoding", "date", "server"})
"""Headers of one connection (RFC 9110, 7.6.1) and those that the gate sets itself."""


class Relay(Fake):
    """Passes requests on to ``url`` and its answers back. Subclass it: ``called`` names a request (``writes`` are such
    names), ``ignores`` tells a lie about a change, ``strangers`` shows others than were asked for."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.target, self.root = f"{parts.scheme}://{parts.netloc}", parts.path
        self._client = httpx.Client(trust_env=False, timeout=30, verify=False)  # noqa: S501 - loopback
        self.signing: dict[str, str] = {}
        """Headers by which the test itself signs in."""
        super().__init__()

    @property
    def url(self) -> str:
        """Where the connector finds it."""
        return f"http://127.0.0.1:{self.port}{self.root}"

    def called(self, asked: Asked) -> str:
        """The name of a request; the method, where a server needs no more."""
        return asked.method

    def ignores(self, asked: Asked) -> Reply | None:
        """The answer to a change that is not made, when the server lies about this one; None where it is passed on."""
        raise NotImplementedError

    def unpacked(self, content: bytes, media: str) -> bytes:
        """As it came."""
        return content

    def close(self) -> None:
        """Stop serving."""
        super().close()
        self._client.close()

    def _routed(self, asked: Asked) -> tuple[Asked, Handler | None]:
        return replace(asked, route=self.called(asked)), type(self).pass_on

    def strangers(self, asked: Asked, mine: Reply) -> Reply:
        """The answer with others than were asked for."""
        raise NotImplementedError

    def pass_on(self, asked: Asked) -> Reply:
        """The server's own answer, or what was ordered."""
        lie = self.ignores(asked) if asked.route in self.writes else None
        mine = lie if lie is not None else self.sent(asked)
        searched = ANA.email in unquote(repr(asked)) and asked.route not in self.writes
        return self.strangers(asked, mine) if searched and "strangers" in self.quirks else mine

    def sent(self, asked: Asked) -> Reply:
        """What the server answers."""
        query = f"?{urlencode(asked.all_query)}" if asked.all_query else ""
        headers = {
            k: v for k, v in asked.headers.items() if k not in HOPS and k not in ("host", "accept-encoding")
        }
        got = self._client.request(
            asked.method, f"{self.target}/{asked.path}{query}", content=asked.body, headers=headers
        )
        kept: dict[str, Any] = {k.title(): v for k, v in got.headers.items() if k.lower() not in HOPS}
        return Reply(got.status_code, raw=got.content, headers=kept)


def instead_of(asked: Asked, one: str, other: str) -> Asked:
    """The same request about somebody else."""
    query = [(name, value.replace(one, other)) for name, value in asked.all_query]
    body = asked.body.replace(one.encode(), other.encode()).replace(
        quote(one).encode(), quote(other).encode()
    )
    path = asked.path.replace(one, other).replace(quote(one, safe=""), quote(other, safe=""))
    return replace(asked, path=path, all_query=query, body=body)
