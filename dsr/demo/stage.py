"""Sets the stage: an instance with an invented company, its demo systems and two officers."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dsr import app as application
from dsr.demo.data import Demo, build
from dsr.domain.rights import Right
from dsr.services import staff
from dsr.settings import Settings, SettingsError, load

CONTROLLER: Final = "demo"
OLGA: Final = "olga@demo.example"
SECOND: Final = "revision@demo.example"
AUDITOR: Final = "auditoria@demo.example"
HOLDER: Final = "archivo@demo.example"
ANA: Final = "ana.garcia@correo.example"
ROLES: Final = {OLGA: ("admin", "dpo", "legal"), SECOND: ("dpo",), AUDITOR: ("auditor",)}
TITLES: Final = {OLGA: "officer", SECOND: "second officer", AUDITOR: "auditor"}

FOLDER: Final = "demo"
MARK: Final = "# Written by dsr serve --demo: an invented company with invented customers."
OFFICERS: Final = "officers.json"
ADDRESS: Final = "address.json"

CONTROLLERS_TOML: Final = f"""{MARK}
[[controller]]
key = "{CONTROLLER}"
name = "Comercial del Olmo, S. L."
address = "Calle del Olmo, 100\\n28012 Madrid"
zone = "Europe/Madrid"
jurisdiction = "ES"
language = "es"
website = "http://127.0.0.1"
escalation = "{AUDITOR}"
[controller.contact]
email = "{OLGA}"
name = "Olga"
phone = "+34 910 000 000"
[[controller.recipients]]
name = "Empresa de mensajería"
called = ["Empresa de mensajería (nombre y dirección)"]
channel = "manual"
"""

RIGHTS: Final = ", ".join(f'"{right}"' for right in Right)

SYSTEMS_TOML: Final = f"""{MARK}
[[system]]
key = "crm"
kind = "sql"
title = "CRM"
controllers = ["{CONTROLLER}"]
map = "{FOLDER}/maps/crm.yaml"
acting = [{RIGHTS}]
[system.settings]
url = "sqlite:///{{instance}}/{FOLDER}/crm.sqlite3"

[[system]]
key = "tracking"
kind = "sql"
title = "Seguimiento de correos"
controllers = ["{CONTROLLER}"]
map = "{FOLDER}/maps/tracking.yaml"
acting = [{RIGHTS}]
[system.settings]
url = "sqlite:///{{instance}}/{FOLDER}/tracking.sqlite3"

[[system]]
key = "mailing"
kind = "tabular"
title = "Lista de correo"
controllers = ["{CONTROLLER}"]
map = "{FOLDER}/maps/mailing.yaml"
acting = [{RIGHTS}]
[system.settings]
path = "{{instance}}/{FOLDER}/mailing.csv"

