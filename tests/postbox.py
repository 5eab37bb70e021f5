"""A real Dovecot as the tests see it: mail is put in with imaplib, and looked at in its Maildir."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

from connectors.imap import Imap
from dsr.testing import Person
from road import Road
from servers.dovecot import USER, Dovecot

INBOX, SENT, ARCHIVE = "INBOX", "Sent", "Archive"
WHEN = '"03-Mar-2026 10:11:12 +0100"'


class Post:
    """What a mail program does, and what lies in the files."""

    def __init__(self, server: Dovecot) -> None:
        self.server = server

    def settings(self, **more: object) -> dict[str, object]:
        """Settings of the connector for this server."""
        return {
            "url": self.server.url, "tls": "none", "user": self.server.user,
            "own": ["@acme.example"], "allow_private": ["127.0.0.1", "localhost"], **more,
        }  # fmt: skip

    def signed_in(self) -> imaplib.IMAP4:
        """A client that is not the connector's."""
        host, _, port = self.server.url.removeprefix("imap://").partition(":")
        client = imaplib.IMAP4(host, int(port))
        client.login(self.server.user, self.server.password)
        return client

    def empty(self) -> None:
        """Three folders without messages."""
        with self.signed_in() as client:
            for name in (INBOX, SENT, ARCHIVE):
                if name != INBOX:
                    client.delete(name)
                    client.create(name)
                _, there = client.select(name)
                if there[0] != b"0":
                    client.store("1:*", "+FLAGS", "\\Deleted")
                client.close()

    def put(self, folder: str, *messages: bytes, flags: str = "(\\Seen)") -> None:
        """Store messages."""
        with self.signed_in() as client:
            for one in messages:
                status, answer = client.append(folder, flags, WHEN, one)
                assert status == "OK", answer

    def people(self, people: Sequence[Person]) -> None:
        """Each has written and was answered."""
        self.put(INBOX, *(letter(one.email, USER, f"from {one.key}") for one in people))
        self.put(SENT, *(letter(USER, one.email, f"to {one.key}") for one in people), flags="(\\Seen $Work)")

    def files(self) -> list[tuple[str, str, bytes]]:
        """(folder, flags, bytes) of every message in the Maildir, whatever their names."""
        found = []
        for path in self.server.files.rglob("*"):
            if path.parent.name in ("cur", "new") and path.is_file():
                folder = path.parent.parent.relative_to(self.server.files).as_posix()
                flags = path.name.partition(":2,")[2]
                found.append((folder, "".join(sorted(flags)), path.read_bytes()))
        return sorted(found)

    def content(self) -> str:
        """All of them in one text, with the time the server keeps."""
        return "\n".join(
            sorted(f"{folder} {flags} {at} {_exact(raw)}" for folder, flags, at, raw in self._dated())
        )

    def _dated(self) -> list[tuple[str, str, int, bytes]]:
        paths = [p for p in self.server.files.rglob("*") if p.parent.name in ("cur", "new") and p.is_file()]
        return [(_folder(self.server.files, p), p.name.partition(":2,")[2], int(p.stat().st_mtime), p.read_bytes())
                for p in paths]  # fmt: skip

    def hers(self, email: str) -> dict[str, int]:
        """Messages whose headers name her as sender or receiver."""
        line = re.compile(
            rf"^(?:From|To|Cc): (?:.*[\s<,])?{re.escape(email)}(?:[\s>,].*)?$".encode(), re.M | re.I
        )
        heads = (raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0] for _, _, raw in self.files())
        return {"messages": sum(line.search(one) is not None for one in heads)}


def _folder(root: Path, path: Path) -> str:
    return path.parent.parent.relative_to(root).as_posix()


def _exact(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def letter(sender: str, receiver: str, subject: str, body: str = "Hola", **more: str) -> bytes:
    """A message as a mail program sends it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, receiver, subject
    message["Message-ID"] = f"<{abs(hash((sender, receiver, subject, body)))}@acme.example>"
    for name, value in more.items():
        message[name] = value
    message.set_content(body)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class Case(Road):
    """The road through this connector."""

    def __init__(self, post: Post, **settings: object) -> None:
        super().__init__(Imap, post.settings(**settings), post.server.password)
