"""What a data map lets a mapped connector do by itself."""

from __future__ import annotations

from collections.abc import Mapping

from connectors import _words as words
from connectors._map.model import DataMap
from dsr.contract import Action, Capability, Support, Text


def capabilities(
    data: DataMap, does: Mapping[Action, Text], final: Text = words.AT_ONCE
) -> tuple[Capability, ...]:
    """One capability per action, with the sentence of ``does`` and when it is ``final``; by a person where the
    map does not say how."""
    return tuple(_capability(data, action, does[action], final) for action in Action)


def _capability(data: DataMap, action: Action, sentence: Text, final: Text) -> Capability:
    support = supported(data, action)
    if support is Support.MANUAL:
        return Capability(action, support, words.nothing_said())
    return Capability(action, support, sentence, final)


def supported(data: DataMap, action: Action) -> Support:
    """How an action is carried out on the collections of a map."""
    ways = {one.restrict for one in data.collections}
    able = {
        Action.RECTIFY: any(f.rectifiable for c in data.collections for f in c.fields),
        Action.STOP: any(c.stop for c in data.collections),
        Action.RESTRICT: bool(ways & {"flag", "set_aside"}),
        Action.LIFT: bool(ways & {"flag", "set_aside"}) or any(c.set_aside for c in data.collections),
    }
    if not able.get(action, True):
        return Support.MANUAL
    aside = "set_aside" in ways or (action is Action.LIFT and any(c.set_aside for c in data.collections))
    emulated = action in (Action.RESTRICT, Action.LIFT) and aside
    return Support.EMULATED if emulated else Support.NATIVE
