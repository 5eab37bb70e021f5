"""The HTTP client against servers that are slow, broken, greedy or somewhere else."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from connectors._hosts import is_allowed, origin_of, private_hosts
from connectors._http import Bounds, Http, basic
from dsr.contract import ConnectorError

NOW = dt.datetime(2026, 6, 1, 9, 0, tzinfo=dt.UTC)
JSON = {"Content-Type": "application/json"}
Handler = Callable[[BaseHTTPRequestHandler], object]


class Site:
    """A server on loopback that answers as ``handle`` says and notes what it was asked."""

    def __init__(self) -> None:
        site = self
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.handle: Handler = lambda asked: reply(asked, {"hello": "Ana"})

        class Answering(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                site.asked.append((self.command, self.path, dict(self.headers), body))
                site.handle(self)

            do_GET = do_POST = do_DELETE = handle_any

            def log_message(self, format: str, *values: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.port = self.server.server_address[1]
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def reply(asked: BaseHTTPRequestHandler, data: object, status: int = 200, **headers: str) -> None:
    """Answer with JSON, or with bytes as they are."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked.send_response(status)
    for name, value in (JSON | {"Content-Length": str(len(body))} | named).items():
        asked.send_header(name, value)
    asked.end_headers()
    asked.wfile.write(body)


@pytest.fixture
def site() -> Iterator[Site]:
    with closing(Site()) as running:
        yield running


def client(site: Site, host: str = "mail.example", **more: Any) -> Http:
    """A client of the site under a name that resolves to this machine."""
    bounds = more.pop("bounds", Bounds(connect=2, read=1, total=2, pause=0.01))
    more = {"private": True, "resolve": lambda name, port: ["127.0.0.1"]} | more
    base = more.pop("base", f"http://{host}:{site.port}/api")
    return Http("Mailman", base, now=NOW, headers=basic("ana", "clave"), bounds=bounds, **more)


def failure(http: Http, method: str = "GET", path: str = "thing?who=ana@correo.example") -> ConnectorError:
    """The error of one call; it names nobody and quotes nothing."""
    with closing(http), pytest.raises(ConnectorError) as caught:
        http.send(method, path)
    told = f"{caught.value} {caught.value.args} {caught.value.__cause__}"
    assert [word for word in ("ana", "clave", "example") if word in told] == []
    return caught.value


def test_an_answer_is_its_json(site: Site) -> None:
    with closing(client(site)) as http:
        assert http.get("thing", {"a": "1 & 2"}).data == {"hello": "Ana"}

    method, path, headers, _ = site.asked[0]
    assert (method, path, headers["Host"]) == ("GET", "/api/thing?a=1+%26+2", f"mail.example:{site.port}")
    assert headers["Authorization"] == "Basic YW5hOmNsYXZl"


def test_a_form_is_sent_as_a_form(site: Site) -> None:
    with closing(client(site)) as http:
        http.send("POST", "find", {"subscriber": "ñ+1@x.example"})

    assert site.asked[0][3] == b"subscriber=%C3%B1%2B1%40x.example"


def test_statuses_that_were_asked_for_are_answers(site: Site) -> None:
    site.handle = lambda asked: reply(asked, b"<html>gone", 404, Content_Type="text/html")

    with closing(client(site)) as http:
        assert http.get("thing", also=(404,)).data is None


def test_no_url_and_no_address_is_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with closing(client(site)) as http:
        http.get("thing", {"who": "ana@correo.example"})

    assert [word for word in ("ana@", "ana%40", "correo.example") if word in caplog.text] == []


@pytest.mark.parametrize(
    ("status", "permanent", "words"),
    [
        (401, True, "refuses the user and password"), (403, True, "does not allow"), (404, True, "does not know"),
        (400, True, "refuses the call"), (500, False, "fault of its own"), (502, False, "fault of its own"),
    ],
)  # fmt: skip
def test_a_bad_status_is_told_in_a_sentence(site: Site, status: int, permanent: bool, words: str) -> None:
    site.handle = lambda asked: reply(asked, {"title": "ana@correo.example"}, status)

    error = failure(client(site))

    assert (error.permanent, words in str(error)) == (permanent, True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("90", 90), ("", 60), ("soon", 60), ("-5", 60), ("99999999", 86_400),
        ("Mon, 01 Jun 2026 09:10:00 GMT", 600), ("Mon, 01 Jun 2020 09:10:00 GMT", 0),
    ],
)  # fmt: skip
def test_a_throttled_call_says_when_to_come_back(site: Site, status: int, said: str, seconds: int) -> None:
    site.handle = lambda asked: reply(asked, {}, status, Retry_After=said)

    error = failure(client(site))

    assert (error.permanent, error.retry_at) == (False, NOW + dt.timedelta(seconds=seconds))
    assert len(site.asked) == 1


