"""Webhooks: told once, signed, repeated until the receiver accepts, nothing personal in them."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select, update

from dsr import store
from dsr.services import hooks, review
from dsr.services.officers import Officer
from dsr.store.operations import Hook, Message
from dsr.store.queries import desk

OLGA = Officer(1, ("dpo",))


@dataclass
class Receiver:
    """A program of the organisation: keeps what it was sent, answers with the next of ``answers`` or 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def told(self) -> list[tuple[str, str]]:
        bodies = [json.loads(body) for _, body in self.calls]
        return [(body["type"], body["data"]["status"]) for body in bodies]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(made.answers.pop(0) if made.answers else 204)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/dsr"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def tick(place, **later) -> None:
    with place.app.app_context():
        hooks.tick(now=datetime.now(UTC) + timedelta(**later))


def waiting(place) -> int:
    with place.app.app_context(), store.reading() as session:
        return len(session.scalars(select(Message).where(Message.channel == "webhook")).all())


def test_every_move_of_a_case_is_told_in_order_and_once(place, shop, receiver):
    shop.post("/hooks", {"url": receiver.url})
    (reference,) = place.reviewed(shop, "access")
    digest = shop.get(f"/cases/{reference}").get_json()["plan"]["hash"]
    shop.post(f"/cases/{reference}/approve", {"plan_hash": digest})
    place.work()

    for _ in range(3):
        tick(place)

    assert receiver.told == [
        ("case.submitted", "unverified"),
        ("identity.proved", "ready"),
        ("case.planned", "review"),
        ("case.approved", "approved"),
        ("case.answered", "answered"),
    ]
    assert waiting(place) == 0


