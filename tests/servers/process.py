"""Starting and stopping the real servers of the tests: loopback, a free port, a directory of their own."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 20


class Missing(Exception):
    """This machine does not have the server; the text says what to install."""


@dataclass(frozen=True)
class Server:
    """A running server: `version` is what it answered itself, `url` an SQLAlchemy URL."""

    name: str
    version: str
    url: str
    pid: int = 0
    home: Path = field(default_factory=Path)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def running_as_root() -> bool:
    """Database servers refuse to run as root, or want to be told."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


@contextlib.contextmanager
def home(name: str) -> Iterator[Path]:
    """A directory that is removed afterwards; the path is short, because socket names are limited."""
    path = Path(tempfile.mkdtemp(prefix=f"dsr-{name}-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def hand_over(path: Path, user: str) -> None:
    """Makes `user` the owner of `path` and everything below."""
    entry = pwd.getpwnam(user)
    for each in (path, *path.rglob("*")):
        os.chown(each, entry.pw_uid, entry.pw_gid, follow_symlinks=False)


def run(command: Sequence[str | Path], *, user: str | None = None, cwd: Path | None = None) -> str:
    """Runs a command to its end and returns what it printed; its complaint is in the error."""
    done = subprocess.run([str(part) for part in command], user=user, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


@contextlib.contextmanager
def started(
    command: Sequence[str | Path],
    *,
    log: Path,
    ready: Callable[[], str],
    user: str | None = None,
    env: dict[str, str] | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[tuple[int, str]]:
    """Starts a server, waits until `ready` answers its version, yields (pid, version), stops it by its pid.

    `ready` raises OSError or ConnectionError while the server is not up yet.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            user=user,
            env=env,
            cwd=log.parent,
            start_new_session=True,
        )
    try:
        yield process.pid, _wait(process, ready, log)
    finally:
        _end(process, stop)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], str], log: Path) -> str:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            return ready()
        except OSError as error:
            if process.poll() is not None or time.monotonic() > give_up:
                tail = log.read_text(errors="replace")[-3000:]
                raise RuntimeError(f"no answer ({error}) from {process.args!r}; its log:\n{tail}") from error
            time.sleep(0.1)


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    process.send_signal(stop)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
