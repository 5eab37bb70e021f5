"""TLS proves the name although the connection goes to a pinned address."""

from __future__ import annotations

import datetime as dt
import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from connectors._http import Bounds, Http
from connectors._wire import unproved
from dsr.contract import ConnectorError
from servers.certificates import certificate

NOW = dt.datetime(2026, 6, 1, 9, 0, tzinfo=dt.UTC)


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"host": self.headers["Host"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        """Quiet."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, ssl.SSLContext]]:
    """The port of a server that is mail.example, and a trust that knows it."""
    pem = certificate(tmp_path, "mail.example")
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(pem)
    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as running:
        running.socket = secure.wrap_socket(running.socket, server_side=True)
        Thread(target=running.serve_forever, daemon=True).start()
        yield running.server_address[1], ssl.create_default_context(cafile=str(pem))
        running.shutdown()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("certificate has expired", "must be renewed there"),
        ("certificate is not yet valid", "compare the clocks"),
        ("certificate {} doesn't match any name in ['a.example']", "of another name"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said_with_what_to_do(words: str, said: str) -> None:
    assert said in unproved(words)


def client(host: str, port: int, tls: ssl.SSLContext | None) -> Http:
    return Http(
        "Mailman", f"https://{host}:{port}", now=NOW, private=True, tls=tls,
        bounds=Bounds(pause=0.01), resolve=lambda name, port: ["127.0.0.1"],
    )  # fmt: skip


def test_the_name_of_the_url_is_proved(server: tuple[int, ssl.SSLContext]) -> None:
    port, trust = server
    with closing(client("mail.example", port, trust)) as http:
        assert http.get("hello").data == {"host": f"mail.example:{port}"}


@pytest.mark.parametrize("known", [True, False])
def test_another_name_or_an_unknown_certificate_is_refused(
    server: tuple[int, ssl.SSLContext], known: bool
) -> None:
    port, trust = server
    http = client("other.example" if known else "mail.example", port, trust if known else None)

    why = "of another name" if known else "setting 'ca'"
    with closing(http), pytest.raises(ConnectorError, match=f"does not prove its name.*{why}") as caught:
        http.get("hello")

    assert caught.value.permanent
