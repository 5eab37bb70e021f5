"""The family of errors that may be shown to the person who caused them."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Something was asked that cannot be done, and why, in words safe to show.

    ``code`` is stable (``case.unknown``, ``workflow.illegal``...): one table of ``dsr.web`` maps it to
    an HTTP status, and the translations of pages are keyed by it. ``data`` holds values for the
    sentence, never personal data.
    """

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
