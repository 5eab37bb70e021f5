"""A book that is a file: read as it lies there, replaced as a whole."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from connectors._map.model import DataMap
from dsr.contract import ConnectorError

from . import replacing
from .book import Book, Edits, Options, mark


class FileBook(Book):
    """One file while it is read."""

    mark: tuple[int, int, int]

    def __init__(self, path: Path, data: DataMap, options: Options) -> None:
        super().__init__(data, options)
        self.path = path
        self.mark = mark(path)

    @abstractmethod
    def write(self, target: BinaryIO, edits: Mapping[str, Edits]) -> None:
        """The whole file, edited by sheet name, into ``target``. Nothing else changes."""

    def commit(self, edits: Mapping[str, Edits]) -> bool:
        """Put an edited file in the place of the one that was read."""
        replacing.replace(self.path, self.mark, lambda target: self.write(target, edits))
        return True

    def changed(self) -> ConnectorError:
        """Somebody else wrote the file."""
        return replacing.changed(self.path)

    def writable(self) -> bool:
        """Whether this account may put another file in the place of this one, with the same owner."""
        owner = os.geteuid() in (0, os.stat(self.path).st_uid)
        return owner and os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK | os.X_OK)
