"""Reports are fetched from a Maildir or over IMAP; what is hostile in them is bounded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dsr import mail
from dsr.mail import Mailbox, MailError, Report
from imapbox import Postbox

ONE, TWO = b"Subject: one\r\n\r\nfirst", b"Subject: two\r\n\r\nsecond"
MOST = 256 * 1024


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box/new/1.a.host").write_bytes(ONE)
    (tmp_path / "box/new/2.b.host").write_bytes(TWO)
    return tmp_path / "box"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with closing(Postbox(ONE, TWO)) as running:
        yield running


def look(url: str, limit: int = 50) -> list[bytes]:
    with mail.opened(Mailbox.from_url(url))() as box:
        return [one.raw for one in box.arrived(limit)]


def test_a_maildir_gives_what_arrived_and_forgets_what_was_understood(maildir: Path) -> None:
    with mail.opened(Mailbox.from_url(f"maildir://{maildir}"))() as box:
        found = list(box.arrived(50))
        box.remove(found[0].name)
        box.remove(found[0].name)
        box.leave(found[1].name)
        box.leave(found[1].name)

    assert [one.raw for one in found] == [ONE, TWO]
    assert [path.name for path in sorted(maildir.rglob("*.host*"))] == ["2.b.host:2,"]
    assert look(f"maildir://{maildir}") == []


def test_imap_gives_what_arrived_and_forgets_what_was_understood(postbox: Postbox) -> None:
    with mail.opened(Mailbox.from_url(postbox.url))() as box:
        found = list(box.arrived(50))
        box.remove(found[0].name)
        box.leave(found[1].name)

    assert [one.raw for one in found] == [ONE, TWO]
    assert (postbox.messages, postbox.flags[2]) == ({2: TWO}, {"\\Flagged"})
    assert look(postbox.url) == []


@pytest.mark.parametrize("kind", ["maildir", "imap"])
def test_no_more_of_a_mail_is_read_than_a_report_needs(kind: str, maildir: Path) -> None:
    huge = b"Subject: huge\r\n\r\n" + b"x" * (10 * 1024 * 1024)
    (maildir / "new/1.a.host").write_bytes(huge)
    with closing(Postbox(huge, TWO)) as postbox:
        url = postbox.url if kind == "imap" else f"maildir://{maildir}"
        assert [len(raw) for raw in look(url)] == [MOST, len(TWO)]
        assert len(look(url, limit=1)) == 1


def test_a_link_in_a_maildir_is_not_followed(maildir: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (maildir / "new/0.link").symlink_to(tmp_path / "secret")
    assert look(f"maildir://{maildir}") == [ONE, TWO]


@pytest.mark.parametrize("url", ["maildir:///no/such/folder", "imap://olga:s3cret@127.0.0.1:9/INBOX"])
def test_a_mailbox_that_cannot_be_reached_is_tried_again_later(url: str) -> None:
    with pytest.raises(MailError) as caught:
        look(url)
    assert (caught.value.permanent, "s3cret" in str(caught.value)) == (False, False)


def test_a_refused_login_says_no_password(postbox: Postbox) -> None:
    with pytest.raises(MailError) as caught:
        look(postbox.url.replace("s3cret", "wr0ng"))
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["maildir://", "maildir://host/x", "imaps://host/INBOX", "pop3://u:p@host", "imap://u@h?x=1", "x"]
)
def test_what_is_no_mailbox_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"maildir:///path"):
        Mailbox.from_url(url)


NESTED = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(3000))
HOSTILE = {
    "nested multiparts": NESTED,
    "nested messages": b"Content-Type: message/rfc822\n\n" * 3000,
    "many short lines": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 50_000,
    "wrong charset": b'Content-Type: text/plain; charset="\xff\xfe-none"\nSubject: =?x-none?b?////?=\n\n\xff\xfe',
    "wrong encoding": b"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n!!!!",
    "a report of nothing": b"Content-Type: message/delivery-status\n\nAction: \xff\nStatus: 9.9.9\n",
    "headers without end": b"X: " + b"y" * 1_000_000,
    "null bytes": b"Content-Type: multipart/report; boundary=\x00\n\n--\x00\n\x00",
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_mail_is_for_a_person_and_costs_little(name: str) -> None:
    began = time.process_time()
    assert mail.read_report(HOSTILE[name]) == Report("other")
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "header",
    [
        b"Auto-Submitted: auto-replied",
        b"Auto-Submitted: auto-generated; owner-email=x",
        b"Precedence: bulk",
        b"X-Autoreply: yes",
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
    ],
)
def test_what_a_machine_replies_is_not_taken_for_a_person(header: bytes) -> None:
    raw = header + b"\nIn-Reply-To: <0123abc@acme.example>\n\nAusente.\n"
    assert mail.read_report(raw) == Report("auto", "<0123abc@acme.example>")
