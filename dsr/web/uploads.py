"""Files that come with a form: looked at before anything is kept, and read in pieces."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from dsr.domain.errors import Refusal
from dsr.services import evidence

PIECE = 64 * 1024


def check(sent: FileStorage) -> None:
    """Refusals ``upload.media`` for what its first bytes do not allow, ``upload.size`` for what is too large."""
    evidence.media_of(sent.stream.read(evidence.HEAD))
    most = current_app.config["MAX_UPLOAD_BYTES"]
    if sent.stream.seek(0, 2) > most:
        raise Refusal(
            "upload.size", gettext("The file is larger than %(most)d MB.", most=most // 1024 // 1024)
        )
    sent.stream.seek(0)


def at_most() -> str:
    """How large a file may be, as a hint says it."""
    most = current_app.config["MAX_UPLOAD_BYTES"] // 1024 // 1024
    return str(gettext("At most %(most)d MB.", most=most))


def pieces(sent: FileStorage) -> Iterator[bytes]:
    """The bytes of a file, from where it stands."""
    return iter(lambda: sent.stream.read(PIECE), b"")
