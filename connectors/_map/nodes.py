"""Checked access to a YAML text: every part knows its line, and what is wrong is said with file and line.

The text is hostile until checked: no tags, no aliases, bounded size and depth, no key twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import yaml

from dsr.contract import ConnectorError

LARGEST = 2_000_000
DEEPEST = 40
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_construct = yaml.constructor.SafeConstructor()

Scalar = str | int | float | bool | date | None


class Part:
    """One node of the text, with the file name and its line."""

    __slots__ = ("_file", "_node")

    def __init__(self, node: yaml.Node, file: str) -> None:
        self._node = node
        self._file = file

    def wrong(self, sentence: str) -> ConnectorError:
        """The error that says what is wrong with this part, and where."""
        return ConnectorError(f"{self._file}:{self._node.start_mark.line + 1}: {sentence}", permanent=True)

    @property
    def is_mapping(self) -> bool:
        """True for ``{key: value}``."""
        return isinstance(self._node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """True for ``[a, b]``."""
        return isinstance(self._node, yaml.SequenceNode)

    def mapping(self, what: str, known: Collection[str] | None = None) -> dict[str, Part]:
        """The parts by key; a key that is not ``known`` is refused. ``what`` names this part in errors."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.wrong(f"{what} must be a mapping of names to values")
        found: dict[str, Part] = {}
        for key_node, value_node in self._node.value:
            key = Part(key_node, self._file)
            name = key.string(f"a name in {what}")
            if name in found:
                raise key.wrong(f"'{shown(name)}' stands twice in {what}")
            if known is not None and name not in known:
                raise key.wrong(f"'{shown(name)}' is not known in {what}{_suggestion(name, known)}")
            found[name] = Part(value_node, self._file)
        return found

    def items(self, what: str) -> Iterator[Part]:
        """The parts of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.wrong(f"{what} must be a list")
        return (Part(node, self._file) for node in self._node.value)

    def scalar(self, what: str) -> Scalar:
        """A single value: text, number, true or false, date, null."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.wrong(f"{what} must be a single value")
        try:
            value: Scalar | bytes = _construct.construct_object(self._node)
        except (ValueError, TypeError, KeyError, OverflowError, yaml.YAMLError):
            raise self.wrong(f"{what} cannot be read; put the value in quotes") from None
        if isinstance(value, bytes):
            raise self.wrong(f"{what} must not be binary")
        return value

    def string(self, what: str, *, empty: bool = False) -> str:
        """Text. What YAML reads as something else (``no``, ``2024-01-01``) must stand in quotes."""
        value = self.scalar(what)
        if not isinstance(value, str):
            raise self.wrong(f"{what} must be text; put it in quotes")
        if not value.strip() and not empty:
            raise self.wrong(f"{what} is empty")
        return value

    def boolean(self, what: str) -> bool:
        """``true`` or ``false``."""
        value = self.scalar(what)
        if not isinstance(value, bool):
            raise self.wrong(f"{what} must be true or false")
        return value

    def whole(self, what: str) -> int:
        """A whole number above zero."""
        value = self.scalar(what)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(f"{what} must be a whole number above zero")
        return value

    def choice(self, what: str, allowed: Collection[str]) -> str:
        """One word of ``allowed``."""
        value = self.scalar(what)
        if value not in allowed or not isinstance(value, str):
            raise self.wrong(f"{what} is '{shown(value)}'; it must be one of {', '.join(allowed)}")
        return value

    def strings(self, what: str) -> tuple[str, ...]:
        """A list of texts, none of them twice."""
        found: list[str] = []
        for part in self.items(what):
            value = part.string(f"an entry of {what}")
            if value in found:
                raise part.wrong(f"'{shown(value)}' stands twice in {what}")
            found.append(value)
        return tuple(found)

    def scalars(self, what: str) -> dict[str, Scalar]:
        """Single values by name."""
        return {name: part.scalar(f"'{shown(name)}' in {what}") for name, part in self.mapping(what).items()}


def parse(text: str, file: str) -> Part:
    """The root of one YAML document. Raises ConnectorError with ``file`` and line."""
    if len(text) > LARGEST:
        raise ConnectorError(f"{file}:1: longer than {LARGEST:,} characters", permanent=True)
    try:
        _check_events(text, file)
        root = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConnectorError(f"{file}:{line}: not YAML: {error.problem}", permanent=True) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, max(error.position, 0)) + 1
        raise ConnectorError(f"{file}:{line}: a character that YAML forbids", permanent=True) from None
    except (yaml.YAMLError, UnicodeError):
        raise ConnectorError(f"{file}:1: not YAML, or not UTF-8", permanent=True) from None
    if root is None:
        raise ConnectorError(f"{file}:1: the file is empty", permanent=True)
    return Part(root, file)


def shown(value: object) -> str:
    """A value of the file in an error: one line, never long."""
    text = "".join(c if c.isprintable() else "?" for c in str(value))
    return text if len(text) <= 60 else f"{text[:57]}..."


def _check_events(text: str, file: str) -> None:
    """Refuse aliases, tags and depth before anything is built: a short text can unfold to gigabytes."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(event, file, "anchors and aliases (&, *) are not accepted; write the part out")
        if _tagged(event):
            raise _refused(event, file, "tags (!) are not accepted")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _refused(event, file, f"nested deeper than {DEEPEST} levels")


def _tagged(event: yaml.Event) -> bool:
    implicit = getattr(event, "implicit", True)
    return bool(getattr(event, "tag", None)) and implicit in (False, (False, False))


def _refused(event: yaml.Event, file: str, sentence: str) -> ConnectorError:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return ConnectorError(f"{file}:{line}: {sentence}", permanent=True)


def _suggestion(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name[:60], list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else f" (known: {', '.join(sorted(known))})"


def texts(part: Part, what: str, languages: Collection[str]) -> str | Mapping[str, str]:
    """A ``Text``: one string, or one per language."""
    if not part.is_mapping:
        return part.string(what)
    found = {key: value.string(f"{what} ({key})") for key, value in part.mapping(what, languages).items()}
    if not found:
        raise part.wrong(f"{what} is empty")
    return found
