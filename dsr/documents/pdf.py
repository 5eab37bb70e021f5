"""A letter's blocks set as a PDF with reportlab: A4, bundled fonts embedded, no images, no links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

from .markup import Block, Grid, blocks

INK, SOFT, ACCENT, LINE, WASH, WARM = "#12263a", "#4a5b6c", "#0b6e6e", "#d5dce3", "#f4f8f8", "#fff6e5"
A4 = (595.27, 841.89)
MM = 72 / 25.4
MARGIN = 24 * MM
PADDING = 6
SHORT = 6
"""A heading with so few paragraphs and rows under it is not broken over two pages, if a page can hold it."""
WIDTH = A4[0] - 2 * MARGIN - 2 * PADDING
_PAGE = {"es": "Página {} de {}", "en": "Page {} of {}", "pt": "Página {} de {}"}
_FONTS = {"Vera": "Vera.ttf", "Vera-Bold": "VeraBd.ttf"}
_COLUMNS = {"reference": (0.26, 0.74), "facts": (0.26, 0.74), "files": (0.31, 0.13, 0.56), "": ()}


@dataclass(frozen=True, slots=True)
class Cover:
    """What the file says of itself and what stands at the foot of each page."""

    title: str
    language: str
    author: str
    reference: str


def pdf(html: str, cover: Cover) -> bytes:
    """The letter as PDF bytes; the same input gives the same bytes."""
    from reportlab.platypus import SimpleDocTemplate

    _fonts()
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=_known(cover.title),
        author=_known(cover.author),
        subject=cover.reference,
        lang=cover.language,
        invariant=1,
    )
    document.build(_flowables(html), canvasmaker=partial(_canvas(), cover))
    return out.getvalue()


@cache
def _canvas() -> Any:
    """The canvas that draws each page's foot once the number of pages is known."""
    from reportlab.pdfgen.canvas import Canvas

    class Pages(Canvas):  # type: ignore[misc] # reportlab is untyped
        def __init__(self, cover: Cover, *args: Any, **kept: Any) -> None:
            super().__init__(*args, **kept)
            self._cover = cover
            self._saved: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._saved.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, state in enumerate(self._saved, 1):
                self.__dict__.update(state)
                _frame(self, self._cover, f"{number}", f"{len(self._saved)}")
                super().showPage()
            super().save()

    return Pages


def _frame(canvas: Any, cover: Cover, number: str, pages: str) -> None:
    canvas.setFillColor(ACCENT)
    canvas.rect(0, A4[1] - 2 * MM, A4[0], 2 * MM, stroke=0, fill=1)
    canvas.setFillColor(SOFT)
    canvas.setFont("Vera", 7.5)
    canvas.drawString(MARGIN + PADDING, 13 * MM, _known(f"{cover.author} · {cover.reference}")[:90])
    canvas.drawRightString(A4[0] - MARGIN - PADDING, 13 * MM, _PAGE[cover.language].format(number, pages))


@cache
def _fonts() -> frozenset[int]:
    """Registers the bundled fonts; the code points that both can draw."""
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily(
        "Vera", normal="Vera", bold="Vera-Bold", italic="Vera", boldItalic="Vera-Bold"
    )
    drawn = (set(pdfmetrics.getFont(name).face.charToGlyph) for name in _FONTS)
    return frozenset(set.intersection(*drawn))


def _known(text: str) -> str:
    """The text with what the font cannot draw shown as its code point, never as an empty box."""
    drawn = _fonts()
    return re.sub(
        r"[^\n\t]", lambda c: c.group() if ord(c.group()) in drawn else f"[U+{ord(c.group()):04X}]", text
    )


@cache
def _style(name: str) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    base = {"fontName": "Vera", "fontSize": 9.2, "leading": 14, "textColor": INK, "spaceAfter": 6}
    return ParagraphStyle(name, **(base | _STYLES.get(name, {})))


