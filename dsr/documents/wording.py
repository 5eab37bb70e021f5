"""Own words of an organisation: ``instance/letters/<language>/<letter>.html``, read strictly, never run.

A file holds ``<h1>`` for the title and ``<p data-element="PART">`` for each part that is said otherwise
(``opening`` and ``closing`` add paragraphs). Inside stand text, ``<strong>``, ``<small>``, ``<br>`` and
placeholders such as ``{reference}``; which parts and placeholders there are is data
(``domain.letters.own_words``). Anything else is refused with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from markupsafe import Markup

from dsr.domain.errors import Refusal
from dsr.domain.letters import LetterFacts, LetterKind
from dsr.domain.letters.own_words import CLOSING, OPENING, PLACEHOLDERS, TITLE, parts_of

from .words import LANGUAGES, day_words, visible

INLINE = frozenset({"strong", "small"})
LARGEST = 100_000
_HOLE = re.compile(r"\{([^{}]*)\}")
_PART = re.compile(r'(<p data-element="([a-z_]+)">)(.*?)(</p>)', re.DOTALL)
_TITLE = re.compile(r"(<h1>)(.*?)(</h1>)", re.DOTALL)

Words = Mapping[str, tuple[str, ...]]
"""Part -> its paragraphs, as HTML with placeholders."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file, and where."""

    file: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.problem}"


@dataclass(frozen=True, slots=True)
class Wording:
    """The own words of an organisation by (language, letter); none of them, the product's stand."""

    words: Mapping[tuple[str, str], Words] = field(default_factory=dict)

    def of(self, language: str, kind: str) -> Words:
        """The words of one letter."""
        return self.words.get((language, str(kind)), {})


def read(folder: Path) -> Wording:
    """Everything below ``folder``; Refusal ``letter.wording`` names the first file and line that is wrong."""
    words: dict[tuple[str, str], Words] = {}
    for path, language, kind in _files(folder):
        found = _Reader(path.relative_to(folder.parent).as_posix(), kind)
        _refuse(found.whole(path))
        words[language, kind] = {part: tuple(said) for part, said in found.parts.items()}
    _refuse(_strangers(folder))
    return Wording(words)


def faults(folder: Path) -> tuple[Fault, ...]:
    """Everything that is wrong below ``folder``, in order."""
    known = [
        fault
        for path, _, kind in _files(folder)
        for fault in _Reader(path.relative_to(folder.parent).as_posix(), kind).whole(path)
    ]
    return (*known, *_strangers(folder))


def files(folder: Path) -> tuple[str, ...]:
    """The files that hold own words."""
    return tuple(path.relative_to(folder.parent).as_posix() for path, _, _ in _files(folder))


def _refuse(found: Iterator[Fault] | tuple[Fault, ...] | list[Fault]) -> None:
    for fault in found:
        raise Refusal("letter.wording", f"{fault}. See `dsr letters list` and docs/letters.md.")


def _files(folder: Path) -> Iterator[tuple[Path, str, LetterKind]]:
    for path in sorted(folder.glob("*/*.html")):
        if path.parent.name in LANGUAGES and path.stem in set(LetterKind):
            yield path, path.parent.name, LetterKind(path.stem)


def _strangers(folder: Path) -> tuple[Fault, ...]:
    """A misspelt name must not be silent."""
    known = {path for path, _, _ in _files(folder)}
    others = (one for one in sorted(folder.rglob("*")) if one.is_file() and one not in known)
    return tuple(
        Fault(
            one.relative_to(folder.parent).as_posix(),
            1,
            f"this is no letter; letters: {', '.join(LetterKind)}",
        )
        for one in others
    )


