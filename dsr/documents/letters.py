"""A letter as a complete HTML document, as a fragment for a page, and as a PDF: one template each."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

from markupsafe import Markup

from dsr.domain.errors import Refusal
from dsr.domain.letters import LetterFacts, letter
from dsr.domain.letters.own_words import CLOSING, OPENING

from .pdf import Cover, pdf
from .wording import Wording, applied, paragraphs
from .words import LANGUAGES, environment

NONE = Wording()
_ELEMENT = re.compile(r'data-element="([^"]+)"[^>]*>\s*(?:<(?!/)[^>]+>\s*)*([^<\s])?')
_TITLE = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)


def render_letter(kind: str, language: str, facts: LetterFacts, wording: Wording = NONE) -> str:
    """The letter as a complete HTML document that loads nothing.

    ``wording``: the organisation's own words. Refusals: ``letter.unknown``, ``letter.language``,
    ``letter.incomplete`` (the facts lack a mandatory part, such as the reasons of an extension).
    """
    return _render(kind, language, facts, wording, fragment=False)


def letter_body(kind: str, language: str, facts: LetterFacts, wording: Wording = NONE) -> Markup:
    """The letter as an ``<article>`` to stand inside a page of ours; escaped already."""
    return Markup(_render(kind, language, facts, wording, fragment=True))  # noqa: S704 - autoescaped


def letter_pdf(kind: str, language: str, facts: LetterFacts, wording: Wording = NONE) -> bytes:
    """The same letter as a PDF (A4, embedded fonts, tagged with its language, same bytes every time)."""
    body = _render(kind, language, facts, wording, fragment=True)
    found = _TITLE.search(body)
    title = Markup(found.group(1)).striptags() if found else facts.reference  # noqa: S704 - autoescaped
    return pdf(body, Cover(title, language, facts.controller.name, facts.reference))


def missing_elements(kind: str, facts: LetterFacts, html: str) -> tuple[str, ...]:
    """The mandatory elements that ``html`` does not carry, or carries empty; normally none."""
    present = {code for codes, text in _ELEMENT.findall(html) if text for code in codes.split()}
    return tuple(code for code in letter(kind).required(facts) if code not in present)


def _render(kind: str, language: str, facts: LetterFacts, wording: Wording, *, fragment: bool) -> str:
    rule = letter(kind)
    if language not in LANGUAGES:
        raise Refusal(
            "letter.language", f"Letters are written in {', '.join(LANGUAGES)}, not in {language!r}."
        )
    template = environment().get_template(f"letters/{language}/{rule.kind.value}.html")
    said = facts if facts.language == language else replace(facts, language=language)
    words = wording.of(language, rule.kind)
    added = {name: paragraphs(words, name, said) for name in (OPENING, CLOSING)}
    html = template.render(f=said, p=_parts(language), letter=rule, fragment=fragment, **added)
    html = applied(html, words, said)
    missing = missing_elements(kind, said, html)
    if missing:
        raise Refusal(
            "letter.incomplete", f"The letter {kind!r} lacks what the law wants: {', '.join(missing)}."
        )
    return html


@cache
def _parts(language: str) -> Any:
    return environment().get_template(f"letters/{language}/_parts.html").module
