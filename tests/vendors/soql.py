"""The part of SOQL that the connector uses, read strictly: whatever is not understood is an error, as at the vendor.

Grammar: ``SELECT a, b | FIELDS(ALL) FROM Object [WHERE condition] [LIMIT n]``; conditions are ``field = value``,
``field != value`` and ``field IN (values)`` joined by AND or OR, never both without parentheses. Text compares
without case, and nothing in a value is a wildcard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r"\s*(?:('(?:[^'\\]|\\.)*')|(FIELDS\(ALL\))|([A-Za-z_][\w.]*)|(\d+)|(!=|[=(),]))")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
PLAIN = {"null": None, "true": True, "false": False}

Get = Callable[[str], Any]
Condition = Callable[[Get], bool]


class Malformed(Exception):
    """No query."""


@dataclass(frozen=True)
class Query:
    """``names``: every field that is named; none selected: all. ``fits`` is given a way to read a row."""

    object: str
    selected: tuple[str, ...]
    names: tuple[str, ...]
    fits: Condition
    limit: int | None


def parse(text: str) -> Query:
    """The query; Malformed."""
    return _Reader(_tokens(text)).query()


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while text[place:].strip():
        match = TOKEN.match(text, place)
        if match is None:
            raise Malformed
        found.append(match.group().strip())
        place = match.end()
    return found


class _Reader:
    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens, self.place, self.names = tokens, 0, list[str]()

    def query(self) -> Query:
        self.word("SELECT")
        selected = self.selected()
        self.word("FROM")
        found, fits = self.name(), self.condition() if self.has("WHERE") else lambda get: True
        limit = int(self.next()) if self.has("LIMIT") else None
        if self.place != len(self.tokens):
            raise Malformed
        if not selected and (limit is None or limit > 200):
            raise Malformed
        return Query(found, tuple(selected), (*selected, *self.names), fits, limit)

    def next(self) -> str:
        if self.place >= len(self.tokens):
            raise Malformed
        self.place += 1
        return self.tokens[self.place - 1]

    def has(self, word: str) -> bool:
        there = self.place < len(self.tokens) and self.tokens[self.place] == word
        self.place += there
        return there

    def word(self, word: str) -> None:
        if not self.has(word):
            raise Malformed

    def name(self) -> str:
        found = self.next()
        if not re.fullmatch(r"[A-Za-z_][\w.]*", found):
            raise Malformed
        return found

    def selected(self) -> list[str]:
        if self.has("FIELDS(ALL)"):
            return []
        found = [self.name()]
        while self.has(","):
            found.append(self.name())
        return found

    def condition(self) -> Condition:
        first, joined = self.single(), ""
        parts = [first]
        while self.place < len(self.tokens) and self.tokens[self.place] in ("AND", "OR"):
            word = self.next()
            if joined and word != joined:
                raise Malformed
            joined = word
            parts.append(self.single())
        every = any if joined == "OR" else all
        return lambda get: every(one(get) for one in parts)

    def single(self) -> Condition:
        if self.has("("):
            inner = self.condition()
            self.word(")")
            return inner
        name = self.name()
        self.names.append(name)
        if self.has("IN"):
            self.word("(")
            values = [self.value()]
            while self.has(","):
                values.append(self.value())
            self.word(")")
            return lambda get: folded(get(name)) in values
        operator, value = self.next(), self.value()
        if operator not in ("=", "!="):
            raise Malformed
        return lambda get: (folded(get(name)) == value) is (operator == "=")

    def value(self) -> Any:
        token = self.next()
        if token in PLAIN:
            return PLAIN[token]
        if not token.startswith("'"):
            raise Malformed
        return folded(re.sub(r"\\(.)", lambda found: _escaped(found.group(1)), token[1:-1]))


def _escaped(letter: str) -> str:
    if letter not in ESCAPES:
        raise Malformed
    return ESCAPES[letter]


def folded(value: Any) -> Any:
    """A value as the vendor compares it."""
    return value.lower() if isinstance(value, str) else value
