"""When an officer is reminded of a deadline: by stages before the legal date, daily after it."""

from __future__ import annotations

from datetime import date

STAGES = (14, 7, 3, 1)
SHORT = 15


def stage(received_on: date, due_on: date, today: date) -> str | None:
    """The reminder that is due today, or None; the newest of those that an outage may have missed.

    For periods of 15 days and more: '14', '7', '3', '1' (days before). For shorter ones: 'half',
    'quarter' (of the period left), 'last' (the last day). From the day after: 'late:<date>', daily.
    """
    left = (due_on - today).days
    if left < 0:
        return f"late:{today.isoformat()}"
    whole = (due_on - received_on).days
    if whole >= SHORT:
        reached = [days for days in STAGES if left <= days]
        return str(min(reached)) if reached else None
    if left == 0:
        return "last"
    if left * 4 <= whole:
        return "quarter"
    return "half" if left * 2 <= whole else None
