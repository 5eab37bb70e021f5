"""Describe: what this map lets each action do, in the officer's words."""

from __future__ import annotations

from connectors import _words as words
from connectors._capabilities import capabilities
from connectors._map import description
from connectors._map.model import DataMap
from dsr.contract import Description, Setting

SETTINGS = (
    Setting("url", words.HELP["url"], secret=True),
    Setting("map", words.HELP["map"], kind="file"),
    Setting("map_name", words.HELP["map_name"], required=False),
    Setting("schema", words.HELP["schema"], required=False),
)


def describe(data: DataMap) -> Description:
    """The description of a map; nothing is asked of the database."""
    does = capabilities(data, words.DOES)
    return description(data, capabilities=does, batch=500)