_HEADING = {"fontName": "Vera-Bold", "textColor": ACCENT, "keepWithNext": 1}
_STYLES: dict[str, dict[str, Any]] = {
    "h1": {"fontName": "Vera-Bold", "fontSize": 16, "leading": 20, "spaceBefore": 8, "spaceAfter": 12},
    "h2": _HEADING | {"fontSize": 10.5, "leading": 14, "spaceBefore": 12, "spaceAfter": 4},
    "h3": _HEADING | {"textColor": INK, "spaceBefore": 8, "spaceAfter": 3},
    "li": {"leftIndent": 12, "bulletIndent": 2, "spaceAfter": 3},
    "dt": {"textColor": SOFT, "fontSize": 8.4, "spaceAfter": 0},
    "dd": {"fontSize": 8.8, "leading": 12.5, "spaceAfter": 0},
    "th": {"fontName": "Vera-Bold", "fontSize": 8, "textColor": SOFT, "spaceAfter": 0},
    "td": {"fontSize": 8.4, "leading": 12, "spaceAfter": 0},
    "hash": {"fontSize": 5.9, "leading": 8.5, "textColor": SOFT, "spaceAfter": 0},
    "sender": {"fontSize": 8.4, "leading": 12, "textColor": SOFT},
    "contact": {"fontSize": 8.4, "leading": 12, "textColor": SOFT, "alignment": 2},
    "notice": {
        "backColor": WARM,
        "borderPadding": (6, 8, 6, 8),
        "leftIndent": 8,
        "rightIndent": 8,
        "spaceBefore": 8,
        "spaceAfter": 14,
    },
    "recipient": {"spaceBefore": 14, "spaceAfter": 8},
}


def _flowables(html: str) -> list[Any]:
    from reportlab.platypus import KeepTogether, Spacer

    parts: list[list[Any]] = [[]]
    was, short = "", [True]
    for block in blocks(html):
        if isinstance(block, Grid):
            parts[-1] += [*_grid(block), Spacer(1, 8)]
            short[-1] = short[-1] and len(block.rows) <= SHORT
        elif block.text.strip():
            if block.tag in ("h1", "h2"):
                parts.append([])
                short.append(True)
            parts[-1] += [Spacer(1, 5)] if was == "li" and block.tag == "p" else []
            parts[-1].append(_paragraph(block, _name(block)))
        was = block.tag
    flow: list[Any] = []
    for part, whole in zip(parts, short, strict=True):
        flow += [KeepTogether(part)] if whole and len(part) <= SHORT else part
    return flow


def _name(block: Block) -> str:
    return block.style if block.style in _STYLES else block.tag


def _paragraph(block: Block, style: str) -> Any:
    from reportlab.platypus import Paragraph

    bullet = "•" if block.tag == "li" else None
    return Paragraph(_known(" ".join(block.text.split(" "))), _style(style), bulletText=bullet)


def _grid(grid: Grid) -> list[Any]:
    from reportlab.platypus import Table

    width = max((len(row) for row in grid.rows), default=0)
    if not width:
        return []
    cells = [[_cell(b, i, grid) for i, b in enumerate(row)] + [""] * (width - len(row)) for row in grid.rows]
    share = _COLUMNS.get(grid.style) or ((0.32, 0.68) if width == 2 else (1 / width,) * width)
    heads = 1 if grid.tag == "table" and grid.rows[0][0].tag == "th" else 0
    columns = [WIDTH * part for part in share]
    return [Table(cells, columns, repeatRows=heads, style=_lines(grid), splitInRow=1, hAlign="LEFT")]


def _cell(block: Block, column: int, grid: Grid) -> Any:
    small = grid.style == "files" and column == len(_COLUMNS["files"]) - 1 and block.tag == "td"
    return _paragraph(block, "hash" if small else _name(block))


def _lines(grid: Grid) -> list[tuple[Any, ...]]:
    plain = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    if grid.style == "reference":
        return [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, -1), WASH),
            ("LINEBEFORE", (0, 0), (0, -1), 2, ACCENT),
            ("LEFTPADDING", (0, 0), (0, -1), 10),
        ]
    if grid.tag == "table":
        return [*plain, ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE)]
    return [*plain, ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]