def test_a_passing_fault_is_asked_again_and_only_where_that_is_harmless(site: Site) -> None:
    def shaky(asked: BaseHTTPRequestHandler) -> None:
        reply(asked, {"turn": len(site.asked)}, 200 if len(site.asked) in (3, 5) else 502)

    site.handle = shaky
    with closing(client(site)) as http:
        assert http.get("thing").data == {"turn": 3}
    failure(client(site), "POST")

    assert [one[0] for one in site.asked] == ["GET", "GET", "GET", "POST"]


def test_every_request_is_counted_before_it_is_sent(site: Site) -> None:
    site.handle = lambda asked: reply(asked, {}, 200 if len(site.asked) > 1 else 502)
    sent_before: list[int] = []
    with closing(client(site, calling=lambda: sent_before.append(len(site.asked)))) as http:
        http.get("thing")
        http.get("thing")

    assert (sent_before, len(site.asked)) == ([0, 1, 2], 3)


def test_attempts_end_with_the_time(site: Site) -> None:
    site.handle = lambda asked: reply(asked, {}, 502)
    start = time.monotonic()

    failure(client(site, bounds=Bounds(total=0.5, attempts=1000, pause=0.05)))

    assert time.monotonic() - start < 30


def test_a_sign_in_page_is_not_an_answer(site: Site) -> None:
    site.handle = lambda asked: reply(asked, b"<html>ana, sign in", Content_Type="text/html; charset=utf-8")

    error = failure(client(site))

    assert (error.permanent, "sign-in page" in str(error)) == (True, True)


@pytest.mark.parametrize(
    "body", [b'{"name": "ana', b'{"n": NaN}', b"[" * 100_000, b"\xff\xfe", b'{"n": ' + b"9" * 9_000 + b"}"]
)
def test_broken_json_is_told_without_it(site: Site, body: bytes) -> None:
    site.handle = lambda asked: reply(asked, body)

    assert "not complete or not valid JSON" in str(failure(client(site)))


@pytest.mark.parametrize(("levels", "fits"), [(32, True), (33, False)])
def test_depth_is_limited(site: Site, levels: int, fits: bool) -> None:
    site.handle = lambda asked: reply(asked, b"[" * levels + b"]" * levels)

    with closing(client(site)) as http:
        if fits:
            assert http.get("thing").status == 200
        else:
            assert "nested deeper than 32" in str(failure(http))


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_has_a_largest_size(site: Site, packed: bool) -> None:
    bomb = b'"' + b"a" * 50_000_000 + b'"'
    body, coding = (gzip.compress(bomb), "gzip") if packed else (bomb, "identity")
    site.handle = lambda asked: reply(asked, body, Content_Encoding=coding)

    assert "larger than 1,000 bytes" in str(failure(client(site, bounds=Bounds(bytes=1000))))


def test_a_packed_answer_is_unpacked(site: Site) -> None:
    site.handle = lambda asked: reply(asked, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")

    with closing(client(site)) as http:
        assert http.get("thing").data == {"a": 1}


def test_an_answer_that_breaks_off_is_told(site: Site) -> None:
    site.handle = lambda asked: reply(asked, b'{"a": 1', Content_Length="5000")

    error = failure(client(site))

    assert (error.permanent, len(site.asked)) == (False, 4)


def drip(asked: BaseHTTPRequestHandler, start: bytes, piece: bytes) -> None:
    """Bytes that keep coming, never quite late."""
    try:
        asked.wfile.write(start)
        for _ in range(2_000):
            asked.wfile.write(piece)
            asked.wfile.flush()
            time.sleep(0.05)
    except OSError:
        asked.close_connection = True


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"],
)  # fmt: skip
def test_all_of_a_call_has_a_limit(site: Site, start: bytes) -> None:
    site.handle = lambda asked: drip(asked, start, b"a")
    begun = time.monotonic()

    error = failure(client(site, bounds=Bounds(read=1, total=0.6)))

    assert "took longer than 0.6 seconds" in str(error)
    assert time.monotonic() - begun < 30


def test_a_server_that_says_nothing_is_left(site: Site) -> None:
    over = Event()
    site.handle = lambda asked: over.wait(60)

    error = failure(client(site, bounds=Bounds(read=0.2, total=30, attempts=1)))
    over.set()
    assert "did not answer in time" in str(error)


def test_nobody_there_is_told(site: Site) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    error = failure(client(site, base=f"http://mail.example:{port}/"))

    assert (error.permanent, "cannot be reached" in str(error)) == (False, True)


