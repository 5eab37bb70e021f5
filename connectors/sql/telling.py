"""Describe: what this map lets each action do, in the officer's words."""

from __future__ import annotations

from connectors import _words as words
from connectors._map import description
from connectors._map.model import DataMap
from dsr.contract import Action, Capability, Description, Setting, Support

SETTINGS = (
    Setting("url", words.HELP["url"], secret=True),
    Setting("map", words.HELP["map"], kind="file"),
    Setting("map_name", words.HELP["map_name"], required=False),
    Setting("schema", words.HELP["schema"], required=False),
)


def describe(data: DataMap) -> Description:
    """The description of a map; nothing is asked of the database."""
    made = tuple(_capability(data, action) for action in Action)
    return description(data, capabilities=made, settings=SETTINGS, batch=500, parallel=4)


def _capability(data: DataMap, action: Action) -> Capability:
    support = _support(data, action)
    if support is Support.MANUAL:
        return Capability(action, support, words.nothing_said())
    return Capability(action, support, words.DOES[action], words.AT_ONCE)


def _support(data: DataMap, action: Action) -> Support:
    able = {
        Action.RECTIFY: any(f.rectifiable for c in data.collections for f in c.fields),
        Action.STOP: any(c.stop for c in data.collections),
        Action.RESTRICT: any(c.restrict in ("flag", "set_aside") for c in data.collections),
        Action.LIFT: any(c.restrict in ("flag", "set_aside") for c in data.collections),
    }
    if not able.get(action, True):
        return Support.MANUAL
    aside = any(c.restrict == "set_aside" for c in data.collections)
    return Support.EMULATED if action in (Action.RESTRICT, Action.LIFT) and aside else Support.NATIVE