def test_the_signature_holds_and_the_body_names_the_case_only(place, shop, receiver):
    secret = shop.post("/hooks", {"url": receiver.url}).get_json()["secret"]
    filed = shop.file(email="ana@example.com", name="Ana Ruiz").get_json()

    tick(place)

    headers, body = receiver.calls[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    told = json.loads(body)
    at = told["timestamp"]
    data = {"reference": filed["cases"][0]["reference"], "right": "access", "status": "unverified", "at": at}
    assert told == {"type": "case.submitted", "timestamp": at, "data": data}


def test_a_receiver_that_fails_is_told_again_with_the_same_id(place, shop, receiver):
    receiver.answers = [500, 302]
    shop.post("/hooks", {"url": receiver.url})
    shop.file()

    tick(place)
    tick(place, seconds=9)
    before = len(receiver.calls)
    tick(place, seconds=11)
    tick(place, seconds=90)
    tick(place, hours=9)

    assert (before, len(receiver.calls)) == (1, 3)
    assert len({(headers["webhook-id"], body) for headers, body in receiver.calls}) == 1
    assert waiting(place) == 0


def test_a_receiver_that_is_down_loses_nothing(place, shop, receiver):
    shop.post("/hooks", {"url": receiver.url})
    with place.app.app_context(), store.transaction() as tx:
        tx.session.execute(update(Hook).values(url="http://127.0.0.1:1/"))
    shop.file()
    tick(place)
    shop.file(email="ana2@example.com")
    tick(place)
    with place.app.app_context(), store.transaction() as tx:
        tx.session.execute(update(Hook).values(url=receiver.url))

    tick(place, hours=1)

    assert receiver.told == [("case.submitted", "unverified")] * 2


def test_two_processes_that_tell_at_once_tell_once(place, shop, receiver):
    shop.post("/hooks", {"url": receiver.url})
    for n in range(4):
        shop.file(email=f"ana{n}@example.com")

    threads = [threading.Thread(target=tick, args=(place,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == len(receiver.calls) == 4


def test_a_process_that_dies_before_its_message_is_settled_repeats_the_same_message(place, shop, receiver):
    shop.post("/hooks", {"url": receiver.url})
    shop.file()
    with place.app.app_context():
        hooks.tell(now=datetime.now(UTC))
        with store.transaction() as tx:
            message = tx.session.scalars(select(Message).where(Message.channel == "webhook")).one()
            tx.session.expunge(message)
        assert hooks._send(message, datetime.now(UTC)) is None

    tick(place)

    ids = [headers["webhook-id"] for headers, _ in receiver.calls]
    assert (len(ids), len(set(ids)), waiting(place)) == (2, 1, 0)


def test_what_happened_before_the_webhook_is_not_told(place, shop, receiver):
    shop.file()
    shop.post("/hooks", {"url": receiver.url})

    tick(place)

    assert receiver.calls == []


def test_a_receiver_that_says_gone_is_told_nothing_more(place, shop, receiver):
    receiver.answers = [410]
    shop.post("/hooks", {"url": receiver.url})
    shop.file()
    shop.file(email="ana2@example.com")

    tick(place)
    tick(place, hours=1)

    assert (len(receiver.calls) <= 2, waiting(place), shop.get("/hooks").get_json()) == (
        True,
        0,
        {"hooks": []},
    )


def test_a_webhook_that_was_taken_away_is_told_nothing_more(place, shop, receiver):
    number = shop.post("/hooks", {"url": receiver.url}).get_json()["id"]
    shop.file()
    with place.app.app_context():
        hooks.tell(now=datetime.now(UTC))

    gone = shop.call("DELETE", f"/hooks/{number}")
    shop.file(email="ana2@example.com")
    tick(place)

    assert (gone.status_code, gone.get_json(), receiver.calls, waiting(place)) == (200, {"id": number}, [], 0)
    assert shop.call("DELETE", f"/hooks/{number}").get_json()["code"] == "hook.unknown"


def test_messages_that_fail_for_good_are_shown_and_audited(place, shop, receiver):
    receiver.answers = [500]
    shop.post("/hooks", {"url": receiver.url})
    shop.file()
    with place.app.app_context():
        hooks.tell(now=datetime.now(UTC))
        with store.transaction() as tx:
            tx.session.execute(update(Message).where(Message.channel == "webhook").values(attempts=199))

    tick(place)

    (shown,) = shop.get("/hooks").get_json()["hooks"]
    with place.app.app_context(), store.reading() as session:
        (entry,) = desk.audit_page(session, "acme", kind="hook.failed")
    assert ((shown["waiting"], shown["failed"]), entry.data["attempts"]) == ((0, 1), 200)


def test_another_controller_is_told_nothing_and_sees_no_webhook(place, shop, receiver):
    stranger = place.program(controller="bolt")
    theirs = stranger.post("/hooks", {"url": receiver.url}).get_json()
    shop.file()

    tick(place)

    assert receiver.calls == []
    assert shop.get("/hooks").get_json() == {"hooks": []}
    assert shop.call("DELETE", f"/hooks/{theirs['id']}").status_code == 404


def test_what_officers_decide_is_told_too(place, shop, receiver):
    (reference,) = place.reviewed(shop, "access")
    shop.post("/hooks", {"url": receiver.url})
    at = datetime.now(UTC)
    with place.app.app_context():
        review.pause(reference, "Which shop was it?", by=OLGA, now=at)
        review.resume(reference, by=OLGA, now=at)
        review.note(reference, "She called.", by=OLGA, now=at)
        review.cancel(reference, "Filed twice.", by=OLGA, now=at)

    tick(place)

    assert receiver.told == [
        ("clock.paused", "waiting"),
        ("clock.resumed", "review"),
        ("case.cancelled", "closed"),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://user:pw@127.0.0.1/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "http://127.0.0.1/\r\nHost: x",
        "javascript:alert(1)",
        "https://",
        "x" * 401,
    ],
)
def test_an_address_that_may_not_be_called_is_refused(shop, url):
    answer = shop.post("/hooks", {"url": url})

    assert (answer.status_code, answer.get_json()["code"] in ("hook.url", "fields")) == (422, True)
    assert shop.get("/hooks").get_json() == {"hooks": []}


def test_there_is_a_most_of_webhooks(shop, receiver):
    answers = [shop.post("/hooks", {"url": receiver.url}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [201] * 10 + [422]
