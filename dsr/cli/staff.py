"""``dsr staff``: the first account, roles, forgotten passwords."""

from __future__ import annotations

import click

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import staff as service
from dsr.services.staff import STAFF_ROLES
from dsr.store.queries import staffing

from .console import as_json, controller_option, emit, example, now, only_controller, running, table

BY = "cli"
roles_argument = click.Choice([role.value for role in STAFF_ROLES])


@click.group()
def staff() -> None:
    """Who may do what at the desk."""


@staff.command()
@click.argument("email")
@click.option(
    "--role", "roles", multiple=True, required=True, type=roles_argument, help="May be given several times."
)
@click.option("--language", default="", help="Of the desk: es, en, pt (default: the browser's).")
@controller_option
@as_json
@example("dsr staff add olga@example.org --role dpo --role admin")
def add(email: str, roles: tuple[str, ...], language: str, controller: str | None, as_json: bool) -> None:
    """A new account; its first password is random and shown once."""
    with running() as house:
        key = only_controller(house, controller)
        added = service.add(email, {key: roles}, language=language, by=BY, now=now())
    told = {"number": added.number, "email": email, "roles": sorted(roles), "password": added.password}
    words = f"account {added.number}; first password, shown once: {added.password}"
    emit(told, as_json, lambda: click.echo(words))


@staff.command("list")
@controller_option
@as_json
@example("dsr staff list")
def list_(controller: str | None, as_json: bool) -> None:
    """Everybody who works for a controller."""
    with running() as house:
        found = service.directory(only_controller(house, controller))
    rows = (
        (one.number, one.email, " ".join(one.roles), "yes" if one.active else "no",
         "yes" if one.second_factor else "no", one.signed_in_at)
        for one in found
    )  # fmt: skip
    columns = ("number", "e-mail", "roles", "active", "second factor", "signed in")
    emit(found, as_json, lambda: table("Staff", columns, rows))


@staff.command()
@click.argument("who")
@click.argument("roles", nargs=-1, type=roles_argument)
@controller_option
@as_json
@example("dsr staff role olga@example.org dpo auditor")
def role(who: str, roles: tuple[str, ...], controller: str | None, as_json: bool) -> None:
    """Give somebody exactly these roles; without any, she no longer works for this controller."""
    with running() as house:
        key = only_controller(house, controller)
        number = _number(who)
        service.change_roles(number, key, roles, by=BY, now=now())
    held = sorted(set(roles))
    told = {"number": number, "controller": key, "roles": held}
    emit(told, as_json, lambda: click.echo(f"account {number}: {' '.join(held) or 'no role'}"))


@staff.command()
@click.argument("who")
@click.option("--second-factor", is_flag=True, help="Forget the second factor instead of the password.")
@as_json
@example("dsr staff reset olga@example.org")
def reset(who: str, second_factor: bool, as_json: bool) -> None:
    """A new random password, shown once, or (lost telephone) no second factor; her sessions end."""
    with running():
        number, password = _number(who), ""
        if second_factor:
            service.reset_second_factor(number, by=BY, now=now())
        else:
            password = service.new_password(number, by=BY, now=now())
    told = {"number": number, "password": password or None, "second_factor_reset": second_factor}
    words = f"new password, shown once: {password}" if password else "she sets up a new second factor"
    emit(told, as_json, lambda: click.echo(f"account {number}: {words}"))


@staff.command()
@click.argument("who")
@click.option(
    "--on/--off", "active", default=False, help="--off (default) stops her signing in; --on lets her again."
)
@as_json
@example("dsr staff active olga@example.org --off")
def active(who: str, active: bool, as_json: bool) -> None:
    """Let somebody sign in, or not any more; what she did keeps her number."""
    with running():
        number = _number(who)
        service.set_active(number, active, by=BY, now=now())
    told = {"number": number, "active": active}
    emit(told, as_json, lambda: click.echo(f"account {number}: {'active' if active else 'not active'}"))


def _number(who: str) -> int:
    with store.reading() as session:
        found = staffing.by_id(session, int(who)) if who.isdigit() else staffing.by_email(session, who)
    if found is None:
        raise Refusal("staff.unknown", "There is no such account: dsr staff list shows them.")
    return found.id
