"""The settings of a Mailman server, checked once when the connector is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors._hosts import Private
from connectors._settings import Given, Told, told, unblocked
from dsr.contract import Context, Order

from . import words
from .words import SETTINGS

UNSUBSCRIBE, DISABLE = "unsubscribe", "disable"
USUAL = Told(Order.SUPPRESS, "consent", words.PURPOSE, words.SOURCE, words.RETENTION, (), "", "", "", "")


@dataclass(frozen=True)
class Options:
    """``lists`` empty: all lists of the server. ``stop``: unsubscribe or disable. ``moderation``: also look
    through ban lists, held messages and requests."""

    url: str
    user: str
    password: str = field(repr=False)
    lists: frozenset[str]
    stop: str
    ban: bool
    moderation: bool
    private: Private
    told: Told
    unblocked: bool

    def covers(self, list_id: str) -> bool:
        """Whether this system speaks for a list."""
        return not self.lists or list_id in self.lists


def options(context: Context) -> Options:
    """ConnectorError(permanent=True) names the setting that is missing, unknown or wrong."""
    given = Given(context.settings, SETTINGS)
    return Options(
        url=given.line("url"),
        user=given.line("user"),
        password=context.secret("password"),
        lists=frozenset(one.replace("@", ".").lower() for one in given.names("lists")),
        stop=given.one_of("stop", UNSUBSCRIBE, (UNSUBSCRIBE, DISABLE)),
        ban=given.switch("ban", usual=False),
        moderation=given.switch("moderation", usual=True),
        private=given.private(),
        told=told(given, USUAL),
        unblocked=unblocked(given),
    )
