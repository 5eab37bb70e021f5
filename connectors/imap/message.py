"""Who a message is from and to, and whom it mentions: parsed and compared, never believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from connectors._people import addresses, plain

SENDERS = ("from", "sender", "reply-to")
RECEIVERS = ("to", "cc", "bcc")
SHOWN = ("from", "to", "cc", "subject", "date", "message-id")


@dataclass(frozen=True)
class People:
    """The addresses of a message as they are written, by their plain form."""

    senders: dict[str, str]
    receivers: dict[str, str]

    @property
    def all(self) -> dict[str, str]:
        """Everybody."""
        return self.receivers | self.senders


def people(headers: bytes) -> People:
    """Who stands in the headers of a message."""
    message = message_from_bytes(headers)
    return People(_found(message, SENDERS), _found(message, RECEIVERS))


def _found(message: Message, names: tuple[str, ...]) -> dict[str, str]:
    lines = [str(value) for name in names for value in message.get_all(name, [])]
    found = (address for _, address in getaddresses(lines) if not set("<>") & set(address))
    # A header that no program understands still holds addresses somewhere.
    more = (address for line in lines for address in addresses(line))
    return {plain("email", one): one.strip() for one in (*more, *found) if "@" in one}


def shown(headers: bytes) -> dict[str, str]:
    """The headers for people to read."""
    message = message_from_bytes(headers)
    return {name: ", ".join(_readable(v) for v in message.get_all(name, [])) for name in SHOWN}


def _readable(value: object) -> str:
    """A header with its encoded words decoded; as it is where they are broken."""
    text = str(value)
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, ValueError, LookupError):
        return text


def mentioned(raw: bytes) -> frozenset[str]:
    """The addresses that stand anywhere in a message, in plain form."""
    message = message_from_bytes(raw)
    return frozenset(plain("email", one) for text in _texts(message) for one in addresses(text))


def _texts(message: Message) -> Iterator[str]:
    for part in message.walk():
        yield from (_readable(value) for value in part.values())
        if part.get_content_maintype() == "text":
            body = part.get_payload(decode=True)
            yield _decoded(body, part.get_content_charset()) if isinstance(body, bytes) else str(body or "")


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset or "utf-8", errors="replace")
    except LookupError:
        return body.decode("latin-1")
