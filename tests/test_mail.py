"""Mail: messages that cannot be abused, a real server on loopback, and reports that come back."""

import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from dsr import mail
from dsr.mail import MailError, Outgoing, Report, Server, Unsendable

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MESSAGE = Outgoing(
    message_id="<0123abc@acme.example>",
    sender="privacy@acme.example",
    to="ana@example.org",
    subject="Su solicitud: información",
    text="Buenos días\n",
    html="<p>Buenos días</p>",
)


class Box:
    """A mail server that keeps what it takes and refuses what it was told to refuse."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.to = "250 OK"
        self.data = "250 2.0.0 queued as 77"

    async def handle_RCPT(  # noqa: N802 - the name is the server's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data.startswith("250"):
            self.taken.append(envelope)
        return self.data


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[Server]:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    running = Controller(box, hostname="127.0.0.1", port=port)
    running.start()
    yield Server.from_url(f"smtp://127.0.0.1:{port}")
    running.stop()


def send(server: Server, outgoing: Outgoing = MESSAGE) -> str:
    return mail.smtp(server, clock=lambda: NOW, timeout=5)(outgoing)


def failure(server: Server, outgoing: Outgoing = MESSAGE) -> MailError:
    with pytest.raises(MailError) as caught:
        send(server, outgoing)
    return caught.value


def test_a_message_arrives_and_the_answer_of_the_server_is_kept(server: Server, box: Box) -> None:
    assert send(server) == "250 2.0.0 queued as 77"
    (envelope,) = box.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("privacy@acme.example", ["ana@example.org"])


def test_both_texts_arrive_whole(server: Server, box: Box) -> None:
    send(server)
    message = message_from_bytes(bytes(box.taken[0].content or b""), policy=policy.default)
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert (plain.get_content().strip(), html.get_content().strip()) == ("Buenos días", "<p>Buenos días</p>")
    assert message["Subject"] == MESSAGE.subject


def test_the_headers_are_stable_and_tell_machines_not_to_answer() -> None:
    message = mail.build(MESSAGE, now=NOW)
    assert dict(message.items()) == {
        "From": "privacy@acme.example",
        "To": "ana@example.org",
        "Subject": MESSAGE.subject,
        "Date": "Mon, 02 Mar 2026 09:00:00 +0000",
        "Message-ID": "<0123abc@acme.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }


@pytest.mark.parametrize(
    "address",
    [
        "ana",
        "ana@",
        "@example.org",
        "ana@example.org\nBcc: eva@example.org",
        "ana@example.org\r",
        "ana@example.org, eva@example.org",
        "Ana <ana@example.org>",
        "ana@exa mple.org",
        "",
    ],
)
@pytest.mark.parametrize("field", ["to", "sender"])
def test_what_is_not_one_address_makes_no_message(address: str, field: str) -> None:
    with pytest.raises(Unsendable):
        mail.build(replace(MESSAGE, **{field: address}), now=NOW)


@pytest.mark.parametrize("subject", ["a\nBcc: eva@example.org", "a\rb", "a\x00b", "a\u2028b"])
def test_a_subject_cannot_carry_a_header(subject: str) -> None:
    with pytest.raises(Unsendable):
        mail.build(replace(MESSAGE, subject=subject), now=NOW)


def test_a_message_id_cannot_carry_a_header() -> None:
    with pytest.raises(Unsendable):
        mail.build(replace(MESSAGE, message_id="<a@b.example>\nBcc: eva@example.org"), now=NOW)


def test_a_name_of_another_script_is_sent_in_its_ascii_form() -> None:
    assert mail.check_address("ana@señal.example") == "ana@xn--seal-hqa.example"


@pytest.mark.parametrize(
    ("answer", "permanent"), [("550 5.1.1 no such user", True), ("451 4.7.1 greylisted", False)]
)
def test_a_refused_recipient_is_permanent_or_not_as_the_server_says(
    server: Server, box: Box, answer: str, permanent: bool
) -> None:
    box.to = answer
    error = failure(server)
    assert (error.permanent, error.answer, box.taken) == (permanent, answer, [])


def test_a_refused_body_is_a_failure(server: Server, box: Box) -> None:
    box.data = "554 5.6.0 no"
    assert failure(server).permanent is True


def test_an_address_in_the_words_of_a_server_is_not_kept(server: Server, box: Box) -> None:
    box.to = "550 5.1.1 <ana@example.org> unknown"
    assert str(failure(server)) == "550 5.1.1"


def test_a_server_that_is_away_is_tried_again_later() -> None:
    error = failure(Server("127.0.0.1", 9, "none"))
    assert (error.permanent, error.answer) == (False, "127.0.0.1 cannot be reached: ConnectionRefusedError")


def test_a_server_without_encryption_gets_nothing(server: Server, box: Box) -> None:
    error = failure(replace(server, tls="starttls"))
    assert (error.permanent, box.taken) == (False, [])


@pytest.mark.parametrize(
    ("url", "tls", "port"),
    [
        ("smtp://mail.example.org", "starttls", 587),
        ("smtps://mail.example.org", "immediate", 465),
        ("smtp://localhost:25", "none", 25),
        ("smtp://[::1]:25", "none", 25),
        ("smtp://localhost:25?starttls=required", "starttls", 25),
    ],
)
def test_encryption_follows_from_the_address(url: str, tls: str, port: int) -> None:
    server = Server.from_url(url)
    assert (server.tls, server.port) == (tls, port)


@pytest.mark.parametrize(
    "url", ["mail.example.org", "smtp://", "http://x", "smtp://x.example?starttls=off", "smtp://x?a=b"]
)
def test_a_wrong_server_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|starttls"):
        Server.from_url(url)


def test_a_demonstration_keeps_its_mails_in_files_for_this_user(tmp_path: Path) -> None:
    keep = mail.folder(tmp_path / "outbox", clock=lambda: NOW, keep=2)
    for number in range(3):
        keep(replace(MESSAGE, message_id=f"<{number}@acme.example>"))
    files = sorted((tmp_path / "outbox").iterdir())
    assert len(files) == 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert message_from_bytes(files[0].read_bytes())["To"] == "ana@example.org"


BOUNCE = b"""\
From: MAILER-DAEMON@mx.example
To: privacy@acme.example
Subject: Undelivered Mail
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ana@example.org
Action: %s
Status: %s
--b
Content-Type: %s

