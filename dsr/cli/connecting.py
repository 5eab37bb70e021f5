"""``dsr systems kinds|add|secret``: which connectors there are, and how a system is connected."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from dsr.contract import Setting
from dsr.domain.errors import Refusal
from dsr.domain.guides import GUIDES, settings_of
from dsr.domain.guides import guide as guide_of
from dsr.domain.workflow import Role
from dsr.registry import Registry
from dsr.services import systems as service
from dsr.services.house import House
from dsr.services.officers import Officer
from dsr.settings import Settings, add_system
from dsr.settings.tables import KEY
from dsr.store import secrets

from .console import (
    REFUSED,
    as_json,
    by_officer,
    controller_option,
    emit,
    english,
    example,
    now,
    officer,
    only_controller,
    pair,
    running,
    settings,
    table,
)

OWN = {"map", "map_name", "holders"}
"""What stands in the table of the system itself, not among the settings of its connector."""

LISTS = {"list", "names", "texts"}
BY_RIGHT = {"text_by_right": lambda text: {"all": text}, "list_by_right": lambda text: {"all": _listed(text)}}
NUMBER = re.compile(r"-?\d{1,12}")


@dataclass(frozen=True, slots=True)
class Given:
    """What was said on the command line: settings by name, the map, a guide, may we ask for the rest?"""

    values: Mapping[str, str]
    map_file: str
    guide: Mapping[str, Any]
    asks: bool


@click.command()
@as_json
@example("dsr systems kinds")
def kinds(as_json: bool) -> None:
    """The kinds of system that can be connected, and what each must be told."""
    registry = Registry()
    known = {kind: registry.settings_of(kind) for kind in registry.kinds()}
    rows = [
        (
            kind,
            one.name,
            "secret" if one.secret else one.kind,
            "" if one.required else "optional",
            english(one.help),
        )
        for kind, all_ in known.items()
        for one in all_
    ]
    emit(known, as_json, lambda: table("Kinds", ("kind", "setting", "type", "", "meaning"), rows))


@click.command()
@click.argument("kind")
@click.option("--key", help="Name of the system in commands and files (default: the kind).")
@click.option("--title", help="What people call it (default: the key).")
@click.option("--guide", type=click.Choice(sorted(GUIDES)), help="Checklists for a place worked by hand.")
@click.option("--map", "map_file", default="", help="Data map, a path below instance/.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="A setting; lists with commas.")
@click.option("--ask/--no-ask", default=True, help="Ask for what is missing (default), or refuse.")
@controller_option
@by_officer
@as_json
@example("dsr systems add hubspot --key crm --title 'HubSpot' --by olga@example.org")
def add(
    kind: str, key: str | None, title: str | None, guide: str | None, map_file: str, given: tuple[str, ...],
    ask: bool, controller: str | None, by: str, as_json: bool,
) -> None:  # fmt: skip
    """Connect a system: asks what it needs, keeps secrets sealed, checks it.

    It starts in observe mode: it is searched, and nothing is changed in it. A secret given with --set
    NAME=@FILE is read from that file; nothing shows a secret again. Restart 'dsr serve' afterwards.
    """
    here = settings()
    with running() as house:
        owner = only_controller(house, controller)
        who = engineer(by, owner)
        name = _key(key or guide or kind, house)
        if guide and kind != "manual":
            raise click.UsageError("A guide is for places worked by hand: dsr systems add manual --guide ...")
        followed = settings_of(guide_of(guide)) if guide else {}
        said = Given(dict(pair(one) for one in given), map_file, followed, ask)
        wanted = house.registry.settings_of(kind)
        found = _asked(wanted, said)
        _write(
            here,
            {"key": name, "kind": kind, "title": title or guide or name, "controllers": [owner]},
            found,
            said,
        )
        service.added(owner, name, kind, by=who.actor, now=now())
    with running():
        findings = service.check(owner, name, by=who.actor, now=now())
    rows = [(one.level, one.code, english(one.sentence)) for one in findings]
    told = {"system": name, "kind": kind, "acting": [], "findings": findings}
    emit(told, as_json, lambda: table(f"{name}: observe mode", ("level", "code", "finding"), rows))
    if any(one.level == "error" for one in findings):
        click.echo(
            "It is connected but not well: correct instance/systems.toml, then dsr systems check.", err=True
        )
        sys.exit(REFUSED)


@click.command()
@click.argument("system")
@click.argument("name")
@controller_option
@by_officer
@as_json
@example("dsr systems secret crm token --by olga@example.org")
def secret(system: str, name: str, controller: str | None, by: str, as_json: bool) -> None:
    """Replace a sealed secret of a system; it is typed unseen and never shown again."""
    with running() as house:
        owner = only_controller(house, controller)
        who = engineer(by, owner)
        value = click.prompt(name, hide_input=True, confirmation_prompt=True)
        service.write_secret(owner, system, name, value, by=who.actor, now=now())
    emit({"system": system, "secret": name}, as_json, lambda: click.echo(f"{system}: {name} replaced"))


def engineer(by: str, controller: str) -> Officer:
    """A member of staff who may connect systems; Refusal ``workflow.role``."""
    who = officer(by, controller)
    if not {Role.DPO, Role.ADMIN} & set(who.roles):
        raise Refusal("workflow.role", "This needs one of the roles dpo, admin.")
    return who


def _write(here: Settings, own: dict[str, Any], found: Sequence[tuple[Setting, Any]], said: Given) -> None:
    """Secrets first: a sealed file without a system is harmless, a system without its secret is not."""
    if said.map_file:
        own["map"] = said.map_file
    if "holders" in said.values:
        own["holders"] = _listed(said.values["holders"])
    plain = {one.name: value for one, value in found if not one.secret}
    sealed = [one.name for one, _ in found if one.secret]
    for one, value in found:
        if one.secret:
            secrets.keep(here.instance, own["key"], one.name, value)
    add_system(here.instance, here.languages, own, plain, sealed)


def _asked(wanted: Sequence[Setting], said: Given) -> list[tuple[Setting, Any]]:
    """The settings with their values; UsageError for an unknown, missing or misshapen one."""
    known = {one.name for one in wanted} | {"holders"}
    for name in said.values:
        if name not in known or name in OWN - {"holders"}:
            raise click.UsageError(f"There is no setting {name!r}. Known: {', '.join(sorted(known - OWN))}.")
    found = []
    for one in wanted:
        if one.name in OWN:
            _check_map(one, said)
            continue
        text = said.values.get(one.name, "")
        if not text and one.name in said.guide:
            found.append((one, said.guide[one.name]))
            continue
        if not text and one.required:
            text = _question(one, said)
        if text:
            found.append((one, _or_file(text) if one.secret else _value(one, text)))
    return found


def _check_map(one: Setting, said: Given) -> None:
    if one.name == "map" and one.required and not said.map_file:
        raise click.UsageError(
            "This kind needs a data map: dsr map draft SOURCE -o instance/maps/NAME.yaml, then --map maps/NAME.yaml."
        )


def _question(one: Setting, said: Given) -> str:
    if not said.asks:
        raise click.UsageError(f"The setting {one.name!r} is missing: {english(one.help)}")
    answer: str = click.prompt(f"{one.name} - {english(one.help)}", hide_input=one.secret)
    return answer.strip()


def _or_file(text: str) -> str:
    """A value as typed, or read from ``@FILE``: secrets stand in no shell history, certificates have lines."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{text[1:]} cannot be read: {type(error).__name__}.") from None


