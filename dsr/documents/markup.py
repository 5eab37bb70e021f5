"""The small subset of HTML that letters use, read into blocks that a PDF can be set from."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

BLOCKS = frozenset({"p", "h1", "h2", "h3", "li", "dt", "dd", "th", "td"})
_OPEN = {"strong": "<b>", "small": '<font size="8" color="#4a5b6c">', "br": "<br/>"}
_CLOSE = {"strong": "</b>", "small": "</font>"}


@dataclass(slots=True)
class Block:
    """One piece of text: its tag, the class that styles it and its text as paragraph markup."""

    tag: str
    style: str
    text: str = ""


@dataclass(slots=True)
class Grid:
    """A table or definition list: rows of cells. ``style`` is the class of the element."""

    tag: str
    style: str
    rows: list[list[Block]] = field(default_factory=list)


class LetterParser(HTMLParser):
    """Reads a letter into ``blocks``. Anything outside the subset counts as plain text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block | Grid] = []
        self._grid: Grid | None = None
        self._block: Block | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        style = dict(attrs).get("class") or ""
        if tag in {"table", "dl", "header"}:
            self._grid = Grid(tag, style)
            self.blocks.append(self._grid)
        elif tag == "tr" and self._grid:
            self._grid.rows.append([])
        elif tag in BLOCKS:
            self._begin(tag, style)
        elif tag in _OPEN and self._block:
            self._block.text += _OPEN[tag]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"table", "dl", "header"}:
            self._grid = None
        elif tag in BLOCKS:
            self._block = None
        elif tag in _CLOSE and self._block:
            self._block.text += _CLOSE[tag]

    def handle_data(self, data: str) -> None:
        if self._block:
            self._block.text += escape(data, quote=False)

    def _begin(self, tag: str, style: str) -> None:
        self._block = Block(tag, style)
        if self._grid is None:
            self.blocks.append(self._block)
            return
        if tag == "dt" or not self._grid.rows:
            self._grid.rows.append([])
        self._grid.rows[-1].append(self._block)


def blocks(html: str) -> list[Block | Grid]:
    """The blocks of a letter, in order."""
    parser = LetterParser()
    parser.feed(html)
    parser.close()
    return parser.blocks
