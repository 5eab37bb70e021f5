"""One connection to a mailbox (IMAP4rev1, RFC 3501), and what its answers mean."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imapclient import IMAPClient
from imapclient import exceptions as faults

from connectors._entries import Moved
from connectors._hosts import address_of
from connectors._trust import pinned
from connectors._wire import certificate_fault
from dsr.contract import ConnectorError, Context

from .options import Options

NAME = "the mailbox"
FIELDS = "FROM SENDER REPLY-TO TO CC BCC SUBJECT DATE MESSAGE-ID"
HEADERS = f"BODY.PEEK[HEADER.FIELDS ({FIELDS})]"
MANY, PIECE, LOOKED_AT = 200, 1 << 20, 4 << 20
"""Messages asked for at once; octets of a piece; how much of a message is looked through for a mention."""
PEOPLE = ("FROM", "TO", "CC", "BCC", "HEADER SENDER", "HEADER REPLY-TO")
NEVER = frozenset({b"\\Noselect", b"\\NonExistent"})
APPENDED = re.compile(rb"APPENDUID (\d+) (\d+)")
NEWER: frozenset[str] = frozenset("kxte")
OLDER = {"c": "kx", "d": "te"}
LATER = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]")
"""What passes by itself (RFC 5530, 3), in an answer to signing in as well."""
MEANINGS: tuple[tuple[type[Exception], str, bool], ...] = (
    (faults.LoginError, "refuses the user and password", True),
    (faults.IMAPClientAbortError, "broke off", False),
    (faults.IMAPClientReadOnlyError, "does not allow this user to change it", True),
)
KEPT_FLAGS = frozenset({b"\\Recent"})
"""Set by the server alone (RFC 3501, 2.3.2)."""


# Its debug lines hold what is asked for: addresses.
logging.getLogger("imapclient").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Head:
    """A message without its text."""

    uid: int
    size: int
    headers: bytes


class Mailbox:
    """Opened with the first call. Every method raises ConnectorError where the server is in trouble."""

    def __init__(self, options: Options, context: Context) -> None:
        self.options, self._context = options, context
        self._open: IMAPClient | None = None
        self._selected: tuple[str, bool] | None = None
        self._valid: dict[str, int] = {}
        self.calls = 0

    def folders(self) -> list[str]:
        """The folders of this system, without those that hold no messages."""
        with self._asking() as client:
            found = [name for flags, _, name in client.list_folders() if not NEVER & set(flags)]
        wanted = self.options.folders
        return [str(one) for one in found if not wanted or one in wanted]

    def validity(self, folder: str) -> int:
        """The number that makes identifiers of messages unique (RFC 3501, 2.3.1.1); 0 without such a folder."""
        self._select(folder, readonly=True)
        return self._valid[folder]

    def naming(self, folder: str, address: str, *, anywhere: bool) -> list[int]:
        """Messages with an address in a header that names people, or ``anywhere``. The server looks for
        parts of words, so the caller compares again."""
        keys = ("TEXT",) if anywhere else PEOPLE
        return self._search(folder, _criteria(keys, address))

    def sized(self, folder: str, size: int) -> list[int]:
        """Messages of exactly so many octets."""
        return self._search(folder, ["LARGER", max(size - 1, 0), "SMALLER", size + 1])

    def _search(self, folder: str, criteria: Any) -> list[int]:
        if not self.validity(folder):
            return []
        with self._asking() as client:
            return sorted(int(one) for one in client.search(criteria, "UTF-8"))

    def heads(self, folder: str, uids: Sequence[int]) -> Iterator[Head]:
        """Headers and size of messages, some at a time."""
        for start in range(0, len(uids), MANY):
            self._select(folder, readonly=True)
            with self._asking() as client:
                found = client.fetch(list(uids[start : start + MANY]), [HEADERS, "RFC822.SIZE"])
            for uid, data in sorted(found.items()):
                body = next((v for k, v in data.items() if k.startswith(b"BODY[HEADER")), b"")
                yield Head(int(uid), int(data.get(b"RFC822.SIZE", 0)), body or b"")

    def text(self, folder: str, uid: int, most: int) -> bytes:
        """A message byte for byte, fetched in pieces, up to ``most``; b'' when it is gone."""
        self._select(folder, readonly=True)
        found = bytearray()
        while len(found) < most:
            size = min(PIECE, most - len(found))
            with self._asking() as client:
                data = client.fetch([uid], [f"BODY.PEEK[]<{len(found)}.{size}>"]).get(uid, {})
            piece = next((v for k, v in data.items() if k.startswith(b"BODY[]")), b"") or b""
            found += piece
            if len(piece) < size:
                break
        return bytes(found)

    def marks(self, folder: str, uid: int) -> tuple[list[str], datetime | None]:
        """(flags, when it arrived) of a message."""
        self._select(folder, readonly=True)
        with self._asking() as client:
            data = client.fetch([uid], ["FLAGS", "INTERNALDATE"]).get(uid, {})
        flags = sorted(
            one.decode("ascii", "replace") for one in data.get(b"FLAGS", ()) if one not in KEPT_FLAGS
        )
        at = data.get(b"INTERNALDATE")
        return flags, at if isinstance(at, datetime) else None

    def expunge(self, folder: str, validity: int, uids: Sequence[int]) -> Iterator[int]:
        """Remove exactly these messages (RFC 4315, 2.1); others that are marked for deletion stay.

        Moved: the folder was numbered anew, so that these numbers mean other messages.
        """
        for start in range(0, len(uids), MANY):
            some = list(uids[start : start + MANY])
            self._select(folder, readonly=False)
            if self._valid[folder] != validity:
                raise Moved
            with self._asking() as client:
                there = [int(one) for one in client.search(["UID", ",".join(map(str, some))])]
                client.add_flags(some, [b"\\Deleted"], silent=True)
                client.uid_expunge(some)
            yield from there

    def append(self, folder: str, message: bytes, flags: Sequence[str], at: datetime | None) -> int:
        """Put a message back; its new number, 0 where the server does not tell."""
        with self._asking() as client:
            answer = client.append(folder, message, tuple(one.encode() for one in flags), at)
        self._selected = None
        told = APPENDED.search(answer if isinstance(answer, bytes) else b"")
        return int(told.group(2)) if told else 0

    @property
    def can_remove(self) -> bool:
        """UIDPLUS (RFC 4315): messages can be removed by number, and nothing else with them."""
        with self._asking() as client:
            return bool(client.has_capability("UIDPLUS"))

    def may_remove(self, folder: str) -> bool:
        """Whether this account may mark messages there as deleted (RFC 3501, 7.1)."""
        with self._asking() as client:
            told = client.select_folder(folder, readonly=False)
        self._selected = None
        return b"\\Deleted" in told.get(b"PERMANENTFLAGS", ())

    def rights(self, folder: str) -> frozenset[str] | None:
        """What this account may do in a folder (MYRIGHTS; letters of RFC 4314, 2.1); None where it is not told."""
        with self._asking() as client:
            if not client.has_capability("ACL"):
                return None
            try:
                told = client._command_and_check("myrights", client._normalise_folder(folder), unpack=True)
            except faults.IMAPClientAbortError:
                raise
            except faults.IMAPClientError:
                return None
        return letters_of(bytes(told))

    def close(self) -> None:
        """Sign out; a connection that is broken is let go."""
        if self._open is not None:
            try:
                self._open.logout()
            except (faults.IMAPClientError, OSError):
                with suppress(OSError):
                    self._open.shutdown()
        self._open = self._selected = None

    def _select(self, folder: str, *, readonly: bool) -> None:
        if self._selected == (folder, readonly):
            return
        with self._asking() as client:
            if not client.folder_exists(folder):
                self._valid[folder], self._selected = 0, None
                if readonly:
                    return
                raise Moved
            told = client.select_folder(folder, readonly=readonly)
        self._valid[folder] = int(told.get(b"UIDVALIDITY", 0))
        self._selected = (folder, readonly)

    @contextmanager
    def _asking(self) -> Iterator[IMAPClient]:
        """The connection; whatever goes wrong with it is a ConnectorError without anything of the mail."""
        try:
            if self._open is None:
                self._open = self._connected()
            self.calls += 1
            yield self._open
        except faults.IMAPClientError as error:
            raise _told(error) from None
        except ssl.SSLError as error:
            fault = certificate_fault(error)
            told = (
                f"the certificate of {NAME} {fault}" if fault else f"{NAME} does not speak TLS as it should"
            )
            raise ConnectorError(told, permanent=True) from None
        except OSError:
            raise ConnectorError(
                f"{NAME} cannot be reached or did not answer in time", permanent=False
            ) from None

    def _connected(self) -> IMAPClient:
        options = self.options
        address = address_of(NAME, options.host, options.port, options.private)
        limit = max(self._context.limits.statement_seconds, 1.0)
        context = pinned(options.authority, options.host)
        implicit = options.tls == "imaps"
        client = IMAPClient(
            address, options.port, ssl=implicit, ssl_context=context if implicit else None, timeout=limit
        )
        client.normalise_times = False
        if options.tls == "starttls":
            client.starttls(context)
        client.login(options.user, options.password)
        return client


def _told(error: faults.IMAPClientError) -> ConnectorError:
    """What an error means; its own words may quote a mail."""
    if any(one in str(error) for one in LATER):
        return ConnectorError(f"{NAME} is too busy now", permanent=False)
    for kind, said, permanent in MEANINGS:
        if isinstance(error, kind):
            return ConnectorError(f"{NAME} {said}", permanent=permanent)
    return ConnectorError(f"{NAME} refuses the call", permanent=True)


def letters_of(told: bytes) -> frozenset[str]:
    """The rights at the end of an answer to MYRIGHTS. A server of RFC 2086 has one letter for several."""
    letters = frozenset(told.rpartition(b" ")[2].decode("ascii", "replace").strip('"'))
    more = {one for old, new in OLDER.items() if old in letters for one in new}
    return letters if letters & NEWER else letters | more


def _criteria(keys: Sequence[str], address: str) -> Any:
    """Any of these keys with an address. The library quotes only where it sees a space; brackets and braces
    mean something too, so ASCII is quoted here (RFC 3501, 4.3), and anything else goes as a literal."""
    ors: list[Any] = [b"OR"] * (len(keys) - 1)
    if not address.isascii():
        return [*ors, *(part for key in keys for part in (*key.split(), address))]
    quoted = address.replace("\\", "\\\\").replace('"', '\\"')
    return b" ".join([*ors, *(f'{key} "{quoted}"'.encode() for key in keys)])