[[system]]
key = "archive"
kind = "manual"
title = "Archivo en papel"
controllers = ["{CONTROLLER}"]
holders = ["{HOLDER}"]
acting = [{RIGHTS}]
[system.settings]
title = {{ es = "Archivo en papel", en = "Paper archive", pt = "Arquivo em papel" }}
owner = "Administración"
categories = ["user.name", "user.contact", "user.correspondence"]
basis = "contract"
purpose = {{ es = "Contratos firmados", en = "Signed contracts", pt = "Contratos assinados" }}
[system.settings.checklist]
all = [{{ es = "Contratos, por apellido", en = "Contracts, by surname", pt = "Contratos, por sobrenome" }}]
"""


@dataclass(frozen=True, slots=True)
class Officer:
    """An account of the demonstration; its password is random and shown on this machine only."""

    email: str
    title: str
    password: str


def place(instance: Path | None = None) -> Path:
    """The folder of the instance: the given one, ``DSR_INSTANCE``, or ``instance`` here."""
    return (instance or Path(os.environ.get("DSR_INSTANCE") or "instance")).resolve()


def is_demo(instance: Path | None = None) -> bool:
    """Was this instance made by ``prepare``?"""
    file = place(instance) / "controllers.toml"
    try:
        return file.read_text(encoding="utf-8").startswith(MARK)
    except OSError:
        return False


def prepare(instance: Path | None = None, *, people: int = 2000, big_events: int = 50_000) -> Demo:
    """The files of the demonstration in ``instance``, made now unless they are there.

    Raises SettingsError when the instance holds an organisation of its own, which is never touched.
    """
    folder = place(instance)
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "controllers.toml").exists() and not is_demo(folder):
        raise SettingsError(
            "DSR_INSTANCE",
            f"{folder} holds an organisation of its own; a demonstration would mix with it.",
            "Give the demonstration a folder: DSR_INSTANCE=instance-demo dsr serve --demo.",
        )
    demo = build(folder / FOLDER, people=people, big_events=big_events)
    _write(folder / "systems.toml", SYSTEMS_TOML)
    _write(folder / "controllers.toml", CONTROLLERS_TOML)
    return demo


def settings(instance: Path | None = None, **given: object) -> Settings:
    """The settings of a prepared demonstration; a second factor is offered, not demanded."""
    environ = {"DSR_MFA": "optional"} | os.environ
    return load(environ, instance=place(instance), demo=True, **given)


def note_address(known: Settings) -> None:
    """Write down where the demonstration is served, so that mails of other commands link there."""
    _write(
        known.instance / FOLDER / ADDRESS,
        json.dumps({"DSR_HOST": known.host, "DSR_PORT": str(known.port)}),
    )


def environment(instance: Path | None = None) -> dict[str, str]:
    """What the variables of a command say where nothing else is said: a demonstration, as it was last served."""
    try:
        found = json.loads((place(instance) / FOLDER / ADDRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    return {"DSR_DEMO": "on", "DSR_MFA": "optional", **found}


def officers(known: Settings) -> tuple[Officer, ...]:
    """The accounts of the demonstration, made when the database is new."""
    file = known.instance / FOLDER / OFFICERS
    passwords = _read(file, known.identity)
    if set(passwords) != set(ROLES) or not _has_database(known):
        passwords = _open_accounts(known)
        _write_secret(file, {"identity": known.identity, "passwords": passwords})
    return tuple(Officer(email, TITLES[email], passwords[email]) for email in ROLES)


def facts(known: Settings) -> dict[str, object]:
    """Where to look, as data."""
    accounts = [{"title": one.title, "email": one.email, "password": one.password} for one in officers(known)]
    return {
        "portal": f"{known.portal_url}/",
        "desk": f"{known.desk_url}/",
        "outbox": f"{known.portal_url}/outbox",
        "mails": str(known.instance / "outbox"),
        "accounts": accounts,
    }


def welcome(known: Settings) -> str:
    """Where to look, in words for the terminal."""
    where = facts(known)
    lines = [
        "",
        "Demonstration: an invented company with invented customers; no mail leaves this machine.",
        "",
        f"Portal   {where['portal']}",
        f"Desk     {where['desk']}",
        *(f"         {one.title:<16} {one.email:<26} {one.password}" for one in officers(known)),
        f"Outbox   {where['outbox']}   (files: {where['mails']})",
        "",
        f"Ask as {ANA}, read the code in the outbox, decide at the desk. Ctrl-C stops.",
        "",
    ]
    return "\n".join(f"  {line}".rstrip() for line in lines)


def _has_database(known: Settings) -> bool:
    name = known.database_url.removeprefix("sqlite:///")
    return name == known.database_url or Path(name).exists()


def _open_accounts(known: Settings) -> dict[str, str]:
    """New accounts, or new passwords for those that are there."""
    now = datetime.now(UTC)
    with application.create_app(known, "worker").app_context():
        there = {one.email: one.number for one in staff.directory(CONTROLLER)}
        return {
            email: staff.new_password(there[email], by="system", now=now)
            if email in there
            else staff.add(email, {CONTROLLER: roles}, language="es", by="system", now=now).password
            for email, roles in ROLES.items()
        }


def _read(file: Path, identity: str) -> dict[str, str]:
    """What was written last time on this machine and for this folder; a copied folder gets new ones."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    passwords: dict[str, str] = found["passwords"] if found.get("identity") == identity else {}
    return passwords


def _write(file: Path, text: str) -> None:
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def _write_secret(file: Path, content: object) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(content, stream)
