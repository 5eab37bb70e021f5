"""The settings of address books, checked once when the connector is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors._hosts import Private, origin_of
from connectors._settings import Given, Keep, Told, keeping, told, unblocked, wrong
from dsr.contract import ConnectorError, Context, Order

from . import words
from .words import SETTINGS

USUAL = Told(Order.SINK, "", words.PURPOSE, words.SOURCE, "", (), "", "", "", "")
"""Phones are filled from elsewhere: what is deleted here first would come back."""


@dataclass(frozen=True)
class Options:
    """``url`` is an address book, or the place that holds several."""

    url: str
    scheme: str
    host: str
    user: str
    password: str = field(repr=False)
    authority: str = field(repr=False)
    private: Private
    told: Told
    keep: Keep | None
    unblocked: bool


def options(context: Context) -> Options:
    """ConnectorError(permanent=True) names the setting that is missing, unknown or wrong."""
    given = Given(context.settings, SETTINGS)
    url = given.line("url")
    try:
        origin = origin_of(url)
    except ConnectorError as error:
        raise wrong("url", f"is wrong: {error}") from None
    return Options(
        url=url if url.endswith("/") else f"{url}/",
        scheme=origin.scheme,
        host=origin.host,
        user=given.line("user"),
        password=context.secret("password"),
        authority=given.line("ca", ""),
        private=given.private(),
        told=told(given, USUAL),
        keep=keeping(given),
        unblocked=unblocked(given),
    )
