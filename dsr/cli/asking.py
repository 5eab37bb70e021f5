"""What ``dsr systems add`` asks for: the settings of a kind, one way to sign in, secrets typed unseen."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from dsr.contract import Setting

from .console import english

OWN = {"map", "map_name", "holders"}
"""What stands in the table of the system itself, not among the settings of its connector."""

AUTH = "auth"
"""The setting that says in which of several ways a system is signed in to (``Setting.needed_with``)."""

LISTS = {"list", "names", "texts"}
BY_RIGHT = {"text_by_right": lambda text: {"all": text}, "list_by_right": lambda text: {"all": listed(text)}}
SQLITE = "sqlite:///"
NUMBER = re.compile(r"-?\d{1,12}")


@dataclass(frozen=True, slots=True)
class Given:
    """What was said on the command line: settings by name, the map, a guide, may we ask for the rest?"""

    values: Mapping[str, str]
    map_file: str
    guide: Mapping[str, Any]
    asks: bool


def asked(wanted: Sequence[Setting], said: Given) -> list[tuple[Setting, Any]]:
    """The settings with their values; UsageError for an unknown, missing or misshapen one."""
    known = {one.name for one in wanted} | {"holders"}
    for name in said.values:
        if name not in known or name in OWN - {"holders"}:
            raise click.UsageError(f"There is no setting {name!r}. Known: {', '.join(sorted(known - OWN))}.")
    way = _way(wanted, said)
    _refuse_missing(wanted, said, way)
    found = []
    for one in wanted:
        if one.name in OWN:
            _check_map(one, said)
        elif one.name == AUTH and len(one.choices) > 1:
            found.append((one, way))
        elif one.name in said.guide and not said.values.get(one.name):
            found.append((one, said.guide[one.name]))
        elif said.values.get(one.name):
            _warn(one, said.values[one.name])
            found.append((one, _given(one, said.values[one.name])))
        elif _must(one, way):
            found.append((one, _question(one)))
    return found


def _warn(one: Setting, text: str) -> None:
    """A secret typed into a command stays in the history of the shell; the file of a database is none."""
    if one.secret and not text.startswith(("@", SQLITE)):
        told = (
            "stands in the history of your shell now. Give it as @FILE, or leave it out and it is asked for."
        )
        click.echo(f"{one.name} {told}", err=True)


def _must(one: Setting, way: str) -> bool:
    return one.required or way in one.needed_with


def _refuse_missing(wanted: Sequence[Setting], said: Given, way: str) -> None:
    """Without questions everything that is missing is named at once."""
    missing = [
        one
        for one in wanted
        if one.name not in OWN
        and _must(one, way)
        and not said.values.get(one.name)
        and one.name not in said.guide
    ]
    if missing and not said.asks:
        told = (f"  {one.name}: {english(one.help)}" for one in missing)
        raise click.UsageError("\n".join(["These settings are missing (--set NAME=VALUE):", *told]))


def _way(wanted: Sequence[Setting], said: Given) -> str:
    """How the system is signed in to: as told, as the settings that were given say, or as asked; '' for any."""
    auth = next((one for one in wanted if one.name == AUTH), None)
    if auth is None or len(auth.choices) < 2:
        return "".join(auth.choices) if auth else ""
    needs = {way: [one for one in wanted if way in one.needed_with] for way in auth.choices}
    told = said.values.get(AUTH, "")
    if told:
        if told not in needs:
            raise click.UsageError(f"{AUTH}: write one of {', '.join(needs)}, not {told!r}.")
        return told
    whole = [way for way, many in needs.items() if all(said.values.get(one.name) for one in many)]
    if whole:
        return max(whole, key=lambda way: len(needs[way]))
    if said.asks:
        return _choice(auth, needs)
    lines = [f"  {way}: {', '.join(one.name for one in many)}" for way, many in needs.items()]
    raise click.UsageError("\n".join(["Say how to sign in, by --set for every name of one line:", *lines]))


def _choice(auth: Setting, needs: Mapping[str, Sequence[Setting]]) -> str:
    click.echo("It can be signed in to in more than one way:", err=True)
    for way, many in needs.items():
        click.echo(f"  {way}", err=True)
        for one in many:
            click.echo(f"      {one.name}: {english(one.help)}", err=True)
    chosen: str = click.prompt(AUTH, type=click.Choice(auth.choices), default=auth.choices[0], err=True)
    return chosen


def _check_map(one: Setting, said: Given) -> None:
    if one.name == "map" and one.required and not said.map_file:
        raise click.UsageError(
            "This kind needs a data map: dsr map draft SOURCE -o instance/maps/NAME.yaml, then --map maps/NAME.yaml."
        )


def _question(one: Setting) -> Any:
    how = " (typed unseen; @FILE takes what is in a file)" if one.secret else ""
    answer: str = click.prompt(
        f"{one.name} - {english(one.help).rstrip('.')}{how}", hide_input=one.secret, err=True
    )
    text = answer.strip()
    if one.secret and one.kind != "file" and not Path(text[1:]).is_file():
        return _whole(text)  # A password may begin with @ too; it is not repeated in an error.
    return _given(one, text)


def _given(one: Setting, text: str) -> Any:
    return _whole(_or_file(text)) if one.secret else _value(one, text)


def _whole(text: str) -> str:
    """The address of an SQLite file by its whole path: a server starts in another folder than this command."""
    scheme, file = text[: len(SQLITE)], text[len(SQLITE) :]
    return f"{SQLITE}{Path(file).resolve()}" if scheme == SQLITE and file and file[0] not in "/{" else text


def _or_file(text: str) -> str:
    """A value as typed, or read from ``@FILE``: secrets stand in no shell history, certificates have lines."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        raise click.UsageError(f"There is no file {text[1:]}.") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{text[1:]} is not a text in UTF-8.") from None
    except OSError as error:
        raise click.UsageError(f"{text[1:]} cannot be read: {error.strerror}.") from None


def _value(one: Setting, text: str) -> Any:
    if one.kind in LISTS:
        return listed(text)
    if one.kind in BY_RIGHT:
        shaped: Callable[[str], Any] = BY_RIGHT[one.kind]
        return shaped(text)
    if one.kind == "file":
        return _or_file(text)
    if one.kind == "path":
        return text if text.startswith("{instance}") else str(Path(text).resolve())
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


def listed(text: str) -> list[str]:
    """Words with commas between them."""
    return [one.strip() for one in text.split(",") if one.strip()]
