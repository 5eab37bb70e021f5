"""The ``imap`` connector: the messages of a mailbox (IMAP4rev1)."""

from __future__ import annotations

from collections.abc import Iterator

from connectors._entries import EntryConnector
from dsr.contract import Context, Description, Finding

from . import describing
from .entries import Mails
from .mailbox import NAME, Mailbox
from .options import Options, options
from .words import SETTINGS


class Imap(EntryConnector[Options]):
    """Messages from and to people, and those that mention them."""

    kind = "imap"
    name = NAME
    settings = SETTINGS

    def options(self, context: Context) -> Options:
        """The settings, checked."""
        return options(context)

    def source(self, context: Context, options: Options) -> Mails:
        """A mailbox; signed in with the first question."""
        return Mails(Mailbox(options, context), describing.place(options, context.system))

    def described(self, options: Options) -> Description:
        """From the settings."""
        return describing.describe(options)

    def findings(self, source: Mails, options: Options) -> Iterator[Finding]:
        """From the server."""
        return describing.check(source.mailbox)
