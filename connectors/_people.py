"""The people of a batch by what they are called, for connectors that compare every row in our own code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote

from dsr.contract import Identifier, Subject

Seen = tuple[tuple[str, str], ...]
"""Identifiers as a row holds them: (kind, value as stored)."""

ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@]+@[^\s<>()\[\],;:\"'@]+")
IN_QUERY = re.compile(r"[^\s<>()\[\],;:\"'@=&?/#]+@[^\s<>()\[\],;:\"'@=&?/#]+")
"""The same where addresses stand in web addresses: ``?list=news&email=ana@example.es``."""

AT = ("@", "%40")
"""As written, and in a web address."""
_SEPARATORS = str.maketrans("", "", " \u00a0\t().-/")


def plain(kind: str, value: Any) -> str:
    """A stored or asked value for comparison: trimmed; A-Z folded in an address, separators out of a phone."""
    text = str(value).strip()
    if kind == "email":
        return text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)
    if kind == "phone":
        bare = text.translate(_SEPARATORS)
        return f"+{bare[2:]}" if bare.startswith("00") else bare
    return text


def addresses(text: str) -> Iterable[str]:
    """The e-mail addresses that stand in a text, each once: as written, or as a web address means them."""
    if not any(at in text for at in AT):
        return ()
    plainly = unquote(text) if "%" in text else text
    found = (*ADDRESS.findall(text), *IN_QUERY.findall(plainly))
    return dict.fromkeys(one.rstrip(".!?") for one in found)


class Asked:
    """Who is asked for, by kind and plain value: (number of the subject, proved?).

    ``forms`` are the spellings to ask a store for, by kind, as they came."""

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self.by_kind: dict[str, dict[str, list[tuple[int, bool]]]] = {}
        self.forms: dict[str, dict[str, None]] = {}
        for number, subject in enumerate(subjects):
            self._add(number, subject.proved, proved=True)
            self._add(number, subject.claimed, proved=False)

    def _add(self, number: int, identifiers: Iterable[Identifier], *, proved: bool) -> None:
        for one in identifiers:
            known = self.by_kind.setdefault(one.kind, {})
            self.forms.setdefault(one.kind, {}).update(dict.fromkeys(one.forms()))
            for form in {plain(one.kind, form) for form in one.forms()}:
                if form:
                    known.setdefault(form, []).append((number, proved))

    def who(self, kind: str, stored: str) -> Sequence[tuple[int, bool]]:
        """The subjects of that name."""
        known = self.by_kind.get(kind)
        return known.get(plain(kind, stored), ()) if known else ()

    def mentioned(self, texts: Iterable[str]) -> Seen:
        """The addresses asked for that stand in texts, each once and as it is written."""
        found = {plain("email", one): one for text in texts for one in addresses(text)}
        return tuple(("email", one) for one in found.values() if self.who("email", one))
