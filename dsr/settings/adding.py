"""Adds a system to ``systems.toml``: the file is read back before it takes the place of the old one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import SettingsError
from .organisation import read_organisation

FILE = "systems.toml"


def add_system(
    instance: Path,
    languages: tuple[str, ...],
    table: Mapping[str, Any],
    settings: Mapping[str, Any],
    sealed: Sequence[str],
) -> None:
    """Append one ``[[system]]`` (``table``: key, kind, title, controllers, map...) with its settings.

    ``sealed`` names the settings whose values lie in ``instance/secrets/``. What stands in the file
    already is kept to the letter. SettingsError when the result would stop a start: nothing is changed.
    """
    file = instance / FILE
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    part = file.with_name(f".{FILE}.new")
    part.write_text(before.rstrip("\n") + "\n\n" * bool(before.strip()) + text_of(table, settings, sealed))
    try:
        _read(instance, languages, part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _read(instance: Path, languages: tuple[str, ...], part: Path) -> None:
    """What would be read at a start; a fault is of what was given, not of a line in a file that nobody sees."""
    try:
        read_organisation(instance, languages, systems=part)
    except SettingsError as error:
        if not error.name.startswith(part.name):
            raise
        raise SettingsError(error.name.partition(" ")[2], error.problem, error.write) from None


def text_of(table: Mapping[str, Any], settings: Mapping[str, Any], sealed: Sequence[str]) -> str:
    """The TOML of one system."""
    lines = ["[[system]]", *(f"{name} = {_value(name, value)}" for name, value in table.items())]
    if settings or sealed:
        lines += ["", "[system.settings]"]
        lines += [f"{name} = {_value(name, value)}" for name, value in settings.items()]
        lines += [f"{name} = {{ sealed = true }}" for name in sealed]
    return "\n".join(lines) + "\n"


def _value(name: str, value: Any) -> str:
    """A TOML value. A basic string of TOML is written as JSON writes it (toml.io/en/v1.0.0#string)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(name, one) for one in value)}]"
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(key)} = {_value(name, one)}" for key, one in value.items())
        return f"{{ {', '.join(pairs)} }}"
    raise SettingsError(name, f"{type(value).__name__} cannot be written.", "Write a text or a list.")
