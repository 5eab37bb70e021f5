"""The one HTTP client of all connectors: bounded, pinned to one address, quiet about what it carries.

It sends to the host of the configured URL and nowhere else: the name is resolved once, every address is
checked, and the connection goes to that address while TLS still proves the name (``sni_hostname``, see
"Request extensions" in the documentation of httpx). Redirects stay on the host unless others are named,
are checked the same way and never carry credentials to another one. Environment proxies are not used.

httpx logs the URL of every request, and addresses stand in URLs: the transport below it, which does not,
is used directly.
"""

from __future__ import annotations

import base64
import json
import random
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from connectors._hosts import Origin, Private, address_of, origin_of, resolved
from connectors._wire import (
    NO_TLS,
    REFUSED,
    Answer,
    Bounds,
    Line,
    Load,
    Lost,
    Reply,
    certificate_fault,
    deeper,
    load_of,
    no_constant,
    usual_trust,
)
from dsr.contract import ConnectorError

__all__ = ["REFUSED", "Answer", "Bounds", "Forbidden", "Http", "Lost", "Private", "basic", "usual_trust"]

T = TypeVar("T")
R = TypeVar("R")
Params = Mapping[str, Any]

HARMLESS = frozenset({"GET", "HEAD", "PUT", "DELETE", "PROPFIND", "REPORT"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
THROTTLED = frozenset({429, 503})
PASSING = frozenset({500, 502, 504})
LATER, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)


class Forbidden(ConnectorError):
    """The credentials are good and may not do this (RFC 9110, 15.5.4)."""


class _Passing(Exception):
    """A repeat may help. Carries the error to raise when it does not."""

    def __init__(self, error: ConnectorError) -> None:
        super().__init__()
        self.error = error


def basic(user: str, password: str) -> Mapping[str, str]:
    """The header of HTTP Basic authentication (RFC 7617)."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


Waits = Callable[[int, Mapping[str, str], Any], datetime | None]
"""(status, headers, JSON or None) of an answer that is not 2xx: when to come back, if it asks for that."""
Means = Callable[[int, Any], int]
"""(status, JSON or None) of an answer that is not 2xx: the status that tells what it means."""


class Http:
    """A client of one server. ``name`` stands in the sentences, ``now`` is the time of the context.

    ``follow`` names other hosts to which a redirect may lead. ``tls`` and ``resolve`` replace the usual
    trust and name resolution. ``waits`` knows the server's own ways to ask for patience, besides 429 and 503,
    ``means`` what its errors mean where their status does not tell; ``calling`` (of the context) stands before
    every request, repeats and redirects included.
    Every method raises ConnectorError, which carries no URL and no content.
    """

    def __init__(
        self,
        name: str,
        base: str,
        *,
        now: datetime,
        headers: Mapping[str, str] | None = None,
        private: Private = False,
        follow: Collection[str] = (),
        bounds: Bounds | None = None,
        tls: ssl.SSLContext | None = None,
        resolve: Callable[[str, int], Sequence[str]] = resolved,
        waits: Waits | None = None,
        means: Means | None = None,
        calling: Callable[[], None] = lambda: None,
    ) -> None:
        self.origin = origin_of(base)
        self._name, self.base, self._now = name, base.rstrip("/") + "/", now
        self._headers = dict(headers or {})
        self._private, self._follow = private, frozenset(one.lower() for one in follow)
        self.bounds = bounds or Bounds()
        self._tls, self._resolve, self._waits, self._means = tls, resolve, waits, means
        self._calling = calling
        self._lines: dict[Origin, Line] = {}

    def get(self, path: str, params: Params | None = None, *, also: Collection[int] = ()) -> Answer:
        """GET; statuses in ``also`` are answers too."""
        query = f"?{urlencode(params)}" if params else ""
        return self.send("GET", path + query, also=also)

    def authorise(self, headers: Mapping[str, str]) -> None:
        """Send these headers from now on, instead of earlier ones of the same names."""
        self._headers |= headers

    def send(
        self,
        method: str,
        path: str,
        form: Params | None = None,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        also: Collection[int] = (),
        again: bool | None = None,
    ) -> Answer:
        """One call. ``path`` is relative to the base and already quoted; ``form`` is sent as a form, ``body``
        as JSON.

        ``again``: may be repeated after a passing fault; by default what HTTP calls idempotent.
        """
        load = load_of(form, body, headers or {})
        return self._repeated(method, path, load, lambda reply: self._answer(reply, also), again)

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        also: Collection[int] = (),
        again: bool | None = None,
    ) -> Reply:
        """One call with a body and an answer that are no JSON; statuses outside 2xx only those in ``also``."""
        load = Load(body, {"Accept": "*/*", **(headers or {})})
        return self._repeated(method, path, load, lambda reply: self._plain(reply, also), again)

    def _repeated(
        self, method: str, path: str, load: Load, read: Callable[[Reply], R], again: bool | None
    ) -> R:
        """One call with its repeats; ``read`` raises _Passing where another may help."""
        repeat = method in HARMLESS if again is None else again
        until = time.monotonic() + self.bounds.total
        for attempt in range(1, self.bounds.attempts + 1):
            try:
                return read(self._follow_on(method, self.base + path, load, until))
            except _Passing as passing:
                pause = self.bounds.pause * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311
                last = attempt == self.bounds.attempts or time.monotonic() + pause > until
                if last or not repeat:
                    raise passing.error from None
            time.sleep(pause)
        raise AssertionError("the last attempt answers or raises")

    def paged(self, fetch: Callable[[int], tuple[Sequence[T], bool]]) -> Iterator[T]:
        """Everything of a listing: ``fetch(1)``, ``fetch(2)``... give (entries, whether there are more)."""
        for number in range(1, self.bounds.pages + 1):
            entries, more = fetch(number)
            yield from entries
            if not more:
                return
        raise self._error(f"a listing of {self._name} does not end after {self.bounds.pages} pages")

    def close(self) -> None:
        """Give the connections back."""
        for line in self._lines.values():
            line.transport.close()
        self._lines.clear()

    def _follow_on(self, method: str, url: str, load: Load, until: float) -> Reply:
        """The reply, after redirects that are allowed."""
        for _ in range(self.bounds.redirects + 1):
            reply = self._exchange(method, url, load, until)
            if reply.status not in REDIRECTS:
                return reply
            if method not in ("GET", "HEAD"):
                raise self._error(f"{self._name} redirects a change; correct the url", permanent=True)
            target = urljoin(url, reply.headers.get("location", ""))
            self._check_redirect(origin_of(url), origin_of(target))
            url = target
        raise self._error(f"{self._name} redirects more than {self.bounds.redirects} times", permanent=True)

    def _check_redirect(self, before: Origin, target: Origin) -> None:
        if target == before:
            return
        if target.host not in self._follow or (before.scheme, target.scheme) == ("https", "http"):
            raise self._error(f"{self._name} redirects to another place; correct the url", permanent=True)

    def _exchange(self, method: str, url: str, load: Load, until: float) -> Reply:
        origin = origin_of(url)
        line = self._line(origin)
        self._calling()
        request = self._request(method, url, load, origin, line, until)
        timer = threading.Timer(max(until - time.monotonic(), 0), line.cut)
        timer.daemon = True
        timer.start()
        try:
            response = line.transport.handle_request(request)
            try:
                return Reply(response.status_code, response.headers, self._body(response))
            finally:
                response.close()
        except (httpx.TransportError, zlib.error) as error:
            raise self._trouble(error, until) from None
        finally:
            timer.cancel()

    def _request(
        self, method: str, url: str, load: Load, origin: Origin, line: Line, until: float
    ) -> httpx.Request:
        parts = urlsplit(url)
        host = f"[{line.address}]" if ":" in line.address else line.address
        pinned = parts._replace(netloc=f"{host}:{origin.port}", fragment="").geturl()
        headers = {"Host": origin.netloc, "Accept": "application/json", "Accept-Encoding": "gzip"}
        if origin == self.origin:
            headers |= {**load.headers, **self._headers}
        left = max(until - time.monotonic(), 0.001)
        read = min(self.bounds.read, left)
        waits = {"connect": min(self.bounds.connect, left), "read": read, "write": read, "pool": left}
        more = {"timeout": waits, "sni_hostname": origin.host, "trace": line.trace}
        return httpx.Request(method, pinned, headers=headers, content=load.body, extensions=more)

    def _line(self, origin: Origin) -> Line:
        """The way to an origin; its name is resolved and its addresses checked the first time."""
        if origin not in self._lines:
            address = address_of(self._name, origin.host, origin.port, self._private, self._resolve)
            limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
            trust = self._tls or (usual_trust() if origin.scheme == "https" else NO_TLS)
            transport = httpx.HTTPTransport(verify=trust, trust_env=False, limits=limits)
            self._lines[origin] = Line(address, transport)
        return self._lines[origin]

    def _body(self, response: httpx.Response) -> bytes:
        stream = response.stream
        if not isinstance(stream, httpx.SyncByteStream):
            raise self._error(f"{self._name} gave an answer that cannot be read")
        coding = response.headers.get("content-encoding", "").strip().lower()
        if coding not in ("", "identity", "gzip"):
            raise self._error(f"{self._name} packs its answers in an unknown way", permanent=True)
        return self._unpacked(stream) if coding == "gzip" else self._collected(stream)

    def _collected(self, chunks: Iterable[bytes]) -> bytes:
        found = bytearray()
        for chunk in chunks:
            found += chunk
            self._check_size(len(found))
        return bytes(found)

    def _unpacked(self, chunks: Iterable[bytes]) -> bytes:
        """Unpacked never further than the limit, so that a small bomb stays small."""
        found, unpacker = bytearray(), zlib.decompressobj(wbits=31)
        for chunk in chunks:
            found += unpacker.decompress(chunk, self.bounds.bytes - len(found) + 1)
            self._check_size(len(found))
        if not unpacker.eof:
            raise zlib.error
        return bytes(found)

    def _check_size(self, size: int) -> None:
        if size > self.bounds.bytes:
            raise self._error(f"an answer of {self._name} is larger than {self.bounds.bytes:,} bytes")

    def _answer(self, reply: Reply, also: Collection[int]) -> Answer:
        reply = self._plain(reply, also)
        if not 200 <= reply.status < 300:
            data, is_json = self._perhaps_json(reply)
            return Answer(reply.status, data, is_json)
        return Answer(reply.status, self._json(reply) if reply.body.strip() else None)

    def _plain(self, reply: Reply, also: Collection[int]) -> Reply:
        """The reply itself, with the status that it means. ConnectorError or _Passing for what is no answer."""
        if self._means is not None and not 200 <= reply.status < 300:
            reply = replace(reply, status=self._means(reply.status, self._perhaps_json(reply)[0]))
        wait = self._wait(reply)
        if wait is not None:
            told = f"{self._name} asks to come back later"
            raise ConnectorError(told, permanent=False, retry_at=min(wait, self._now + LONGEST_WAIT))
        if reply.status in also:
            return reply
        if reply.status in PASSING:
            raise _Passing(self._error(f"{self._name} had a fault of its own (status {reply.status})"))
        if not 200 <= reply.status < 300:
            raise self._refused(reply.status)
        return reply

    def _wait(self, reply: Reply) -> datetime | None:
        """When to come back, if this answer asks for it in the server's own way or in the usual one."""
        if 200 <= reply.status < 300:
            return None
        if self._waits is not None:
            at = self._waits(reply.status, reply.headers, self._perhaps_json(reply)[0])
            if at is not None:
                return max(at, self._now)
        return self._retry_at(reply) if reply.status in THROTTLED else None

    def _perhaps_json(self, reply: Reply) -> tuple[Any, bool]:
        """The JSON of an answer that need not be JSON, and whether it is (or is empty)."""
        if not reply.body.strip():
            return None, True
        try:
            return self._json(reply), True
        except ConnectorError:
            return None, False

    def _retry_at(self, reply: Reply) -> datetime:
        """When to come back (RFC 9110, 10.2.3: seconds or a date); a minute when nothing sensible is said."""
        said = reply.headers.get("retry-after", "").strip()
        if said.isascii() and said.isdigit() and len(said) < 10:
            return self._now + min(timedelta(seconds=int(said)), LONGEST_WAIT)
        try:
            at = parsedate_to_datetime(said)
        except ValueError:
            return self._now + LATER
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        return min(max(at, self._now), self._now + LONGEST_WAIT)

    def _refused(self, status: int) -> ConnectorError:
        if status == 403:
            return Forbidden(f"{self._name} does not allow this user to do that", permanent=True)
        reasons = {
            401: f"{self._name} refuses the user and password",
            404: f"{self._name} does not know what was asked for; check the url",
        }
        other = f"{self._name} refuses the call (status {status})"
        return self._error(reasons.get(status, other), permanent=True)

    def _json(self, reply: Reply) -> Any:
        media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json" and not media.endswith("+json"):
            what = "a web page (perhaps a sign-in page)" if media == "text/html" else "something else"
            told = f"{self._name} answers with {what} instead of data; check the url"
            raise self._error(told, permanent=True)
        try:
            data = json.loads(reply.body, parse_constant=no_constant)
        except (ValueError, RecursionError):
            raise self._error(f"an answer of {self._name} is not complete or not valid JSON") from None
        if deeper(data, self.bounds.depth):
            raise self._error(f"an answer of {self._name} is nested deeper than {self.bounds.depth} levels")
        return data

    def _trouble(self, error: Exception, until: float) -> Exception:
        if time.monotonic() >= until:
            return self._error(f"{self._name} took longer than {self.bounds.total:g} seconds")
        if fault := certificate_fault(error):
            return self._error(f"the certificate of {self._name} {fault}", permanent=True)
        what = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
        if isinstance(error, httpx.RemoteProtocolError | zlib.error):
            what = "broke off its answer"
        return _Passing(self._error(f"{self._name} {what}"))

    def _error(self, sentence: str, *, permanent: bool = False) -> ConnectorError:
        return ConnectorError(sentence, permanent=permanent)
