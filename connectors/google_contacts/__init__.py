"""The ``google_contacts`` connector: contacts of a Google account, other contacts, the directory (People API)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from connectors._entries import ListingConnector, planning, reading
from connectors._google import Google
from dsr.contract import Context, Description, Finding, Intent, Record, RowPage, Step

from . import describing
from .api import NAME, Api
from .entries import Contacts
from .options import Options, options
from .words import SETTINGS


class GoogleContacts(ListingConnector[Options]):
    """Contacts of one account: found by comparing all of them, read by name, changed for the version that was read."""

    kind = "google_contacts"
    name = NAME
    settings = SETTINGS

    def options(self, context: Context) -> Options:
        """The settings, checked."""
        return options(context)

    def source(self, context: Context, options: Options) -> Contacts:
        """An account of which nothing is known yet."""
        google = Google(NAME, options.access, options.scopes, context)
        return Contacts(Api(google), describing.place(options, context.system), options)

    def described(self, options: Options) -> Description:
        """From the settings."""
        return describing.describe(options)

    def findings(self, source: Contacts, options: Options) -> Iterator[Finding]:
        """From the API."""
        return describing.check(source.api, options)

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """The rows of the records as they are now; contacts are fetched many at once."""
        context, options = self._opened
        with closing(self.source(context, options)) as source:
            source.ahead(records)
            return reading.read(source, records, after, context.limits.page)

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """One step per intent; changes nothing. Contacts are fetched many at once."""
        with closing(self.source(*self._opened)) as source:
            source.ahead([record for one in intents for record in one.records])
            return tuple(planning.plan(source, one) for one in intents)
