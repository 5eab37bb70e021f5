"""Dovecot for the tests: the IMAP server of the system with a configuration and a Maildir of its own."""

import contextlib
import getpass
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servers import certificates, process

WHERE = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
USER, OWNER = "info@acme.example", "nobody"

SETTINGS = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log.dovecot
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_login_user = {login}
first_valid_uid = {uid}
ssl = yes
ssl_cert = <{pem}
ssl_key = <{pem}
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{home}/mail
mail_plugins = acl
mail_fsync = never
passdb {{
  driver = passwd-file
  args = scheme=plain {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
protocol imap {{
  mail_plugins = acl imap_acl
}}
plugin {{
  acl = vfile
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running Dovecot with one mailbox. ``files`` is its Maildir."""

    url: str
    secure_url: str
    user: str
    password: str
    version: str
    pid: int
    authority: str
    files: Path


@contextlib.contextmanager
def running() -> Iterator[Dovecot]:
    """A Dovecot with an empty mailbox. Raises process.Missing where it is not installed."""
    server = shutil.which("dovecot", path=WHERE)
    if server is None:
        raise process.Missing("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    version = process.run([server, "--version"]).split()[0]
    with process.home("dovecot") as home:
        home.chmod(0o711)
        (home / "mail").mkdir()
        port, secure, password = process.free_port(), process.free_port(), secrets.token_hex(12)
        pem = certificates.certificate(home, "localhost")
        (home / "users").write_text(f"{USER}:{password}\n")
        (home / "users").chmod(0o644)
        config = home / "dovecot.conf"
        config.write_text(SETTINGS.format(home=home, port=port, secure=secure, pem=pem, **_owners(home)))
        command = [server, "-F", "-c", config]
        with process.started(command, log=home / "log", ready=lambda: _ready(port, version)) as (pid, found):
            yield Dovecot(
                f"imap://127.0.0.1:{port}", f"imaps://127.0.0.1:{secure}", USER, password, found, pid,
                certificates.public(pem), home / "mail",
            )  # fmt: skip


def _owners(home: Path) -> dict[str, object]:
    """Root gives its parts away, as Dovecot wants; anybody else keeps them all."""
    if process.running_as_root():
        process.hand_over(home / "mail", OWNER)
        found = (home / "mail").stat()
        return {"internal": "dovecot", "login": "dovenull", "uid": found.st_uid, "gid": found.st_gid}
    me = getpass.getuser()
    return {"internal": me, "login": me, "uid": os.getuid(), "gid": os.getgid()}


def _ready(port: int, version: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        if not line.recv(100).startswith(b"* OK"):
            raise ConnectionError("no greeting")
    return version
