"""Reads the mails of a demonstration from the folder they were put in, as their recipient would."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from pathlib import Path

CODE = re.compile(r"^\s*(\d{4} \d{4})\s*$", re.MULTILINE)
LINK = re.compile(r"/t/([\w-]+)")


class Outbox:
    """The mails in the order in which they were sent; each is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[str] = set()
        self._asked: set[str] = set()

    def links(self) -> tuple[str, ...]:
        """The tokens in the mails to holders, the oldest first, each once."""
        found = []
        for path in sorted(self._folder.glob("*.eml")):
            match = LINK.search(_text(path))
            if match and path.name not in self._asked:
                self._asked.add(path.name)
                found.append(match[1])
        return tuple(found)

    def code(self) -> str:
        """The code in the newest unread mail that has one. LookupError when there is none."""
        found = ""
        for path in sorted(self._folder.glob("*.eml")):
            if path.name not in self._read:
                self._read.add(path.name)
                match = CODE.search(_text(path))
                found = match[1] if match else found
        if not found:
            raise LookupError("no mail with a code came")
        return found


def _text(path: Path) -> str:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(preferencelist=("plain",))
    return str(body.get_content()) if body is not None else ""
