"""One vCard (RFC 2426, RFC 6350) as text: read line by line, changed in one line, everything else kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from vobject.base import ParseError, parseLine

from connectors._people import Seen, addresses

WHOLE = 75
"""The longest line in octets (RFC 6350, 3.2)."""
IDENTITIES = {"EMAIL": "email", "TEL": "phone"}
SCHEMES = ("mailto:", "tel:", "sip:", "sips:")
GROUP_KINDS = ("KIND", "X-ADDRESSBOOKSERVER-KIND")
MEMBERS = ("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER")
URN = "urn:uuid:"


@dataclass(frozen=True)
class Line:
    """A content line: its place in the text (with folds and line end), and what it says."""

    start: int
    end: int
    group: str
    name: str
    params: tuple[tuple[str, ...], ...]
    value: str


@dataclass(frozen=True)
class Card:
    """A card of a server: where it is, its version (ETag), and its text."""

    book: str
    href: str
    etag: str
    text: str

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The content lines; what is no content line is passed over and kept."""
        return tuple(_lines(self.text))

    @property
    def uid(self) -> str:
        """The card's own identifier, its place where it has none."""
        found = self.first("UID").strip()
        return found[len(URN) :] if found.lower().startswith(URN) else found or self.href

    @property
    def is_group(self) -> bool:
        """A list of members, not a person."""
        return any(line.value.strip().lower() == "group" for line in self.all(*GROUP_KINDS))

    @property
    def is_person(self) -> bool:
        """Nobody said that it is a company, a place or a group (RFC 6350, 6.1.4; Apple's own property)."""
        kinds = {line.value.strip().lower() for line in self.all(*GROUP_KINDS)}
        shown = {line.value.strip().lower() for line in self.all("X-ABSHOWAS")}
        return kinds <= {"individual"} and "company" not in shown

    @property
    def seen(self) -> Seen:
        """The identifiers as they are stored."""
        found = ((IDENTITIES[line.name], bare(plain(line.value))) for line in self.all(*IDENTITIES))
        return tuple(dict.fromkeys(one for one in found if one[1]))

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is written on it but its own identifiers."""
        return tuple(plain(line.value) for line in self.lines if line.name not in IDENTITIES)

    @property
    def mentions(self) -> Seen:
        """The addresses that stand in these texts."""
        return tuple(("email", one) for text in self.texts for one in addresses(text))

    @property
    def called(self) -> str:
        """The name on the card, for comparison."""
        return " ".join(plain(self.first("FN")).casefold().split())

    def all(self, *names: str) -> Iterator[Line]:
        """The lines with one of these names."""
        return (line for line in self.lines if line.name in names)

    def first(self, name: str) -> str:
        """The value of the first line of a name, '' without one."""
        return next((line.value for line in self.all(name)), "")

    def members(self) -> Iterator[tuple[Line, str]]:
        """(line, what it names) of a group: an identifier of a card, or an address."""
        for line in self.all(*MEMBERS):
            named = line.value.strip()
            lower = named.lower()
            yield line, named[len(URN) :] if lower.startswith(URN) else bare(named)

    def values(self) -> Mapping[str, object]:
        """The properties by name, for reading; several values of one name in the order of the card."""
        found: dict[str, list[str]] = {}
        for line in self.lines:
            if line.name not in ("BEGIN", "END"):
                found.setdefault(line.name.lower(), []).append(plain(line.value))
        return {name: many[0] if len(many) == 1 else many for name, many in found.items()}

    def raw(self, line: Line) -> str:
        """The line as it stands in the text."""
        return self.text[line.start : line.end]

    def without(self, line: Line) -> str:
        """The text without a line."""
        return self.text[: line.start] + self.text[line.end :]

    def with_value(self, line: Line, value: str) -> str:
        """The text with another value in a line; its group and parameters stay."""
        head = f"{line.group}." if line.group else ""
        params = "".join(
            f";{param[0]}={','.join(param[1:])}" if len(param) > 1 else f";{param[0]}"
            for param in line.params
            if param[0].upper() not in ("ENCODING", "CHARSET") and "QUOTED-PRINTABLE" not in param
        )
        made = folded(f"{head}{line.name}{params}:{value}", self.newline)
        return self.text[: line.start] + made + self.text[line.end :]

    def with_line(self, raw: str, after: str = "") -> str:
        """The text with a whole line more: behind ``after`` where that still stands, else at the end."""
        previous = next((one for one in self.lines if after and self.raw(one) == after), None)
        last = next((one for one in reversed(self.lines) if one.name == "END"), None)
        place = previous.end if previous else last.start if last else len(self.text)
        return self.text[:place] + raw + self.text[place:]

    def before(self, line: Line) -> str:
        """The line in front of one, as it stands, '' where there is none."""
        found = [one for one in self.lines if one.end <= line.start]
        return self.raw(found[-1]) if found else ""

    @property
    def newline(self) -> str:
        """How this card ends its lines."""
        return "\r\n" if "\r\n" in self.text else "\n"


def _lines(text: str) -> Iterator[Line]:
    start = 0
    while start < len(text):
        end = _end(text, start)
        raw = text[start:end]
        unfolded = raw.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").replace("\n\t", "")
        try:
            name, params, value, group = parseLine(unfolded.rstrip("\r\n"))
            yield Line(start, end, group or "", name.upper(), tuple(tuple(one) for one in params), value)
        except ParseError:
            pass
        start = end


def _end(text: str, start: int) -> int:
    """Behind the line end of a content line with its folds, or its soft breaks in quoted-printable."""
    packed = False
    place = start
    while True:
        stop = text.find("\n", place)
        if stop < 0:
            return len(text)
        packed = packed or "QUOTED-PRINTABLE" in text[start:stop].upper().partition(":")[0]
        soft = packed and text[place:stop].rstrip("\r").endswith("=")
        if not soft and text[stop + 1 : stop + 2] not in (" ", "\t"):
            return stop + 1
        place = stop + 1


def plain(value: str) -> str:
    """A text value without escapes (RFC 6350, 3.4)."""
    found, place = [], 0
    while place < len(value):
        pair = value[place : place + 2]
        if len(pair) == 2 and pair[0] == "\\":
            found.append("\n" if pair[1] in "nN" else pair[1])
            place += 2
        else:
            found.append(value[place])
            place += 1
    return "".join(found)


def escaped(value: str) -> str:
    """A text as a value."""
    for mark in ("\\", ",", ";"):
        value = value.replace(mark, f"\\{mark}")
    return value.replace("\r\n", "\\n").replace("\n", "\\n")


def bare(value: str) -> str:
    """An address or number without the scheme of its URI."""
    stripped = value.strip()
    scheme = next((one for one in SCHEMES if stripped.lower().startswith(one)), "")
    return stripped[len(scheme) :].partition(";")[0] if scheme else stripped


def folded(line: str, newline: str) -> str:
    """A content line folded between characters, with its line end."""
    parts, now, size = [], "", 0
    for letter in line:
        octets = len(letter.encode("utf-8", "surrogatepass"))
        if size + octets > WHOLE:
            parts.append(now)
            now, size = " ", 1
        now += letter
        size += octets
    return newline.join([*parts, now]) + newline
