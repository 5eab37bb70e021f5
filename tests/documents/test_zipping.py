"""The ZIP as other programs read it: small members, streamed ones, and what needs 64 bits."""

import io
import random
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from dsr.documents import zipping
from dsr.documents.zipping import BLOCK, Member, zipped

AT = datetime(2026, 3, 2, 9, 41, 58, tzinfo=UTC)
NOISE = bytes(range(256)) * 512
"""Two blocks of content."""


def built(*members: Member) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zipped(members, AT))))


@pytest.mark.parametrize(
    "content",
    [[], [b""], [b"a"], [b"a" * BLOCK], [b"a" * BLOCK, b"b"], [NOISE], [NOISE[:1000]] * 200],
    ids=["none", "empty", "small", "a block", "a block and a bit", "two blocks", "many parts"],
)
@pytest.mark.parametrize("large", [False, True])
def test_content_of_any_length_comes_back(content: list[bytes], large: bool) -> None:
    archive = built(Member("a/b.json", iter(content), large), Member("c.csv", [b"end"]))
    assert archive.testzip() is None
    assert [archive.read(name) for name in ("a/b.json", "c.csv")] == [b"".join(content), b"end"]


def test_a_member_tells_its_moment_and_that_it_is_a_file_of_its_owner_alone() -> None:
    (info,) = built(Member("a.txt", [b"hello"])).infolist()
    assert (info.date_time, info.external_attr >> 16, info.create_system) == (
        (2026, 3, 2, 9, 41, 58),
        0o100600,
        3,
    )


@pytest.mark.parametrize(("size", "follow"), [(BLOCK, 0), (BLOCK + 1, zipping.SIZES_FOLLOW)])
def test_the_header_of_a_member_that_fits_into_a_block_says_its_sizes(size: int, follow: int) -> None:
    (info,) = built(Member("a.bin", [b"x" * size])).infolist()
    assert (info.flag_bits, info.file_size) == (follow, size)


def test_a_name_beyond_ascii_is_marked_as_utf8() -> None:
    (info,) = built(Member("año.txt", [b"x"])).infolist()
    assert (info.filename, info.flag_bits) == ("año.txt", zipping.UTF8)


def test_blocks_come_out_while_a_long_member_is_still_being_read() -> None:
    read: list[int] = []
    noise = random.Random(7)

    def content() -> Iterable[bytes]:
        for n in range(64):
            read.append(n)
            yield noise.randbytes(8192)

    first = next(iter(zipped([Member("a.bin", content(), large=True)], AT)))
    assert len(first) >= BLOCK
    assert len(read) < 64


def test_an_empty_archive_is_one() -> None:
    assert built().namelist() == []


def test_beyond_65535_members_the_directory_is_that_of_zip64() -> None:
    archive = built(*[Member(f"{n}", [b""]) for n in range(65_540)])
    assert (len(archive.namelist()), archive.read("65539")) == (65_540, b"")


def test_places_and_sizes_that_do_not_fit_stand_in_the_zip64_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipping, "MOST", 100_000)  # instead of 4 GB
    entry = zipping._Entry(b"a", (0, 0), at=150_000, crc=1, packed=120_000, size=130_000)
    head = entry.directory()
    assert head[-28:] == (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + b"".join(
        n.to_bytes(8, "little") for n in (130_000, 120_000, 150_000)
    )


def test_a_member_of_4_gb_that_was_not_announced_is_refused() -> None:
    entry = zipping._Entry(b"a", (0, 0), at=0, packed=10, size=2**32)
    with pytest.raises(ValueError, match="not announced as large"):
        entry.trailer(wide=False)
