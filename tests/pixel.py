"""A mail program that opens an old mail: one real HTTP request for its pixel, at a small server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx


@contextmanager
def tracker(noted: Callable[[str], object]) -> Iterator[Callable[[str], None]]:
    """Gives ``open_mail(token)``; the server answers when ``noted(token)`` has written what it writes."""

    class Pixel(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name is the server's
            noted(self.path.removeprefix("/o/"))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """A token must not stand in the output of a test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pixel)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def open_mail(token: str) -> None:
        answer = httpx.get(f"http://127.0.0.1:{server.server_port}/o/{token}", trust_env=False)
        assert answer.status_code == 204, "the tracking server failed"

    try:
        yield open_mail
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
