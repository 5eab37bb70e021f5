"""Give a subscription back the delivery status it had before it was restricted."""

from __future__ import annotations

from dsr.contract import Row

from .api import PREFERENCES, Api, Entry, Values, own_status
from .planning import STOPPED


def is_moved(api: Api, row: Row) -> bool:
    """Whether the membership is another address's now."""
    member = api.member(str(row.key[0]))
    return member is not None and member.email != row.values["email"]


def is_stopped(api: Api, row: Row) -> bool:
    """Whether its deliveries are (still) stopped although they were not before."""
    before = own_status(row.values)
    return before != STOPPED.new and own_status(api.preferences(_path(row))) == str(STOPPED.new)


def restore(api: Api, row: Row) -> bool:
    """Set the former status; True when something was changed. A status set by others since then stays.

    One preference cannot be unset alone: all are, and the others are set again. A crash between the two
    leaves none, and then those of the sealed row come back.
    """
    path, before = _path(row), own_status(row.values)
    if api.member(str(row.key[0])) is None:
        return False
    now = api.preferences(path)
    others, sealed = _others(now), _others(row.values)
    if own_status(now) == STOPPED.new and before:
        api.set_preferences(path, {STOPPED.field: before})
    elif own_status(now) == STOPPED.new:
        api.forget_preferences(path)
        if others:
            api.set_preferences(path, others)
    elif not before and sealed and not others and not own_status(now):
        api.set_preferences(path, sealed)
    else:
        return False
    return True


def _others(values: Entry) -> Values:
    """The preferences that are set, without the delivery status."""
    names = (n for n in PREFERENCES if n != STOPPED.field)
    return {n: values[n] for n in names if values.get(n) is not None}


def _path(row: Row) -> str:
    return f"members/{row.key[0]}"
