"""A letter as a complete HTML document, as a fragment for a page, and as a PDF: one template each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from dsr.domain.errors import Refusal
from dsr.domain.letters import LetterFacts, letter
from dsr.domain.letters.own_words import CLOSING, OPENING

from .pdf import Cover
from .press import press
from .wording import Wording, applied, paragraphs
from .words import LANGUAGES, environment

NONE = Wording()
_ELEMENT = re.compile(r'data-element="([^"]+)"[^>]*>\s*(?:<(?!/)[^>]+>\s*)*([^<\s])?')
_PACKAGE, _FILES = "\0package\0", "\0files\0"
"""Where a draft is open. What people wrote never holds a NUL here: ``visible`` shows it in words."""
_TITLE = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)


def render_letter(kind: str, language: str, facts: LetterFacts, wording: Wording = NONE) -> str:
    """The letter as a complete HTML document that loads nothing.

    ``wording``: the organisation's own words. Refusals: ``letter.unknown``, ``letter.language``,
    ``letter.incomplete`` (the facts lack a mandatory part, such as the reasons of an extension).
    """
    return _render(kind, language, facts, wording, fragment=False)


def letter_pdf(kind: str, language: str, facts: LetterFacts, wording: Wording = NONE) -> bytes:
    """The same letter as a PDF (A4, embedded fonts, tagged with its language, same bytes every time).

    Refusal ``letter.pdf`` when it cannot be set within the limits of ``press``.
    """
    body = _render(kind, language, facts, wording, fragment=True)
    found = _TITLE.search(body)
    title = Markup(found.group(1)).striptags() if found else facts.reference  # noqa: S704 - autoescaped
    return press().pdf(body, Cover(title, language, facts.controller.name, facts.reference))


@dataclass(frozen=True, slots=True)
class DraftLetter:
    """A letter whose parts about the package are left open.

    The letter inside a package cannot state its checksum, the one of the case does; all other text is
    the same and is rendered once.
    """

    kind: str
    facts: LetterFacts
    text: str

    def html(self, facts: LetterFacts) -> str:
        """The complete letter; ``facts`` may differ from those of the draft in ``package`` and ``files``."""
        if replace(facts, package=self.facts.package, files=self.facts.files) != self.facts:
            raise ValueError("a draft can only be completed with its package and its files")
        parts = _parts(facts.language)
        text = self.text.replace(_PACKAGE, parts.package(facts)).replace(_FILES, parts.files(facts))
        return _complete(self.kind, facts, text)


def draft_letter(kind: str, language: str, facts: LetterFacts, wording: Wording = NONE) -> DraftLetter:
    """The letter before its package is finished. Refusals of ``render_letter``."""
    said = facts if facts.language == language else replace(facts, language=language)
    return DraftLetter(kind, said, _text(kind, said, wording, _open_parts(language), fragment=False))


def missing_elements(kind: str, facts: LetterFacts, html: str) -> tuple[str, ...]:
    """The mandatory elements that ``html`` does not carry, or carries empty; normally none."""
    present = {code for codes, text in _ELEMENT.findall(html) if text for code in codes.split()}
    return tuple(code for code in letter(kind).required(facts) if code not in present)


def _render(kind: str, language: str, facts: LetterFacts, wording: Wording, *, fragment: bool) -> str:
    said = facts if facts.language == language else replace(facts, language=language)
    return _complete(kind, said, _text(kind, said, wording, _parts(language), fragment=fragment))


def _text(kind: str, facts: LetterFacts, wording: Wording, parts: Any, *, fragment: bool) -> str:
    rule, language = letter(kind), facts.language
    template = environment().get_template(f"letters/{language}/{rule.kind.value}.html")
    words = wording.of(language, rule.kind)
    added = {name: paragraphs(words, name, facts) for name in (OPENING, CLOSING)}
    html = template.render(f=facts, p=parts, letter=rule, fragment=fragment, **added)
    return applied(html, words, facts)


def _complete(kind: str, facts: LetterFacts, html: str) -> str:
    missing = missing_elements(kind, facts, html)
    if missing:
        raise Refusal(
            "letter.incomplete", f"The letter {kind!r} lacks what the law wants: {', '.join(missing)}."
        )
    return html


@cache
def _parts(language: str) -> Any:
    if language not in LANGUAGES:
        raise Refusal(
            "letter.language", f"Letters are written in {', '.join(LANGUAGES)}, not in {language!r}."
        )
    return environment().get_template(f"letters/{language}/_parts.html").module


@cache
def _open_parts(language: str) -> Any:
    """The parts of a draft: marks stand where it is about the package."""
    own = {"package": lambda _: Markup(_PACKAGE), "files": lambda _: Markup(_FILES)}  # noqa: S704 - ours
    return SimpleNamespace(**(vars(_parts(language)) | own))