Message-ID: <0123abc@acme.example>
Subject: Su solicitud
--b--
"""


@pytest.mark.parametrize("returned", [b"message/rfc822", b"text/rfc822-headers"])
@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        (b"failed", b"5.1.1", "bounced"),
        (b"delayed", b"4.4.1", "delayed"),
        (b"delivered", b"2.0.0", "delivered"),
    ],
)
def test_a_delivery_report_is_read(action: bytes, status: bytes, kind: str, returned: bytes) -> None:
    report = mail.read_report(BOUNCE % (action, status, returned))
    assert report == Report(kind, "<0123abc@acme.example>", status.decode())


def test_an_automatic_reply_is_not_a_bounce() -> None:
    raw = b"Auto-Submitted: auto-replied\nIn-Reply-To: <0123abc@acme.example>\n\nI am away.\n"
    assert mail.read_report(raw) == Report("auto", "<0123abc@acme.example>")


def test_a_persons_reply_is_for_a_person() -> None:
    raw = b"From: ana@example.org\nIn-Reply-To: <0123abc@acme.example>\n\nHello\n"
    assert mail.read_report(raw) == Report("other", "<0123abc@acme.example>")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/report; boundary=\n\n--",
        BOUNCE[:400],
        b"Message-ID: <\n\n",
    ],
)
def test_whatever_cannot_be_read_is_for_a_person(raw: bytes) -> None:
    assert mail.read_report(raw).kind == "other"
