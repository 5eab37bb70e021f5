"""The ``tryton`` connector: parties of the ERP Tryton and what hangs on them, by JSON-RPC."""

from __future__ import annotations

from collections.abc import Iterator

from connectors._entries import ListingConnector
from connectors._http import Bounds, Http
from connectors._trust import trust
from dsr.contract import Context, Description, Finding

from . import describing
from .api import NAME, Api
from .entries import Parties
from .options import Options, options
from .words import SETTINGS


class Opened(Parties):
    """Parties with the client that reaches them."""

    def __init__(self, http: Http, context: Context, options: Options) -> None:
        api = Api(http, options.database, options.user, options.password)
        super().__init__(api, describing.place(options, context.system), options)
        self._http, self._log = http, context.log

    def close(self) -> None:
        """Sign out and give the connection back."""
        if self.reader.strangers:
            self._log("answers_of_others", rows=self.reader.strangers)
        super().close()
        self._http.close()


class Tryton(ListingConnector[Options]):
    """Customers, suppliers and contacts, their papers, and notes about them."""

    kind = "tryton"
    name = NAME
    settings = SETTINGS

    def options(self, context: Context) -> Options:
        """The settings, checked."""
        return options(context)

    def source(self, context: Context, options: Options) -> Opened:
        """A database of which nothing is known yet; it is signed in to at the first question."""
        http = Http(
            NAME,
            options.url,
            now=context.now,
            private=options.private,
            bounds=Bounds(total=context.limits.statement_seconds),
            tls=trust(options.authority) if options.scheme == "https" else None,
        )
        return Opened(http, context, options)

    def described(self, options: Options) -> Description:
        """From the settings."""
        return describing.describe(options)

    def findings(self, source: Opened, options: Options) -> Iterator[Finding]:
        """From the server."""
        return describing.check(source, options)
