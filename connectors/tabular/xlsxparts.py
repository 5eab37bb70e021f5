"""An XLSX file as a package of parts (ECMA-376 part 2): opened with limits, its parts found by relations."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dsr.contract import ConnectorError

from .xmlsplice import Attributes, elements, pieces, prologue

LARGEST = 1 << 30
"""Bytes of all parts together, unpacked."""
LARGEST_STRINGS = 128 * 1024 * 1024
"""Bytes of all XML but the sheets (shared texts, styles...), which has to be held in memory."""
LARGEST_INDEX = 8 * 1024 * 1024
"""Bytes of the list of content types with all relations, and of the list of sheets."""
MOST_PARTS = 5_000
STYLES, MOST_FORMATS = "xl/styles.xml", 1 << 18
"""The part of the formats, which is held as a whole, and its tags: Excel has at most 65,490 formats."""
FLAT, MOST_RATIO = 16 * 1024 * 1024, 100
"""A part larger than this is made to fill memory if it packs so many times smaller; sheets pack 10 to 30 times."""
TYPES = "[Content_Types].xml"
PROLOGUE = 4096
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What the zip module raises for archives that are damaged, encrypted or packed in an unknown way."""


def damaged(path: Path) -> ConnectorError:
    """The error for a file that is no workbook."""
    return ConnectorError(
        f"{path.name} is not a workbook that can be read; save it again as XLSX", permanent=True
    )


class Package:
    """An open workbook file. Raises ConnectorError for anything that could fill memory or disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.zip = zipfile.ZipFile(path)
        except BROKEN:
            raise damaged(path) from None
        self._check()

    def _check(self) -> None:
        try:
            self._check_directory()
            self._check_parts()
        except (ConnectorError, *BROKEN) as error:
            self.close()
            raise error if isinstance(error, ConnectorError) else damaged(self.path) from None

    def _check_directory(self) -> None:
        """What the directory of the archive says of its parts, before anything is unpacked."""
        every = self.zip.infolist()
        names = {one.filename for one in every}
        strange = any(".." in name.split("/") or name.startswith("/") for name in names)
        if strange or len(names) != len(every) or any(one.flag_bits & 1 for one in every):
            raise damaged(self.path)
        index = sum(one.file_size for one in every if one.filename == TYPES or one.filename.endswith(".rels"))
        padded = any(one.file_size > FLAT and one.file_size > MOST_RATIO * one.compress_size for one in every)
        whole = sum(one.file_size for one in every)
        if len(every) > MOST_PARTS or whole > LARGEST or index > LARGEST_INDEX or padded:
            raise self._too_much()

    def _check_parts(self) -> None:
        """All but the sheets is read as a whole, so it must be small; no part may bring a document type."""
        if self.zip.getinfo(self.workbook).file_size > LARGEST_INDEX:
            raise self._too_much()
        streamed = set(self.sheets().values()) - self._declared_otherwise()
        parts = [one for one in self.zip.infolist() if one.filename.lower().endswith((".xml", ".rels"))]
        if sum(one.file_size for one in parts if one.filename not in streamed) > LARGEST_STRINGS:
            raise self._too_much()
        for one in parts:
            with self.zip.open(one) as stream:
                prologue(stream.read(PROLOGUE))
        if STYLES in self.zip.namelist() and _tags(self.stream(STYLES)) > MOST_FORMATS:
            raise self._too_much()

    def _declared_otherwise(self) -> set[str]:
        """The parts of which the list of content types says that they are something else than a sheet."""
        return {
            about.get("PartName", "").lstrip("/")
            for what, about in elements(self.stream(TYPES))
            if what == "Override" and not about.get("ContentType", "").endswith("worksheet+xml")
        }

    def _too_much(self) -> ConnectorError:
        return ConnectorError(
            f"{self.path.name} unpacks to more than {LARGEST >> 20} MB (or {LARGEST_STRINGS >> 20} MB beside its "
            f"sheets, {MOST_PARTS} parts, {MOST_RATIO} times its size); it is refused",
            permanent=True,
        )

    def stream(self, part: str) -> Iterator[bytes]:
        """A part in pieces; never more than the directory of the archive says."""
        try:
            with self.zip.open(part) as stream:
                yield from pieces(stream)
        except (*BROKEN, KeyError):
            raise damaged(self.path) from None

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """The relations of a part: by id the kind (last word of its type) and the part it leads to."""
        name = relations_of(part)
        if name not in self.zip.namelist():
            return {}
        found = {}
        for what, about in elements(self.stream(name)):
            if what == "Relationship":
                inside = about.get("TargetMode") != "External"
                target = _resolved(part, about.get("Target", "")) if inside else ""
                found[about.get("Id", "")] = about.get("Type", "").rpartition("/")[2], target
        return found

    @property
    def workbook(self) -> str:
        """The part that lists the sheets."""
        kinds = self.related("").values()
        return next((target for kind, target in kinds if kind == "officeDocument"), "xl/workbook.xml")

    def sheets(self) -> Mapping[str, str]:
        """The part of every sheet, by its title."""
        related = self.related(self.workbook)
        found = {}
        for what, about in elements(self.stream(self.workbook)):
            if what == "sheet":
                _, target = related.get(_id(about), ("", ""))
                if target:
                    found[about.get("name", "")] = target
        return found

    def close(self) -> None:
        """Close the file."""
        self.zip.close()


def _tags(xml: Iterator[bytes]) -> int:
    return sum(piece.count(b"<") for piece in xml)


def _id(about: Attributes) -> str:
    return next((value for name, value in about.items() if name.endswith(":id") or name == "id"), "")


def relations_of(part: str) -> str:
    """The part that holds the relations of another."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _resolved(part: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")


@contextmanager
def package(path: Path) -> Iterator[Package]:
    """An open package, closed afterwards."""
    made = Package(path)
    try:
        yield made
    finally:
        made.close()
