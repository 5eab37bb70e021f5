"""Mail: values to SMTP, and what comes back to values. Knows no case, template or outbox."""

from .boxes import Arrived, Box, Mailbox, opened
from .markup import markup_of
from .reports import Report, read_report
from .sending import (
    MailError,
    Outgoing,
    Server,
    Transport,
    Unsendable,
    build,
    check_address,
    folder,
    is_loopback,
    smtp,
)

__all__ = [
    "Arrived",
    "Box",
    "MailError",
    "Mailbox",
    "Outgoing",
    "Report",
    "Server",
    "Transport",
    "Unsendable",
    "build",
    "check_address",
    "folder",
    "is_loopback",
    "markup_of",
    "opened",
    "read_report",
    "smtp",
]
