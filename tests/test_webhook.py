"""Outgoing calls: which addresses, which signature, how long."""

import base64
import socket
import threading
import time
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from dsr import webhook
from dsr.webhook import Call, WebhookError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1"))


@pytest.mark.parametrize(
    "url", ["https://8.8.8.8/", "https://8.8.8.8:8443/a?b=c", "https://[2606:4700:4700::1111]/"]
)
def test_a_public_address_over_https_is_allowed(url):
    webhook.check(url, ())


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "https://127.9.9.9/", "http://[::1]:8080/", "http://localhost/"]
)
def test_an_allowed_network_may_be_called_over_http(url):
    webhook.check(url, LOOPBACK)


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/",
        "https://127.0.0.1/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/",
        "https://224.0.0.1/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://8.8.8.8:99999/",
        "https://8.8.8.8/#fragment",
        "https://ana@8.8.8.8/",
        "https://8.8.8.8\\@127.0.0.1/",
        "https://8.8.8.8/ x",
        "https://8.8.8.8/\n",
        "ftp://8.8.8.8/",
        "https:///path",
        "",
    ],
)
def test_everything_else_is_refused(url):
    with pytest.raises(WebhookError):
        webhook.check(url, ())


def test_the_signature_is_the_one_of_the_specification():
    # The example of the Standard Webhooks specification, "Signature scheme".
    call = Call(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "https://8.8.8.8/",
        b'{"test": 2432232314}',
        base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    )

    headers = webhook.signature(call, datetime.fromtimestamp(1614265330, UTC))

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_that_drips_is_cut_off(monkeypatch):
    monkeypatch.setattr(webhook, "TOTAL_SECONDS", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip():
        connection, _ = listener.accept()
        with connection:
            while not over.wait(0.1):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    call = Call("id", f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", b"key")
    began = time.monotonic()

    with pytest.raises(WebhookError):
        webhook.send(call, allowed=LOOPBACK, now=NOW)

    assert time.monotonic() - began < 30
    over.set()
    thread.join()
    listener.close()


def test_the_secret_of_a_call_is_not_printed():
    assert "key" not in repr(Call("id", "https://8.8.8.8/", b"{}", b"key"))
