"""controllers.toml and systems.toml: who answers, and where the data are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dsr import laws
from dsr.domain.organisation import Contact, Controller, SecretSource, SystemConfig
from dsr.domain.rights import Right
from dsr.domain.workflow import Role
from dsr.mail import Unsendable, check_address

from .places import below, secret_file
from .recipients import recipients_of
from .tables import KEY, Table, read_tables

MAX_MAP_BYTES = 5 * 1024 * 1024
RIGHTS = tuple(right.value for right in Right)
ROLES = tuple(role.value for role in Role if role not in (Role.PERSON, Role.SYSTEM, Role.HOLDER))


def read_organisation(
    instance: Path, languages: tuple[str, ...], *, systems: Path | None = None
) -> tuple[tuple[Controller, ...], tuple[SystemConfig, ...]]:
    """Both files of an instance, checked against each other.

    A system belongs to a controller when either file says so. ``systems``: another file to read in the
    place of systems.toml. SettingsError names file and line.
    """
    tables = list(read_tables(instance / "controllers.toml", "controller"))
    if not tables:
        raise _none_yet(instance)
    controllers = [_controller(table, languages, instance) for table in tables]
    _refuse_twice(tables, [controller.key for controller in controllers])
    _refuse_same_address(tables, controllers)
    sources = list(_optional(systems or instance / "systems.toml", "system"))
    found = [_system(table, instance) for table in sources]
    _refuse_twice(sources, [system.key for system in found])
    return _joined(controllers, found, tables, sources)


def _none_yet(instance: Path) -> Exception:
    table = Table(instance / "controllers.toml", "", "controller", 0, {})
    return table.error("controller", "There is no controller.", "Write at least one [[controller]].")


def _optional(file: Path, name: str) -> Iterable[Table]:
    """A new installation has no systems yet: then every place is asked by hand."""
    return read_tables(file, name) if file.exists() else ()


def _controller(table: Table, languages: tuple[str, ...], instance: Path) -> Controller:
    contact = table.within("contact")
    found = Controller(
        key=table.name_key(),
        name=table.text("name"),
        address=table.text("address"),
        contact=Contact(
            email=_address(contact, "email"), name=contact.text("name", ""), phone=contact.text("phone", "")
        ),
        zone=_zone(table),
        jurisdiction=_jurisdiction(table),
        language=_one_of(table, "language", languages, languages[0]),
        path=table.text("path", "").strip("/"),
        host=table.text("host", "").lower(),
        systems=table.texts("systems"),
        escalation=_address(table, "escalation", ""),
        auto_approve=frozenset(_all_of(table, "auto_approve", RIGHTS)),
        website=table.text("website", ""),
        recipients=recipients_of(table, languages, instance),
        countries=tuple(_place(table, one) for one in table.texts("countries")),
    )
    contact.refuse_unknown()
    table.refuse_unknown()
    return found


def _system(table: Table, instance: Path) -> SystemConfig:
    settings, secrets = _settings(table, instance)
    found = SystemConfig(
        key=table.name_key(),
        kind=table.text("kind"),
        title=table.text("title"),
        controllers=table.texts("controllers"),
        settings=settings,
        secrets=secrets,
        acting=_all_of(table, "acting", RIGHTS),
        roles=_all_of(table, "roles", ROLES),
        holders=tuple(_checked(table, "holders", address) for address in table.texts("holders")),
        relay=table.switch("relay"),
        parallel=table.count("parallel"),
        per_minute=table.count("per_minute"),
    )
    table.refuse_unknown()
    if found.kind == "manual" and not found.holders:
        raise table.error("holders", "Nobody can be asked.", 'Write holders = ["someone@your-domain"].')
    return found


def _settings(table: Table, instance: Path) -> tuple[dict[str, Any], dict[str, SecretSource]]:
    """Plain settings with ``{instance}`` filled in, the text of the map, and where secrets come from."""
    settings: dict[str, Any] = {}
    secrets: dict[str, SecretSource] = {}
    for name, value in table.mapping("settings").items():
        source = _secret(table, name, value, instance)
        if source is None:
            settings[name] = _filled(value, instance)
        else:
            secrets[name] = source
    file = table.text("map", "")
    if file:
        settings |= {"map": _map(table, below(table, "map", instance, file)), "map_name": file}
    return settings, secrets


def _filled(value: Any, instance: Path) -> Any:
    """``{instance}`` is the only placeholder; it is replaced in texts at any depth."""
    if isinstance(value, str):
        return value.replace("{instance}", str(instance))
    if isinstance(value, list):
        return [_filled(one, instance) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, instance) for name, one in value.items()}
    return value


def _secret(table: Table, name: str, value: Any, instance: Path) -> SecretSource | None:
    """``{env = "NAME"}``, ``{file = "path"}`` or ``{sealed = true}``; None for a plain value."""
    if not isinstance(value, dict) or not value.keys() & {"env", "file", "sealed"}:
        return None
    kind, *more = value
    if value == {"sealed": True} and KEY.fullmatch(name):
        return SecretSource(sealed=str(instance / "secrets" / f"{table.text('key')}.{name}"))
    if more or not isinstance(value[kind], str) or not value[kind]:
        raise table.error(
            name, "This is not a secret.", f'Write {name} = {{env = "NAME"}} or {{file = "path"}}.'
        )
    if kind == "env":
        return SecretSource(env=value[kind])
    return SecretSource(file=str(secret_file(table, name, instance, value[kind])))


def _map(table: Table, file: Path) -> str:
    try:
        raw = file.read_bytes()
        if len(raw) > MAX_MAP_BYTES:
            raise table.error("map", "This file is larger than 5 MB.", "Write one map per system.")
        return raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise table.error(
            "map", f"{file} cannot be read: {type(error).__name__}.", "Write a path below instance/."
        ) from error


def _joined(
    controllers: list[Controller],
    systems: list[SystemConfig],
    tables: list[Table],
    sources: list[Table],
) -> tuple[tuple[Controller, ...], tuple[SystemConfig, ...]]:
    by_key = {system.key: system for system in systems}
    names = {controller.key for controller in controllers}
    for controller, table in zip(controllers, tables, strict=True):
        _refuse_strangers(table, "systems", controller.systems, by_key)
    for system, table in zip(systems, sources, strict=True):
        _refuse_strangers(table, "controllers", system.controllers, dict.fromkeys(names))
    owners = {
        system.key: tuple(
            c.key for c in controllers if c.key in system.controllers or system.key in c.systems
        )
        for system in systems
    }
    for system, table in zip(systems, sources, strict=True):
        if not owners[system.key]:
            raise table.error("controllers", "Nobody owns this system.", 'Write controllers = ["..."].')
    joined = tuple(replace(system, controllers=owners[system.key]) for system in systems)
    return tuple(replace(c, systems=_systems_of(c, joined)) for c in controllers), joined


def _systems_of(controller: Controller, systems: Iterable[SystemConfig]) -> tuple[str, ...]:
    mine = [system.key for system in systems if controller.key in system.controllers]
    return tuple(dict.fromkeys((*controller.systems, *mine)))


def _refuse_strangers(table: Table, key: str, named: Iterable[str], known: Mapping[str, object]) -> None:
    for one in named:
        if one not in known:
            raise table.error(
                key, f"{one!r} is not configured.", f"Known: {', '.join(sorted(known)) or 'none'}."
            )


def _refuse_twice(tables: list[Table], keys: list[str]) -> None:
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise tables[index].error("key", f"{key!r} is used twice.", "Write a key of its own.")


def _refuse_same_address(tables: list[Table], controllers: list[Controller]) -> None:
    """Two portals must differ in host or path, or a request would reach the wrong organisation."""
    seen: set[tuple[str, str]] = set()
    for table, controller in zip(tables, controllers, strict=True):
        place = controller.host, controller.path
        if place in seen:
            raise table.error("path", "Another controller has the same host and path.", 'Write path = "...".')
        seen.add(place)


def _zone(table: Table) -> str:
    name = table.text("zone")
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise table.error("zone", f"{name!r} is not a time zone.", 'Write "Europe/Madrid" or so.') from error
    return name


def _jurisdiction(table: Table) -> str:
    value = table.text("jurisdiction").upper()
    known = sorted({pack.jurisdiction for pack in laws.packs()})
    if value not in known:
        raise table.error(
            "jurisdiction", f"There is no law on file for {value!r}.", f"Write one of {', '.join(known)}."
        )
    return value


def _place(table: Table, value: str) -> str:
    place = value.upper()
    if not re.fullmatch(r"[A-Z]{2}(-[A-Z]{2})?", place):
        raise table.error("countries", f"{value!r} is not a country.", 'Write "MX", "GB", "US-CA" or so.')
    return place


def _one_of(table: Table, key: str, known: tuple[str, ...], default: str) -> str:
    value = table.text(key, default)
    if value not in known:
        raise table.error(key, f"{value!r} is unknown.", f"Write one of {', '.join(known)}.")
    return value


def _all_of(table: Table, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    values = table.texts(key)
    for value in values:
        if value not in known:
            raise table.error(key, f"{value!r} is unknown.", f"Write some of {', '.join(known)}.")
    return values


def _address(table: Table, key: str, default: str | None = None) -> str:
    value = table.text(key, default)
    return _checked(table, key, value) if value else ""


def _checked(table: Table, key: str, value: str) -> str:
    try:
        return check_address(value)
    except Unsendable as error:
        raise table.error(key, f"{value!r} is not an e-mail address.", "Write name@domain.") from error
