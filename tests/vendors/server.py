"""The base of every fake: a small HTTP server with tables, routes, ordered faults and ordered quirks."""

from __future__ import annotations

import json
import re
import socket
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from dsr.testing import Disturbance, Person

from .quirks import Quirks

Row = dict[str, Any]
JSON = "application/json"


@dataclass(frozen=True)
class Asked:
    """One request. ``parts``: the values of the path's placeholders; ``query``: the last of each name."""

    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    all_query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: Any
    route: str = ""


@dataclass(frozen=True)
class Reply:
    """One answer. ``raw``: bytes instead of JSON. ``cut``: the connection breaks instead of an answer."""

    status: int = 200
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: bool = False


@dataclass
class Fault:
    """Something that goes wrong ``times`` times for requests that ``when`` picks. ``how`` is given the request
    and a function that gives the right answer (calling it applies the request)."""

    when: Callable[[Asked], bool]
    how: Callable[[Asked, Callable[[], Reply]], Reply]
    times: int = 1


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, for the contract; ``faulty`` answers are ours, not the fake's."""

    asked: Asked
    reply: Reply
    faulty: bool


Handler = Callable[[Any, Asked], Reply]


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    """Mark the method that answers ``METHOD template``; ``{name}`` stands for one part of a path."""

    def mark(handler: Handler) -> Handler:
        handler.__dict__["route"] = (method, template)
        return handler

    return mark


