"""The HTML of a mail, bounded: for whoever wants to know what it loads."""

from __future__ import annotations

from email import message_from_bytes
from email.errors import MessageError
from email.message import Message

from .reports import MOST_PARTS, PARTED


def markup_of(raw: bytes) -> str:
    """The HTML parts of a mail as text; '' where there are none or it cannot be read. Never raises."""
    if len(PARTED.findall(raw)) > MOST_PARTS:
        return ""
    try:
        parts = [one for one in message_from_bytes(raw).walk() if one.get_content_type() == "text/html"]
        return "\n".join(map(_text, parts))
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return ""


def _text(part: Message) -> str:
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes):
        return ""
    try:
        return body.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return body.decode("latin-1")
