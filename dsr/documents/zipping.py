"""A ZIP made while its members stream by: blocks come out as they are ready.

PKWARE's APPNOTE.TXT 6.3.10 is the source of every number here (sections 4.3.6 to 4.3.16 and 4.5.3). A
member that fits into one block is compressed at once and its header says all; of a longer one the sizes
follow the data (bit 3 of the flags). What makes a package cheap is the first way: a case has some twenty
small members, and the buffers of a full deflate window cost more than compressing what they hold.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

BLOCK = 65_536
LEVEL = 1
"""Level 6 makes packages a seventh smaller and takes three times as long."""
WHOLE = (LEVEL, zlib.DEFLATED, -13, 6)
STREAMED = (LEVEL, zlib.DEFLATED, -15, 8)
"""Level, method, window (raw deflate, 8 and 32 kB) and memory of ``zlib.compressobj``."""
FILE = 0o100600 << 16
UNIX = 3 << 8
PLAIN, WIDE = 20, 45
"""Version needed to extract: deflate, ZIP64."""
SIZES_FOLLOW, UTF8 = 0x08, 0x800
MOST, MANY = 0xFFFFFFFF, 0xFFFF
"""What fits into a plain field; also what stands there when the ZIP64 field counts."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file: its content is read once. ``large``: it may pass 4 GB, so it needs the 64-bit form."""

    name: str
    content: Iterable[bytes]
    large: bool = False


@dataclass(slots=True)
class _Entry:
    """What the directory at the end says of a member."""

    name: bytes
    moment: tuple[int, int]
    at: int
    flags: int = 0
    crc: int = 0
    packed: int = 0
    size: int = 0

    def header(self, wide: bool) -> bytes:
        """The local file header (4.3.7); ``wide``: with room for 64-bit sizes that follow (4.5.3)."""
        follow = self.flags & SIZES_FOLLOW
        sizes = (MOST, MOST) if wide else (0, 0) if follow else (self.packed, self.size)
        extra = struct.pack("<HHQQ", 1, 16, 0, 0) if wide else b""
        fields = (WIDE if wide else PLAIN, self.flags, zlib.DEFLATED, *self.moment, self.crc, *sizes)
        return b"PK\3\4" + struct.pack("<5H3L2H", *fields, len(self.name), len(extra)) + self.name + extra

    def trailer(self, wide: bool) -> bytes:
        """The data descriptor (4.3.9). ValueError when the sizes do not fit what the header announced."""
        if not wide and max(self.packed, self.size) > MOST:
            raise ValueError("a member of 4 GB or more was not announced as large")
        return b"PK\7\10" + struct.pack("<LQQ" if wide else "<3L", self.crc, self.packed, self.size)

    def directory(self) -> bytes:
        """The central directory header (4.3.12); what does not fit stands in the ZIP64 field, in its order."""
        values = (self.size, self.packed, self.at)
        wide = [value for value in values if value > MOST]
        size, packed, at = (min(value, MOST) for value in values)
        extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        needed = WIDE if wide else PLAIN
        fields = (UNIX | needed, needed, self.flags, zlib.DEFLATED, *self.moment, self.crc, packed, size)
        rest = (len(self.name), len(extra), 0, 0, 0, FILE, at)
        return b"PK\1\2" + struct.pack("<6H3L5H2L", *fields, *rest) + self.name + extra


def zipped(members: Iterable[Member], at: datetime) -> Iterator[bytes]:
    """The archive in blocks of about 64 kB; all members carry the moment ``at``.

    ValueError for a member of 4 GB or more that is not ``large``.
    """
    sink, entries, moment = _Sink(), [], _dos(at)
    for member in members:
        name = member.name.encode()
        entry = _Entry(name, moment, sink.total, 0 if name.isascii() else UTF8)
        for part in _packed(entry, member):
            sink.write(part)
            if sink.size >= BLOCK:
                yield sink.taken()
        entries.append(entry)
    sink.write(_end(entries, sink.total))
    yield sink.taken()


def _packed(entry: _Entry, member: Member) -> Iterator[bytes]:
    """Header, content and, where the sizes follow, the trailer of a member."""
    content = iter(member.content)
    first: list[bytes] = []
    for block in content:
        first.append(block)
        entry.size += len(block)
        if entry.size > BLOCK:
            break
    else:
        data = b"".join(first)
        squeeze = zlib.compressobj(*WHOLE)
        packed = squeeze.compress(data) + squeeze.flush()
        entry.crc, entry.packed = zlib.crc32(data), len(packed)
        yield entry.header(wide=False) + packed
        return
    entry.flags |= SIZES_FOLLOW
    yield entry.header(member.large)
    entry.size = 0
    yield from _streamed(entry, chain(first, content))
    yield entry.trailer(member.large)


def _streamed(entry: _Entry, content: Iterable[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(*STREAMED)
    for block in content:
        entry.crc = zlib.crc32(block, entry.crc)
        entry.size += len(block)
        packed = squeeze.compress(block)
        entry.packed += len(packed)
        yield packed
    packed = squeeze.flush()
    entry.packed += len(packed)
    yield packed


def _end(entries: list[_Entry], start: int) -> bytes:
    """The central directory and its end (4.3.16), with the ZIP64 end where a number does not fit (4.3.14)."""
    directory = b"".join([entry.directory() for entry in entries])
    count, size = len(entries), len(directory)
    wide = b""
    if count >= MANY or size >= MOST or start >= MOST:
        fields = (44, UNIX | WIDE, WIDE, 0, 0, count, count, size, start)
        wide = b"PK\6\6" + struct.pack("<Q2H2L4Q", *fields)
        wide += b"PK\6\7" + struct.pack("<LQL", 0, start + size, 1)
    count, size, start = min(count, MANY), min(size, MOST), min(start, MOST)
    return directory + wide + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, count, count, size, start, 0)


def _dos(at: datetime) -> tuple[int, int]:
    """Time and date as MS-DOS counts them (4.4.6)."""
    date = (at.year - 1980) << 9 | at.month << 5 | at.day
    return at.hour << 11 | at.minute << 5 | at.second // 2, date


class _Sink:
    """Holds what was written until it is taken."""

    def __init__(self) -> None:
        self.size = 0
        self.total = 0
        self._held: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._held.append(data)
        self.size += len(data)
        self.total += len(data)

    def taken(self) -> bytes:
        held, self._held, self.size = self._held, [], 0
        return b"".join(held)
