"""Reads settings from ``DSR_*`` and ``instance/``; anything wrong raises SettingsError by name."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dsr.mail import Mailbox, Server, Unsendable, check_address, is_loopback

from .errors import SettingsError
from .organisation import read_organisation
from .values import Settings

PREFIX = "DSR_"
MACHINE_ID = Path("/etc/machine-id")
ROLES = ("all", "portal", "desk", "worker")
KNOWN_LANGUAGES = ("es", "en", "pt")
SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg")
DEMO_SENDER = "privacy@demo.example"
LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1"))
Read = Callable[[str, str], Any]


def load(environ: Mapping[str, str] | None = None, /, **given: Any) -> Settings:
    """The settings of this installation; ``given`` values (of a command line) win over the environment.

    SettingsError for a wrong or unknown ``DSR_*``, a wrong file, or what a real installation lacks.
    """
    values = dict(os.environ if environ is None else environ)
    _refuse_unknown(values)
    instance = Path(values.get("DSR_INSTANCE") or "instance").resolve()
    found: dict[str, Any] = {"instance": given.pop("instance", instance)}
    instance = found["instance"]
    for name, read in READERS.items():
        raw = values.get(PREFIX + name.upper(), "").strip()
        if raw:
            found[name] = read(PREFIX + name.upper(), raw)
    found |= {name: value for name, value in given.items() if value is not None}
    _places(found, instance)
    found["languages"] = found.get("languages", KNOWN_LANGUAGES)
    found["controllers"], found["systems"] = read_organisation(instance, found["languages"])
    _addresses(found)
    found.setdefault("identity", _machine(instance))
    settings = Settings(**found, secret_key=_secret_key(instance, values.get("DSR_SECRET_KEY", "")))
    _check_real(settings)
    _check_demo(settings)
    return settings


def _refuse_unknown(values: Mapping[str, str]) -> None:
    known = {PREFIX + one.name.upper() for one in fields(Settings)} - {"DSR_CONTROLLERS", "DSR_SYSTEMS"}
    for name in sorted(values):
        if name.startswith(PREFIX) and not name.startswith("DSR_TEST_") and name not in known:
            raise SettingsError(name, "This setting is unknown.", "Take it away, or see docs/operations.md.")


def _places(found: dict[str, Any], instance: Path) -> None:
    found.setdefault("database_url", f"sqlite:///{instance / 'dsr.sqlite3'}")
    beside = f"sqlite:///{instance / 'engine.sqlite3'}"
    own = found["database_url"]
    found.setdefault("engine_url", beside if own.startswith("sqlite") else own)
    found["master_key_file"] = instance / found.get("master_key_file", "master.key")
    found["legal_key_file"] = instance / found.get("legal_key_file", "legal.key")
    _check_key_file(found["master_key_file"])


def _check_key_file(file: Path) -> None:
    """The master key is there, or can be made: otherwise nothing can be sealed."""
    if file.exists():
        return
    there = next(folder for folder in file.parents if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise SettingsError(
            "DSR_MASTER_KEY_FILE",
            f"{file} is not there, and this user cannot make it.",
            "Name the file that holds the key, or let this user write in its folder.",
        )


def _machine(instance: Path) -> str:
    """This machine and folder, so that a copy is noticed; a digest, because it is stored."""
    try:
        machine = MACHINE_ID.read_text().strip()
    except OSError:
        machine = ""
    return hashlib.sha256(f"{machine}\n{instance}".encode()).hexdigest()


def _addresses(found: dict[str, Any]) -> None:
    host = found.get("host", "127.0.0.1")
    here = f"http://{f'[{host}]' if ':' in host else host}:{found.get('port', 8000)}"
    if found.get("demo"):
        found.setdefault("mail_from", DEMO_SENDER)
        found.setdefault("portal_url", here)
        found.setdefault("hook_networks", LOOPBACK)
    portal = found.get("portal_url", "")
    found.setdefault("desk_url", f"{portal}/desk" if portal else "")


def _check_real(settings: Settings) -> None:
    """What a real installation cannot do without."""
    if settings.demo:
        return
    wanted = {
        "smtp_urls": "smtp://user:password@mail.example.org:587",
        "mail_from": "privacy@example.org",
        "portal_url": "https://privacy.example.org",
    }
    for name, example in wanted.items():
        if not getattr(settings, name):
            raise SettingsError(
                PREFIX + name.upper(), "This is missing.", f"Write for example {example}, or DSR_DEMO=on."
            )
    for name in ("portal_url", "desk_url"):
        parts = urlsplit(getattr(settings, name))
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise SettingsError(
                PREFIX + name.upper(), "This is not https.", "Write https://privacy.example.org."
            )


def _check_demo(settings: Settings) -> None:
    if settings.demo and not is_loopback(settings.host):
        raise SettingsError(
            "DSR_HOST", "A demonstration listens on this machine only.", "Write 127.0.0.1, or DSR_DEMO=off."
        )


def _secret_key(instance: Path, given: str) -> str:
    """The key that signs sessions: given, or made once in ``instance/secret.key`` (0600)."""
    if given:
        if len(given) < 32:
            raise SettingsError("DSR_SECRET_KEY", "This is too short.", "Write 32 random characters.")
        return given
    file = instance / "secret.key"
    try:
        instance.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(file)
    except OSError as error:
        raise SettingsError(str(file), "This cannot be written.", "Let this user write there.") from error
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(48))
    return _read_key(file)


def _read_key(file: Path) -> str:
    try:
        if file.stat().st_mode & 0o077:
            raise SettingsError(str(file), "Others can read this key.", f"Run chmod 600 {file}.")
        key = file.read_text().strip()
    except OSError as error:
        raise SettingsError(str(file), "This key cannot be read.", "Let this user read it.") from error
    if len(key) < 32:
        raise SettingsError(str(file), "This key is too short.", "Delete the file; a new one is made.")
    return key


def _switch(name: str, raw: str) -> bool:
    if raw.lower() not in ("on", "off", "1", "0", "true", "false", "yes", "no"):
        raise SettingsError(name, f"{raw!r} is not a switch.", "Write on or off.")
    return raw.lower() in ("on", "1", "true", "yes")


def _number(least: int, most: int) -> Read:
    def read(name: str, raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not least <= int(raw) <= most:
            raise SettingsError(name, f"{raw!r} is not allowed.", f"Write a number from {least} to {most}.")
        return int(raw)

    return read


def _seconds(name: str, raw: str) -> float:
    try:
        value = float(raw)
    except ValueError:
        value = -1.0
    if not 0.1 <= value <= 3600:
        raise SettingsError(name, f"{raw!r} is not allowed.", "Write seconds from 0.1 to 3600.")
    return value


def _choice(*known: str) -> Read:
    def read(name: str, raw: str) -> str:
        if raw.lower() not in known:
            raise SettingsError(name, f"{raw!r} is unknown.", f"Write one of {', '.join(known)}.")
        return raw.lower()

    return read


def _list(name: str, raw: str) -> list[str]:
    return [one for one in raw.replace(",", " ").split() if one]


def _languages(name: str, raw: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_list(name, raw)))
    for one in found:
        if one not in KNOWN_LANGUAGES:
            raise SettingsError(name, f"{one!r} is not translated.", "Write some of es en pt.")
    return found


def _networks(name: str, raw: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(one) for one in _list(name, raw))
    except ValueError as error:
        raise SettingsError(name, f"{error}.", "Write networks such as 10.0.0.0/8 or 127.0.0.1.") from error


def _servers(name: str, raw: str) -> tuple[Server, ...]:
    found = []
    for number, url in enumerate(raw.split(), start=1):
        try:
            found.append(Server.from_url(url))
        except ValueError as error:
            # The address may hold a password: only its position is named.
            raise SettingsError(name, f"Server {number}: {error}.", "Separate several with spaces.") from None
    return tuple(found)


def _mailbox(name: str, raw: str) -> Mailbox:
    try:
        return Mailbox.from_url(raw)
    except ValueError as error:
        hint = "Write maildir:///path or imaps://user:password@host/INBOX."
        raise SettingsError(name, f"This is not a mailbox: {error}.", hint) from None


def _sender(name: str, raw: str) -> str:
    try:
        return check_address(raw)
    except Unsendable as error:
        raise SettingsError(name, f"{raw!r}: {error}.", "Write for example privacy@example.org.") from error


def _web(name: str, raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(name, f"{raw!r} is not a web address.", "Write https://privacy.example.org.")
    return raw.rstrip("/")


def _database(name: str, raw: str) -> str:
    """A URL that SQLAlchemy and the engine both take; a relative SQLite path is made absolute."""
    scheme, separator, rest = raw.partition("://")
    if not separator or scheme not in SCHEMES or not rest.strip("/"):
        raise SettingsError(
            name,
            "This is not a database address.",
            "Write sqlite:///path or postgresql://user:password@host/name.",
        )
    if scheme == "sqlite":
        return f"sqlite:///{Path(rest.removeprefix('/')).resolve()}"
    return f"postgresql+psycopg://{rest}"


READERS: dict[str, Read] = {
    "database_url": _database,
    "engine_url": _database,
    "role": _choice(*ROLES),
    "demo": _switch,
    "smtp_urls": _servers,
    "mail_from": _sender,
    "mail_reports": _mailbox,
    "portal_url": _web,
    "desk_url": _web,
    "host": lambda name, raw: raw,
    "port": _number(1, 65535),
    "threads": _number(1, 128),
    "proxies": _networks,
    "metrics_from": _networks,
    "identity": lambda name, raw: hashlib.sha256(raw.encode()).hexdigest(),
    "languages": _languages,
    "four_eyes": _switch,
    "mfa": _choice("required", "optional"),
    "package_days": _number(1, 90),
    "package_kept_days": _number(0, 365),
    "identity_days": _number(1, 90),
    "retention_years": _number(1, 30),
    "proof_years": _number(1, 30),
    "code_minutes": _number(5, 1440),
    "code_attempts": _number(3, 10),
    "mails_per_recipient": _number(1, 100),
    "submissions_per_network": _number(1, 100_000),
    "submissions_overall": _number(1, 1_000_000),
    "batch_cases": _number(1, 500),
    "batch_rows": _number(100, 1_000_000),
    "open_batches": _number(1, 1000),
    "api_per_minute": _number(1, 1_000_000),
    "hook_networks": _networks,
    "worker_concurrency": _number(1, 64),
    "page_rows": _number(10, 10_000),
    "statement_seconds": _seconds,
    "lock_seconds": _seconds,
    "max_upload_mb": _number(1, 100),
    "log_level": _choice("debug", "info", "warning", "error"),
    "master_key_file": lambda name, raw: raw,
    "legal_key_file": lambda name, raw: raw,
}
