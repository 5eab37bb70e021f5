"""XML as a stream in which single elements are exchanged; every other byte is copied as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from dsr.contract import ConnectorError

Attributes = Mapping[str, str]
PIECE = 1 << 18
_ENCODINGS = (None, "utf-8", "us-ascii", "ascii")


def local(name: str) -> str:
    """A name without its namespace prefix."""
    return name.rpartition(":")[2]


def prefix(name: str) -> str:
    """The prefix of a name with its colon, or ''."""
    return name[: len(name) - len(local(name))]


def start_tag(name: str, attributes: Attributes, end: str = ">") -> str:
    """``<name a="b">``."""
    return f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}{end}"


def element(name: str, attributes: Attributes, text: str) -> str:
    """An element with text that keeps its blanks."""
    return f"{start_tag(name, attributes)}{escape(text)}</{name}>"


def parser() -> Any:
    """An expat parser that takes UTF-8 only and no document type: no entities of anybody's making."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refuse_doctype
    made.XmlDeclHandler = _check_encoding
    return made


def _refuse_doctype(*_: Any) -> None:
    raise ConnectorError("the workbook holds XML with a document type; it is refused", permanent=True)


def _check_encoding(version: str, encoding: str | None, standalone: int) -> None:
    if (encoding.lower() if encoding else None) not in _ENCODINGS:
        raise ConnectorError(
            "the workbook holds XML that is not UTF-8; save it again as XLSX", permanent=True
        )


def feed(made: Any, pieces: Iterable[bytes]) -> None:
    """Give a parser everything; ConnectorError for XML that is none."""
    try:
        for piece in pieces:
            made.Parse(piece, False)
        made.Parse(b"", True)
    except expat.ExpatError:
        raise broken() from None


def prologue(beginning: bytes) -> None:
    """Refuse a document that brings a document type, which can only stand before its first element.

    ``beginning``: enough for that element to begin. What is no XML at all shows when it is read.
    """
    made, begun = parser(), False

    def begin(*_: Any) -> None:
        nonlocal begun
        begun = True

    made.StartElementHandler = begin
    try:
        made.Parse(beginning, False)
    except expat.ExpatError:
        return
    if beginning and not begun:
        raise broken()


def broken() -> ConnectorError:
    """XML that cannot be read."""
    return ConnectorError("the workbook holds XML that cannot be read; save it again as XLSX", permanent=True)


def elements(pieces: Iterable[bytes]) -> list[tuple[str, Attributes]]:
    """The elements of a small document: (local name, attributes), in order."""
    found: list[tuple[str, Attributes]] = []
    made = parser()
    made.StartElementHandler = lambda name, attributes: found.append((local(name), attributes))
    feed(made, pieces)
    return found


New = Callable[[str, Attributes, bytes], bytes]
"""(name, attributes, raw element) -> what stands there instead."""


class Splice:
    """Copies a stream; elements that ``wanted`` picks are exchanged for what ``new`` makes of them.

    ``before(name, attributes)`` and ``closing(name)`` may put something in front of a start tag or end tag.
    Elements inside a picked one are not looked at.
    """

    def __init__(
        self,
        wanted: Callable[[str, Attributes], bool],
        new: New,
        before: Callable[[str, Attributes], bytes] = lambda name, attributes: b"",
        closing: Callable[[str], bytes] = lambda name: b"",
    ) -> None:
        self._wanted, self._new, self._before, self._closing = wanted, new, before, closing
        self._buffer = bytearray()
        self._base = self._copied = self._safe = self._depth = 0
        self._bare = True
        self._picked: tuple[str, Attributes] = ("", {})
        self._out: list[bytes] = []
        self._parser = parser()
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def run(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The edited stream, piece by piece."""
        try:
            for piece in pieces:
                self._buffer += piece
                self._parser.Parse(piece, False)
                if not self._depth:
                    self._copy(self._safe)
                yield b"".join(self._out)
                self._out.clear()
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            raise broken() from None
        self._copy(self._base + len(self._buffer))
        yield b"".join(self._out)

    def _copy(self, until: int) -> None:
        """Copy what lies before ``until`` and forget it."""
        if until > self._copied:
            self._out.append(bytes(self._buffer[self._copied - self._base : until - self._base]))
            self._copied = until
        del self._buffer[: self._copied - self._base]
        self._base = self._copied

    def _begin(self, name: str, attributes: Attributes) -> None:
        if self._depth:
            self._depth += 1
            self._bare = False
            return
        here = self._safe = self._parser.CurrentByteIndex
        extra = self._before(name, attributes)
        if extra:
            self._copy(here)
            self._out.append(extra)
        if self._wanted(name, attributes):
            self._copy(here)
            self._depth, self._bare, self._picked = 1, True, (name, attributes)

    def _end(self, name: str) -> None:
        here = self._parser.CurrentByteIndex
        if self._depth > 1:
            self._depth -= 1
        elif self._depth == 1:
            self._depth = 0
            stop = self._stop(here)
            self._out.append(self._new(*self._picked, bytes(self._buffer[: stop - self._base])))
            self._copied = self._safe = stop
        else:
            self._safe = here
            extra = self._closing(name)
            if extra:
                self._copy(here)
                self._out.append(extra)

    def _stop(self, here: int) -> int:
        """Where the picked element stops whose end was told at ``here``: behind ``</x>``; ``<x/>`` is over then."""
        place = here - self._base
        if self._bare and self._buffer[place - 2 : place] == b"/>":
            return here
        return self._base + self._buffer.index(b">", place) + 1


def spliced(raw: bytes, wanted: Callable[[str, Attributes], bool], new: New) -> bytes:
    """A small document or element, edited."""
    return b"".join(Splice(wanted, new).run([raw]))


def pieces(stream: Any) -> Iterator[bytes]:
    """A binary stream in pieces."""
    while piece := stream.read(PIECE):
        yield piece
