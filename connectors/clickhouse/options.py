"""The settings of an event store, checked once when the connector is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors._hosts import Private, origin_of
from connectors._map import DataMap, load
from connectors._settings import Given, wrong
from dsr.contract import ConnectorError, Context

from .words import SETTINGS


@dataclass(frozen=True)
class Options:
    """Where the server is and what its tables mean."""

    url: str
    database: str
    user: str
    password: str = field(repr=False)
    map: DataMap
    private: Private


def options(context: Context) -> Options:
    """ConnectorError(permanent=True) names the setting that is missing, unknown or wrong."""
    given = Given(context.settings, SETTINGS)
    url = given.line("url")
    try:
        origin_of(url)
    except ConnectorError as error:
        raise wrong("url", f"is wrong: {error}") from None
    data = load(given.line("map"), given.line("map_name", "map"), whole=True)
    for one in data.collections:
        kinds = [f.identity for f in one.fields if f.identity]
        if len(kinds) != len(set(kinds)) or any(f.identity_where for f in one.fields):
            why = "two identities of one kind, or one with 'where', are not supported in"
            raise wrong("map", f"cannot be used: {why} '{one.name}'")
    return Options(
        url=url,
        database=given.line("database"),
        user=given.line("user"),
        password=context.secret("password"),
        map=data,
        private=given.private(),
    )
