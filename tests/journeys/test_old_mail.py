"""An old mail is opened after an objection or an erasure: the tracking tool must not find her any more."""

import sqlite3
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from dsr.services.intake import Wanted

ANA, EVA = "ana.garcia@correo.example", "eva.garcia@correo.example"
HERS = "SELECT link_token FROM messages WHERE recipient = ? ORDER BY id LIMIT 1"


def tracker(path):
    """What a tracking tool does with ``/o/<token>``: the token leads to the message, and an open is noted."""

    class Pixel(BaseHTTPRequestHandler):
        def do_GET(self):
            with closing(sqlite3.connect(path)) as base, base:
                base.execute(
                    "INSERT INTO opens (message_id, opened_at) "
                    "SELECT id, '2026-03-03T10:00:00' FROM messages WHERE link_token = ?",
                    (self.path.removeprefix("/o/"),),
                )
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """A token must not stand in the output of a test."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Pixel)


@pytest.fixture
def opens(place):
    """Open the oldest mail of somebody again, as it was sent; how many opens the tool then holds in all."""
    tokens = {who: place.rows("tracking", HERS, who) for who in (ANA, EVA)}
    server = tracker(place.tracking)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def opened(who):
        for (token,) in tokens[who]:
            httpx.get(f"http://127.0.0.1:{server.server_port}/o/{token}", trust_env=False)
        [(count,)] = place.rows("tracking", "SELECT count(*) FROM opens")
        return count

    yield opened
    server.shutdown()
    server.server_close()
    thread.join()


def test_before_anything_is_asked_an_opened_mail_is_noted(place, opens):
    [(before,)] = place.rows("tracking", "SELECT count(*) FROM opens")
    assert opens(ANA) == before + 1


def test_after_an_objection_to_tracking_an_old_mail_brings_nothing(place, opens):
    [(before,)] = place.rows("tracking", "SELECT count(*) FROM opens")

    place.submit(Wanted("objection", channels=("tracking",)))

    tokens = place.rows("tracking", "SELECT link_token FROM messages WHERE recipient = ?", ANA)
    assert opens(ANA) == before
    assert [one for (one,) in tokens if not one.startswith("gone-")] == []
    assert len({one for (one,) in tokens}) == len(tokens) > 1


def test_after_an_erasure_an_old_mail_brings_nobody_back(place, opens):
    place.approve(place.submit("erasure").cases[0])
    [(left,)] = place.rows("tracking", "SELECT count(*) FROM opens")

    after = opens(ANA)

    assert after == left
    assert place.rows("tracking", "SELECT count(*) FROM messages WHERE recipient = ?", ANA) == [(0,)]


def test_mails_of_others_are_still_noted(place, opens):
    place.submit(Wanted("objection", channels=("tracking",)))
    [(before,)] = place.rows("tracking", "SELECT count(*) FROM opens")
    expected = before + len(place.rows("tracking", HERS, EVA))
    assert opens(EVA) == expected
