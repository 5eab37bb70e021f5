"""Mailman 3 core for the tests: the real one, in a virtual environment of its own (`make servers`)."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from servers import process

VENV = Path(__file__).parents[2] / "build" / "mailman-venv"
IDLE = ("archive", "bounces", "command", "digest", "in", "lmtp", "out", "pipeline", "retry", "task", "virgin")

SETTINGS = """\
[mailman]
layout: own
site_owner: owner@example.org

[paths.own]
var_dir: {home}/var
bin_dir: {venv}/bin

[mta]
incoming: mailman.mta.null.NullMTA
configuration: python:mailman.config.postfix

[webservice]
hostname: 127.0.0.1
port: {port}
admin_user: {user}
admin_pass: {password}
workers: 1
show_tracebacks: no
"""

# Mailman 3.3.10 enters paths with `with`, which Python 3.13 no longer knows; leaving one never did anything.
PATHS = """\
from pathlib import Path

if not hasattr(Path, "__enter__"):
    Path.__enter__ = lambda self: self
    Path.__exit__ = lambda self, *error: None
"""


@dataclass(frozen=True)
class Mailman:
    """A running Mailman core.

    `url` ends with the API version (http://127.0.0.1:PORT/3.1); `database` is its SQLite file, for raw
    reading; `queues` its directory of messages on the road.
    """

    url: str
    user: str
    password: str
    version: str
    pid: int
    database: Path
    queues: Path


@contextlib.contextmanager
def running() -> Iterator[Mailman]:
    """Starts the core with its REST runner alone: no mail leaves, what it would send stays in `queues`.

    Raises process.Missing where the virtual environment was not built.
    """
    if not (VENV / "bin" / "mailman").exists():
        raise process.Missing("Mailman 3 core is not installed; run: make servers")
    with process.home("mailman") as home:
        port, user, password = process.free_port(), "restadmin", secrets.token_hex(12)
        config = home / "mailman.cfg"
        config.write_text(_settings(home=home, port=port, user=user, password=password))
        url = f"http://127.0.0.1:{port}/3.1"
        root = ["--run-as-root"] if process.running_as_root() else []
        (home / "sitecustomize.py").write_text(PATHS)
        # `master` is what `mailman start` leaves running; the first call makes the directories and tables.
        process.run([VENV / "bin" / "mailman", *root, "-C", config, "info"], cwd=home)
        command = [VENV / "bin" / "master", "-C", config]
        with process.started(
            command,
            log=home / "log",
            ready=lambda: _version(url, user, password),
            env={**os.environ, "PYTHONPATH": str(home)},
        ) as (pid, version):
            var = home / "var"
            yield Mailman(url, user, password, version, pid, var / "data" / "mailman.db", var / "queue")


def _settings(*, home: Path, port: int, user: str, password: str) -> str:
    text = SETTINGS.format(home=home, venv=VENV, port=port, user=user, password=password)
    return text + "".join(f"\n[runner.{name}]\nstart: no\n" for name in IDLE)


def _version(url: str, user: str, password: str) -> str:
    try:
        answer = httpx.get(f"{url}/system/versions", auth=(user, password), timeout=5, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise ConnectionError(str(error)) from error
    return str(answer.json()["mailman_version"])
