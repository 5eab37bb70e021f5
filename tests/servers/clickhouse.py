"""ClickHouse for the tests: its engine as a library (chdb-core), in a process and a folder of its own."""

import contextlib
import importlib.util
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from servers import process


@dataclass(frozen=True)
class Clickhouse:
    """A running engine. ``files`` is the folder of its data."""

    url: str
    user: str
    password: str
    version: str
    pid: int
    files: Path

    def sql(self, text: str) -> str:
        """What another client than the connector's is answered; RuntimeError with the server's words."""
        who = {"X-ClickHouse-User": self.user, "X-ClickHouse-Key": self.password}
        answer = httpx.post(self.url, content=text.encode(), headers=who, timeout=120, trust_env=False)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return answer.text


@contextlib.contextmanager
def running() -> Iterator[Clickhouse]:
    """An engine without tables. Raises process.Missing where chdb is not installed."""
    if importlib.util.find_spec("chdb") is None:
        raise process.Missing("chdb-core is not installed; run: make install")
    with process.home("clickhouse") as home:
        port, password = process.free_port(), secrets.token_hex(12)
        url = f"http://127.0.0.1:{port}/"
        program = Path(__file__).with_name("clickhouse_http.py")
        command = [sys.executable, program, home / "data", str(port), password]

        def ready() -> str:
            try:
                return Clickhouse(url, "dsr", password, "", 0, home).sql("SELECT version()").strip()
            except httpx.HTTPError as error:
                raise ConnectionError(str(error)) from error

        with process.started(command, log=home / "log", ready=ready) as (pid, version):
            yield Clickhouse(url, "dsr", password, version, pid, home / "data")
