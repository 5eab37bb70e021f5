"""What a mail that came back says: delivery reports (RFC 3464) and automatic replies (RFC 3834)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message

from .sending import MESSAGE_ID

MAX_REPORT_BYTES = 256 * 1024
"""More is not read: what a report says stands before the message it returns."""
MOST_PARTS = 32
PARTED = re.compile(rb"boundary[ \t]*=|message/rfc822", re.IGNORECASE)
"""What makes a mail nest; the parser pays for every level with every line."""

ACTIONS = {"failed": "bounced", "delayed": "delayed", "delivered": "delivered", "relayed": "delivered"}
BULK = frozenset({"auto_reply", "bulk", "junk", "list"})
"""Values of Precedence that no person sets; answering machines that know no Auto-Submitted do."""


@dataclass(frozen=True, slots=True)
class Report:
    """``kind``: 'bounced', 'delayed', 'delivered', 'auto' or 'other' (a person's reply, anything unknown).

    ``message_id``: of our message it speaks of, '' when it does not say. ``status``: RFC 3463 code.
    """

    kind: str
    message_id: str = ""
    status: str = ""


def read_report(raw: bytes) -> Report:
    """Read a delivery status notification or an automatic reply; pure, bounded, never raises.

    Whatever cannot be read is 'other': a person looks at it.
    """
    raw = raw[:MAX_REPORT_BYTES]
    if len(PARTED.findall(raw)) > MOST_PARTS:
        return Report("other")
    try:
        message = message_from_bytes(raw)
        parts = list(message.walk())
        about = _first_id(message, ("In-Reply-To", "References"))
        status = [part for part in parts if part.get_content_type() == "message/delivery-status"]
        if status:
            return _delivery_report(status[0], parts, about)
        return Report("auto" if _is_automatic(message) else "other", about)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return Report("other")


def _delivery_report(status: Message, parts: Iterable[Message], about: str) -> Report:
    """Per-recipient fields follow the per-message ones, each block a message of its own."""
    blocks = status.get_payload()
    found = [block for block in blocks if isinstance(block, Message)] if isinstance(blocks, list) else []
    told = next((block for block in found if block.get("Action")), None)
    action = str(told.get("Action", "")).strip().lower() if told else ""
    code = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", str(told.get("Status", "")) if told else "")
    kind = ACTIONS.get(action) or ("bounced" if code and code.group().startswith("5") else "other")
    return Report(kind, _original_id(parts) or about, code.group() if code else "")


def _original_id(parts: Iterable[Message]) -> str:
    """The Message-ID of the returned message or of its returned headers."""
    for part in parts:
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and isinstance(payload[0], Message):
            return _first_id(payload[0], ("Message-ID",))
        if kind == "text/rfc822-headers" and isinstance(payload, str):
            return _first_id(message_from_bytes(payload.encode("utf-8", "replace")), ("Message-ID",))
    return ""


def _is_automatic(message: Message) -> bool:
    """By RFC 3834, by what machines older than it set, or a receipt (RFC 8098), which is no answer either."""
    said = str(message.get("Auto-Submitted", "")).split(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    receipt = str(message.get_param("report-type", "")).lower() == "disposition-notification"
    older = any(name in message for name in ("X-Autoreply", "X-Autorespond"))
    return said.startswith("auto-") or precedence in BULK or older or receipt


def _first_id(message: Message, headers: Iterable[str]) -> str:
    for header in headers:
        found = MESSAGE_ID.search(str(message.get(header, "")))
        if found:
            return found.group()
    return ""
