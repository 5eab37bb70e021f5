"""Paths that stand in the files of an instance, and how far they may lead."""

from __future__ import annotations

from os.path import normpath
from pathlib import Path

from .tables import Table


def below(table: Table, key: str, instance: Path, path: str) -> Path:
    """A file of the instance. SettingsError when the path leads out of it.

    What is written is judged: a link that the operator put below ``instance/`` may lead elsewhere.
    """
    place = _joined(instance, path)
    if not place.is_relative_to(normpath(instance)):
        raise table.error(
            key,
            f"{path!r} is outside {instance}.",
            f"Put the file below it and write its place there, such as {key} = 'maps/crm.yaml'.",
        )
    return place


def secret_file(table: Table, key: str, instance: Path, path: str) -> Path:
    """The file of a secret: below the instance, or anywhere by its whole path (``/run/secrets/...``)."""
    place = _joined(instance, path)
    if not Path(path).is_absolute() and not place.is_relative_to(normpath(instance)):
        raise table.error(
            key,
            f"{path!r} leads out of {instance}.",
            f'Write a path below it, or the whole path: {key} = {{file = "{place}"}}.',
        )
    return place


def _joined(instance: Path, path: str) -> Path:
    return Path(normpath(instance / path))
