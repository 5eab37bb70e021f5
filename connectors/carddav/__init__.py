"""The ``carddav`` connector: address books of phones and mail programs (RFC 6352)."""

from __future__ import annotations

from collections.abc import Iterator

from connectors._entries import ListingConnector
from connectors._http import Bounds, Http, basic
from connectors._trust import trust
from dsr.contract import Context, Description, Finding

from . import describing
from .api import NAME, Api
from .entries import Books
from .options import Options, options
from .words import SETTINGS


class Opened(Books):
    """Address books with the client that reaches them."""

    def __init__(self, http: Http, context: Context, options: Options) -> None:
        super().__init__(Api(http, options.url), describing.place(options, context.system))
        self._http = http

    def close(self) -> None:
        """Give the connections back."""
        super().close()
        self._http.close()


class Carddav(ListingConnector[Options]):
    """Contacts of people and the groups that list them."""

    kind = "carddav"
    name = NAME
    settings = SETTINGS

    def options(self, context: Context) -> Options:
        """The settings, checked."""
        return options(context)

    def source(self, context: Context, options: Options) -> Opened:
        """Address books of which nothing is known yet."""
        origin = options.url.split("/", 3)
        http = Http(
            NAME,
            "/".join(origin[:3]),
            now=context.now,
            headers=basic(options.user, options.password),
            private=options.private,
            bounds=Bounds(total=context.limits.statement_seconds),
            calling=context.calling,
            tls=trust(options.authority) if options.scheme == "https" else None,
        )
        return Opened(http, context, options)

    def described(self, options: Options) -> Description:
        """From the settings."""
        return describing.describe(options)

    def findings(self, source: Opened, options: Options) -> Iterator[Finding]:
        """From the server."""
        return describing.check(source.api, options)
