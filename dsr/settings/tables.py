"""Reading TOML tables strictly: every wrong or unknown key is refused with file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .errors import SettingsError

KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
MAX_BYTES = 1024 * 1024


class Table:
    """One ``[[name]]`` of a TOML file; remembers what was asked for, so that the rest can be refused."""

    def __init__(self, file: Path, text: str, name: str, index: int, data: Mapping[str, Any]) -> None:
        self.file, self.name, self.index = file, name, index
        self._text = text
        self._data = data
        self._known: set[str] = set()

    def error(self, key: str, problem: str, write: str) -> SettingsError:
        """The error for ``key`` of this table, with file and line."""
        line = line_of(self._text, self.name, self.index, key)
        return SettingsError(f"{self.file.name}:{line} {key}", problem, write)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default it must be there and not be empty."""
        value = self._take(key, default)
        if not isinstance(value, str):
            raise self.error(key, f"This is not a text: {value!r}.", f'Write {key} = "...".')
        if default is None and not value.strip():
            raise self.error(key, "This is empty.", f'Write {key} = "...".')
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; empty when absent."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.error(key, "This is not a list of texts.", f'Write {key} = ["...", "..."].')
        if len(set(value)) != len(value):
            raise self.error(key, "This names something twice.", "Write each only once.")
        return tuple(value)

    def switch(self, key: str) -> bool:
        """true or false; false when absent."""
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"This is not a switch: {value!r}.", f"Write {key} = true or false.")
        return value

    def count(self, key: str) -> int | None:
        """A whole number from 1 on; None when absent."""
        value = self._take(key, 0)
        if isinstance(value, bool) or not isinstance(value, int) or (key in self._data and value < 1):
            raise self.error(
                key, f"This is not a number from 1 on: {value!r}.", f"Write {key} = 2, for example."
            )
        return value or None

    def mapping(self, key: str) -> dict[str, Any]:
        """A table of its own; empty when absent."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.error(key, "This is not a table.", f"Write [{self.name}.{key}] and its keys below it.")
        return value

    def within(self, key: str) -> Table:
        """The table ``key`` of this one, read as strictly."""
        return Table(self.file, self._text, self.name, self.index, self.mapping(key))

    def tables(self, key: str) -> tuple[Table, ...]:
        """The ``[[name.key]]`` tables of this one, each read as strictly; none when absent."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.error(key, "This is not a list of tables.", f"Write [[{self.name}.{key}]].")
        return tuple(Table(self.file, self._text, self.name, self.index, one) for one in value)

    def name_key(self) -> str:
        """The ``key`` of this table: lower-case letters, digits, hyphen and underscore."""
        value = self.text("key")
        if not KEY.fullmatch(value):
            raise self.error(
                "key", f"{value!r} is not a name.", "Write lower-case letters, digits, - and _ (at most 63)."
            )
        return value

    def refuse_unknown(self) -> None:
        """Every key that nobody asked for is an error: a misspelt setting must not be silent."""
        for key in self._data:
            if key not in self._known:
                raise self.error(
                    key, "This setting is unknown.", f"Known here: {', '.join(sorted(self._known))}."
                )

    def _take(self, key: str, default: Any) -> Any:
        self._known.add(key)
        value = self._data.get(key, default)
        if value is None:
            raise self.error(key, f"This is missing in [[{self.name}]].", f'Write {key} = "...".')
        return value


def read_tables(file: Path, name: str) -> Iterator[Table]:
    """The ``[[name]]`` tables of a file; SettingsError when it is absent, unreadable or holds more."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            str(file), "This file cannot be read.", f"Write it with at least one [[{name}]]."
        ) from error
    if len(raw) > MAX_BYTES:
        raise SettingsError(str(file), "This file is larger than 1 MB.", "Write only settings into it.")
    try:
        text = raw.decode()
        data = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            str(file), f"This is not valid TOML: {error}.", "Correct it there and start again."
        ) from error
    yield from _tables(file, text, name, data)


def _tables(file: Path, text: str, name: str, data: dict[str, Any]) -> Iterator[Table]:
    for key in data:
        if key != name:
            line = line_of(text, key, 0, key)
            raise SettingsError(f"{file.name}:{line} {key}", "This is unknown.", f"Write only [[{name}]].")
    found = data.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise SettingsError(f"{file.name} {name}", "This is not a list of tables.", f"Write [[{name}]].")
    for index, one in enumerate(found):
        yield Table(file, text, name, index, one)


def line_of(text: str, name: str, index: int, key: str) -> int:
    """The line where ``key`` of the ``index``-th ``[[name]]`` stands; its head when it is not there.

    tomllib keeps no positions, so the text is searched; only messages depend on it.
    """
    head, seen = 1, -1
    wanted = re.compile(rf'\s*"?{re.escape(key)}"?\s*=|\s*\[+.*\b{re.escape(key)}"?\s*\]')
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]", line):
            seen += 1
            head = number if seen == index else head
        elif (seen == index or name == key) and wanted.match(line):
            return number
    return head
