"""All settings of an installation: names, defaults, what they mean. Each is ``DSR_<NAME>`` outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from dsr.domain.organisation import Controller, SystemConfig
from dsr.mail import Mailbox, Server


@dataclass(frozen=True, slots=True)
class Settings:
    """Read once by ``dsr.app`` and handed down as values. Units are in the names."""

    instance: Path
    database_url: str
    engine_url: str
    controllers: tuple[Controller, ...]
    systems: tuple[SystemConfig, ...] = ()
    role: str = "all"
    demo: bool = False
    smtp_urls: tuple[Server, ...] = ()
    mail_from: str = ""
    mail_reports: Mailbox | None = None
    portal_url: str = ""
    desk_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    metrics_from: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1"))
    languages: tuple[str, ...] = ("es", "en", "pt")
    four_eyes: bool = True
    mfa: str = "required"
    package_days: int = 14
    package_kept_days: int = 30
    identity_days: int = 30
    retention_years: int | None = None
    proof_years: int | None = None
    code_minutes: int = 60
    code_attempts: int = 5
    mails_per_recipient: int = 5
    submissions_per_network: int = 30
    submissions_overall: int = 5000
    batch_cases: int = 50
    batch_rows: int = 20_000
    open_batches: int = 16
    api_per_minute: int = 600
    hook_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    worker_concurrency: int = 4
    page_rows: int = 1000
    statement_seconds: float = 60.0
    lock_seconds: float = 5.0
    max_upload_mb: int = 10
    log_level: str = "info"
    identity: str = ""
    master_key_file: Path = field(default=Path("master.key"))
    legal_key_file: Path = field(default=Path("legal.key"))
    secret_key: str = field(default="", repr=False)


HELP: dict[str, str] = {
    "instance": "folder of keys, packages and *.toml (default: instance in the working directory)",
    "database_url": "sqlite:///path or postgresql://user:password@host/name (default: dsr.sqlite3 there)",
    "engine_url": "database of the job engine (default: the same PostgreSQL, or engine.sqlite3 beside)",
    "role": "all, portal, desk or worker",
    "demo": "on: loopback only, mails are kept in instance/outbox, a banner on every page",
    "smtp_urls": "mail servers in the order to try, separated by spaces: smtp://user:password@host:587",
    "mail_from": "sender of every mail; a domain whose SPF and DKIM name these servers",
    "mail_reports": "mailbox of mail_from, where bounces arrive: maildir:///path or imaps://user:password@host/INBOX",
    "portal_url": "public address of the portal, used in links: https://privacy.example.org",
    "desk_url": "public address of the desk (default: the portal's with /desk)",
    "host": "address to listen on",
    "port": "port to listen on",
    "threads": "web threads",
    "proxies": "networks of reverse proxies whose X-Forwarded-* is believed, separated by spaces",
    "metrics_from": "networks that may read /metrics, separated by spaces (default: this machine)",
    "languages": "languages offered, the first is the default: es en pt",
    "four_eyes": "on: erasure needs a second approver",
    "mfa": "required or optional: second factor of staff",
    "package_days": "days that a package can be fetched",
    "package_kept_days": "days that it lies sealed afterwards, so that the person can renew it by herself",
    "identity_days": "days until an unproved request is closed",
    "retention_years": "years that a closed case is kept, no fewer than its law asks for (unset: 3, or that)",
    "proof_years": "years that letters and proof of delivery are kept, at least as long as the case (unset: 5)",
    "code_minutes": "minutes that a code or link is valid",
    "code_attempts": "wrong tries until a code is spent",
    "mails_per_recipient": "confirmation mails to one address in a day",
    "submissions_per_network": "requests from one network in an hour",
    "submissions_overall": "requests in an hour",
    "batch_cases": "most cases in a batch",
    "batch_rows": "most rows in a batch; a person with more runs alone",
    "open_batches": "batches under way at once, over all workers",
    "api_per_minute": "calls of one API token in a minute",
    "hook_networks": "networks that are not public and may receive webhooks, also over http",
    "worker_concurrency": "batches that one worker runs at once",
    "page_rows": "rows a connector reads at a time",
    "statement_seconds": "limit of one statement in a connected system",
    "lock_seconds": "how long a connected system may make us wait for a lock",
    "max_upload_mb": "largest upload in MB",
    "log_level": "debug, info, warning or error",
    "identity": "name of this installation, the same on all its machines (default: machine and folder)",
    "master_key_file": "file of the master key, 0600 (default: instance/master.key)",
    "legal_key_file": "where a new private legal key is put, to be moved away (default: instance/legal.key)",
    "secret_key": "signs sessions; made in instance/secret.key when not given",
}
"""What ``docs/operations.md`` prints; a test compares both with the fields above."""
