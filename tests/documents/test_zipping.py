"""The ZIP as other programs read it: small members and streamed ones."""

import io
import random
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

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


def test_a_name_beyond_ascii_comes_back() -> None:
    assert built(Member("año.txt", [b"x"])).namelist() == ["año.txt"]


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
