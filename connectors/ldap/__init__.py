"""The ``ldap`` connector: OpenLDAP, Active Directory and other directories that speak LDAP version 3."""

from __future__ import annotations

from collections.abc import Iterator

from connectors._entries import ListingConnector
from dsr.contract import Context, Description, Finding

from . import describing
from .directory import Directory
from .entries import People
from .options import Options, options
from .words import SETTINGS


class Ldap(ListingConnector[Options]):
    """Entries of people, what stands below them, and the groups and entries that name them."""

    kind = "ldap"
    name = "the directory"
    settings = SETTINGS

    def options(self, context: Context) -> Options:
        """The settings, checked."""
        return options(context)

    def source(self, context: Context, options: Options) -> People:
        """People of the directory; signed in with the first question."""
        return People(Directory(options, context), describing.place(options, context.system))

    def described(self, options: Options) -> Description:
        """From the settings."""
        return describing.describe(options)

    def findings(self, source: People, options: Options) -> Iterator[Finding]:
        """From the server."""
        return describing.check(source.directory)
