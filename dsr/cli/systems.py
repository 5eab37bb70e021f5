"""``dsr systems``: check, describe, switch, hold, preview."""

from __future__ import annotations

import sys

import click

from dsr.domain.rights import Right
from dsr.services import preview as preview_service
from dsr.services import systems as service
from dsr.services.house import House

from .console import as_json, by_officer, emit, example, now, officer, reason, running, table

controller_option = click.option("--controller", help="Key of the controller (default: the only one).")


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
        key = _controller(house, controller)
        names = [system] if system else [config.key for config in house.registry.for_controller(key)]
        found = {name: service.check(key, name, by="cli", now=now()) for name in names}
    rows = [(name, one.level, one.code, one.sentence) for name, all_ in found.items() for one in all_]
    emit(found, as_json, lambda: table("Systems", ("system", "level", "code", "finding"), rows))
    if any(one.level == "error" for all_ in found.values() for one in all_):
        sys.exit(1)


@systems.command()
@click.argument("system")
@controller_option
@as_json
@example("dsr systems describe crm --json")
def describe(system: str, controller: str | None, as_json: bool) -> None:
    """What a system holds and what each right does there."""
    with running() as house:
        said = house.registry.describe(_controller(house, controller), system, now=now())
    rows = [(c.action, c.support, c.sentence if isinstance(c.sentence, str) else c.sentence.get("en")) for c in said.capabilities]
    emit(said, as_json, lambda: table(system, ("action", "support", "what happens"), rows))


@systems.command()
@click.argument("system")
@click.argument("rights", nargs=-1, type=click.Choice([*Right, "observe"]))
@controller_option
@by_officer
@as_json
@example("dsr systems mode crm access erasure --by olga@example.org")
def mode(system: str, rights: tuple[str, ...], controller: str | None, by: str, as_json: bool) -> None:
    """Say for which rights a system may be acted on; 'observe' for none."""
    chosen = [right for right in rights if right != "observe"]
    with running() as house:
        service.set_mode(_controller(house, controller), system, chosen, by=officer(by).actor, now=now())
    emit({"system": system, "acting": chosen}, as_json, lambda: click.echo(f"{system}: {', '.join(chosen) or 'observe'}"))


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
        service.hold(_controller(house, controller), system, not release, by=officer(by).actor, now=now())
    emit({"system": system, "held": not release}, as_json, lambda: click.echo("released" if release else "held"))


@systems.command()
@click.argument("system")
@click.option("--id", "identifiers", multiple=True, required=True, metavar="KIND=VALUE", help="email=ana@example.org")
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
    pairs = [tuple(one.partition("=")[::2]) for one in identifiers]
    with running() as house:
        found = preview_service.run(
            _controller(house, controller), system, pairs, opened=open_, reason=reason, by=officer(by), now=now()
        )
    rows = [(one.collection, one.match, one.count, one.why.get("en", ""), one.sample) for one in found]
    emit(found, as_json, lambda: table(system, ("collection", "match", "rows", "why", "sample"), rows))


def _controller(house: House, key: str | None) -> str:
    if key:
        return house.controller(key).key
    if len(house.controllers) != 1:
        raise click.UsageError(f"--controller is needed: {', '.join(sorted(house.controllers))}")
    return next(iter(house.controllers))
