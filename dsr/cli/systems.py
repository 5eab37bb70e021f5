"""``dsr systems``: check, describe, switch, hold, preview."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from dsr.domain.errors import Refusal
from dsr.domain.rights import Right
from dsr.domain.workflow import Role
from dsr.services import preview as preview_service
from dsr.services import systems as service
from dsr.services.officers import Officer

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
    reason,
    running,
    table,
)


@click.group()
def systems() -> None:
    """The connected systems."""


@systems.command()
@click.argument("system", required=False)
@controller_option
@as_json
@example("dsr systems check crm")
def check(system: str | None, controller: str | None, as_json: bool) -> None:
    """Reach the systems: credentials, privileges, drift from the map. Exit 1 on an error."""
    with running() as house:
        key = only_controller(house, controller)
        names = [system] if system else [config.key for config in house.registry.for_controller(key)]
        found = {name: service.check(key, name, by="cli", now=now()) for name in names}
    rows = [
        (name, one.level, one.code, english(one.sentence)) for name, all_ in found.items() for one in all_
    ]
    emit(found, as_json, lambda: table("Systems", ("system", "level", "code", "finding"), rows))
    if any(one.level == "error" for all_ in found.values() for one in all_):
        sys.exit(REFUSED)


@systems.command()
@click.argument("system")
@controller_option
@as_json
@example("dsr systems describe crm --json")
def describe(system: str, controller: str | None, as_json: bool) -> None:
    """What a system holds and what each right does there."""
    with running() as house:
        said = house.registry.describe(only_controller(house, controller), system, now=now())
    rows = [(one.action, one.support, english(one.sentence)) for one in said.capabilities]
    emit(said, as_json, lambda: table(system, ("action", "support", "what happens"), rows))


@systems.command()
@click.argument("system")
@click.argument("rights", nargs=-1, type=click.Choice([*(right.value for right in Right), "observe"]))
@controller_option
@by_officer
@as_json
@example("dsr systems mode crm access erasure --by olga@example.org")
def mode(system: str, rights: tuple[str, ...], controller: str | None, by: str, as_json: bool) -> None:
    """Say for which rights a system may be acted on; 'observe' for none."""
    if not rights or ("observe" in rights and len(rights) > 1):
        raise click.UsageError("Name the rights that may be carried out there, or 'observe' alone for none.")
    chosen = [right for right in rights if right != "observe"]
    with running() as house:
        key = only_controller(house, controller)
        service.set_mode(key, system, chosen, by=_manager(by, key).actor, now=now())
    words = f"{system}: {', '.join(chosen) or 'observe'}"
    emit({"system": system, "acting": chosen}, as_json, lambda: click.echo(words))


@systems.command()
@click.argument("system")
@click.option("--release", is_flag=True, help="Let it go on again.")
@controller_option
@by_officer
@as_json
@example("dsr systems hold '*' --by olga@example.org")
def hold(system: str, release: bool, controller: str | None, by: str, as_json: bool) -> None:
    """Stop all acting in one system, or in all with '*'. Clocks run on."""
    with running() as house:
        key = only_controller(house, controller)
        service.hold(key, system, not release, by=_manager(by, key).actor, now=now())
    words = f"{system}: {'released' if release else 'held'}"
    emit({"system": system, "held": not release}, as_json, lambda: click.echo(words))


@systems.command()
@click.argument("system")
@click.option(
    "--id", "identifiers", multiple=True, required=True, metavar="KIND=VALUE", help="email=ana@example.org"
)
@click.option("--open", "open_", is_flag=True, help="Show values instead of masks; recorded.")
@controller_option
@by_officer
@reason
@as_json
@example("dsr systems preview crm --id email=ana@example.org --by olga@example.org --reason 'first check'")
def preview(
    system: str,
    identifiers: tuple[str, ...],
    open_: bool,
    controller: str | None,
    by: str,
    reason: str,
    as_json: bool,
) -> None:
    """What a search would find for somebody. Read-only, masked, and written to the audit log."""
    pairs = [pair(one) for one in identifiers]
    with running() as house:
        key = only_controller(house, controller)
        who = _with_role(by, key, (Role.DPO, Role.AGENT))
        found = preview_service.run(key, system, pairs, opened=open_, reason=reason, by=who, now=now())
    rows = [(one.collection, one.match, one.count, english(one.why), _lines(one.sample)) for one in found]
    emit(found, as_json, lambda: table(system, ("collection", "match", "rows", "why", "sample"), rows))


def _lines(sample: Sequence[Mapping[str, str]]) -> str:
    """The fields of each row of a sample, one a line; an empty line between rows."""
    return "\n\n".join("\n".join(f"{name}: {value}" for name, value in row.items()) for row in sample)


def _manager(name: str, controller: str) -> Officer:
    return _with_role(name, controller, (Role.DPO, Role.ADMIN))


def _with_role(name: str, controller: str, roles: tuple[Role, ...]) -> Officer:
    """A member of staff who has one of these roles; Refusal ``workflow.role``."""
    found = officer(name, controller)
    if not set(roles) & set(found.roles):
        raise Refusal("workflow.role", f"This needs one of the roles {', '.join(roles)}.")
    return found