class _Reader(HTMLParser):
    """One file. Whatever is not in the subset becomes a fault at its line."""

    def __init__(self, name: str, kind: LetterKind) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.allowed = name, parts_of(kind)
        self.parts: dict[str, list[str]] = {}
        self.found: list[Fault] = []
        self._part = ""
        self._text = ""
        self._open: list[str] = []

    def whole(self, path: Path) -> list[Fault]:
        """Read the file; what is wrong with it."""
        raw = path.read_bytes()
        try:
            text = raw.decode() if len(raw) <= LARGEST else ""
        except UnicodeDecodeError:
            text = ""
        if not text.strip():
            self._fault("write UTF-8 text of at most 100 kB, or delete the file")
            return self.found
        self.feed(text)
        self.close()
        if self._part:
            self._fault("a paragraph is not closed")
        return self.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        part = dict(attrs).get("data-element") or ("" if tag == "p" else TITLE)
        if self._part:
            self._inline(tag, attrs)
        elif tag == "h1" and not attrs or (tag == "p" and [name for name, _ in attrs] == ["data-element"]):
            self._begin(part)
        else:
            self._fault(f'write only <h1> and <p data-element="...">, not <{tag}>')

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
            self._text += f"</{tag}>"
        elif tag in {"p", "h1"} and self._part and not self._open:
            self._end()
        else:
            self._fault(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if self._part:
            self._text += escape(data, quote=False)
        elif data.strip():
            self._fault("text stands outside of a paragraph")

    def handle_decl(self, decl: str) -> None:
        self._fault("no declaration belongs here")

    def handle_pi(self, data: str) -> None:
        self._fault("no instruction belongs here")

    def unknown_decl(self, data: str) -> None:
        self._fault("no declaration belongs here")

    def _inline(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" and not attrs:
            self._text += "<br>"
        elif tag in INLINE and not attrs:
            self._open.append(tag)
            self._text += f"<{tag}>"
        else:
            self._fault(f"write only <strong>, <small> and <br> without attributes, not <{tag}>")

    def _begin(self, part: str) -> None:
        if part not in self.allowed:
            self._fault(f"the part {part!r} cannot be worded here; these can: {', '.join(self.allowed)}")
        elif part in self.parts and part not in (OPENING, CLOSING):
            self._fault(f"the part {part!r} stands here twice")
        self._part, self._text = part, ""

    def _end(self) -> None:
        part, text = self._part, " ".join(self._text.split())
        self._part = ""
        named = _HOLE.findall(text)
        if strange := [name for name in named if name not in PLACEHOLDERS]:
            self._fault(f"{{{strange[0]}}} is no placeholder; these are: {', '.join(PLACEHOLDERS)}")
        elif re.search(r"[{}]", _HOLE.sub("", text)):
            self._fault("a brace without its partner")
        elif missing := [name for name in self.allowed.get(part, ()) if name not in named]:
            self._fault(f"the part {part!r} must hold {{{missing[0]}}}")
        elif not Markup(text).striptags().strip():  # noqa: S704 - only to see whether words are left
            self._fault(f"the part {part!r} is mandatory and cannot be empty")
        self.parts.setdefault(part, []).append(text)

    def _fault(self, problem: str) -> None:
        self.found.append(Fault(self.name, self.getpos()[0], problem))


def paragraphs(words: Words, part: str, facts: LetterFacts) -> tuple[Markup, ...]:
    """The own paragraphs of ``opening`` or ``closing``."""
    said = (_filled(text, facts) for text in words.get(part, ()))
    return tuple(Markup(text) for text in said if text is not None)  # noqa: S704 - checked when it was read


def applied(html: str, words: Words, facts: LetterFacts) -> str:
    """A rendered letter with its own words. A part whose placeholder is empty in this case stays as it was."""
    if not words:
        return html
    html = _TITLE.sub(lambda found: _put(found, words.get(TITLE, ()), facts), html, count=1)
    return _PART.sub(lambda found: _put(found, words.get(found.group(2), ()), facts), html)


def _put(found: re.Match[str], said: tuple[str, ...], facts: LetterFacts) -> str:
    text = _filled(said[0], facts) if said else None
    return found.group() if text is None else f"{found.group(1)}{text}{found.groups()[-1]}"


def _filled(text: str, facts: LetterFacts) -> str | None:
    """The text with its placeholders; None when one of them has no value in this case."""
    values = {name: VALUES[name](facts) for name in set(_HOLE.findall(text))}
    if not all(values.values()):
        return None
    return _HOLE.sub(lambda found: escape(visible(values[found.group(1)])), text)


def _day(name: str) -> Callable[[LetterFacts], str]:
    def said(facts: LetterFacts) -> str:
        day = getattr(facts, name)
        return day_words(day, facts.language) if day else ""

    return said


VALUES: Mapping[str, Callable[[LetterFacts], str]] = {
    "reference": lambda facts: facts.reference,
    "right": lambda facts: facts.right_name,
    "person": lambda facts: facts.person,
    "controller": lambda facts: facts.controller.name,
    "officer": lambda facts: facts.controller.officer,
    "mail": lambda facts: facts.controller.mail,
    "phone": lambda facts: facts.controller.phone,
    "portal": lambda facts: facts.controller.portal_url,
    "authority": lambda facts: facts.authority.name,
    "authority_url": lambda facts: facts.authority.url,
    **{name: _day(name) for name in PLACEHOLDERS if name.endswith(("_on", "_by"))},
}