def pattern(template: str) -> re.Pattern[str]:
    """The regular expression of a path with placeholders."""
    parts = re.split(r"\{(\w+)\}", template)
    made = [re.escape(one) if place % 2 == 0 else f"(?P<{one}>[^/]+)" for place, one in enumerate(parts)]
    return re.compile("".join(made))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connector that goes away in the middle of an answer is what some tests are about."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Fake:
    """A vendor. ``faults`` are what breaks on the way, ``quirks`` what the vendor itself does wrong:

    ``stale_search`` (hits of deleted rows), ``strangers`` (everybody's rows in every search and listing),
    ``ignored`` (changes answered, not made), ``lying_delete`` (deletes answered, not made), ``loop`` (the last
    page leads to the first), ``repeat`` (the same page again and again), ``shift`` (a row goes between two
    pages), ``refused`` (a change is answered 2xx with an error inside).
    """

    kind: ClassVar[str] = ""
    secrets: ClassVar[Mapping[str, str]] = {}
    base: ClassVar[str] = ""
    half = Reply(200, raw=b'{"success": true, "results": [{"id": ', headers={"Content-Type": JSON})
    """An answer of which the rest is missing."""
    writes: ClassVar[frozenset[str]] = frozenset()
    """Routes (``METHOD template``) that change something."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Row]] = {}
        self.removed: dict[str, dict[str, Row]] = {}
        self.quirks = set()
        self.faults: list[Fault] = []
        self.account = ""
        """What the account is for, in the vendor's own word."""
        self.exchanges: list[Exchange] = []
        self.inner: list[Exchange] = []
        """Requests that came inside of others."""
        self.lock = RLock()
        self._number = 1000
        self._routes = self._own_routes()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        self._open = True
        self._serving = Thread(target=self._serve, daemon=True)
        self._serving.start()

    def _serve(self) -> None:
        while self._open:
            self._server.handle_request()

    def close(self) -> None:
        """Stop serving, at once: a last call wakes the server, which would else look for it at intervals."""
        self._open = False
        with socket.create_connection(("127.0.0.1", self.port)):
            self._serving.join()
        self._server.server_close()

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a connector that talks to this fake."""
        return {
            "url": f"http://127.0.0.1:{self.port}{self.base}",
            "allow_private": ["127.0.0.1"],
            "basis": "contract",
        }

    @property
    def quirks(self) -> Quirks:
        """What the vendor does wrong at the moment."""
        return self._quirks

    @quirks.setter
    def quirks(self, names: Iterable[str]) -> None:
        self._quirks = Quirks(names)

    # What a vendor fills in.

    def seed(self, person: Person) -> None:
        """Store a person with three rows in two collections at least."""
        raise NotImplementedError

    def raw(self, person: Person) -> dict[str, int]:
        """Her rows per collection of the connector, as stored."""
        raise NotImplementedError

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        """Change something behind the connector's back."""
        raise NotImplementedError

    def grow(self, person: Person, count: int) -> None:
        """Store so many more rows of hers, of a kind that is listed in pages."""
        raise NotImplementedError

    def duplicate(self, person: Person) -> None:
        """Store a second root row with the same address."""
        raise NotImplementedError

    def throttle(self) -> Reply:
        """A 403 by which this vendor asks for patience; a bare one where it has no own."""
        return Reply(403, raw=b"<html>slow down</html>", headers={"Content-Type": "text/html"})

    def budget(self) -> Reply:
        """The answer when the budget of the day is used up."""
        return Reply(429, {"message": "daily"})

    def stranger(self) -> Reply:
        """The answer to whoever does not prove who calls."""
        return Reply(401, {"message": "who are you"})

    def refusal(self) -> Reply:
        """A 2xx answer that says inside that this item was refused."""
        return Reply(200, {"success": False, "errors": [{"status": "error"}]})

    def content(self) -> str:
        """Everything stored."""
        lines = [
            f"{name} {id} {json.dumps(row, sort_keys=True, ensure_ascii=False)}"
            for name, rows in self.tables.items()
            for id, row in rows.items()
        ]
        return "\n".join(sorted(lines))

    # Helpers for the handlers: the quirks live here.

    def table(self, name: str) -> dict[str, Row]:
        """The rows of one kind by id."""
        return self.tables.setdefault(name, {})

    def new(self, name: str, row: Row, id: str | None = None) -> str:
        """Store a row under a new id."""
        self._number += 1
        id = id or str(self._number)
        self.table(name)[id] = row
        return id

    def hits(self, name: str, fits: Callable[[Row], bool]) -> list[tuple[str, Row]]:
        """A search or listing of rows."""
        rows = list(self.table(name).items())
        if "strangers" in self.quirks:
            return rows
        gone = [one for one in self.removed.get(name, {}).items() if one[0] not in self.table(name)]
        if gone and "stale_search" in self.quirks:
            rows += gone
        return [one for one in rows if fits(one[1])]

    def change(self, row: Row, values: Mapping[str, Any]) -> bool:
        """A write to a row; False when this vendor ignores it without a word."""
        if "ignored" in self.quirks or "refused" in self.quirks:
            return False
        row.update(values)
        return True

    def remove(self, name: str, id: str) -> bool:
        """A delete; False when there is no such row."""
        row = self.table(name).get(id)
        if row is None:
            return False
        if not self.quirks & {"lying_delete", "refused"}:
            self.removed.setdefault(name, {})[id] = self.table(name).pop(id)
        return True

    def page(self, rows: Sequence[Any], start: int, size: int) -> tuple[list[Any], int | None]:
        """One page of a listing, and where the next starts."""
        some = list(rows[start : start + size])
        following: int | None = start + size if start + size < len(rows) else None
        if "repeat" in self.quirks:
            return list(rows[:size]), start + size
        if "loop" in self.quirks:
            return some, following if following is not None else 0
        return some, following

    # Serving.

    def _own_routes(self) -> list[tuple[str, str, re.Pattern[str], Handler]]:
        found = []
        for name in dir(type(self)):
            handler = getattr(type(self), name)
            if hasattr(handler, "route"):
                method, template = handler.route
                found.append((method, template, pattern(template), handler))
        # Fixed paths before those with placeholders.
        return sorted(found, key=lambda one: one[1].count("{"))

    def answer(self, asked: Asked) -> tuple[Asked, Reply, bool]:
        """The answer to a request, with the fault that was ordered for it, if one was."""
        asked, handler = self._routed(asked)
        if handler is None:
            return asked, Reply(404, {"message": "no such path"}), False

        refused = asked.route in self.writes and "refused" in self.quirks

        def right() -> Reply:
            with self.lock:
                if not self.signed(asked):
                    return self.stranger()
                if refused:
                    return self.refusal()
                return handler(self, asked)

        with self.lock:
            fault = next((one for one in self.faults if one.times > 0 and one.when(asked)), None)
            if fault is not None:
                fault.times -= 1
        return (asked, fault.how(asked, right), True) if fault else (asked, right(), refused)

    def _routed(self, asked: Asked) -> tuple[Asked, Handler | None]:
        for method, template, shape, handler in self._routes:
            found = shape.fullmatch(asked.path)
            if method == asked.method and found:
                parts = {name: unquote(value) for name, value in found.groupdict().items()}
                return replace(asked, parts=parts, route=f"{method} {template}"), handler
        return asked, None

    def signed(self, asked: Asked) -> bool:
        """Whether the request carries the right credentials."""
        return True

    def unpacked(self, content: bytes, media: str) -> Any:
        """What a body says."""
        return read(content, media)

    def bring_back(self) -> None:
        """What was deleted is there again, under the same ids."""
        for name, rows in self.removed.items():
            self.table(name).update(rows)

    def _handler(fake) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def serve(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                body = fake.unpacked(content, self.headers.get("Content-Type", ""))
                pairs = parse_qsl(parts.query, keep_blank_values=True)
                path = parts.path.removeprefix(fake.base).lstrip("/")
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, path, {}, dict(pairs), pairs, headers, body)
                asked, reply, faulty = fake.answer(asked)
                with fake.lock:
                    fake.exchanges.append(Exchange(asked, reply, faulty))
                self.give(reply)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_PROPFIND = do_REPORT = serve

            def give(self, reply: Reply) -> None:
                if reply.cut:
                    self.close_connection = True
                    with suppress(OSError):
                        self.connection.shutdown(socket.SHUT_RDWR)
                    return
                empty = reply.data is None and reply.raw is None
                content = (
                    reply.raw if reply.raw is not None else b"" if empty else json.dumps(reply.data).encode()
                )
                headers = {"Content-Length": str(len(content)), **({} if empty else {"Content-Type": JSON})}
                with suppress(OSError):
                    self.send_response(reply.status)
                    for name, value in {**headers, **reply.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                    self.wfile.flush()

            def log_message(self, format: str, *values: object) -> None:
                """Quiet."""

        return Answering


def read(content: bytes, media: str) -> Any:
    """What a body says: JSON, a form, or the parts of a form by name."""
    if not content:
        return None
    if media.startswith("multipart/form-data"):
        whole = BytesParser().parsebytes(b"Content-Type: " + media.encode() + b"\r\n\r\n" + content)
        parts = [one for one in whole.walk() if not one.is_multipart()]
        return {str(one.get_param("name", header="Content-Disposition")): part(one) for one in parts}
    if "form" in media:
        return {k: v[-1] for k, v in parse_qs(content.decode()).items()}
    return json.loads(content)


def part(one: Message) -> Any:
    """One part of a form."""
    content = bytes(one.get_payload(decode=True)).decode()
    return json.loads(content) if one.get_content_type() == JSON else content


def numbered(rows: Iterable[tuple[str, Row]]) -> list[Row]:
    """Rows with their ids as numbers inside."""
    return [{"id": int(id), **row} for id, row in rows]
