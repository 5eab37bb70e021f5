"""Sealed files: whole or not there, unreadable without their key, never outside their folder."""

import hashlib
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dsr.domain.errors import Refusal
from dsr.store import StorageError
from dsr.store.files import HEADER, PIECE, TAG, Shelf

KEY = b"k" * 32
BODY = bytes(range(256)) * (PIECE // 256) * 3 + b"the end"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "packages")


def parts(body: bytes, size: int) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


def read(shelf: Shelf, name: str, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(shelf.read(name, KEY, start, stop))


def code(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, len(BODY)])
@pytest.mark.parametrize("size", [1000, PIECE, 10 * PIECE])
def test_what_was_written_comes_back_with_its_size_and_checksum(shelf: Shelf, length: int, size: int) -> None:
    body = BODY[:length]

    stored = shelf.write(parts(body, size), KEY)

    assert (read(shelf, stored.name), shelf.size(stored.name)) == (body, length)
    assert (stored.size, stored.sha256) == (length, hashlib.sha256(body).hexdigest())


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 1), (0, PIECE), (PIECE - 1, PIECE + 1), (PIECE, 2 * PIECE), (5, len(BODY) - 5),
     (len(BODY) - 1, None), (len(BODY), None), (len(BODY) + 10 * PIECE, None), (10, 10), (10, 5),
     (0, len(BODY) + 99)],
)  # fmt: skip
def test_any_range_can_be_read(shelf: Shelf, start: int, stop: int | None) -> None:
    stored = shelf.write([BODY], KEY)

    assert read(shelf, stored.name, start, stop) == BODY[start:stop]


def test_only_the_sealed_file_lies_in_the_folder_and_only_the_owner_may_read_it(shelf: Shelf) -> None:
    stored = shelf.write([b"Ana " * 1000], KEY)
    [path] = shelf.root.iterdir()

    assert (path.name, b"Ana" in path.read_bytes(), path.stat().st_mode & 0o777) == (
        stored.name,
        False,
        0o600,
    )


def test_the_same_content_never_looks_alike(shelf: Shelf) -> None:
    one, two = shelf.write([BODY], KEY), shelf.write([BODY], KEY)

    assert (shelf.root / one.name).read_bytes()[HEADER:] != (shelf.root / two.name).read_bytes()[HEADER:]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "/etc/passwd", "a" * 31, "A" * 32, "a" * 32 + "/../x", "a" * 32 + "\n"]
)
def test_a_name_that_is_not_ours_is_refused_before_the_disk_is_touched(shelf: Shelf, name: str) -> None:
    for use in (lambda: shelf.read(name, KEY), lambda: shelf.size(name), lambda: shelf.destroy(name)):
        with pytest.raises(Refusal) as refused:
            use()
        assert code(refused) == "file.unknown"


def test_another_key_opens_nothing(shelf: Shelf) -> None:
    stored = shelf.write([BODY], KEY)

    with pytest.raises(Refusal) as refused:
        shelf.read(stored.name, b"x" * 32)

    assert code(refused) == "file.broken"


SEALED = PIECE + TAG
SECOND = HEADER + SEALED
THIRD = SECOND + SEALED


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:-1],
        lambda raw: raw[: HEADER + 3 * SEALED],
        lambda raw: raw[: HEADER + SEALED],
        lambda raw: raw[:HEADER],
        lambda raw: raw[:10],
        lambda raw: b"",
        lambda raw: raw + b"x",
        lambda raw: b"X" + raw[1:],
        lambda raw: raw[:HEADER] + raw[SECOND : SECOND + SEALED] + raw[HEADER:SECOND] + raw[THIRD:],
        lambda raw: raw[: HEADER + 5] + bytes([raw[HEADER + 5] ^ 1]) + raw[HEADER + 6 :],
    ],
)  # fmt: skip
def test_a_cut_or_changed_file_is_noticed(shelf: Shelf, change: object) -> None:
    stored = shelf.write([BODY], KEY)
    path = shelf.root / stored.name
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]

    with pytest.raises(Refusal) as refused:
        read(shelf, stored.name)

    assert code(refused) == "file.broken"


def test_a_destroyed_file_is_gone_and_may_be_destroyed_again(shelf: Shelf) -> None:
    stored = shelf.write([BODY], KEY)

    shelf.destroy(stored.name)
    shelf.destroy(stored.name)

    with pytest.raises(Refusal) as refused:
        shelf.read(stored.name, KEY)
    assert (code(refused), list(shelf.root.iterdir())) == ("file.unknown", [])


def test_a_stream_that_breaks_off_leaves_nothing(shelf: Shelf) -> None:
    def broken() -> Iterator[bytes]:
        yield BODY
        raise ConnectionError("the store went away")

    with pytest.raises(ConnectionError):
        shelf.write(broken(), KEY)

    assert list(shelf.root.iterdir()) == []


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """The kernel refuses to let any file grow beyond ``size`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_without_room_on_the_disk_it_says_so_and_leaves_nothing(shelf: Shelf) -> None:
    with pytest.raises(StorageError) as refused, little_room(PIECE):
        shelf.write([BODY], KEY)

    assert (code(refused), list(shelf.root.iterdir())) == ("storage.full", [])