def _value(one: Setting, text: str) -> Any:
    if one.kind in LISTS:
        return _listed(text)
    if one.kind in BY_RIGHT:
        shaped: Callable[[str], Any] = BY_RIGHT[one.kind]
        return shaped(text)
    if one.kind == "file":
        return _or_file(text)
    if one.kind == "table":
        return _table(one, text)
    if one.kind == "switch":
        if text.lower() not in ("true", "false", "yes", "no", "on", "off"):
            raise click.UsageError(f"{one.name}: write true or false, not {text!r}.")
        return text.lower() in ("true", "yes", "on")
    if one.kind == "number":
        if not NUMBER.fullmatch(text):
            raise click.UsageError(f"{one.name}: write a number, not {text!r}.")
        return int(text)
    return text


def _table(one: Setting, text: str) -> Any:
    """A table as TOML writes it in one line."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        raise click.UsageError(
            f'{one.name}: write a table, like {{ name = "value" }}, not {text!r}.'
        ) from None


def _key(key: str, house: House) -> str:
    if not KEY.fullmatch(key):
        raise click.UsageError(f"{key!r} is not a name: lower-case letters, digits, - and _ (at most 63).")
    if any(key == one.key for one in house.registry.systems):
        raise click.UsageError(f"There is a system {key!r} already: choose another --key.")
    return key


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
