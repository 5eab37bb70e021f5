"""The mailbox to which reports come: a Maildir on this machine, or a folder of an IMAP server (RFC 9051).

What was understood is removed; the rest is left where a person finds it and is not offered again.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from .reports import MAX_REPORT_BYTES
from .sending import TIMEOUT_SECONDS, MailError, is_loopback

PORTS = {"imap": 143, "imaps": 993}
WANTED = ["UNFLAGGED", "UNDELETED"]
BODY = f"BODY.PEEK[]<0.{MAX_REPORT_BYTES}>"
GIVEN = b"BODY[]<0>"
FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (LoginError, "it does not accept the name with this password"),
    (ssl.SSLCertVerificationError, "nobody whom this machine trusts vouches for its certificate"),
    (socket.gaierror, "no such host is known"),
    (ConnectionRefusedError, "nothing listens at this port"),
    (TimeoutError, "it does not answer in time"),
    (IMAPClientError, "it refuses the command; is the name of the folder right?"),
)
"""What went wrong, the first that fits."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mail: its name in the mailbox, and as much of it as is ever read."""

    name: str
    raw: bytes


class Box(Protocol):
    """An opened mailbox. Any call may raise MailError."""

    def arrived(self, limit: int) -> Iterator[Arrived]:
        """Mails that nobody has looked at, the oldest first."""

    def everything(self, limit: int) -> Iterator[Arrived]:
        """All mails, the newest first, whoever has looked at them; nothing is changed."""

    def remove(self, name: str) -> None:
        """It was understood. Harmless when another process was faster."""

    def leave(self, name: str) -> None:
        """It is for a person: a Maildir shows it as arrived and unread, IMAP with a flag."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where reports come to. ``kind``: maildir, imap (STARTTLS unless loopback) or imaps."""

    kind: str
    path: Path = Path()
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"

    @classmethod
    def from_url(cls, url: str) -> Mailbox:
        """``maildir:///var/mail/privacy`` or ``imaps://user:password@host/INBOX``; ValueError says what is wrong."""
        parts = urlsplit(url)
        if parts.scheme == "maildir" and not parts.netloc and len(parts.path) > 1:
            return cls("maildir", Path(unquote(parts.path)))
        if parts.scheme not in PORTS or not parts.hostname or not parts.username or parts.query:
            raise ValueError("it must look like maildir:///path or imaps://user:password@host/INBOX")
        return cls(
            parts.scheme,
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )


def opened(box: Mailbox) -> Callable[[], AbstractContextManager[Box]]:
    """A function that opens this mailbox for a while. MailError when it cannot be reached."""
    return lambda: _Maildir(box.path).looking() if box.kind == "maildir" else _imap(box)


class _Maildir:
    """``new`` holds what arrived; programs of people show what lies in ``cur``."""

    def __init__(self, path: Path) -> None:
        self._new, self._seen = path / "new", path / "cur"

    @contextmanager
    def looking(self) -> Iterator[Box]:
        if not self._new.is_dir() or not self._seen.is_dir():
            raise MailError("the Maildir of reports has no folders new and cur", permanent=False)
        try:
            yield self
        except OSError as error:
            raise MailError(
                f"the Maildir of reports fails: {type(error).__name__}", permanent=False
            ) from None

    def arrived(self, limit: int) -> Iterator[Arrived]:
        yield from _read(sorted(_files(self._new))[:limit])

    def everything(self, limit: int) -> Iterator[Arrived]:
        files = [*_files(self._new), *_files(self._seen)]
        yield from _read(sorted(files, key=lambda one: one.name, reverse=True)[:limit])

    def remove(self, name: str) -> None:
        (self._new / name).unlink(missing_ok=True)

    def leave(self, name: str) -> None:
        with suppress(FileNotFoundError):
            (self._new / name).rename(self._seen / f"{name}:2,")


def _files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        yield from (folder / one.name for one in entries if one.is_file(follow_symlinks=False))


def _read(files: Iterable[Path]) -> Iterator[Arrived]:
    for file in files:
        with suppress(FileNotFoundError):
            descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:
                raw = stream.read(MAX_REPORT_BYTES)
            yield Arrived(file.name, raw)


class _Imap:
    """A selected folder; messages by UID, so that another reader does not shift them."""

    def __init__(self, client: IMAPClient) -> None:
        self._client = client

    def arrived(self, limit: int) -> Iterator[Arrived]:
        yield from self._fetched(sorted(self._client.search(WANTED))[:limit])

    def everything(self, limit: int) -> Iterator[Arrived]:
        yield from self._fetched(sorted(self._client.search(["UNDELETED"]), reverse=True)[:limit])

    def _fetched(self, uids: Iterable[int]) -> Iterator[Arrived]:
        for uid in uids:
            found = self._client.fetch([uid], [BODY]).get(uid, {})
            if GIVEN in found:
                yield Arrived(str(uid), bytes(found[GIVEN])[:MAX_REPORT_BYTES])

    def remove(self, name: str) -> None:
        self._client.add_flags([int(name)], [b"\\Deleted"], silent=True)
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge([int(name)])

    def leave(self, name: str) -> None:
        self._client.add_flags([int(name)], [b"\\Flagged"], silent=True)


@contextmanager
def _imap(box: Mailbox) -> Iterator[Box]:
    context = ssl.create_default_context()
    try:
        client = IMAPClient(
            box.host,
            box.port,
            ssl=box.kind == "imaps",
            ssl_context=context if box.kind == "imaps" else None,
            timeout=TIMEOUT_SECONDS,
        )
        try:
            if box.kind == "imap" and not is_loopback(box.host):
                client.starttls(context)
            client.login(box.user, box.password)
            client.select_folder(box.folder)
            yield _Imap(client)
        finally:
            with suppress(IMAPClientError, OSError):
                client.logout()
    except (IMAPClientError, OSError) as error:
        raise MailError(f"{box.host} cannot be read: {_why(error)}", permanent=False) from None


def _why(error: Exception) -> str:
    """The fault without the words of the server, which may repeat an address."""
    return next((told for kind, told in FAULTS if isinstance(error, kind)), type(error).__name__)
