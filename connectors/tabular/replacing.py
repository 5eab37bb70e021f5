"""A file is replaced as a whole or not at all: lock, part file, fsync, rename."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dsr.contract import ConnectorError

from .book import Mark, mark, unreadable

TRIES = 50


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Nobody else of ours writes the file meanwhile; it is not open in an office program either.

    ConnectorError(permanent=False) when the lock is not free after ``seconds``.
    """
    try:
        handle = os.open(_beside(path, "lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        _wait(handle, path, seconds)
        _refuse_opened(path)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, path: Path, seconds: float) -> None:
    for turn in range(TRIES + 1):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if turn == TRIES:
                break
            time.sleep(seconds / TRIES)
        else:
            return
    raise ConnectorError(f"another process is writing {path.name}; try again later", permanent=False)


def _refuse_opened(path: Path) -> None:
    """LibreOffice and Excel leave a file beside the one that is open; saving there would undo our work."""
    for name in (f".~lock.{path.name}#", f"~${path.name}"):
        if path.with_name(name).exists():
            raise ConnectorError(
                f"{path.name} is open in an office program; close it there and try again", permanent=False
            )


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.dsr-{suffix}")


def replace(path: Path, was: Mark, write: Callable[[BinaryIO], None]) -> None:
    """Write the new file beside the old one and put it in its place, with the same mode and owner.

    ``was``: the mark of the file that was read; ConnectorError(permanent=False) when it is another one now,
    and then nothing is changed. Call it inside ``locked``.
    """
    part = _beside(path, "part")
    try:
        # What a killed process left behind holds personal data of the file.
        part.unlink(missing_ok=True)
        try:
            _write(path, part, write)
            if mark(path) != was:
                raise changed(path)
            os.replace(part, path)
            _sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from None


def changed(path: Path) -> ConnectorError:
    """Somebody else wrote the file between reading and replacing."""
    return ConnectorError(f"{path.name} was changed while it was being worked on; try again", permanent=False)


def _write(path: Path, part: Path, write: Callable[[BinaryIO], None]) -> None:
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w+b") as target:
        write(target)
        target.flush()
        _keep_rights(path, target.fileno())
        os.fsync(target.fileno())


def _keep_rights(path: Path, handle: int) -> None:
    old = os.stat(path)
    new = os.fstat(handle)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, stat.S_IMODE(old.st_mode))
    for name in os.listxattr(path):
        with contextlib.suppress(OSError):
            os.setxattr(handle, name, os.getxattr(path, name))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> ConnectorError:
    if isinstance(error, FileNotFoundError):
        return unreadable(path, error)
    return ConnectorError(
        f"{path.name} cannot be replaced ({type(error).__name__}); this account needs to write in its folder, keep "
        "its owner, and find room for a second copy",
        permanent=isinstance(error, PermissionError),
    )