def test_a_name_without_address_is_told(site: Site) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(host)

    assert "cannot be resolved" in str(failure(client(site, resolve=unknown)))


def test_a_name_is_resolved_once(site: Site) -> None:
    turns: list[str] = []

    def changing(host: str, port: int) -> list[str]:
        turns.append(host)
        return ["127.0.0.1"] if len(turns) == 1 else ["169.254.169.254"]

    with closing(client(site, resolve=changing)) as http:
        assert [http.get("a").status, http.get("b").status] == [200, 200]
    assert turns == ["mail.example"]


def test_one_address_inside_refuses_the_name(site: Site) -> None:
    refused = client(site, private=False, resolve=lambda host, port: ["93.184.215.14", "127.0.0.1"])

    assert "not public" in str(failure(refused))
    assert site.asked == []


@pytest.mark.parametrize(
    ("address", "private", "allowed"),
    [
        ("93.184.215.14", False, True), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", False, True),
        ("127.0.0.1", False, False), ("10.1.2.3", False, False), ("192.168.0.9", False, False),
        ("100.64.0.1", False, False), ("::1", False, False), ("fd00::1", False, False), ("0.0.0.0", True, False),
        ("::ffff:127.0.0.1", False, False), ("64:ff9b::7f00:1", False, False), ("2002:7f00:1::", False, False),
        ("10.1.2.3", True, True), ("127.0.0.1", frozenset({"mail.example"}), True),
        ("127.0.0.1", frozenset({"other.example"}), False), ("169.254.169.254", True, False),
        ("169.254.169.254", frozenset({"mail.example"}), True), ("fe80::1%eth0", True, False),
        ("224.0.0.1", True, False), ("nonsense", True, False),
    ],
)  # fmt: skip
def test_only_public_addresses_unless_allowed(
    address: str, private: bool | frozenset[str], allowed: bool
) -> None:
    assert is_allowed(address, "mail.example", private) is allowed


@pytest.mark.parametrize(
    "url",
    ["ftp://mail.example/", "mail.example", "https://", "https://ana:clave@mail.example/", "http://[::1", "http://a:b/"],
)  # fmt: skip
def test_a_strange_url_is_refused(url: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        origin_of(url)

    assert (caught.value.permanent, "clave" in str(caught.value)) == (True, False)


@pytest.mark.parametrize("value", ["yes", 1, [""], [1], {"a": 1}])
def test_a_wrong_allow_list_is_refused(value: object) -> None:
    with pytest.raises(ConnectorError, match="allow_private"):
        private_hosts(value)


def elsewhere(target: str) -> Handler:
    def handle(asked: BaseHTTPRequestHandler) -> None:
        if "thing" in asked.path:
            reply(asked, b"", 302, Location=target)
        else:
            reply(asked, {"arrived": True})

    return handle


def test_a_redirect_on_the_host_is_followed(site: Site) -> None:
    site.handle = elsewhere("/api/new")

    with closing(client(site)) as http:
        assert http.get("thing").data == {"arrived": True}


def test_a_redirect_to_another_host_is_refused(site: Site) -> None:
    site.handle = elsewhere(f"http://other.example:{site.port}/")

    assert "redirects to another place" in str(failure(client(site)))
    assert len(site.asked) == 1


def test_a_redirect_that_may_leave_takes_no_credentials_along(site: Site) -> None:
    site.handle = elsewhere(f"http://other.example:{site.port}/")

    with closing(client(site, follow=["other.example"])) as http:
        assert http.get("thing").data == {"arrived": True}
    assert ["Authorization" in one[2] for one in site.asked] == [True, False]


def test_a_redirect_to_an_address_inside_is_refused(site: Site) -> None:
    site.handle = elsewhere(f"http://other.example:{site.port}/")
    only = client(site, follow=["other.example"], private=frozenset({"mail.example"}))

    assert "not public" in str(failure(only))
    assert len(site.asked) == 1


def test_a_change_is_never_redirected(site: Site) -> None:
    site.handle = elsewhere("/api/new")

    assert "redirects a change" in str(failure(client(site), "DELETE"))


def test_redirects_end(site: Site) -> None:
    site.handle = elsewhere("/api/thing")

    assert "more than 3 times" in str(failure(client(site)))
    assert len(site.asked) == 4


def test_pages_end(site: Site) -> None:
    with closing(client(site, bounds=Bounds(pages=3))) as http:
        assert list(http.paged(lambda number: ([number], number < 3))) == [1, 2, 3]
        with pytest.raises(ConnectorError, match="does not end after 3 pages"):
            list(http.paged(lambda number: ([number], True)))
