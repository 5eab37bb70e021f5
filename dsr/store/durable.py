"""Files that are whole or not there, and still there after a power cut."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dsr.domain.errors import Refusal

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StorageError(Refusal):
    """Nothing can be stored: no room (``storage.full``), or a database that does not answer (``AWAY``)."""


AWAY = {"storage.away": "database", "storage.engine": "engine"}
"""Codes of what is worth waiting for, and what does not answer: our database, or a separate one of the engine."""


def write(path: Path, parts: Iterable[bytes], *, replace: bool, mode: int = 0o600) -> None:
    """Write a whole file, flushed to the disk with its directory before returning.

    FileExistsError when it is there already and ``replace`` is False (decided by the file system, so that
    of two processes one wins). StorageError when the disk is full; nothing is left behind.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with _full_is_refused(), _removed(part):
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(path)
        else:
            path.hardlink_to(part)
    sync_directory(path.parent)


@contextmanager
def together(folder: Path) -> Iterator[Callable[[str, Iterable[bytes]], None]]:
    """Many new files of one folder: written one by one, flushed to the disk together when the block ends.

    Gives ``write(name, parts)``; names must be new. Until the end none of the files is there; an exception
    leaves nothing behind. Errors of ``write``.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: dict[Path, Path] = {}

    def write_one(name: str, parts: Iterable[bytes]) -> None:
        part = folder / f".{name}.{secrets.token_hex(8)}"
        with _full_is_refused():
            try:
                with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.writelines(parts)
            except BaseException:  # a stop of the process too leaves no half file
                part.unlink(missing_ok=True)
                raise
        written[part] = folder / name

    try:
        yield write_one
        with _full_is_refused():
            _settle(folder, written)
    except BaseException:  # all of the files or none, whatever ended it
        for part, path in written.items():
            part.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        raise


def _settle(folder: Path, written: Mapping[Path, Path]) -> None:
    """Content first, then names: a name never leads to half a file."""
    for part in written:
        handle = os.open(part, os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    for part, path in written.items():
        part.replace(path)
    if written:
        sync_directory(folder)


def remove(path: Path) -> None:
    """Remove a file for good; one that is not there is fine."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_secret(path: Path, *, named_by: str) -> bytes | None:
    """The content of a file that only its owner may read, or None when there is none.

    Refusal ``keys.exposed`` when group or others have any right to it; ``named_by`` names the setting.
    """
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except PermissionError:
        raise Refusal("keys.unreadable", f"{path} ({named_by}) cannot be read by this user.") from None
    if os.name != "nt" and mode & 0o077:
        raise Refusal("keys.exposed", f"{path} ({named_by}) is open to other users: run chmod 600 {path}")
    return content


@contextmanager
def _full_is_refused() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        message = "There is no room left on the disk of the instance. Free space, then try again."
        raise StorageError("storage.full", message) from error


@contextmanager
def _removed(part: Path) -> Iterator[None]:
    try:
        yield
    finally:
        part.unlink(missing_ok=True)
