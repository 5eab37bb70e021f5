"""The ``google_sheets`` connector: spreadsheets in Google Drive, with everything that files can."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass

from connectors import _google
from connectors._capabilities import capabilities
from connectors._google import Access, Google, Scope, access
from connectors._map import description
from connectors._map.model import DataMap
from connectors._settings import Given, wrong
from connectors._words import HELP
from dsr.contract import ConnectorError, Context, Description, Finding, Setting

from . import Tabular, texts
from .book import Book, Options
from .googleapi import NAME, SheetsApi
from .googlebook import GoogleBook
from .opening import mapped

API = "https://sheets.googleapis.com"
SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
NEEDED = (Scope(("spreadsheets", "drive", "drive.file"), ("spreadsheets.readonly", "drive.readonly")),)
BATCH = 500
ADDRESS = re.compile(r"https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)(?:/.*)?")
ID = re.compile(r"[A-Za-z0-9_-]{10,120}")
SETTINGS = (
    Setting("spreadsheet", texts.SETTINGS["spreadsheet"]),
    Setting("map", HELP["map"], kind="file"),
    Setting("map_name", HELP["map_name"], required=False),
    Setting("sheet", texts.SETTINGS["sheet"], required=False),
    *_google.SETTINGS,
)


@dataclass(frozen=True)
class Online:
    """Where a system's spreadsheet is, what the map says of it, and who asks."""

    spreadsheet: str
    map: DataMap
    options: Options
    access: Access
    context: Context

    def book(self) -> Book:
        """The spreadsheet, of which nothing is known yet."""
        return GoogleBook(SheetsApi(self.google(), self.spreadsheet), self.map, self.options)

    def google(self) -> Google:
        """The client; nothing is asked yet."""
        return Google(NAME, self.access, SCOPES, self.context)

    def locked(self, seconds: float) -> AbstractContextManager[None]:
        """Nobody can lock a spreadsheet: every row is looked at again when it is written."""
        return nullcontext()


class GoogleSheets(Tabular):
    """Locate, read, correct, restrict and erase rows of one spreadsheet."""

    kind = "google_sheets"
    settings = SETTINGS

    def placed(self, context: Context) -> Online:
        """Check the settings; the spreadsheet itself is looked at when it is needed."""
        given = Given(context.settings, SETTINGS)
        return Online(
            spreadsheet=_spreadsheet(given.line("spreadsheet")),
            map=mapped(context.settings),
            options=Options(sheet=given.line("sheet", "")),
            access=access(given, context, API),
            context=context,
        )

    def check(self) -> tuple[Finding, ...]:
        """As for every file; and what the token may not do, which is told however the file is."""
        with closing(self.placed(self._opened).google()) as google:
            try:
                scopes = tuple(google.scopes(NEEDED))
            except ConnectorError as error:
                return (Finding("error", "file", str(error)),)
        return (*super().check(), *scopes)

    def describe(self) -> Description:
        """What the map says; nothing is asked of Google."""
        data = self._here.map
        does = capabilities(data, texts.ONLINE, texts.HISTORY)
        return description(data, capabilities=does, batch=BATCH, parallel=1)


def _spreadsheet(given: str) -> str:
    """The id of a spreadsheet, given as such or in its address."""
    found = ADDRESS.fullmatch(given)
    id = found.group(1) if found else given
    if not ID.fullmatch(id):
        raise wrong("spreadsheet", "must be the address of a Google spreadsheet, or its id")
    return id
