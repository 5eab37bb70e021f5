"""What waits for its turn comes back whole, and what lies on disk cannot be read."""

import os
from pathlib import Path

import pytest

from dsr.documents.spool import Spool

SECRET = b"ana@example.org,Valencia\r\n"


@pytest.mark.parametrize("times", [0, 1, 3, 5000])
def test_everything_written_comes_back_in_order(times: int) -> None:
    spool = Spool(limit=1000)
    for number in range(times):
        spool.write(b"%d:" % number + SECRET)
    assert b"".join(spool.chunks()) == b"".join(b"%d:" % n + SECRET for n in range(times))


def test_a_small_table_touches_no_disk() -> None:
    before = set(os.listdir("/proc/self/fd"))
    spool = Spool()
    spool.write(SECRET)
    assert set(os.listdir("/proc/self/fd")) == before


def test_what_is_on_disk_is_neither_readable_nor_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    spool = Spool(limit=10)
    for _ in range(9000):
        spool.write(os.urandom(40) + SECRET)
    raw = b"".join(
        Path(f"/proc/self/fd/{fd}").read_bytes()
        for fd in os.listdir("/proc/self/fd")
        if os.path.realpath(f"/proc/self/fd/{fd}").startswith(str(tmp_path))
    )
    assert (len(raw) > 100_000, b"ana@" in raw, list(tmp_path.iterdir())) == (True, False, [])
