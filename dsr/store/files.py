"""Sealed files of the instance: packages and uploads. Read in any range, encrypted piece by piece.

Form: magic, a random salt, then pieces of 64 KiB, each AES-256-GCM under a key of the file (HKDF of the
given key and the salt) with its number and whether it is the last as nonce. So pieces cannot be moved,
left out or taken from another file, and a cut file does not read as a whole one.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from dsr.domain.errors import Refusal

from . import durable

MAGIC = b"DSRF\x01"
SALT = 32
HEADER = len(MAGIC) + SALT
PIECE = 64 * 1024
TAG = 16
NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored: its name on the shelf, and size in bytes and SHA-256 (hex) of the plain content."""

    name: str
    size: int
    sha256: str


Write = Callable[[Iterable[bytes], bytes], StoredFile]
"""Seals a stream under a key."""


class Shelf:
    """One folder of sealed files. Names are random and ours; nothing outside the folder can be named."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, stream: Iterable[bytes], key: bytes) -> StoredFile:
        """Seal a stream of any length under ``key`` (32 bytes); durable when it returns.

        An exception of ``stream`` or a full disk (StorageError ``storage.full``) leaves nothing behind.
        """
        with self.together() as write:
            return write(stream, key)

    @contextmanager
    def together(self) -> Iterator[Write]:
        """Many files: gives what ``write`` is, but all are durable only when the block ends.

        One that fails leaves nothing and may be passed by; an exception of the block leaves none.
        """
        with durable.together(self.root) as put:

            def write(stream: Iterable[bytes], key: bytes) -> StoredFile:
                name, writing = secrets.token_hex(16), _Writing()
                put(name, writing.sealed(stream, key))
                return StoredFile(name, writing.size, writing.digest.hexdigest())

            yield write

    def read(self, name: str, key: bytes, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The plain bytes from ``start`` up to ``stop`` (None: the end), in pieces of at most 64 KiB.

        Refusals: ``file.unknown`` for a name that is none or is gone; ``file.broken`` under another key
        or after a change. The first piece is checked before this returns.
        """
        if start < 0:
            raise ValueError("start counts from 0")
        pieces = _Reading(self._path(name), key).plain(start, stop)
        first = next(pieces, b"")
        return _chain(first, pieces)

    def size(self, name: str) -> int:
        """The plain size in bytes; Refusal ``file.unknown``."""
        path = self._path(name)
        try:
            return _plain_size(path.stat().st_size)
        except FileNotFoundError:
            raise _unknown() from None

    def destroy(self, name: str) -> None:
        """Remove a file for good; one that is gone already is fine."""
        durable.remove(self._path(name))

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise _unknown()
        return self.root / name


def packages() -> Shelf:
    """What is handed over to people (``instance/packages``)."""
    return Shelf(Path(current_app.instance_path) / "packages")


def uploads() -> Shelf:
    """What people and holders sent in (``instance/uploads``)."""
    return Shelf(Path(current_app.instance_path) / "uploads")


class _Writing:
    def __init__(self) -> None:
        self.size = 0
        self.digest = hashlib.sha256()

    def sealed(self, stream: Iterable[bytes], key: bytes) -> Iterator[bytes]:
        salt = secrets.token_bytes(SALT)
        cipher = _cipher(key, salt)
        yield MAGIC + salt
        held, number = b"", 0
        for piece in _pieces(stream):
            if number or held:
                yield cipher.encrypt(_nonce(number, last=False), held, None)
                number += 1
            held = piece
            self.size += len(piece)
            self.digest.update(piece)
        yield cipher.encrypt(_nonce(number, last=True), held, None)


class _Reading:
    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self.key = key

    def plain(self, start: int, stop: int | None) -> Iterator[bytes]:
        with _opened(self.path) as file:
            size = _plain_size(os.fstat(file.fileno()).st_size)
            last = max(0, size - 1) // PIECE
            end = size if stop is None else min(stop, size)
            header = file.read(HEADER)
            if header[: len(MAGIC)] != MAGIC:
                raise _broken()
            cipher = _cipher(self.key, header[len(MAGIC) :])
            for number in range(start // PIECE, max(start, end - 1) // PIECE + 1):
                if number > last:
                    return
                file.seek(HEADER + number * (PIECE + TAG))
                piece = _decrypt(cipher, number, number == last, file.read(PIECE + TAG))
                yield piece[max(0, start - number * PIECE) : max(0, end - number * PIECE)]


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise _unknown() from None


def _decrypt(cipher: AESGCM, number: int, last: bool, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), sealed, None)
    except InvalidTag:
        raise _broken() from None


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"dsr/file").derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _plain_size(sealed: int) -> int:
    body = sealed - HEADER
    pieces = -(-body // (PIECE + TAG))
    if pieces < 1 or body < pieces * TAG:
        raise _broken()
    return body - pieces * TAG


def _pieces(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The stream cut into pieces of 64 KiB and a rest; no piece for an empty stream."""
    waiting = bytearray()
    for part in stream:
        waiting += part
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _unknown() -> Refusal:
    return Refusal("file.unknown", "This file does not exist any more.")


def _broken() -> Refusal:
    return Refusal("file.broken", "This file is damaged or belongs to another key.")
