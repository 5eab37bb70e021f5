"""Bytes kept until their turn in the ZIP: a little in memory, more in a file nobody can read.

Rows stream by once but make two files, and a ZIP takes its members one after the other. What waits is
compressed and, beyond ``LIMIT``, lies in an unlinked temporary file encrypted with a key that only this
process knows and forgets (AES-256-CTR: written once, read once, integrity checked by the ZIP's CRC).
"""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

LIMIT = 1_000_000
CHUNK = 65_536


class Spool:
    """Write chunks, then read them back once."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held: list[bytes] = []
        self._size = 0
        self._file: _SealedFile | None = None

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        if self._file:
            self._file.write((data,))
            return
        self._held.append(data)
        self._size += len(data)
        if self._size > self._limit:
            self._file = _SealedFile()
            self._file.write(self._held)
            self._held = []

    def chunks(self) -> Iterator[bytes]:
        """Everything written, in order; the spool is empty afterwards."""
        held, self._held = self._held, []
        yield from self._file.read() if self._file else held


class _SealedFile:
    """The temporary file: compressed, encrypted, gone with its process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by read, or with this object
        self._cipher = Cipher(AES(os.urandom(32)), CTR(os.urandom(16)))
        self._encryptor = self._cipher.encryptor()
        self._squeeze = zlib.compressobj(1)

    def write(self, blocks: Iterable[bytes]) -> None:
        for block in blocks:
            self._file.write(self._encryptor.update(self._squeeze.compress(block)))

    def read(self) -> Iterator[bytes]:
        self._file.write(self._encryptor.update(self._squeeze.flush()))
        decryptor, widen = self._cipher.decryptor(), zlib.decompressobj()
        with self._file as file:
            file.seek(0)
            while block := file.read(CHUNK):
                yield widen.decompress(decryptor.update(block))
            yield widen.flush()
