"""Radicale for the tests: the real CardDAV server, in a virtual environment of its own (`make servers`)."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from servers import process

VENV = Path(__file__).parents[2] / "build" / "radicale-venv"
USER = "ana"

SETTINGS = """\
[server]
hosts = 127.0.0.1:{port}
timeout = 5
[auth]
type = htpasswd
htpasswd_filename = {home}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {home}/store
[rights]
type = from_file
file = {home}/rights
[web]
type = none
[logging]
level = warning
"""

RIGHTS = """\
[read]
user: .+
collection: {user}/read-only(/.*)?
permissions: Rr
[own]
user: .+
collection: {user}(/.*)?
permissions: RWrw
"""

BOOK = """\
<?xml version="1.0"?><mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><set><prop>
<resourcetype><collection/><C:addressbook/></resourcetype></prop></set></mkcol>
"""


@dataclass(frozen=True)
class Radicale:
    """A running Radicale. ``url`` is the home of the user's books, ``files`` the folder of its cards."""

    url: str
    user: str
    password: str
    version: str
    pid: int
    files: Path

    def client(self) -> httpx.Client:
        """A client that is not the connector's, signed in."""
        who = (self.user, self.password)
        return httpx.Client(base_url=self.url, auth=who, timeout=30, trust_env=False, verify=False)


@contextlib.contextmanager
def running() -> Iterator[Radicale]:
    """A Radicale without books. Raises process.Missing where its virtual environment was not built."""
    python = VENV / "bin" / "python"
    if not (VENV / "bin" / "radicale").exists():
        raise process.Missing("Radicale is not installed; run: make servers")
    told = process.run([python, "-c", "from importlib import metadata as m; print(m.version('radicale'))"])
    with process.home("radicale") as home:
        port, password = process.free_port(), secrets.token_hex(12)
        (home / "config").write_text(SETTINGS.format(home=home, port=port))
        (home / "users").write_text(f"{USER}:{password}\n")
        (home / "rights").write_text(RIGHTS.format(user="{user}"))
        url = f"http://127.0.0.1:{port}/{USER}/"
        command = [python, "-m", "radicale", "--config", home / "config"]
        with process.started(command, log=home / "log", ready=lambda: _ready(url, told.strip())) as (
            pid,
            version,
        ):
            yield Radicale(url, USER, password, version, pid, home / "store" / "collection-root" / USER)


def _ready(url: str, version: str) -> str:
    try:
        httpx.request("OPTIONS", url, timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        raise ConnectionError(str(error)) from error
    return version
