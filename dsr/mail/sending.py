"""Values to SMTP. Knows no case, template or outbox."""

from __future__ import annotations

import os
import re
import secrets
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 20.0
MAX_ANSWER = 240
PORTS = {"smtp": 587, "smtps": 465}
TLS_MODES = ("required", "off")
BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+-]{1,80}@[A-Za-z0-9.-]{1,120}>")


class MailError(Exception):
    """A message was not accepted. ``permanent``: a repeat cannot help. ``answer``: the server's words.

    The text carries no address: words of servers that repeat one are shortened to their code.
    """

    def __init__(self, answer: str, *, permanent: bool) -> None:
        super().__init__(answer)
        self.answer = answer
        self.permanent = permanent


class Unsendable(MailError):
    """The values themselves make no message: a wrong address, a line break in a header."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer, permanent=True)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as values: one recipient, one subject, plain text and the same as HTML ('' = none)."""

    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    html: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server. ``tls``: 'immediate' (smtps), 'starttls', or 'none' (loopback only)."""

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = ""

    @classmethod
    def from_url(cls, url: str) -> Server:
        """``smtp://user:password@host:587`` or ``smtps://...``; ValueError says what is wrong.

        STARTTLS is required on ``smtp`` unless the host is loopback; ``?starttls=required`` asks for it
        there too, ``?starttls=off`` is refused elsewhere.
        """
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("it must look like smtp://user:password@host:587 or smtps://host")
        options = parse_qs(parts.query)
        wanted = options.pop("starttls", [""])[0]
        if options or (wanted and wanted not in TLS_MODES):
            raise ValueError("the only option is starttls=required or starttls=off")
        local = is_loopback(parts.hostname)
        if wanted == "off" and not local:
            raise ValueError("mail leaves this machine encrypted only: take starttls=off away")
        tls = "immediate" if parts.scheme == "smtps" else "starttls"
        if tls == "starttls" and local and wanted != "required":
            tls = "none"
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            tls=tls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


Transport = Callable[[Outgoing], str]
"""Gives the server's answer, or raises MailError."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(value: str) -> str:
    """The address as it may stand in a header; Unsendable for anything else. Asks no name server."""
    from email_validator import EmailNotValidError, validate_email

    if BREAKS.search(value):
        raise Unsendable("the address holds a control character")
    try:
        found = validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Unsendable("this is not an e-mail address") from error
    return found.ascii_email or found.normalized


def build(outgoing: Outgoing, *, now: datetime) -> EmailMessage:
    """The message, ready to send: no header can be smuggled in, nothing in it phones home.

    Auto-Submitted (RFC 3834) keeps other machines from answering. Unsendable for a wrong address,
    Message-ID or subject.
    """
    if not MESSAGE_ID.fullmatch(outgoing.message_id):
        raise Unsendable("the Message-ID is malformed")
    if BREAKS.search(outgoing.subject):
        raise Unsendable("the subject holds a line break")
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=200))
    message["From"] = _header_address(outgoing.sender)
    message["To"] = _header_address(outgoing.to)
    if outgoing.reply_to:
        message["Reply-To"] = _header_address(outgoing.reply_to)
    message["Subject"] = outgoing.subject
    message["Date"] = format_datetime(now.astimezone(UTC))
    message["Message-ID"] = outgoing.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(outgoing.text)
    if outgoing.html:
        message.add_alternative(outgoing.html, subtype="html")
    return message


def _header_address(value: str) -> Address:
    local, _, domain = check_address(value).rpartition("@")
    return Address(username=local, domain=domain)


def smtp(server: Server, *, clock: Callable[[], datetime], timeout: float = TIMEOUT_SECONDS) -> Transport:
    """A transport over one SMTP server; gives the server's answer, or raises MailError.

    A 5xx answer to the message is permanent; a refused login, an unreachable server or a 4xx is not.
    """

    def send(outgoing: Outgoing) -> str:
        message = build(outgoing, now=clock())
        try:
            with _connected(server, timeout) as connection:
                return _deliver(connection, message, outgoing)
        except smtplib.SMTPException as error:
            raise _failure(error) from None
        except OSError as error:
            raise MailError(
                f"{server.host} cannot be reached: {type(error).__name__}", permanent=False
            ) from None

    return send


def _connected(server: Server, timeout: float) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls == "immediate":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=timeout, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=timeout)
    try:
        if server.tls == "starttls":
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
    except (smtplib.SMTPException, OSError):
        connection.close()
        raise
    return connection


def _deliver(connection: smtplib.SMTP, message: EmailMessage, outgoing: Outgoing) -> str:
    """MAIL, RCPT, DATA one by one: ``sendmail`` would keep the server's last word to itself."""
    sender, to = check_address(outgoing.sender), check_address(outgoing.to)
    connection.ehlo_or_helo_if_needed()
    for code, words in (connection.mail(sender), connection.rcpt(to)):
        if code >= 400:
            raise MailError(_said(code, words), permanent=code >= 500)
    code, words = connection.data(message.as_bytes())
    if code >= 400:
        raise MailError(_said(code, words), permanent=code >= 500)
    return _said(code, words)


def _failure(error: smtplib.SMTPException) -> MailError:
    """What went wrong before the message was judged: our set-up or their server, never the recipient."""
    if isinstance(error, smtplib.SMTPResponseException):
        return MailError(_said(error.smtp_code, error.smtp_error), permanent=False)
    return MailError(type(error).__name__, permanent=False)


def _said(code: int, words: bytes | str) -> str:
    """The answer of a server on one line; only its codes when it repeats an address."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    text = BREAKS.sub(" ", text).strip()
    if "@" in text:
        found = re.match(r"[245]\.\d{1,3}\.\d{1,3}", text)
        text = found.group() if found else ""
    return f"{code} {text}".strip()[:MAX_ANSWER]


def folder(path: Path, *, clock: Callable[[], datetime], keep: int = 500) -> Transport:
    """A transport for demonstrations: nothing leaves the machine, the last ``keep`` mails lie in files."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def send(outgoing: Outgoing) -> str:
        now = clock()
        message = build(outgoing, now=now)
        name = f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
        descriptor = os.open(path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(message.as_bytes())
        for old in sorted(path.glob("*.eml"))[:-keep]:
            old.unlink(missing_ok=True)
        return "250 kept in the outbox of this demonstration"

    return send
