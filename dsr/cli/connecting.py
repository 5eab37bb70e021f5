"""``dsr systems kinds|add|secret``: which connectors there are, and how a system is connected."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from dsr.contract import Finding, Setting
from dsr.domain.errors import Refusal
from dsr.domain.guides import GUIDES, settings_of
from dsr.domain.guides import guide as guide_of
from dsr.domain.workflow import Role
from dsr.registry import Registry
from dsr.services import systems as service
from dsr.services.house import House
from dsr.services.officers import Officer
from dsr.settings import Settings, SettingsError, add_system
from dsr.settings.tables import KEY
from dsr.store import secrets

from .asking import Given, asked, listed
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
from .maps import questions_of


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
            _when(one),
            english(one.help),
        )
        for kind, all_ in known.items()
        for one in all_
    ]
    emit(known, as_json, lambda: table("Kinds", ("kind", "setting", "type", "", "meaning"), rows))


def _when(one: Setting) -> str:
    if one.choices:
        return f"one of {', '.join(one.choices)}" if len(one.choices) > 1 else "optional"
    return f"with {', '.join(one.needed_with)}" if one.needed_with else "" if one.required else "optional"


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
@example(
    "dsr systems add hubspot --key crm --by olga@example.org\n"
    "  dsr systems add hubspot --key crm --by olga@example.org --no-ask --set access_token=@token.txt"
)
def add(
    kind: str, key: str | None, title: str | None, guide: str | None, map_file: str, given: tuple[str, ...],
    ask: bool, controller: str | None, by: str, as_json: bool,
) -> None:  # fmt: skip
    """Connect a system: asks what it needs, keeps secrets sealed, signs in at once, says what is next.

    Where there are several ways to sign in it asks which (--set auth=WAY), then what that way needs. It
    starts in observe mode: it is searched, and nothing is changed in it. A secret given with --set
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
        found = asked(wanted, said)
        _write(
            here,
            {"key": name, "kind": kind, "title": title or guide or name, "controllers": [owner]},
            found,
            said,
        )
        service.added(owner, name, kind, by=who.actor, now=now())
    with running():
        findings = service.check(owner, name, by=who.actor, now=now())
    secret_names = [one.name for one, _ in found if one.secret]
    told = {"system": name, "kind": kind, "acting": [], "findings": findings}
    file = here.instance / map_file if map_file else None
    emit(told, as_json, lambda: _shown(name, findings, secret_names, by, file))
    if _failed(findings):
        sys.exit(REFUSED)


def _failed(findings: Sequence[Finding]) -> bool:
    return any(one.level == "error" for one in findings)


def _shown(
    name: str, findings: Sequence[Finding], secret_names: Sequence[str], by: str, map_file: Path | None
) -> None:
    rows = [(one.level, one.code, english(one.sentence)) for one in findings]
    table(f"{name}: observe mode", ("level", "code", "finding"), rows)
    if _failed(findings):
        unsigned = secret_names if any(one.code == "unreachable" for one in findings) else ()
        told, steps = f"{name} is connected but not well. Next:", _mending(name, unsigned, by)
    else:
        told, steps = f"{name} is connected and only observes. Next:", _looking(name, by, map_file)
    click.echo("\n".join([told, *(f"  {one}" for one in steps)]))


def _mending(name: str, secret_names: Sequence[str], by: str) -> list[str]:
    return [
        "correct what the findings name: a setting in instance/systems.toml, or the system itself",
        *(f"dsr systems secret {name} {one} --by {by}   (if this secret is wrong)" for one in secret_names),
        f"dsr systems check {name}",
    ]


def _looking(name: str, by: str, map_file: Path | None) -> list[str]:
    count = len(questions_of(map_file)) if map_file else 0
    answer = f"dsr map check {map_file}   ({count} questions are open there: answer them in the map)"
    return [
        f"dsr systems preview {name} --id email=ADDRESS --by {by} --reason 'first look'   (what a search finds)",
        *([answer] if count else []),
        "start 'dsr serve' again: from then on requests are searched there too",
        f"dsr systems mode {name} access --by {by}   (lets it be acted on, right by right)",
    ]


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
    """Secrets first: a sealed file without a system is harmless, a system without its secret is not. Of a system that
    is refused nothing stays."""
    if said.map_file:
        own["map"] = said.map_file
    if "holders" in said.values:
        own["holders"] = listed(said.values["holders"])
    plain = {one.name: value for one, value in found if not one.secret}
    sealed = [one.name for one, _ in found if one.secret]
    for one, value in found:
        if one.secret:
            secrets.keep(here.instance, own["key"], one.name, value)
    try:
        add_system(here.instance, here.languages, own, plain, sealed)
    except SettingsError:
        for name in sealed:
            secrets.path_of(here.instance, own["key"], name).unlink(missing_ok=True)
        raise


def _key(key: str, house: House) -> str:
    if not KEY.fullmatch(key):
        raise click.UsageError(f"{key!r} is not a name: lower-case letters, digits, - and _ (at most 63).")
    if any(key == one.key for one in house.registry.systems):
        raise click.UsageError(
            f"There is a system {key!r} already: choose another --key, or take its [[system]] out of"
            " instance/systems.toml first."
        )
    return key
