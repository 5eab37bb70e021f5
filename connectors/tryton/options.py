"""The settings of a Tryton database, checked once when the connector is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors._hosts import Private, origin_of
from connectors._settings import Given, Told, told, unblocked, wrong
from dsr.contract import ConnectorError, Context, Order

from . import words
from .words import SETTINGS

USUAL = Told(Order.SOURCE, "contract", words.PURPOSE, words.SOURCE, "", (), "", "", "", "")
RULE = "commercial_books"


@dataclass(frozen=True)
class Options:
    """``category`` marks an objection, '' where none does; ``rules`` say how long papers are kept; ``numbered``:
    the code of a party is the customer number that people know."""

    url: str
    scheme: str
    host: str
    database: str
    user: str
    password: str = field(repr=False)
    authority: str = field(repr=False)
    private: Private
    rules: tuple[str, ...]
    category: str
    mentions: bool
    unblocked: bool
    numbered: bool
    told: Told


def options(context: Context) -> Options:
    """ConnectorError(permanent=True) names the setting that is missing, unknown or wrong."""
    given = Given(context.settings, SETTINGS)
    url = given.line("url")
    try:
        origin = origin_of(url)
    except ConnectorError as error:
        raise wrong("url", f"is wrong: {error}") from None
    return Options(
        url=url,
        scheme=origin.scheme,
        host=origin.host,
        database=given.line("database"),
        user=given.line("user"),
        password=context.secret("password"),
        authority=given.line("ca", ""),
        private=given.private(),
        rules=given.names("keep_rules", (RULE,)),
        unblocked=unblocked(given),
        category=given.line("objection_category", ""),
        mentions=given.switch("mentions", usual=True),
        numbered=given.switch("customer_numbers", usual=False),
        told=told(given, USUAL),
    )
